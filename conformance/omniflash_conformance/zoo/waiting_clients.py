"""Clients that wait too long, look too often, or lose what they wait for (JOB-RESUME, JOB-DEADLINE, JOB-POLL)."""

import json
from typing import cast

import httpx
from attrs import define, field

from omniflash import Clip, DeadlineExceeded, Job

from ..subject import ClientKind
from .careless import Careless, client
from .specimen import broken

# --- tokens -----------------------------------------------------------------------------------------------------------


@define
class KeyInToken(Careless):
    def token(self, ticket: object) -> str:
        return f"{self.place.key}@{super().token(ticket)}"


@broken("JOB-RESUME", "puts the key into its tokens")
def puts_the_key_into_tokens() -> ClientKind:
    return client(KeyInToken)


@define
class WholeToken(Careless):
    def token(self, ticket: object) -> str:
        return json.dumps(cast("Job", ticket).to_json())


@broken("JOB-RESUME", "makes a token of all that it knows")
def makes_long_tokens() -> ClientKind:
    return client(WholeToken)


@define
class UrlToken(Careless):
    def token(self, ticket: object) -> str:
        return self.look_url(cast("Job", ticket))


@broken("JOB-RESUME", "gives a URL for a token")
def gives_a_url() -> ClientKind:
    return client(UrlToken)


@define
class TellsNoToken(Careless):
    def wait(self, ticket: object, *, timeout: float | None = None) -> Clip:
        try:
            return super().wait(ticket, timeout=timeout)
        except DeadlineExceeded:
            raise TimeoutError("the job took too long") from None


@broken("JOB-RESUME", "gives up waiting without a token")
def tells_no_token() -> ClientKind:
    return client(TellsNoToken)


@define
class NumbersJobs(Careless):
    jobs: dict[str, object] = field(factory=dict, kw_only=True)

    def token(self, ticket: object) -> str:
        number = str(len(self.jobs))
        self.jobs[number] = ticket
        return number

    def resume(self, token: str) -> Job:
        return cast("Job", self.jobs[token])


@broken("JOB-RESUME", "knows a token only in the process that made it")
def knows_its_own_tokens() -> ClientKind:
    return client(NumbersJobs)


# --- deadlines and looks ----------------------------------------------------------------------------------------------


@define
class Looks(Careless):
    """Looks every so many seconds, however long it takes, and whatever comes."""

    every_s = 5.0

    def wait(self, ticket: object, *, timeout: float | None = None) -> Clip:
        while not self.status(ticket).over:
            self.pause(self.every_s)
        return super().wait(ticket)


@broken("JOB-DEADLINE", "waits for ever")
def waits_for_ever() -> ClientKind:
    return client(type("WaitsForEver", (Looks,), {"every_s": 60.0}))


@define
class CancelsLate(Careless):
    def wait(self, ticket: object, *, timeout: float | None = None) -> Clip:
        try:
            return super().wait(ticket, timeout=timeout)
        except DeadlineExceeded:
            self.cancel(ticket)
            raise


@broken("JOB-DEADLINE", "cancels a job whose wait ran out of time")
def cancels_late_jobs() -> ClientKind:
    return client(CancelsLate)


@define
class CountsLooks(Careless):
    def wait(self, ticket: object, *, timeout: float | None = None) -> Clip:
        for _ in range(int(timeout or 100)):
            if self.status(ticket).over:
                return super().wait(ticket)
            self.pause(5.0)
        return super().wait(ticket, timeout=0)


@broken("JOB-DEADLINE", "takes a deadline's seconds for a number of looks")
def counts_looks() -> ClientKind:
    return client(CountsLooks)


@broken("JOB-POLL", "looks without a pause")
def looks_without_a_pause() -> ClientKind:
    return client(type("Hammers", (Looks,), {"every_s": 0.0}))


@broken("JOB-POLL", "looks every hundredth of a second")
def looks_very_often() -> ClientKind:
    return client(type("LooksOften", (Looks,), {"every_s": 0.01}))


@broken("JOB-POLL", "looks every two minutes")
def looks_seldom() -> ClientKind:
    return client(type("LooksSeldom", (Looks,), {"every_s": 120.0}))


@define
class HearsNoRefusal(Careless):
    def wait(self, ticket: object, *, timeout: float | None = None) -> Clip:
        while self.asked(self.look_url(cast("Job", ticket))).status_code != httpx.codes.OK:
            self.pause(8.0)
        return super().wait(ticket)


@broken("JOB-POLL", "looks again at once where the vendor asked for a pause")
def takes_no_notice_of_retry_after() -> ClientKind:
    return client(HearsNoRefusal)
