"""How inputs reach a vendor: a URL as it is, small content inline, a file by upload, never as part of the paid call."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniflash.adapter import Field, MediaKind, Outcome
from omniflash.effects import Call, Effect, FileTrouble, NoAnswerTrouble, Read, Send
from omniflash.errors import InvalidRequest, Money, ProviderUnavailable, SubmissionUncertain
from omniflash.flows.inputs import Inputs, on_the_wire
from omniflash.flows.route import REFUSALS, goes_on
from omniflash.flows.submit import Intent, submit
from omniflash.mapping import WAYS, way_in
from omniflash.money.entries import Intended
from omniflash.routing.plan import Desk, make_plan
from omniflash.spec import Data, File, FileFacts, Mode, ReferenceToVideo, Url
from tests.stage import OUTLOOK, Stage, account, answer, in_turn, offer, raising

PICTURE = File("a.png")
SMALL, LARGE = Data.of(b"\x89PNG\r\n\x1a\n" + b"0" * 100, "image/png"), Data.of(b"0" * 2_000, "image/jpeg")
ACCEPTED = answer(200, {"id": "j1"})
STORED = answer(200, {"url": "https://store.example/a.png"})
OFFER = offer(Mode.REFERENCE_TO_VIDEO)


def files(
    size: int = 5_000, media_type: str | None = "image/png", problem: str | None = None
) -> dict[object, FileFacts]:
    return {PICTURE: FileFacts(size, media_type, problem)}


def intent(request: ReferenceToVideo) -> Intent:
    made = make_plan(request, Desk([account()]), files(), OUTLOOK)
    return Intent(made, made.best, account(), "order-1")


@given(
    st.sampled_from([Url("https://e.com/a"), SMALL, PICTURE]),
    st.frozensets(st.sampled_from(list(MediaKind))),
    st.integers(0, 10),
    st.integers(0, 10),
    st.integers(0, 12),
)
def test_a_way_is_one_that_is_declared_and_that_is_wide_enough(
    medium: Url | Data | File, kinds: frozenset[MediaKind], inline: int, upload: int, size: int
) -> None:
    limits = {MediaKind.URL: size, MediaKind.DATA: inline, MediaKind.UPLOAD: upload}
    open_ones = [kind for kind in WAYS[type(medium)] if kind in kinds and size <= limits[kind]]
    found = way_in(medium, Field(wire="x", kinds=kinds, inline_limit=inline, upload_limit=upload), size)
    assert found == (open_ones[0] if open_ones else None)


def test_a_file_is_uploaded_before_anything_is_written_down_or_paid() -> None:
    stage = Stage(in_turn(STORED, ACCEPTED), files=files())
    stage.run(submit(intent(ReferenceToVideo("A cat", references=[PICTURE]))))
    assert stage.calls == ["upload", "submit"]
    kinds = [type(effect.entry) if hasattr(effect, "entry") else type(effect) for effect in stage.done]
    assert kinds.index(Send) < kinds.index(Intended) < kinds.index(Call)
    assert stage.of(Call)[-1].json == {"text": "A cat", "stills": ["https://store.example/a.png"]}


def test_what_is_uploaded_is_named_by_its_place_and_by_what_its_bytes_say() -> None:
    stage = Stage(in_turn(STORED), files=files(media_type="image/webp"))
    stage.run(
        on_the_wire(ReferenceToVideo("A cat", references=[Url("https://e.com/a"), PICTURE]), Inputs(account(), OFFER))
    )
    (sent,) = stage.of(Send)
    assert (sent.source, sent.field, sent.call.account) == (PICTURE, "references[1]", "acme")


def test_the_same_file_twice_is_uploaded_once() -> None:
    stage = Stage(in_turn(STORED), files=files())
    found = stage.run(on_the_wire(ReferenceToVideo("A cat", references=[PICTURE] * 3), Inputs(account(), OFFER)))
    assert set(found.values()) == {"https://store.example/a.png"}
    assert stage.calls == ["upload"]


def test_content_goes_inline_up_to_the_limit_and_by_upload_above_it() -> None:
    stage = Stage(in_turn(STORED))
    found = stage.run(on_the_wire(ReferenceToVideo("A cat", references=[SMALL, LARGE]), Inputs(account(), OFFER)))
    assert found == {"references[0]": SMALL.uri, "references[1]": "https://store.example/a.png"}
    assert [sent.source for sent in stage.of(Send)] == [LARGE]


def test_a_vendor_without_uploads_gets_a_small_file_inline() -> None:
    plain = offer(
        Mode.REFERENCE_TO_VIDEO, references=Field(wire="stills", kinds=frozenset({MediaKind.DATA}), inline_limit=99)
    )
    stage = Stage(in_turn(b"\x89PNG\r\n\x1a\n"), files=files(size=8))
    found = stage.run(on_the_wire(ReferenceToVideo("A cat", references=[PICTURE]), Inputs(account(), plain)))
    assert found["references[0]"].startswith("data:image/png;base64,")
    assert stage.of(Read)
    assert not stage.of(Send)


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        (files(problem="there is no such file"), "there is no such file"),
        (files(size=200_000), "200,000 bytes now, more than acme takes"),
    ],
)
def test_a_file_that_has_changed_since_the_plan_costs_nothing(facts: dict[object, FileFacts], told: str) -> None:
    stage = Stage(in_turn(ACCEPTED), files=facts)
    with pytest.raises(InvalidRequest, match=told):
        stage.run(submit(intent(ReferenceToVideo("A cat", references=[PICTURE]))))
    assert stage.calls == []
    assert stage.entries == []


def test_a_file_that_cannot_be_read_while_it_is_sent_costs_nothing() -> None:
    stage = Stage(raising(FileTrouble("permission denied")), files=files())
    with pytest.raises(InvalidRequest, match=r"REQ-MEDIA references\[0\].*permission denied"):
        stage.run(submit(intent(ReferenceToVideo("A cat", references=[PICTURE]))))
    assert stage.calls == ["upload"]


def test_an_upload_is_free_and_so_it_is_sent_again_until_it_is_answered() -> None:
    stage = Stage(in_turn(NoAnswerTrouble("cut off"), answer(503), STORED, ACCEPTED), files=files())
    stage.run(submit(intent(ReferenceToVideo("A cat", references=[PICTURE]))))
    assert stage.calls == ["upload"] * 3 + ["submit"]


def test_an_upload_that_never_works_costs_nothing() -> None:
    stage = Stage(in_turn(answer(503)), files=files())
    with pytest.raises(ProviderUnavailable):
        stage.run(submit(intent(ReferenceToVideo("A cat", references=[PICTURE]))))
    assert set(stage.calls) == {"upload"}
    assert stage.entries == []


@pytest.mark.parametrize("seen", [answer(418), answer(503), answer(422)])
def test_whatever_a_storage_answers_nothing_is_paid_and_others_may_be_asked(seen: object) -> None:
    with pytest.raises(REFUSALS) as caught:
        Stage(in_turn(seen), files=files()).run(submit(intent(ReferenceToVideo("A cat", references=[PICTURE]))))
    assert caught.value.money is Money.NO
    assert goes_on(caught.value)


def test_an_upload_is_never_repeated_as_part_of_the_paid_call() -> None:
    seen: list[str] = []

    def world(effect: Effect) -> object:
        if isinstance(effect, Send):
            return STORED
        seen.append(effect.name)  # type: ignore[union-attr]
        return answer(429) if len(seen) < 3 else raising(NoAnswerTrouble("lost"))(effect)

    stage = Stage(world, files=files())
    with pytest.raises(SubmissionUncertain):
        stage.run(submit(intent(ReferenceToVideo("A cat", references=[PICTURE]))))
    assert stage.calls == ["upload", "submit", "submit", "submit"]
    assert {sent.outcome for sent in stage.entries if hasattr(sent, "outcome")} == {Outcome.REFUSED, Outcome.UNCLEAR}


def test_a_bare_path_is_a_file(tmp_path: Path) -> None:
    assert ReferenceToVideo("A cat", references=[tmp_path / "a.png"]).references == (File(tmp_path / "a.png"),)
