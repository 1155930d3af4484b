"""Adapters that take a job's state, or its end, for another (JOB-STATES, JOB-EMPTY, JOB-CANCEL)."""

import json

from attrs import evolve, frozen

from omniflash.adapter import Adapter, Outcome, Reading
from omniflash.discovery import adapter
from omniflash.effects import Call, Flow, Response, call
from omniflash.errors import EmptyResult, GenerationFailed, InvalidRequest
from omniflash.jobs import Cancellation, Cancelled, Clip, Job, State, Status

from .altered import Altered
from .mishearing import Cancelling, Mishearing, Misjudging, Mistelling
from .specimen import broken

# --- JOB-STATES -----------------------------------------------------------------------------------------------------


@broken("JOB-STATES", "treats an unknown status as failed")
def unknown_is_failed() -> Adapter:
    def tell(seen: Status) -> Status:
        return seen if seen.known else evolve(seen, state=State.FAILED, error=GenerationFailed("what is this?"))

    return Mistelling(adapter("fal"), tell)


@broken("JOB-STATES", "tells no unknown status apart from a known one", provider="pixeldojo")
def unknown_is_known() -> Adapter:
    return Mistelling(adapter("pixeldojo"), lambda seen: evolve(seen, known=True))


@broken("JOB-STATES", "reads a status by the word that it begins with", provider="pixeldojo")
def begins_with() -> Adapter:
    def hear(response: Response) -> Response:
        told = json.loads(response.body)
        word = str(told.get("status"))
        known = ("pending", "processing", "completed", "failed")
        told["status"] = next((one for one in known if word.startswith(one)), word)
        return evolve(response, body=json.dumps(told).encode())

    return Mishearing(adapter("pixeldojo"), hear)


@broken("JOB-STATES", "tells a job that runs as one that waits")
def running_is_queued() -> Adapter:
    def tell(seen: Status) -> Status:
        return evolve(seen, state=State.QUEUED) if seen.known and seen.state is State.RUNNING else seen

    return Mistelling(adapter("fal"), tell)


@broken("JOB-STATES", "takes a server error while looking for the job's end", provider="acme")
def server_error_is_the_end() -> Adapter:
    from .acme import ADAPTER

    def judge(call: Call, response: Response, reading: Reading) -> Reading:
        ends = call.name == "status" and response.status >= 500
        return Reading(Outcome.FINAL, GenerationFailed("the job failed")) if ends else reading

    return Misjudging(ADAPTER, judge)


@frozen
class Stubborn(Altered):
    """Looks again until it knows the word."""

    def status(self, job: Job) -> Flow[Status]:
        while True:
            seen = yield from self.sound.status(job)
            if seen.known:
                return seen


@broken("JOB-STATES", "looks again, without an end, until it knows the word")
def looks_for_ever() -> Adapter:
    return Stubborn(adapter("fal"))


# --- JOB-EMPTY ------------------------------------------------------------------------------------------------------


@broken("JOB-EMPTY", "takes COMPLETED for success")
def completed_is_success() -> Adapter:
    def tell(seen: Status) -> Status:
        return evolve(seen, state=State.SUCCEEDED, error=None) if seen.word == "COMPLETED" else seen

    return Mistelling(adapter("fal"), tell)


@broken("JOB-EMPTY", "crashes on a video that is null")
def null_video() -> Adapter:
    def hear(response: Response) -> Response:
        told = json.loads(response.body)
        return response if "status" in told else evolve(response, body=json.dumps(told | _read(told)).encode())

    def _read(told: dict[str, dict[str, str]]) -> dict[str, object]:
        return {"video": {**told["video"], "url": told["video"]["url"].strip()}}

    return Mishearing(adapter("fal"), hear)


@broken("JOB-EMPTY", "calls a result without a video any failed generation", provider="pixeldojo")
def empty_is_any_failure() -> Adapter:
    def tell(seen: Status) -> Status:
        plain = isinstance(seen.error, EmptyResult)
        return evolve(seen, error=GenerationFailed("the job failed")) if plain else seen

    return Mistelling(adapter("pixeldojo"), tell)


@broken("JOB-EMPTY", "makes a clip of a URL that is empty", provider="acme")
def empty_url() -> Adapter:
    from .acme import ADAPTER

    def tell(seen: Status) -> Status:
        if not isinstance(seen.error, EmptyResult):
            return seen
        return evolve(seen, state=State.SUCCEEDED, error=None, clip=Clip("", seen.job.provider))

    return Mistelling(ADAPTER, tell)


# --- JOB-CANCEL -----------------------------------------------------------------------------------------------------


@broken("JOB-CANCEL", "says that a cancel which was only asked for costs nothing")
def asked_for_is_free() -> Adapter:
    return Cancelling(adapter("fal"), lambda told: evolve(told, may_bill=False))


@broken("JOB-CANCEL", "tells every cancel as done")
def always_cancelled() -> Adapter:
    return Cancelling(adapter("fal"), lambda told: Cancellation(Cancelled.CANCELLED, may_bill=False))


@broken("JOB-CANCEL", "takes a second cancel for an error", provider="acme")
def twice_is_an_error() -> Adapter:
    from .acme import ADAPTER

    def tell(told: Cancellation) -> Cancellation:
        if told.result is Cancelled.TOO_LATE:
            raise InvalidRequest("the job is over")
        return told

    return Cancelling(ADAPTER, tell)


@frozen
class MadeUpCancel(Altered):
    """Asks PixelDojo at a path that stands in no document of it."""

    def cancel(self, job: Job) -> Flow[Cancellation]:
        yield from call(Call("cancel", "POST", f"api:/jobs/{job.handle}/cancel"))
        return Cancellation(Cancelled.REQUESTED, may_bill=True)


@broken("JOB-CANCEL", "asks for a cancel that the vendor has not got", provider="pixeldojo")
def made_up_cancel() -> Adapter:
    return MadeUpCancel(adapter("pixeldojo"))


@broken("JOB-CANCEL", "says that what cannot be cancelled costs nothing", provider="pixeldojo")
def unsupported_is_free() -> Adapter:
    return Cancelling(adapter("pixeldojo"), lambda told: evolve(told, may_bill=False))
