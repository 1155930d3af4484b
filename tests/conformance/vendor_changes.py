"""Vendors that change: ways in which the sandbox is made to speak otherwise, each what a vendor could do overnight.

What each of them changes, and by which clause that is found, stands in docs/changes.toml.
"""

import tomllib
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias, cast

import pytest
from attrs import evolve, frozen

from omniflash_sandbox import acceptance, fal, fal_failures, fal_webhooks, pixeldojo, switches, vendors
from omniflash_sandbox.acceptance import FLAWS
from omniflash_sandbox.assets import ASSET
from omniflash_sandbox.clips import Recipe
from omniflash_sandbox.jobs import Job, Phase
from omniflash_sandbox.messages import JSON, Answer, Ask
from omniflash_sandbox.prices import Price, Prices
from omniflash_sandbox.signing import Signing
from omniflash_sandbox.vendor import Operation, Vendor
from omniflash_sandbox.world import World

Apply: TypeAlias = Callable[[pytest.MonkeyPatch], None]
Retold: TypeAlias = Callable[[Answer], Answer]

TABLE = tomllib.loads((Path(__file__).parents[2] / "docs" / "changes.toml").read_text("utf-8"))
CHANGES: dict[tuple[str, str], Apply] = {}
FAL, PIXELDOJO = fal.NAME, pixeldojo.NAME


@frozen
class Row:
    """A change, and the clauses by which it has to be found: what breaks, and what is only seen to be otherwise."""

    provider: str
    name: str
    breaks: frozenset[str]
    differs: frozenset[str]

    def __str__(self) -> str:
        return f"{self.provider}-{self.name}"


def rows() -> list[Row]:
    """Every row of the table."""
    return [
        Row(provider, name, frozenset(row.get("breaks", ())), frozenset(row.get("differs", ())))
        for provider, named in TABLE.items()
        for name, row in named.items()
    ]


def change(provider: str, name: str) -> Callable[[Apply], Apply]:
    """Registers what changes a vendor under the name that its row has."""

    def registered(apply: Apply) -> Apply:
        CHANGES[provider, name] = apply
        return apply

    return registered


def speaking(patch: pytest.MonkeyPatch, provider: str, changed: Callable[[Vendor], Vendor]) -> None:
    """From now on a sandbox that is started speaks for the vendor as it has become."""
    served = tuple(changed(vendor) if vendor.name == provider else vendor for vendor in vendors.VENDORS)
    patch.setattr(vendors, "VENDORS", served)


def answering(patch: pytest.MonkeyPatch, provider: str, call: str, retold: Retold) -> None:
    """What the vendor answers to a call comes to be told otherwise."""

    def changed(operation: Operation) -> Operation:
        async def handle(world: World, ask: Ask) -> Answer:
            return retold(await operation.handle(world, ask))

        return evolve(operation, handle=handle) if operation.call == call else operation

    speaking(patch, provider, lambda vendor: evolve(vendor, operations=tuple(map(changed, vendor.operations))))


def stamping(patch: pytest.MonkeyPatch, provider: str, retold: Retold) -> None:
    """All that the vendor answers comes to be told otherwise."""
    speaking(
        patch,
        provider,
        lambda vendor: evolve(vendor, stamp=lambda answer, exchange: retold(vendor.stamp(answer, exchange))),
    )


def body(answer: Answer) -> dict[str, JSON]:
    """The JSON object that an answer holds."""
    assert isinstance(answer.body, dict)
    return answer.body


def renamed(old: str, new: str) -> Retold:
    """Another name for a field."""

    def retold(answer: Answer) -> Answer:
        return evolve(answer, body={new if name == old else name: value for name, value in body(answer).items()})

    return retold


def without_header(name: str) -> Retold:
    """No more such header."""

    def retold(answer: Answer) -> Answer:
        return evolve(answer, headers={other: value for other, value in answer.headers.items() if other != name})

    return retold


def with_status(old: int, new: int) -> Retold:
    """Another HTTP status."""
    return lambda answer: evolve(answer, status=new) if answer.status == old else answer


@change(FAL, "renamed-field")
def _(patch: pytest.MonkeyPatch) -> None:
    answering(patch, FAL, "submit", renamed("cancel_url", "cancelUrl"))


@change(PIXELDOJO, "renamed-field")
def _(patch: pytest.MonkeyPatch) -> None:
    answering(patch, PIXELDOJO, "submit", renamed("creditsRemaining", "creditsLeft"))


@change(FAL, "new-status")
def _(patch: pytest.MonkeyPatch) -> None:
    def running(job: Job, age: float) -> dict[str, JSON]:
        return {"status": "PREPARING" if age < job.queue_s + job.run_s / 2 else "IN_PROGRESS"}

    patch.setattr(fal, "PHASES", {**fal.PHASES, Phase.RUNNING: (202, running)})


@change(PIXELDOJO, "renamed-status")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(pixeldojo, "PHASES", {**pixeldojo.PHASES, Phase.RUNNING: lambda *_: {"status": "in_progress"}})


@change(FAL, "no-billable-units")
def _(patch: pytest.MonkeyPatch) -> None:
    stamping(patch, FAL, without_header("x-fal-billable-units"))


@change(FAL, "no-request-id")
def _(patch: pytest.MonkeyPatch) -> None:
    stamping(patch, FAL, without_header("x-fal-request-id"))


@change(PIXELDOJO, "price")
def _(patch: pytest.MonkeyPatch) -> None:
    _posting(patch, PIXELDOJO, Decimal("1.25"))


@change(FAL, "price")
def _(patch: pytest.MonkeyPatch) -> None:
    _posting(patch, FAL, Decimal(2))


def _posting(patch: pytest.MonkeyPatch, vendor: str, times: Decimal) -> None:
    usual = Prices.of

    def of(prices: Prices, provider: str, endpoint: str) -> Price:
        price = usual(prices, provider, endpoint)
        return evolve(price, amount=price.amount * times) if provider == vendor else price

    patch.setattr(Prices, "of", of)


@change(FAL, "shorter-clip")
def _(patch: pytest.MonkeyPatch) -> None:
    _making_clips(patch, FLAWS["short-clip"])


@change(PIXELDOJO, "no-sound")
def _(patch: pytest.MonkeyPatch) -> None:
    _making_clips(patch, FLAWS["silent-clip"])


def _making_clips(patch: pytest.MonkeyPatch, made: Callable[[Recipe], Recipe]) -> None:
    patch.setattr(acceptance, "_recipe", lambda asked, fault: made(asked))


@change(FAL, "new-field")
def _(patch: pytest.MonkeyPatch) -> None:
    def retold(answer: Answer) -> Answer:
        told = body(answer)
        video = told.get("video")
        return evolve(answer, body={**told, "video": {**video, "fps": 24}}) if isinstance(video, dict) else answer

    answering(patch, FAL, "result", retold)


@change(PIXELDOJO, "submit-status")
def _(patch: pytest.MonkeyPatch) -> None:
    answering(patch, PIXELDOJO, "submit", with_status(202, 200))


@change(FAL, "content-type")
def _(patch: pytest.MonkeyPatch) -> None:
    _serving_clips(patch, lambda answer: evolve(answer, headers={**answer.headers, "content-type": "video/quicktime"}))


@change(PIXELDOJO, "no-ranges")
def _(patch: pytest.MonkeyPatch) -> None:
    _serving_clips(patch, without_header("accept-ranges"))


def _serving_clips(patch: pytest.MonkeyPatch, retold: Retold) -> None:
    handle: Callable[[World, Ask], Awaitable[Answer]] = ASSET.handle

    async def clip(world: World, ask: Ask) -> Answer:
        return retold(await handle(world, ask))

    patch.setattr("omniflash_sandbox.app.ASSET", evolve(ASSET, handle=clip))


@change(PIXELDOJO, "another-host")
def _(patch: pytest.MonkeyPatch) -> None:
    clip_url = World.clip_url
    patch.setattr(World, "clip_url", lambda world, job: clip_url(world, job).replace("127.0.0.1", "localhost"))


@change(PIXELDOJO, "error-code")
def _(patch: pytest.MonkeyPatch) -> None:
    other = pixeldojo.refusal(401, "invalid_api_key", "Invalid or missing API key")
    patch.setattr(pixeldojo, "UNAUTHORIZED", other)


@change(FAL, "error-words")
def _(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(fal, "NO_SUCH_KEY", fal_failures.refusal(401, "The API key is unknown"))


@change(PIXELDOJO, "refused-field")
def _(patch: pytest.MonkeyPatch) -> None:
    readable = pixeldojo.readable

    def without_seeds(ask: Ask) -> dict[str, JSON] | Answer:
        told = readable(ask)
        seeded = isinstance(told, dict) and "seed" in told
        return pixeldojo.invalid("seed is no parameter of this model") if seeded else told

    patch.setattr(pixeldojo, "readable", without_seeds)


@change(FAL, "webhook-signature")
def _(patch: pytest.MonkeyPatch) -> None:
    sign = Signing.sign
    patch.setattr(Signing, "sign", lambda keys, message, number=None: sign(keys, message.replace(b"\n", b"."), number))


@change(FAL, "webhook-header")
def _(patch: pytest.MonkeyPatch) -> None:
    signed = fal_webhooks.signed

    def told(world: World, job: Job, content: bytes) -> Mapping[str, str]:
        return {**signed(world, job, content), "x-fal-webhook-version": "2"}

    patch.setattr(fal_webhooks, "signed", told)


@change(FAL, "no-cancel-once-running")
def _(patch: pytest.MonkeyPatch) -> None:
    def retold(answer: Answer) -> Answer:
        running = answer.body == {"status": "CANCELLATION_REQUESTED"}
        return Answer(400, {"status": "ALREADY_STARTED"}, job=answer.job) if running else answer

    answering(patch, FAL, "cancel", retold)


@change(PIXELDOJO, "expiry")
def _(patch: pytest.MonkeyPatch) -> None:
    switch = switches.SWITCHES["pixeldojo.expires_at"]
    patch.setitem(
        cast("dict[str, switches.Switch]", switches.SWITCHES),
        "pixeldojo.expires_at",
        evolve(switch, values=switch.values[::-1]),
    )


def renaming_the_id(patch: pytest.MonkeyPatch) -> None:
    """The accepted answer has another name for the job's id: no job can be had any more."""
    answering(patch, PIXELDOJO, "submit", renamed("jobId", "id"))
