"""Whose storage takes a file that a provider knows only by its URL: another account's, by consent alone."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniflash import Client, Plan, Provider, StorageFailed
from omniflash.accounts import Account
from omniflash.adapter import Features, Field, MediaKind, Offer
from omniflash.codec import from_json, to_json
from omniflash.mapping import size_of, way_in
from omniflash.routing.plan import Candidate, Desk, make_plan
from omniflash.spec import Data, Edit, File, FileFacts, ImageToVideo, Media, Mode, ReferenceToVideo, Request, Url
from omniflash.spec.requests import media_of
from tests.conftest import PNG
from tests.stage import OUTLOOK, PROMPT, Acme, account, offer

LIMITS = (0, 50, 100)
FACTS = {File("small"): FileFacts(40), File("large"): FileFacts(90)}
FILM = b"\x00\x00\x00\x18ftypisom" + bytes(40)
PICTURES: tuple[Media, ...] = (Url("https://e.com/a.png"), Data.of(PNG, "image/png"), *FACTS)
FILMS: tuple[Media, ...] = (Url("https://e.com/a.mp4"), Data.of(FILM, "video/mp4"), *FACTS)
PLACES = {Mode.IMAGE_TO_VIDEO: ("image",), Mode.REFERENCE_TO_VIDEO: ("references",), Mode.EDIT: ("video", "references")}

fields = st.builds(
    Field,
    wire=st.just("x"),
    kinds=st.frozensets(st.sampled_from(list(MediaKind)), min_size=1),
    inline_limit=st.sampled_from(LIMITS),
    upload_limit=st.sampled_from(LIMITS),
)
pictures, films = st.sampled_from(PICTURES), st.sampled_from(FILMS)
asked: st.SearchStrategy[Request] = st.one_of(
    st.builds(ImageToVideo, st.just("A cat"), image=pictures),
    st.builds(ReferenceToVideo, st.just("A cat"), references=st.lists(pictures, min_size=1, max_size=3)),
    st.builds(Edit, st.just("A cat"), video=films, references=st.lists(pictures, max_size=2), country=st.just("US")),
)


@st.composite
def accounts(draw: st.DrawFn) -> list[Account]:
    return [_drawn(draw, name) for name in draw(st.sampled_from(["a", "ab", "abc"]))]


def _drawn(draw: st.DrawFn, name: str) -> Account:
    modes = draw(st.frozensets(st.sampled_from(list(PLACES)), min_size=1))
    offers = tuple(_offer(draw, mode) for mode in PLACES if mode in modes)
    features = Features(upload=draw(st.booleans()), public_uploads=draw(st.booleans()))
    return account(Acme(offers=offers, features=features), draw(st.sampled_from(["a-key", None])), name)


def _offer(draw: st.DrawFn, mode: Mode) -> Offer:
    return offer(mode, **PROMPT, **{place: draw(fields) for place in PLACES[mode]})


def planned(request: Request, them: list[Account], *, allowed: bool) -> Plan:
    return make_plan(request, Desk(them, "ordered", host_files=allowed), FACTS, OUTLOOK)


def found(plan: Plan) -> dict[str, Candidate]:
    return {candidate.account: candidate for candidate in plan.candidates}


def stuck(request: Request, by: Account) -> dict[str, Media]:
    """What finds no way in, by the declaration alone."""
    (own,) = [one for one in by.offers if one.mode is request.mode]
    every = media_of(request).items()
    return {path: m for path, m in every if not way_in(m, own.fields[path.partition("[")[0]], size_of(m, FACTS))}


def can_store(by: Account, path: str, size: int) -> bool:
    alike = {"video"} if path == "video" else {"image", "references"}
    every = [field for one in by.offers for name, field in one.fields.items() if name in alike]
    wide = any(MediaKind.UPLOAD in field.kinds and size <= field.upload_limit for field in every)
    return by.key is not None and by.adapter.features.upload and by.adapter.features.public_uploads and wide


@given(asked, accounts())
def test_without_consent_everybody_can_what_he_can_alone(request: Request, them: list[Account]) -> None:
    plan = planned(request, them, allowed=False)
    alone = [planned(request, [one], allowed=True) for one in them]
    assert list(found(plan)) == [candidate.account for other in alone for candidate in other.candidates]
    assert all(candidate.hosted_by is None and candidate.hosted == () for candidate in plan.candidates)


@given(asked, accounts())
def test_with_consent_only_a_file_that_nobody_can_store_rules_anybody_out(
    request: Request, them: list[Account]
) -> None:
    before, after = (found(planned(request, them, allowed=allowed)) for allowed in (False, True))
    for maker in them:
        if maker.name in before or not any(one.mode is request.mode for one in maker.offers):
            assert after.get(maker.name) == before.get(maker.name)
            continue
        (own,) = [one for one in maker.offers if one.mode is request.mode]
        odd = stuck(request, maker)
        takes_urls = all(MediaKind.URL in own.fields[path.partition("[")[0]].kinds for path in odd)
        hosts = [
            other.name
            for other in them
            if other is not maker and all(can_store(other, path, size_of(m, FACTS)) for path, m in odd.items())
        ]
        if takes_urls and hosts:
            assert (after[maker.name].hosted_by, after[maker.name].hosted) == (hosts[0], tuple(odd))
        else:
            assert maker.name not in after


@given(asked, accounts())
def test_the_reason_names_the_consent_where_it_would_help(request: Request, them: list[Account]) -> None:
    before, after = (planned(request, them, allowed=allowed) for allowed in (False, True))
    for out in before.ruled_out:
        told = [reason.remedy for reason in out.reasons]
        host = found(after)[out.account].hosted_by if out.account in found(after) else None
        assert [f"--host-files): {host} would store it" in remedy for remedy in told] == [host is not None] * len(told)
    assert "--host-files" not in str(after.ruled_out)


@given(asked, accounts())
def test_a_plan_with_a_host_survives_json(request: Request, them: list[Account]) -> None:
    plan = planned(request, them, allowed=True)
    assert from_json(json.loads(json.dumps(to_json(plan))), Plan) == plan


FAL, DOJO = Provider("fal", key="the-id:the-secret"), Provider("pixeldojo", key="pd_the-key")


def test_the_plan_says_in_words_what_becomes_of_a_file(picture: Path) -> None:
    plan = Client([DOJO, FAL], host_files=True).plan("A cat", image=picture, duration=8)
    dojo = plan.best
    assert (dojo.account, dojo.hosted_by) == ("pixeldojo", "fal")
    told = "note: portrait.png goes through fal's storage first: whoever has its URL can fetch it"
    assert told in plan.explain()
    (fate,) = [fate for fate in dojo.dispositions if fate.field == "image"]
    assert (fate.wire, fate.value) == ("image", "<the URL that fal gives for portrait.png>")
    assert fate.note == "through fal's storage"


def test_several_are_told_together_each_once() -> None:
    inline = Data.of(PNG, "image/png")
    them = [
        account(Acme(offers=(offer(Mode.REFERENCE_TO_VIDEO, **PROMPT, references=URLS),)), name="maker"),
        account(
            Acme(offers=(offer(Mode.REFERENCE_TO_VIDEO, **PROMPT, references=STORAGE),), features=PUBLIC), name="b"
        ),
    ]
    request = ReferenceToVideo("A cat", references=["small", inline, "small", "https://e.com/a.png"])
    (maker,) = [one for one in planned(request, them, allowed=True).candidates if one.hosted_by]
    assert maker.hosted == ("references[0]", "references[1]", "references[2]")
    assert maker.notes[-1] == (
        "small, references[1] go through b's storage first: whoever has their URLs can fetch them"
    )


URLS = Field(wire="x", kinds=frozenset({MediaKind.URL}))
STORAGE = Field(wire="x", kinds=frozenset({MediaKind.URL, MediaKind.UPLOAD}), upload_limit=1_000)
PUBLIC = Features(upload=True, public_uploads=True)


def test_the_preview_holds_nothing_of_what_is_stored_elsewhere() -> None:
    inline = Data.of(PNG, "image/png")
    client = Client([DOJO, FAL], host_files=True)
    preview = client.preview(client.plan("A cat", image=inline, duration=8))
    assert json.loads(preview.body)["image"] == "<the URL that fal gives for image>"
    assert inline.uri.encode() not in preview.body
    assert "through fal's storage" in [fate.note for fate in preview.dispositions]


def test_a_region_that_rules_out_an_edit_is_no_matter_of_storage(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(FILM)
    plan = Client([DOJO, FAL], host_files=True, country="DE").plan("At night", video=film)
    assert plan.candidates == ()
    assert {reason.clause for out in plan.ruled_out for reason in out.reasons} == {"REQ-REGION"}


def test_a_plan_goes_nowhere_without_its_host(picture: Path) -> None:
    plan = Client([DOJO, FAL], host_files=True).plan("A cat", image=picture, duration=8)
    with pytest.raises(
        StorageFailed, match="nobody here stores image for pixeldojo, as the plan says; nothing was paid"
    ):
        Client(DOJO).submit(plan)
