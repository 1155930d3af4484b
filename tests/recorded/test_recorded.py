"""The recorded wire, replayed with the network blocked: sync, asyncio and trio send the very same requests.

Made against the sandbox, as each cassette says. `nox -s record` makes them again.
"""

from collections.abc import Mapping
from typing import Any

import pytest
from vcr.cassette import Cassette

from omniflash import AuthenticationFailed, State, Status
from tests.drive.fronts import FRONTS, perform

pytestmark = [
    pytest.mark.vcr,
    pytest.mark.block_network,
    pytest.mark.parametrize("front", FRONTS),
    pytest.mark.parametrize("provider", ["fal", "pixeldojo"]),
]
Site = Mapping[str, Any]


def played(vcr: Cassette, record_mode: str) -> bool:
    """Whether every recorded exchange was asked for."""
    return record_mode != "none" or vcr.all_played


@pytest.mark.parametrize("operation", ["submit"])
def test_submit(front: str, provider: str, operation: str, site: Site, vcr: Cassette, record_mode: str) -> None:
    async def scenario(client: Any) -> Any:
        plan = await client.plan("A lighthouse at dusk", duration=3, aspect_ratio="9:16")
        return await client.submit(plan)

    job = perform(front, scenario, provider, sandbox=site)
    assert job.handle
    assert (job.provider, job.sandbox) == (provider, True)
    assert played(vcr, record_mode)


@pytest.mark.parametrize("operation", ["status"])
def test_status(front: str, provider: str, operation: str, site: Site, vcr: Cassette, record_mode: str) -> None:
    seen: list[Status] = []

    async def scenario(client: Any) -> Any:
        job = await client.submit(await client.plan("A lighthouse at dusk", duration=3))
        return await client.wait(job, on_update=seen.append)

    clip = perform(front, scenario, provider, sandbox=site)
    assert {status.state for status in seen} == {State.QUEUED, State.RUNNING, State.SUCCEEDED}
    assert (clip.handle is not None) is (provider == "pixeldojo")
    assert seen[-1].charge is not None
    assert played(vcr, record_mode)


@pytest.mark.parametrize("operation", ["refusal"])
def test_a_refusal(front: str, provider: str, operation: str, site: Site, vcr: Cassette, record_mode: str) -> None:
    async def scenario(client: Any) -> Any:
        return await client.submit(await client.plan("A lighthouse at dusk"))

    refused = {**site, "keys": {provider: "wrong-id:wrong-secret-half"}}
    with pytest.raises(AuthenticationFailed) as caught:
        perform(front, scenario, provider, sandbox=refused)
    assert caught.value.words is not None
    assert caught.value.words.status == 401
    assert played(vcr, record_mode)
