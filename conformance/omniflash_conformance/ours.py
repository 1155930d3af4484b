"""Our own spec and client, as subjects: held to the clauses like anybody else's."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from os import devnull
from pathlib import Path
from traceback import TracebackException
from typing import Any, cast

from attrs import define, field, frozen

from omniflash import Client, Clip, Job, OmniflashError, Provider, Request, SubmissionUncertain
from omniflash.adapter import Adapter
from omniflash.errors import Money
from omniflash.jobs import Fate
from omniflash.media.probe import differences, probe
from omniflash.spec import LATEST, Limits, Violation, assemble, check

from .listening import listening
from .subject import ClientKind, Ended, Offers, Place, Told


@frozen
class OurSpec:
    """The spec of omniflash."""

    name: str = "omniflash"
    limits: Limits = LATEST

    def judge(self, form: Mapping[str, object]) -> tuple[Violation, ...]:
        request, problems = assemble(form)
        return problems if request is None else problems + check(request)


@define
class OurClient:
    """A Client of omniflash with a ledger, as a subject."""

    client: Client
    records: list[str] = field(factory=list)

    def submit(self, request: Request, *, key: str | None = None) -> Job:
        return self.client.submit(self.client.plan(request), key=key)

    def status(self, ticket: object) -> Ended:
        seen = self.client.status(cast("Job", ticket))
        told = [None if what is None else str(what) for what in (seen.charge, seen.job.quote)]
        return Ended(seen.state.value, seen.state.over, *told)

    def wait(self, ticket: object, *, timeout: float | None = None) -> Clip:
        return self.client.wait(cast("Job", ticket), timeout=timeout)

    def cancel(self, ticket: object) -> str:
        return self.client.cancel(cast("Job", ticket)).result.value

    def save(self, clip: object, path: Path) -> None:
        self.client.save(cast("Clip", clip), path)

    def token(self, ticket: object) -> str:
        return cast("Job", ticket).token

    def resume(self, token: str) -> Job:
        return Job.parse(token)

    def probe(self, path: Path, request: Request) -> tuple[str, ...]:
        """How a clip differs from what was asked for, in words."""
        asked = {name: getattr(request, name, None) for name in ("duration", "aspect_ratio", "output_format")}
        return tuple(map(str, differences(probe(path), **asked)))

    def dropped(self, ticket: object) -> tuple[str, ...]:
        return tuple(row.field for row in cast("Job", ticket).dispositions if row.fate is Fate.DROPPED)

    def shown(self) -> str:
        return "\n".join([repr(self.client), *map(repr, self.client.accounts.values()), *self.records])


@contextmanager
def _opened(place: Place, provider: Adapter | str) -> Iterator[OurClient]:
    ledger = place.folder / "ledger.sqlite3"
    with (
        listening("omniflash") as records,
        Client(Provider(provider), ledger=ledger, config_file=devnull, **_settings(place)) as client,
    ):
        yield OurClient(client, records)


def _settings(place: Place) -> dict[str, Any]:
    settings: dict[str, Any] = {"sandbox": place.site}
    settings |= {} if place.answer_s is None else {"timeout": place.answer_s}
    return settings | ({"on_unsupported": "drop"} if place.drops else {})


def told(error: BaseException) -> Told:
    """What an error of ours tells."""
    text = "\n".join([str(error), repr(error), repr(vars(error)), logged(error)])
    if not isinstance(error, OmniflashError):
        return Told(type(error).__name__, text)
    words = error.words
    return Told(
        kind=type(error).__name__,
        text=text,
        uncertain=isinstance(error, SubmissionUncertain),
        retry_helps=error.retry_helps,
        may_have_paid=error.money is not Money.NO,
        status=words.status if words else None,
        code=words.code if words else None,
        token=error.job.token if error.job else None,
    )


def logged(error: BaseException) -> str:
    """An error as a log shows it, with its notes and its causes; the lines of code are left out."""
    shown = TracebackException.from_exception(error)
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "".join([*shown.format_exception_only(), logged(cause) if cause else ""])


def our_client(provider: Adapter | str) -> ClientKind:
    """Our client with an adapter, as a kind of client."""
    return ClientKind(
        "omniflash", version("omniflash"), frozenset(Offers), lambda place: _opened(place, provider), told
    )
