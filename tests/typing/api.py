"""What a strict type checker makes of code that uses omniflash; never run, only checked."""

from collections.abc import AsyncIterator, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import assert_type

import omniflash
from omniflash import (
    AsyncClient,
    Cancellation,
    Candidate,
    Client,
    Clip,
    Data,
    Edit,
    ImageToVideo,
    InvalidRequest,
    Job,
    Plan,
    Policy,
    Provider,
    Quote,
    ReferenceToVideo,
    Refine,
    State,
    Status,
    TextToVideo,
    Violation,
)
from omniflash.testing import AsyncSandboxClient, Inbox, SandboxClient
from omniflash_sandbox import Sandbox


def watch(status: Status) -> None:
    assert_type(status.state, State)
    assert_type(status.clip, Clip | None)


def surest(candidates: Sequence[Candidate]) -> list[Candidate]:
    return sorted(candidates, key=lambda each: each.quote.bound)


POLICY: Policy = surest


def sync() -> None:
    assert_type(omniflash.generate("A lighthouse at dusk", duration=5), Clip)
    with Client(providers=["fal", Provider("pixeldojo", key="k", credit_usd=Decimal("0.05"))], country="DE") as client:
        plan = client.plan(TextToVideo("A cat", duration=10, aspect_ratio="9:16"))
        assert_type(plan, Plan)
        assert_type(plan.explain(), str)
        assert_type(plan.best.quote, Quote)
        job = client.submit(plan)
        assert_type(job, Job)
        clip = client.wait(job.token, timeout=60, on_update=watch)
        assert_type(clip.save("clip.mp4"), Path)
        assert_type(clip.read(), bytes)
        assert_type(clip.stream(), Iterator[bytes])
        assert_type(client.status(job), Status)
        assert_type(client.cancel(job), Cancellation)
        client.generate(Refine("At night", previous=clip), save_as=Path("again.mp4"))
        client.generate(Refine("At night", previous=job))
        client.generate("At noon", previous="vid_1", references=["a.png", Path("b.png")])
        client.generate("At noon", durations=5)  # type: ignore[call-arg]  # a typo is seen
        Client("fal", policy=surest)
        Client("fal", policy=len)  # type: ignore[arg-type]  # a policy gives candidates
        Client("fal", contry="DE")  # type: ignore[call-arg]  # here too


async def awaited() -> None:
    async with AsyncClient("fal") as client:
        clip = await client.generate(ImageToVideo("She turns", image="portrait.png"), on_update=watch)
        assert_type(clip, Clip)
        assert_type(await client.save(clip, "clip.mp4"), Path)
        assert_type(await client.read(clip), bytes)
        assert_type(client.stream(clip), AsyncIterator[bytes])


def requests() -> None:
    ReferenceToVideo("A cat", references=["https://example.com/a.png", Data.of(b"", "image/png")])
    Edit("At night", video=Path("v.mp4"), references=["a.png"], metadata={"order": "7"})
    try:
        omniflash.request_from_json({"prompt": "A cat"})
    except InvalidRequest as problem:
        assert_type(problem.violations, tuple[Violation, ...])


async def kit(sandbox: Sandbox) -> None:
    with SandboxClient(providers="fal", country="DE") as client, SandboxClient(sandbox) as other:
        assert_type(client, SandboxClient)
        assert_type(other.generate("A cat"), Clip)
        client.sandbox.arm("rate-limit", provider="fal", times=2, seconds=5)
    async with AsyncSandboxClient() as awaited:
        assert_type(awaited, AsyncSandboxClient)
        assert_type(await awaited.generate("A cat"), Clip)
    with Inbox() as inbox:
        assert_type(inbox.next().body, bytes)
