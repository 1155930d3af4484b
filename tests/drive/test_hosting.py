"""A file that only fal takes, in a clip of PixelDojo's: over real sockets, on every front, by consent alone."""

from pathlib import Path
from typing import Any

import pytest

from omniflash import Job, NoEligibleProvider, Provider, StorageFailed
from omniflash.errors import Money
from omniflash.media.probe import differences, probe
from omniflash_sandbox import Sandbox
from tests.drive.fronts import FRONTS, perform
from tests.drive.servers import Raw, http, raw

fronts = pytest.mark.parametrize("front", FRONTS)
BOTH = ["pixeldojo", "fal"]
SEED = {"seed": 7}  # what fal does not take: so nobody else is asked
KEYS = {"fal": "the-id-of-fal:the-secret-half", "pixeldojo": "pd_the-key-of-pixeldojo"}


def submitting(**fields: Any) -> Any:
    async def scenario(client: Any) -> Job:
        made = await client.plan("A cat", duration=8, **fields)
        assert (made.best.account, made.best.hosted_by) == ("pixeldojo", "fal")
        return await client.submit(made)

    return scenario


@fronts
def test_one_clip_is_billed_where_it_is_made_and_nothing_where_the_file_is(
    front: str, omniflash_sandbox: Sandbox, picture: Path
) -> None:
    job = perform(front, submitting(image=picture), BOTH, host_files=True, sandbox=omniflash_sandbox.site)
    assert job.provider == "pixeldojo"
    assert [line["provider"] for line in omniflash_sandbox.charges()] == ["pixeldojo"]
    initiate, upload, submit = omniflash_sandbox.journal()
    assert [one["call"] for one in (initiate, upload, submit)] == ["initiate", "upload", "submit"]
    assert upload["body"]["bytes"] == picture.stat().st_size
    assert submit["body"]["image"] == initiate["answer"]["file_url"]


@fronts
def test_neither_vendor_sees_the_others_key(front: str, omniflash_sandbox: Sandbox, picture: Path) -> None:
    site = {**omniflash_sandbox.site, "keys": KEYS}
    perform(front, submitting(image=picture), BOTH, host_files=True, sandbox=site)
    keys = {}
    for exchange in omniflash_sandbox.journal():
        assert not exchange["key_leaked"]
        if "authorization" in exchange["headers"]:
            keys.setdefault(exchange["provider"], set()).add(exchange["headers"]["authorization"].partition(" ")[2])
    assert {provider: len(seen) for provider, seen in keys.items()} == {"fal": 1, "pixeldojo": 1}
    assert keys["fal"] != keys["pixeldojo"]
    assert all(
        exchange["call"] != "upload" or "authorization" not in exchange["headers"]
        for exchange in omniflash_sandbox.journal()
    )


@fronts
def test_an_edit_of_a_film_that_fal_stores_is_as_long_as_it_was(
    front: str, omniflash_sandbox: Sandbox, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.mp4", tmp_path / "second.mp4"

    async def scenario(client: Any) -> None:
        await client.generate("A cat", duration=4, aspect_ratio="9:16", save_as=first)
        made = await client.plan("At night", video=first, references=["https://example.com/a.png"], country="US")
        assert [(one.account, one.hosted_by) for one in made.candidates] == [("pixeldojo", "fal")]
        await client.save(await client.wait(await client.submit(made)), second)

    perform(front, scenario, BOTH, host_files=True, sandbox=omniflash_sandbox.site)
    assert differences(probe(second), duration=4, aspect_ratio="9:16") == ()


@fronts
def test_without_consent_nothing_leaves(front: str, omniflash_sandbox: Sandbox, picture: Path) -> None:
    async def scenario(client: Any) -> None:
        await client.generate("A cat", image=picture, **SEED)

    with pytest.raises(NoEligibleProvider, match=r"or allow host_files \(--host-files\): fal would store it"):
        perform(front, scenario, BOTH, sandbox=omniflash_sandbox.site)
    assert omniflash_sandbox.journal() == []


@fronts
def test_a_host_whose_key_is_refused_costs_nothing(front: str, omniflash_sandbox: Sandbox, picture: Path) -> None:
    site = {**omniflash_sandbox.site, "keys": {**KEYS, "fal": "a-wrong-id:and-secret"}}
    with pytest.raises(StorageFailed, match="fal did not store image for pixeldojo; nothing was paid") as caught:
        perform(front, submitting(image=picture, **SEED), BOTH, host_files=True, sandbox=site)
    assert caught.value.money is Money.NO
    assert caught.value.words is not None
    assert caught.value.words.status == 401
    assert omniflash_sandbox.charges() == []


def place(store: Raw) -> bytes:
    body = f'{{"upload_url": "{store.url}/put/1?sig=SECRET", "file_url": "{store.url}/files/1"}}'
    return http("200 OK", body.encode())


@fronts
@pytest.mark.parametrize("owner", ["fal", "pixeldojo"])
def test_a_private_place_has_to_be_allowed_at_the_account_that_stores(owner: str, front: str, picture: Path) -> None:
    with raw(http("200 OK", b"")) as store, raw(place(store)) as fals, raw(http("202 Ok", b'{"jobId": "j"}')) as dojos:
        allowed = {owner: (store.url,)}
        fal = Provider("fal", KEYS["fal"], hosts={"queue": fals.url, "rest": fals.url}, uploads=allowed.get("fal", ()))
        dojo = Provider("pixeldojo", KEYS["pixeldojo"], hosts={"api": dojos.url}, uploads=allowed.get("pixeldojo", ()))
        if owner == "fal":
            assert perform(front, submitting(image=picture, **SEED), [dojo, fal], host_files=True).handle == "j"
        else:
            with pytest.raises(StorageFailed, match=r"private or not https.*uploads="):
                perform(front, submitting(image=picture, **SEED), [dojo, fal], host_files=True)
    assert (len(store.seen), len(dojos.seen)) == ((1, 1) if owner == "fal" else (0, 0))
    assert not any(b"pd_the-key" in seen for seen in store.seen + fals.seen)
    assert not any(b"the-secret-half" in seen for seen in store.seen + dojos.seen)
