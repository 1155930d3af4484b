"""A file that its maker knows only by its URL: another account stores it, before anything is paid."""

from decimal import Decimal

import pytest
from attrs import evolve

from omniflash.accounts import Account
from omniflash.adapter import Features, Field, MediaKind
from omniflash.effects import Call, FileTrouble, Hold, NoAnswerTrouble, Read, Send, Turn
from omniflash.errors import InvalidRequest, Money, OmniflashError, StorageFailed
from omniflash.flows.inputs import Stored
from omniflash.flows.route import Errand, route
from omniflash.flows.submit import Intent, paid_call, submit
from omniflash.money.entries import Intended
from omniflash.routing.plan import Desk, Plan, make_plan
from omniflash.spec import Data, File, FileFacts, Mode, ReferenceToVideo
from tests.conftest import PNG
from tests.stage import OUTLOOK, PRICE, PROMPT, URL, Acme, Stage, account, answer, in_turn, offer, raising

PICTURE, INLINE = File("a.png"), Data.of(PNG, "image/png")
KNOWN = FileFacts(5_000, "image/png")
STORED, ACCEPTED = answer(200, {"url": "https://store.example/a.png"}), answer(200, {"id": "j1"})
REQUEST = ReferenceToVideo("A cat", references=[PICTURE, INLINE, PICTURE, "https://e.com/a"])


def maker() -> Account:
    """Takes URLs alone, and is the cheaper one."""
    cheap = evolve(PRICE, rate=evolve(PRICE.rate, per_second=Decimal("0.01")))
    only = offer(Mode.REFERENCE_TO_VIDEO, cheap, "dojo", **PROMPT, references=Field(wire="pictures", kinds=URL))
    return account(Acme(name="dojo", offers=(only,), features=Features()), "dojo-key-1234")


def host(*, inline_limit: int = 0) -> Account:
    """Has a storage, and makes clips too."""
    kinds = frozenset({MediaKind.URL, MediaKind.UPLOAD, MediaKind.DATA})
    takes = Field(wire="stills", kinds=kinds, inline_limit=inline_limit, upload_limit=100_000)
    own = offer(Mode.REFERENCE_TO_VIDEO, **PROMPT, references=takes)
    return account(Acme(offers=(own,), features=Features(upload=True, public_uploads=True)))


def planned(them: list[Account]) -> Plan:
    return make_plan(REQUEST, Desk(them, host_files=True), {PICTURE: KNOWN}, OUTLOOK)


def intents(stored: Stored | None = None) -> list[Intent]:
    """Those of the plan, best first, as a fail-over would come by them."""
    them = {one.name: one for one in (maker(), host())}
    made, there = planned(list(them.values())), {} if stored is None else stored
    return [
        Intent(made, one, them[one.account], f"order-{n}", host=them.get(one.hosted_by or ""), stored=there)
        for n, one in enumerate(made.candidates)
    ]


def stage(*results: object, facts: FileFacts = KNOWN) -> Stage:
    return Stage(in_turn(*results), files={PICTURE: facts})


def test_each_is_stored_once_by_the_host_and_its_maker_is_given_the_urls() -> None:
    on = stage(STORED, answer(200, {"url": "https://store.example/b.png"}), ACCEPTED)
    job = on.run(submit(intents()[0]))
    assert on.calls == ["upload", "upload", "submit"]
    assert [(sent.call.account, sent.source) for sent in on.of(Send)] == [("acme", PICTURE), ("acme", INLINE)]
    (paid,) = on.of(Call)
    a, b = "https://store.example/a.png", "https://store.example/b.png"
    assert (paid.account, paid.json) == ("dojo", {"text": "A cat", "pictures": [a, b, a, "https://e.com/a"]})
    kinds = [type(effect.entry) if hasattr(effect, "entry") else type(effect) for effect in on.done]
    assert kinds.index(Send) < kinds.index(Intended) < kinds.index(Call)
    (fate,) = [fate for fate in job.dispositions if fate.field == "references"]
    assert fate.note == "through acme's storage"


def test_storing_keeps_to_the_hosts_pace_and_paying_to_the_makers() -> None:
    on = stage(answer(429, retry_after="2"), STORED, STORED, ACCEPTED)
    on.run(submit(intents()[0]))
    assert [(turn.account, turn.call) for turn in on.of(Turn)] == [("acme", "upload")] * 3 + [("dojo", "submit")]
    assert [held.account for held in on.of(Hold)] == ["acme"]


def test_a_dry_run_shows_what_will_stand_there_and_does_nothing() -> None:
    _, call = paid_call(intents()[0])
    told = "<the URL that acme gives for {}>"
    assert call.json == {
        "text": "A cat",
        "pictures": [told.format("a.png"), told.format("references[1]"), told.format("a.png"), "https://e.com/a"],
    }


def test_a_fail_over_takes_along_what_is_stored() -> None:
    them = [maker(), host()]
    on = stage(STORED, STORED, answer(402), ACCEPTED)
    on.run(route(Errand(planned(them), {one.name: one for one in them}, "order-1")))
    assert on.calls == ["upload", "upload", "submit", "submit"]
    assert [call.account for call in on.of(Call)] == ["dojo", "acme"]


def test_a_fail_over_goes_on_where_the_host_does_not_store() -> None:
    kinds = frozenset({MediaKind.URL, MediaKind.DATA})
    inline = Field(wire="stills", kinds=kinds, inline_limit=100_000)
    own = offer(Mode.REFERENCE_TO_VIDEO, provider="third", **PROMPT, references=inline)
    third = account(Acme(name="third", offers=(own,)))
    them = [maker(), third, host()]
    on = Stage(lambda effect: {Send: answer(401), Read: PNG, Call: ACCEPTED}[type(effect)], files={PICTURE: KNOWN})
    on.run(route(Errand(planned(them), {one.name: one for one in them}, "order-1")))
    assert on.calls == ["upload", "submit"]
    assert [call.account for call in on.of(Call)] == ["third"]
    (intended,) = [entry for entry in on.entries if isinstance(entry, Intended)]
    assert "acme did not store references[0] for dojo; nothing was paid" in str(intended.before)


@pytest.mark.parametrize("first", [0, 1])
def test_what_one_candidate_had_stored_is_not_stored_again_for_the_next(first: int) -> None:
    both = intents()
    on = stage(STORED, STORED, answer(402), ACCEPTED)
    with pytest.raises(OmniflashError):
        on.run(submit(both[first]))
    on.run(submit(both[1 - first]))
    assert on.calls == ["upload", "upload", "submit", "submit"]
    assert {call.account for call in on.of(Call)} == {"acme", "dojo"}


def test_what_went_inline_is_no_url_for_the_next() -> None:
    one, other = maker(), host(inline_limit=1_000)
    made, there = planned([one, other]), {}
    dojo, acme = made.candidates
    on = stage(STORED, answer(402), answer(200, {"url": "https://store.example/b.png"}), ACCEPTED)
    with pytest.raises(OmniflashError):
        on.run(submit(Intent(made, acme, other, "order-1", stored=there)))
    on.run(submit(Intent(made, dojo, one, "order-2", host=other, stored=there)))
    sent = [call.json for call in on.of(Call)]
    assert sent[0]["stills"][1] == INLINE.uri
    assert sent[1]["pictures"][1] == "https://store.example/b.png"


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (answer(401), "HTTP 401"),
        (answer(402), "HTTP 402"),
        (answer(422), "HTTP 422"),
        (answer(503), "HTTP 503"),
        (NoAnswerTrouble("cut off"), "acme gave no answer to 'upload': cut off"),
        (answer(200, {"url": "acme://a.png"}), "no http.s. URL"),
    ],
)
def test_a_host_that_does_not_store_is_told_as_that_and_nothing_was_paid(seen: object, told: str) -> None:
    on = stage(seen)
    with pytest.raises(
        StorageFailed, match=rf"acme did not store references\[0\] for dojo; nothing was paid.*{told}"
    ) as caught:
        on.run(submit(intents()[0]))
    assert caught.value.money is Money.NO
    assert set(on.calls) == {"upload"}
    assert on.entries == []


def test_the_hosts_own_words_and_what_it_says_of_coming_again_are_kept() -> None:
    with pytest.raises(StorageFailed) as caught:
        stage(answer(429, retry_after="9999")).run(submit(intents()[0]))
    cause = caught.value.__cause__
    assert isinstance(cause, OmniflashError)
    assert (caught.value.words, caught.value.retry_helps) == (cause.words, True)
    assert caught.value.words is not None
    assert (caught.value.words.status, caught.value.retry_after) == (429, cause.retry_after)


def test_a_file_that_has_outgrown_the_host_since_the_plan_costs_nothing() -> None:
    on = stage(ACCEPTED, facts=evolve(KNOWN, size=200_000))
    with pytest.raises(InvalidRequest, match="200,000 bytes now, more than acme takes"):
        on.run(submit(intents()[0]))
    assert on.calls == []


def test_a_file_that_cannot_be_read_is_not_the_hosts_fault() -> None:
    on = Stage(raising(FileTrouble("permission denied")), files={PICTURE: KNOWN})
    with pytest.raises(InvalidRequest, match=r"REQ-MEDIA references\[0\].*permission denied"):
        on.run(submit(intents()[0]))
