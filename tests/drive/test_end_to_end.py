"""A clip from words to file through the vendors' wire protocols: sync, asyncio and trio, on the sandbox."""

import json
from pathlib import Path
from typing import Any

import pytest

from omniflash import (
    AuthenticationFailed,
    Clip,
    ConfigurationError,
    ContentRejected,
    DeadlineExceeded,
    DownloadFailed,
    EmptyResult,
    InsufficientCredits,
    InvalidRequest,
    Job,
    OmniflashError,
    ProtocolError,
    Provider,
    RateLimited,
    Refine,
    RegionRestricted,
    Status,
    SubmissionUncertain,
)
from omniflash.jobs import Cancelled, State
from omniflash.media.probe import differences, probe
from omniflash_sandbox import Sandbox
from tests.drive.fronts import FRONTS, perform

fronts = pytest.mark.parametrize("front", FRONTS)
vendors = pytest.mark.parametrize("provider", ["fal", "pixeldojo"])


def billed(sandbox: Sandbox) -> int:
    return len([line for line in sandbox.charges() if line["state"] == "billed"])


@fronts
@vendors
def test_a_clip(front: str, provider: str, omniflash_sandbox: Sandbox, tmp_path: Path) -> None:
    seen: list[Status] = []

    async def scenario(client: Any) -> Clip:
        job = await client.submit(await client.plan("A lighthouse at dusk", duration=3, aspect_ratio="9:16"))
        assert Job.from_json(json.loads(json.dumps(job.to_json()))) == job
        clip = await client.wait(job.token, on_update=seen.append)
        await client.save(clip, tmp_path / "clip.mp4")
        assert await client.read(clip) == (tmp_path / "clip.mp4").read_bytes()
        return clip

    clip = perform(front, scenario, provider, sandbox=omniflash_sandbox.site)
    assert differences(probe(tmp_path / "clip.mp4"), duration=3, aspect_ratio="9:16", output_format="mp4") == ()
    assert billed(omniflash_sandbox) == 1
    assert [status.state for status in seen][-1] is State.SUCCEEDED
    assert {status.state for status in seen} <= {State.QUEUED, State.RUNNING, State.SUCCEEDED}
    assert seen[-1].charge is not None
    assert clip.provider == provider
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]


@fronts
@vendors
def test_the_key_goes_to_the_vendor_and_nowhere_else(
    front: str, provider: str, omniflash_sandbox: Sandbox, tmp_path: Path
) -> None:
    async def scenario(client: Any) -> None:
        await client.generate("A cat", duration=3, save_as=tmp_path / "clip.mp4")

    perform(front, scenario, provider, sandbox=omniflash_sandbox.site)
    exchanges = omniflash_sandbox.journal()
    assert {exchange["call"] for exchange in exchanges} >= {"submit", "status", "asset"}
    assert not any(exchange["key_leaked"] for exchange in exchanges)
    keyed = {exchange["call"] for exchange in exchanges if "authorization" in exchange["headers"]}
    assert keyed == {exchange["call"] for exchange in exchanges} - {"asset"}


@fronts
def test_every_mode_of_fal(front: str, omniflash_sandbox: Sandbox, picture: Path) -> None:
    async def scenario(client: Any) -> list[str]:
        jobs = [
            await client.generate("A cat", duration=3),
            await client.generate("A cat", image=picture, duration=3),
            await client.generate("<IMAGE_REF_0> and <IMAGE_REF_6>", references=[picture] * 7, duration=3),
        ]
        jobs.append(await client.generate("At night", video=jobs[0].url, country="US"))
        return [clip.url for clip in jobs]

    assert len(set(perform(front, scenario, "fal", sandbox=omniflash_sandbox.site))) == 4
    modes = [line["mode"] for line in omniflash_sandbox.charges()]
    assert modes == ["text_to_video", "image_to_video", "reference_to_video", "edit"]


@fronts
def test_every_mode_of_pixeldojo(front: str, omniflash_sandbox: Sandbox, tmp_path: Path) -> None:
    still = "https://example.com/a.png"

    async def scenario(client: Any) -> Clip:
        first = await client.generate("A cat", duration=4, aspect_ratio="9:16", seed=7, output_format="webm")
        await client.generate("A cat", image=still, duration=3)
        await client.generate("A cat", references=[still] * 7, duration=3)
        await client.generate("At night", video=first.url, references=[still] * 5)
        again = await client.generate(Refine("At night", previous=first))
        token = await client.submit(await client.plan("At noon", previous=again.job, country="DE"))
        last = await client.wait(token)
        await client.save(last, tmp_path / "last.mp4")
        return last

    perform(front, scenario, "pixeldojo", sandbox=omniflash_sandbox.site)
    assert [line["mode"] for line in omniflash_sandbox.charges()][-2:] == ["refine", "refine"]
    assert differences(probe(tmp_path / "last.mp4"), duration=4, aspect_ratio="9:16") == ()


# fault, its options, the error it ends with, and how many jobs the vendor may have billed by then
FAULTS: list[tuple[str, dict[str, object], type[OmniflashError], int]] = [
    ("lose-response", {}, SubmissionUncertain, 1),
    ("unavailable", {"call": "submit", "accepted": True}, SubmissionUncertain, 1),
    ("unavailable", {"call": "submit", "accepted": False}, SubmissionUncertain, 0),
    ("malformed-json", {"call": "submit", "accepted": True}, SubmissionUncertain, 1),
    ("malformed-json", {"call": "status", "times": None}, ProtocolError, 1),
    ("unknown-status", {"call": "status", "times": None}, DeadlineExceeded, 1),
    ("no-video", {}, EmptyResult, 1),
    ("content-rejected", {}, ContentRejected, 1),
]


@fronts
@vendors
@pytest.mark.parametrize(
    ("fault", "options", "error", "jobs"), FAULTS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_fault_ends_as_it_should_and_nothing_is_paid_twice(
    front: str,
    provider: str,
    fault: str,
    options: dict[str, Any],
    error: type[OmniflashError],
    jobs: int,
    omniflash_sandbox: Sandbox,
) -> None:
    omniflash_sandbox.arm(fault, provider=provider, **options)

    async def scenario(client: Any) -> None:
        await client.generate("A cat", duration=3, timeout=300)

    with pytest.raises(error) as caught:
        perform(front, scenario, provider, sandbox=omniflash_sandbox.site)
    assert len(omniflash_sandbox.charges()) <= jobs
    assert len([exchange for exchange in omniflash_sandbox.journal() if exchange["call"] == "submit"]) == 1
    if issubclass(error, (DeadlineExceeded, ProtocolError)):
        assert caught.value.job is not None
        assert caught.value.job.token in str(caught.value) or caught.value.job.handle
    if error is ProtocolError:
        assert "GET" in caught.value.exchange  # type: ignore[attr-defined]


@fronts
@vendors
def test_a_job_that_answered_nonsense_is_still_there(front: str, provider: str, omniflash_sandbox: Sandbox) -> None:
    async def scenario(client: Any) -> None:
        job = await client.submit(await client.plan("A cat", duration=3))
        omniflash_sandbox.arm("malformed-json", provider=provider, call="status", times=18)
        with pytest.raises(ProtocolError) as caught:
            await client.wait(job)
        assert caught.value.job is not None
        await client.wait(caught.value.job.token)

    perform(front, scenario, provider, sandbox=omniflash_sandbox.site)
    assert billed(omniflash_sandbox) == 1


@fronts
@vendors
def test_a_refusal_with_retry_after_is_waited_for(front: str, provider: str, omniflash_sandbox: Sandbox) -> None:
    omniflash_sandbox.arm("rate-limit", provider=provider, call="submit", times=2, seconds=5)

    async def scenario(client: Any) -> None:
        await client.submit(await client.plan("A cat", duration=3))

    perform(front, scenario, provider, sandbox=omniflash_sandbox.site)
    assert billed(omniflash_sandbox) == 1


@fronts
@vendors
def test_a_refusal_that_lasts_is_told(front: str, provider: str, omniflash_sandbox: Sandbox) -> None:
    omniflash_sandbox.arm("rate-limit", provider=provider, call="submit", times=None, seconds=3600)

    async def scenario(client: Any) -> None:
        await client.submit(await client.plan("A cat", duration=3))

    with pytest.raises(RateLimited) as caught:
        perform(front, scenario, provider, sandbox=omniflash_sandbox.site)
    assert caught.value.retry_after == 3600
    assert omniflash_sandbox.charges() == []


@fronts
@vendors
def test_a_cut_download_goes_on(front: str, provider: str, omniflash_sandbox: Sandbox, tmp_path: Path) -> None:
    omniflash_sandbox.arm("cut-download", provider=provider, times=2, bytes=30_000)

    async def scenario(client: Any) -> None:
        await client.generate("A cat", duration=3, save_as=tmp_path / "clip.mp4")

    perform(front, scenario, provider, sandbox=omniflash_sandbox.site)
    assert differences(probe(tmp_path / "clip.mp4"), duration=3) == ()
    ranges = [
        exchange["headers"].get("range") for exchange in omniflash_sandbox.journal() if exchange["call"] == "asset"
    ]
    assert ranges == [None, "bytes=30000-", "bytes=60000-"]


@fronts
@vendors
def test_the_vendors_refusal_for_a_region_is_told_as_one(front: str, provider: str, omniflash_sandbox: Sandbox) -> None:
    omniflash_sandbox.arm("region", provider=provider)

    async def scenario(client: Any) -> None:
        await client.generate("At night", video="https://example.com/v.mp4")

    with pytest.raises(RegionRestricted, match="European Economic Area"):
        perform(front, scenario, provider, sandbox=omniflash_sandbox.site)


@fronts
@pytest.mark.parametrize(
    ("key", "error"),
    [("wrong-id:wrong-secret-half", AuthenticationFailed), ("poor-id:poor-secret-half", InsufficientCredits)],
)
@vendors
def test_keys_that_do_not_open(
    front: str, provider: str, key: str, error: type[OmniflashError], omniflash_sandbox: Sandbox
) -> None:
    site = {**omniflash_sandbox.site, "keys": {provider: key}}

    async def scenario(client: Any) -> None:
        await client.generate("A cat")

    with pytest.raises(error) as caught:
        perform(front, scenario, provider, sandbox=site)
    assert key not in str(caught.value)
    assert omniflash_sandbox.charges() == []


@fronts
def test_cancel_tells_the_truth(front: str, omniflash_sandbox: Sandbox) -> None:
    async def scenario(client: Any) -> list[Cancelled]:
        plan = await client.plan("A cat", duration=3)
        queued = await client.submit(plan)
        told = [(await client.cancel(queued)).result]
        running = await client.submit(plan)
        omniflash_sandbox.advance(10)
        told.append((await client.cancel(running.token)).result)
        done = await client.submit(plan)
        await client.wait(done)
        told.append((await client.cancel(done)).result)
        return told

    told = perform(front, scenario, "fal", sandbox=omniflash_sandbox.site)
    assert told == [Cancelled.CANCELLED, Cancelled.REQUESTED, Cancelled.TOO_LATE]


@fronts
@vendors
def test_time_runs_out_and_another_process_goes_on(front: str, provider: str, omniflash_sandbox: Sandbox) -> None:
    async def first(client: Any) -> str:
        with pytest.raises(DeadlineExceeded) as caught:
            await client.generate("A cat", duration=3, timeout=10)
        assert caught.value.job is not None
        return caught.value.job.token

    async def second(client: Any) -> Clip:
        return await client.wait(token)

    token = perform(front, first, provider, sandbox=omniflash_sandbox.site)
    assert perform("sync", second, provider, sandbox=omniflash_sandbox.site).job == token
    assert billed(omniflash_sandbox) == 1


@fronts
def test_a_sandbox_job_is_refused_on_real_hosts(front: str, omniflash_sandbox: Sandbox) -> None:
    async def submitted(client: Any) -> Job:
        return await client.submit(await client.plan("A cat"))

    async def looked(client: Any) -> None:
        await client.status(job)

    job = perform(front, submitted, "fal", sandbox=omniflash_sandbox.site)
    assert job.sandbox
    with pytest.raises(ConfigurationError, match="made on a sandbox"):
        perform(front, looked, Provider("fal", key="id:secret-half"))


@fronts
def test_an_account_has_its_own_name(front: str, omniflash_sandbox: Sandbox) -> None:
    async def scenario(client: Any) -> Job:
        return await client.submit(await client.plan("A cat"))

    job = perform(front, scenario, Provider("fal", name="fal-eu"), sandbox=omniflash_sandbox.site)
    assert job.account == "fal-eu"
    assert Job.parse(job.token).account == "fal-eu"


@fronts
def test_a_download_that_is_gone_is_told(front: str, omniflash_sandbox: Sandbox, tmp_path: Path) -> None:
    async def scenario(client: Any) -> None:
        await client.save(Clip(f"{omniflash_sandbox.asset_url}/fal/none.mp4", "fal"), tmp_path / "clip.mp4")

    with pytest.raises(DownloadFailed, match="404"):
        perform(front, scenario, "fal", sandbox=omniflash_sandbox.site)
    assert list(tmp_path.iterdir()) == []


@fronts
def test_nothing_is_paid_when_the_clip_could_not_be_saved(
    front: str, omniflash_sandbox: Sandbox, tmp_path: Path
) -> None:
    async def scenario(client: Any) -> None:
        await client.generate("A cat", save_as=tmp_path / "nowhere" / "clip.mp4")

    with pytest.raises(ConfigurationError, match="there is no folder"):
        perform(front, scenario, "fal", sandbox=omniflash_sandbox.site)
    assert omniflash_sandbox.journal() == []


@fronts
def test_everything_wrong_is_told_at_once_and_nothing_is_sent(front: str, omniflash_sandbox: Sandbox) -> None:
    async def scenario(client: Any) -> None:
        await client.generate(" ", image="missing.png", duration=11, seed=-1)

    with pytest.raises(InvalidRequest) as caught:
        perform(front, scenario, sandbox=omniflash_sandbox.site)
    assert sorted(v.clause for v in caught.value.violations) == ["REQ-DURATION", "REQ-MEDIA", "REQ-PROMPT", "REQ-SEED"]
    assert omniflash_sandbox.journal() == []
