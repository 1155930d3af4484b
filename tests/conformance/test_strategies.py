"""The strategies themselves: right requests are right, wrong ones in exactly one clause, hostile answers other ones."""

import json
from collections.abc import Callable, Mapping

import pytest
from attrs import evolve
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from omniflash import ConfigurationError, File, InvalidWebhook, Request, TextToVideo, Url
from omniflash.adapter import Field, MediaKind, Offer
from omniflash.discovery import adapter, installed
from omniflash.effects import Response
from omniflash.flows.event import MOST_HEADERS, checked_body, checked_headers
from omniflash.mapping import refusals
from omniflash.spec import CLAUSES, FIELDS, LATEST, REQUESTS, Data, Mode, assemble, check, media_of, sniff
from omniflash_conformance.strategies import (
    Webhook,
    Wrong,
    hostile_answers,
    hostile_bodies,
    hostile_headers,
    hostile_webhooks,
    images,
    offered,
    outside,
    prompts,
    requests,
    videos,
    within,
    wrong_in,
)
from omniflash_conformance.strategies.inputs import HEADS
from tests.stage import offer

OFFERS = [one for name in installed("omniflash.providers") for one in adapter(name).offers]
REQ = [clause for clause in CLAUSES if clause.startswith("REQ-")]
TWO = (Mode.TEXT_TO_VIDEO, Mode.REFERENCE_TO_VIDEO)  # shrinking takes long
GOOD = Response(
    200, {"x-id": "r1", "content-type": "application/json"}, b'{"id": "r1", "clip": {"url": "https://e.com/a"}}'
)

few = settings(max_examples=30)  # of each of so many modes, clauses and offers; drawing is what takes the time here


def smallest(strategy: st.SearchStrategy, condition: Callable) -> object:
    return find(strategy, condition, settings=settings(database=None, max_examples=300))


def seen(strategy: st.SearchStrategy, examples: int = 100) -> list:
    """What a strategy draws, so many times."""
    found: list = []
    every = settings(max_examples=examples, phases=[Phase.generate], database=None, derandomize=True)

    @every
    @given(strategy)
    def draw(value: object) -> None:
        found.append(value)

    draw()
    return found


class TestRequests:
    @pytest.mark.parametrize("mode", Mode)
    def test_every_one_is_right_and_of_its_mode(self, mode: Mode) -> None:
        @few
        @given(requests(mode))
        def right(request: Request) -> None:
            assert request.mode is mode
            assert check(request) == ()

        right()

    @pytest.mark.parametrize("mode", Mode)
    def test_every_optional_field_is_set_and_unset(self, mode: Mode) -> None:
        found = [request.given for request in seen(requests(mode), 50)]
        optional = set(FIELDS[REQUESTS[mode]]) - {"prompt", "image", "video", "previous"}
        if mode is Mode.REFERENCE_TO_VIDEO:
            optional -= {"references"}
        assert {name for fields in found for name in fields} == set(FIELDS[REQUESTS[mode]])
        assert {name for fields in found for name in FIELDS[REQUESTS[mode]] if name not in fields} == optional

    def test_the_borders_of_every_limit_are_drawn(self) -> None:
        found = seen(requests(), 500)
        borders = {"duration": LATEST.duration, "seed": LATEST.seed}
        for name, span in borders.items():
            assert {span.minimum, span.maximum} <= {getattr(request, name, None) for request in found}
        for modes, span in (
            ([Mode.REFERENCE_TO_VIDEO], LATEST.references),
            ([Mode.EDIT, Mode.REFINE], LATEST.references_editing),
        ):
            counts = {len(request.references) for request in found if request.mode in modes}
            assert {span.minimum, span.maximum} <= counts
        assert {LATEST.prompt.minimum, LATEST.prompt.maximum} <= {len(request.prompt) for request in found}

    def test_prompts_have_any_script_line_breaks_and_tags(self) -> None:
        texts = [request.prompt for request in seen(requests(Mode.REFERENCE_TO_VIDEO))]
        for part in ("\n", "猫", "\u0301", '"', "<IMAGE_REF_0>"):
            assert any(part in text for text in texts)

    @few
    @given(prompts(2))
    def test_a_prompt_names_only_references_that_are_there(self, prompt: str) -> None:
        assert [found.clause for found in check(TextToVideo(prompt))] in ([], ["REQ-TAG"], ["REQ-TAG"] * 2)
        assert check(REQUESTS[Mode.REFERENCE_TO_VIDEO](prompt, references=["https://e.com/a.png"] * 2)) == ()

    @few
    @given(images() | videos())
    def test_data_is_what_it_claims_to_be(self, medium: Url | Data) -> None:
        if isinstance(medium, Data):
            assert sniff(medium.content()) == medium.media_type

    def test_there_is_a_head_for_every_media_type(self) -> None:
        assert set(HEADS) == {*LATEST.image_types, *LATEST.video_types}

    @few
    @given(requests(only=["seed"], kinds=[Url]))
    def test_fields_and_kinds_can_be_kept_to_some(self, request: Request) -> None:
        assert set(request.given) <= {"prompt", "image", "video", "previous", "references", "seed"}
        assert not getattr(request, "references", ()) or request.mode is Mode.REFERENCE_TO_VIDEO
        assert {type(medium) for medium in media_of(request).values()} <= {Url}

    @few
    @given(requests("edit", video=st.just(File("a.mp4")), prompt=st.just("Hi")))
    def test_a_field_can_be_drawn_in_ones_own_way(self, request: Request) -> None:
        assert (request.prompt, request.video) == ("Hi", File("a.mp4"))

    def test_a_name_that_is_none_is_told(self) -> None:
        for wrong in (lambda: requests("edlt"), lambda: requests(only=["sed"]), lambda: requests(sed=st.none())):
            with pytest.raises(ConfigurationError, match="did you mean"):
                wrong()

    def test_the_smallest_of_each_mode_sets_only_what_it_must(self) -> None:
        for mode in (*TWO, Mode.REFINE):
            found = smallest(requests(mode, kinds=[Url]), lambda request: True)
            assert set(found.given) <= {"prompt", "image", "video", "previous", "references"}
            assert len(found.prompt) == 1
            assert len(getattr(found, "references", ())) <= 1

    def test_a_counter_example_is_small(self) -> None:
        long = smallest(requests(*TWO, kinds=[Url]), lambda request: (getattr(request, "duration", 0) or 0) > 5)
        assert long == TextToVideo(long.prompt, duration=6)
        tagged = smallest(
            requests(Mode.REFERENCE_TO_VIDEO, kinds=[Url], only=["references"]),
            lambda request: "<IMAGE_REF_1>" in request.prompt,
        )
        assert (len(tagged.references), tagged.prompt) == (2, "<IMAGE_REF_1>")

    @few
    @given(within(LATEST.duration))
    def test_a_number_within_a_span_is_in_it(self, seconds: int) -> None:
        assert seconds in LATEST.duration


class TestWrong:
    def test_there_is_a_strategy_for_every_clause_of_a_request(self) -> None:
        for clause in REQ:
            assert not wrong_in(clause).is_empty
        with pytest.raises(ConfigurationError, match="REQ-SEED"):
            wrong_in("REQ-SEEDS")

    @pytest.mark.parametrize("clause", REQ)
    def test_exactly_that_clause_is_reported_at_that_field(self, clause: str) -> None:
        @few
        @given(wrong_in(clause))
        def told(wrong: Wrong) -> None:
            request, problems = assemble(wrong.form)
            found = [(one.clause, one.field) for one in (*problems, *(check(request) if request else ()))]
            assert wrong.clause == clause
            assert sorted(found) == sorted(wrong.faults)
            assert len(wrong.faults) >= 2 if clause == "REQ-ALL" else found == [(clause, wrong.field)]

        told()

    @pytest.mark.parametrize(
        ("clause", "field", "values"),
        [
            ("REQ-DURATION", "duration", [2, 11, 10**30, True, "3", 10.0]),
            ("REQ-SEED", "seed", [-1, 2**31, True, 0.0]),
            ("REQ-ASPECT", "aspect_ratio", ["4:3", "16x9", "", 1.78]),
            ("REQ-COUNTRY", "country", ["UK", "EL", "", "de"]),
            ("REQ-REGION", "country", ["AX", "GB", "CH", "YT"]),
            ("REQ-FORMAT", "output_format", ["avi", "MP4", ""]),
            ("REQ-VERSION", "version", ["7.7", "", 1.0]),
            ("REQ-METADATA", "metadata", ["order", {"a": None}]),
        ],
    )
    def test_what_people_get_wrong_is_among_them(self, clause: str, field: str, values: list) -> None:
        found = [wrong.form.get(field) for wrong in seen(wrong_in(clause), 80 * len(values))]
        assert [value for value in values if not any(same(value, other) for other in found)] == []

    @pytest.mark.parametrize("clause", REQ)
    def test_every_mode_that_can_break_a_clause_does(self, clause: str) -> None:
        only = {
            "REQ-DURATION": {Mode.TEXT_TO_VIDEO, Mode.IMAGE_TO_VIDEO, Mode.REFERENCE_TO_VIDEO},
            "REQ-ASPECT": {Mode.TEXT_TO_VIDEO, Mode.IMAGE_TO_VIDEO, Mode.REFERENCE_TO_VIDEO},
            "REQ-REFS": {Mode.REFERENCE_TO_VIDEO},
            "REQ-REFS-EDIT": {Mode.EDIT, Mode.REFINE},
            "REQ-REGION": {Mode.EDIT},
            "REQ-MEDIA": set(Mode) - {Mode.TEXT_TO_VIDEO},
            "REQ-PREVIOUS": {Mode.REFINE},
        }
        found = {wrong.form["mode"] for wrong in seen(wrong_in(clause)) if ("REQ-SHAPE", "mode") not in wrong.faults}
        assert found == only.get(clause, set(Mode))

    def test_each_shrinks_to_the_fault_alone(self) -> None:
        wrong = smallest(wrong_in("REQ-DURATION"), lambda wrong: True)
        assert set(wrong.form) == {"mode", "prompt", "duration"}


def same(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other


def refused_at(request: Request, by: Offer) -> list[str]:
    return [found.field for found in refusals(request, by, {}, frozenset(), lambda name: "")]


NARROW = {
    "duration": Field(wire="seconds", values=(4, 8, 99)),
    "seed": Field(wire="seed", values=(1, 2)),
    "aspect_ratio": Field(wire="shape", values=("16:9",)),
}
URL, DATA = frozenset({MediaKind.URL}), frozenset({MediaKind.DATA})
MADE_UP: Mapping[str, Offer] = {
    "narrow": offer(prompt=Field(wire="text"), **NARROW),
    "only URLs": evolve(
        offer(prompt=Field(wire="p"), video=Field(wire="v", kinds=URL), references=Field(wire="r", kinds=URL)),
        mode=Mode.EDIT,
    ),
    "only small data": evolve(
        offer(prompt=Field(wire="p"), references=Field(wire="r", kinds=DATA, inline_limit=200)),
        mode=Mode.REFERENCE_TO_VIDEO,
    ),
    "no way in for references": evolve(
        offer(prompt=Field(wire="p"), video=Field(wire="v", kinds=URL), references=Field(wire="r")), mode=Mode.EDIT
    ),
}
EVERY = [*OFFERS, *MADE_UP.values()]


@pytest.mark.parametrize("by", EVERY, ids=lambda by: f"{by.provider}-{by.mode}")
class TestOffers:
    def test_what_an_offer_takes_is_right_and_not_refused(self, by: Offer) -> None:
        @few
        @given(offered(by))
        def taken(request: Request) -> None:
            assert request.mode is by.mode
            assert check(request, version=by.version) == ()
            assert refused_at(request, by) == []

        taken()

    def test_every_declared_field_is_drawn(self, by: Offer) -> None:
        drawn = {name for request in seen(offered(by), 50) for name in request.given}
        useless = {name for name in by.fields if name == "references" and not by.fields[name].kinds}
        assert drawn == {*by.fields, "country", "version", "metadata"} - useless

    def test_what_is_outside_is_right_and_refused_at_one_field(self, by: Offer) -> None:
        strange = outside(by)
        if strange.is_empty:  # it takes all there is
            assert set(by.fields) | {"country", "version", "metadata"} == set(FIELDS[REQUESTS[by.mode]])
            return

        @few
        @given(strange)
        def refused(drawn: tuple[Request, str]) -> None:
            request, field = drawn
            assert check(request, version=by.version) == ()
            assert refused_at(request, by) == [field]

        refused()


def test_an_offer_that_takes_everything_has_no_outside() -> None:
    field = Field(wire="x", kinds=frozenset(MediaKind), inline_limit=10**6, upload_limit=10**6)
    takes_all = evolve(offer(**dict.fromkeys(FIELDS[REQUESTS[Mode.EDIT]], field)), mode=Mode.EDIT)
    assert outside(takes_all).is_empty
    assert offered(evolve(takes_all, fields={"prompt": field})).is_empty


class TestAnswers:
    @few
    @given(hostile_answers(GOOD))
    def test_an_answer_is_another_one(self, answer: Response) -> None:
        assert answer != GOOD
        assert isinstance(answer.body, bytes)

    def test_every_part_of_an_answer_is_spoiled_alone_and_with_the_others(self) -> None:
        found = seen(hostile_answers(GOOD))
        for part in ("status", "headers", "body"):
            assert any(evolve(answer, **{part: getattr(GOOD, part)}) == GOOD for answer in found)
        assert any(
            answer.status != GOOD.status and answer.headers != GOOD.headers and answer.body != GOOD.body
            for answer in found
        )

    def test_bodies_are_other_json_other_bytes_and_nothing(self) -> None:
        found = seen(hostile_bodies(GOOD.body))
        assert {b"", b"null"} & set(found)
        assert any(readable(body) for body in found)
        assert any(not readable(body) for body in found)
        assert all(isinstance(body, bytes) and body != b"no JSON" for body in seen(hostile_bodies(b"no JSON"), 50))

    def test_a_lack_is_found_and_small(self) -> None:
        body = smallest(hostile_bodies(GOOD.body), lambda body: readable(body) and "id" not in json.loads(body))
        assert len(body) <= len(GOOD.body)

    @few
    @given(hostile_headers(GOOD.headers))
    def test_headers_are_others(self, headers: Mapping[str, str]) -> None:
        assert headers != GOOD.headers

    def test_headers_may_be_missing_or_say_strange_things(self) -> None:
        found = seen(hostile_headers(GOOD.headers))
        assert any("x-id" not in headers for headers in found)
        assert any("retry-after" in headers for headers in found)
        assert seen(hostile_headers({}), 20)

    @settings(few, suppress_health_check=[HealthCheck.too_slow])
    @given(hostile_webhooks({"X-Id": "r1", "X-Signature": "ab" * 32}, GOOD.body))
    def test_a_webhook_is_handed_over_as_frameworks_do(self, webhook: Webhook) -> None:
        checked_body(webhook.body)
        try:
            assert len(checked_headers(webhook.headers)) <= MOST_HEADERS
        except InvalidWebhook:
            assert len(list(webhook.headers)) > MOST_HEADERS

    def test_webhooks_are_mappings_pairs_and_bytes(self) -> None:
        found = [webhook.headers for webhook in seen(hostile_webhooks({"X-Id": "r1"}, b"{}"), 250)]
        assert any(isinstance(headers, Mapping) for headers in found)
        assert any(headers and isinstance(headers[0][0], bytes) for headers in found if isinstance(headers, tuple))
        assert any(len(headers) > MOST_HEADERS for headers in found)
        assert seen(hostile_webhooks({}, b""), 20)


def readable(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):
        return False
