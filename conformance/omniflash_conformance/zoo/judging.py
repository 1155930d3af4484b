"""Adapters that take an error for another, or lose the vendor's words (ERR-KIND, ERR-WORDS)."""

import json
from collections.abc import Callable

from attrs import evolve

from omniflash.adapter import Adapter, Outcome, Reading
from omniflash.discovery import adapter
from omniflash.effects import Call, Response
from omniflash.errors import (
    ContentRejected,
    GenerationFailed,
    InvalidRequest,
    OmniflashError,
    ProviderUnavailable,
    RegionRestricted,
    VendorWords,
)
from omniflash.jobs import Status

from .mishearing import Mishearing, Misjudging, Misquoting, Mistelling
from .specimen import broken

# --- ERR-KIND -------------------------------------------------------------------------------------------------------


@broken("ERR-KIND", "maps 402 to an error that is worth trying again")
def no_money_is_worth_trying() -> Adapter:
    def judge(call: Call, response: Response, reading: Reading) -> Reading:
        if response.status == 402:
            return Reading(Outcome.FINAL, ProviderUnavailable("try again later"))
        return reading

    return Misjudging(adapter("fal"), judge)


@broken("ERR-KIND", "calls a refused key an invalid request", provider="acme")
def no_key_is_invalid() -> Adapter:
    from .acme import ADAPTER

    def judge(call: Call, response: Response, reading: Reading) -> Reading:
        return Reading(Outcome.FINAL, InvalidRequest("bad request")) if response.status == 401 else reading

    return Misjudging(ADAPTER, judge)


@broken("ERR-KIND", "lets a KeyError out where an error has no detail")
def expects_a_detail() -> Adapter:
    def judge(call: Call, response: Response, reading: Reading) -> Reading:
        if reading.outcome is Outcome.FINAL:
            json.loads(response.body or b"{}")["detail"]
        return reading

    return Misjudging(adapter("fal"), judge)


@broken("ERR-KIND", "forgets in how many seconds to come again", provider="pixeldojo")
def forgets_when() -> Adapter:
    def judge(call: Call, response: Response, reading: Reading) -> Reading:
        if reading.error is not None:
            reading.error.retry_after = None
        return Reading(reading.outcome, reading.error)

    return Misjudging(adapter("pixeldojo"), judge)


@broken("ERR-KIND", "takes a page of HTML with status 200 for an answer", provider="pixeldojo")
def html_is_fine() -> Adapter:
    def judge(call: Call, response: Response, reading: Reading) -> Reading:
        if response.status == 200:
            json.loads(response.body)
            return Reading(Outcome.FINE)
        return reading

    return Misjudging(adapter("pixeldojo"), judge)


@broken("ERR-KIND", "takes for granted that every answer is an object", provider="pixeldojo")
def expects_an_object() -> Adapter:
    def hear(response: Response) -> Response:
        return evolve(response, body=json.dumps(dict(json.loads(response.body).items())).encode())

    return Mishearing(adapter("pixeldojo"), hear)


def _ending(wrong: type[OmniflashError], said: Callable[[], OmniflashError]) -> Callable[[Status], Status]:
    return lambda seen: evolve(seen, error=said()) if isinstance(seen.error, wrong) else seen


@broken("ERR-KIND", "calls a rejected prompt a failed generation")
def rejected_is_failed() -> Adapter:
    return Mistelling(adapter("fal"), _ending(ContentRejected, lambda: GenerationFailed("the job failed")))


@broken("ERR-KIND", "calls a refusal for the region a rejected prompt", provider="pixeldojo")
def region_is_rejected() -> Adapter:
    return Mistelling(adapter("pixeldojo"), _ending(RegionRestricted, lambda: ContentRejected("not allowed")))


# --- ERR-WORDS ------------------------------------------------------------------------------------------------------


@broken("ERR-WORDS", "loses the request id")
def loses_the_request_id() -> Adapter:
    return Misquoting(adapter("fal"), lambda words: evolve(words, request_id=None))


@broken("ERR-WORDS", "says it in words of its own", provider="pixeldojo")
def own_words() -> Adapter:
    return Misquoting(adapter("pixeldojo"), lambda words: evolve(words, message="Something went wrong"))


@broken("ERR-WORDS", "loses the HTTP status", provider="acme")
def loses_the_status() -> Adapter:
    from .acme import ADAPTER

    return Misquoting(ADAPTER, lambda words: evolve(words, status=None))


@broken("ERR-WORDS", "loses the vendor's code", provider="pixeldojo")
def loses_the_code() -> Adapter:
    return Misquoting(adapter("pixeldojo"), lambda words: evolve(words, code=None))


@broken("ERR-WORDS", "keeps no words of a failed job")
def keeps_no_words() -> Adapter:
    def tell(seen: Status) -> Status:
        if seen.error is not None:
            seen.error.words = None
        return seen

    return Mistelling(adapter("fal"), tell)


@broken("ERR-WORDS", "has empty words of everything")
def empty_words() -> Adapter:
    return Misquoting(adapter("fal"), lambda words: VendorWords())
