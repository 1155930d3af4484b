"""Clients that pay twice, or forget what they paid for (JOB-ONCE, JOB-DEDUP, JOB-KEY)."""

import json
from collections.abc import Mapping

from attrs import define, evolve, field, frozen

from omniflash import GenerationFailed, Job, OmniflashError, ProviderUnavailable, Request, SubmissionUncertain
from omniflash.adapter import Adapter, Order
from omniflash.effects import Call, Effect, Flow, Repeat

from ..subject import ClientKind, Place
from .acme import SAME_ID
from .altered import Altered
from .careless import Careless, changed, client, with_headers
from .specimen import broken


@define
class RepeatsInDoubt(Careless):
    """Makes a paid call again where its doubt says one of these words."""

    words = ("",)

    def submit(self, request: Request, *, key: str | None = None) -> Job:
        try:
            return super().submit(request, key=key)
        except SubmissionUncertain as doubt:
            if not any(word in str(doubt) for word in self.words):
                raise
            return super().submit(request)


@broken("JOB-ONCE", "repeats a paid call after a read timeout")
def repeats_after_a_timeout() -> ClientKind:
    return client(type("RepeatsLate", (RepeatsInDoubt,), {"words": ("ReadTimeout",)}))


@broken("JOB-ONCE", "repeats a paid call on HTTP 502")
def repeats_on_bad_gateway() -> ClientKind:
    return client(type("RepeatsOn502", (RepeatsInDoubt,), {"words": ("HTTP 502",)}))


@broken("JOB-ONCE", "repeats a paid call whose connection was lost")
def repeats_after_a_loss() -> ClientKind:
    return client(type("RepeatsLost", (RepeatsInDoubt,), {"words": ("RemoteProtocolError", "ReadError")}))


@define
class TakesDoubtForRefusal(Careless):
    def submit(self, request: Request, *, key: str | None = None) -> Job:
        try:
            return super().submit(request, key=key)
        except SubmissionUncertain as doubt:
            raise ProviderUnavailable("the vendor was not reached", words=doubt.words) from None


@broken("JOB-ONCE", "takes a lost answer for a refusal")
def takes_doubt_for_refusal() -> ClientKind:
    return client(TakesDoubtForRefusal)


@define
class BuysAnew(Careless):
    def wait(self, ticket: object, *, timeout: float | None = None) -> object:  # type: ignore[override]
        try:
            return super().wait(ticket, timeout=timeout)
        except GenerationFailed:
            again = getattr(ticket, "request", None)
            return super().wait(self.submit(again), timeout=timeout) if again else None


@broken("JOB-ONCE", "submits a failed job anew")
def submits_failed_jobs_anew() -> ClientKind:
    return client(BuysAnew)


@define
class GoesOnAfterCtrlC(Careless):
    def submit(self, request: Request, *, key: str | None = None) -> Job:
        try:
            return super().submit(request, key=key)
        except KeyboardInterrupt:
            return super().submit(request)


@broken("JOB-ONCE", "submits again after Ctrl-C")
def submits_again_after_ctrl_c() -> ClientKind:
    return client(GoesOnAfterCtrlC)


# --- an id of the client's own ----------------------------------------------------------------------------------------


@frozen
class OtherId(Altered):
    """Sends these headers, and repeats a paid call as it may be."""

    headers: Mapping[str, str]
    repeat: Repeat = Repeat.WITH_SAME_ID

    def submit(self, order: Order) -> Flow[Job]:
        return changed(self.sound.submit(order), self._other)

    def _other(self, effect: Effect) -> Effect:
        return evolve(with_headers(effect, self.headers), repeat=self.repeat) if isinstance(effect, Call) else effect


@broken("JOB-DEDUP", "chooses a new id for each attempt", provider="acme")
def chooses_a_new_id() -> ClientKind:
    def alter(sound: Adapter, place: Place) -> Adapter:
        return OtherId(sound, {}, Repeat.IF_REFUSED)

    return client(RepeatsInDoubt, "acme", alter)


@broken("JOB-DEDUP", "sends no id", provider="acme")
def sends_no_id() -> ClientKind:
    return client(Careless, "acme", lambda sound, place: OtherId(sound, {SAME_ID: ""}))


@broken("JOB-DEDUP", "has one id for all orders", provider="acme")
def has_one_id() -> ClientKind:
    return client(Careless, "acme", lambda sound, place: OtherId(sound, {SAME_ID: "omniflash"}))


# --- the caller's own key ---------------------------------------------------------------------------------------------


@define
class IgnoresKeys(Careless):
    def submit(self, request: Request, *, key: str | None = None) -> Job:
        return super().submit(request)


@broken("JOB-KEY", "takes no notice of the caller's key")
def ignores_keys() -> ClientKind:
    return client(IgnoresKeys)


@define
class Remembers(Careless):
    """Keeps in memory which job it made for a key."""

    made: dict[str, Job] = field(factory=dict, kw_only=True)

    def submit(self, request: Request, *, key: str | None = None) -> Job:
        if key not in self.made:
            self.made[str(key)] = super().submit(request)
        return self.made[str(key)]


@broken("JOB-KEY", "forgets the caller's key after a restart")
def forgets_keys() -> ClientKind:
    return client(Remembers)


@define
class NotesKeys(Careless):
    """Keeps in a file which job it made for a key, and not what that was asked for."""

    def submit(self, request: Request, *, key: str | None = None) -> Job:
        notes = self.place.folder / "keys.json"
        known = json.loads(notes.read_text()) if notes.exists() else {}
        if key in known:
            return Job.parse(known[key])
        job = super().submit(request)
        notes.write_text(json.dumps({**known, str(key): job.token}))
        return job


@broken("JOB-KEY", "gives a key's job to another request")
def gives_a_keys_job_away() -> ClientKind:
    return client(NotesKeys)


@define
class PaysInDoubt(Careless):
    def submit(self, request: Request, *, key: str | None = None) -> Job:
        try:
            return super().submit(request, key=key)
        except OmniflashError as problem:
            if "nobody knows what came of it" not in str(problem):
                raise
            return super().submit(request)


@broken("JOB-KEY", "pays again for a key that is in doubt")
def pays_in_doubt() -> ClientKind:
    return client(PaysInDoubt)
