"""Clients that spoil a clip on its way, or what is known of it (RES-SAVE, RES-PROBE, COST-ACTUAL)."""

from decimal import Decimal
from pathlib import Path
from typing import cast
from urllib.request import urlopen

import httpx
from attrs import define, evolve

from omniflash import Clip, Job, Request

from ..subject import ClientKind, Ended
from .careless import Careless, client
from .specimen import broken

PIECE = 16_384


@define
class WritesStraight(Careless):
    def save(self, clip: object, path: Path) -> None:
        with path.open("wb") as file, httpx.stream("GET", cast("Clip", clip).url, trust_env=False) as answer:
            answer.raise_for_status()
            for piece in answer.iter_bytes():
                file.write(piece)


@broken("RES-SAVE", "writes straight into the target")
def writes_straight() -> ClientKind:
    return client(WritesStraight)


@define
class BelievesShort(Careless):
    """Reads until nothing more comes, and does not count."""

    def save(self, clip: object, path: Path) -> None:
        with urlopen(cast("Clip", clip).url) as answer:  # noqa: S310 - the sandbox's own
            content = b"".join(iter(lambda: answer.read(PIECE), b""))
        path.write_bytes(content)


@broken("RES-SAVE", "believes a short download")
def believes_a_short_download() -> ClientKind:
    return client(BelievesShort)


@define
class TrustsFileName(Careless):
    def save(self, clip: object, path: Path) -> None:
        answer = httpx.get(cast("Clip", clip).url, trust_env=False).raise_for_status()
        named = answer.headers.get("content-disposition", "").partition("filename=")[2].strip('"')
        (path.parent / (named or path.name)).write_bytes(answer.content)


@broken("RES-SAVE", "trusts the vendor's file name")
def trusts_the_file_name() -> ClientKind:
    return client(TrustsFileName)


@define
class LeavesParts(Careless):
    def save(self, clip: object, path: Path) -> None:
        part = path.with_suffix(".part")
        part.write_bytes(b"")
        super().save(clip, path)
        part.unlink()


@broken("RES-SAVE", "leaves its temporary file behind")
def leaves_its_temporary_file() -> ClientKind:
    return client(LeavesParts)


@define
class ClearsFirst(Careless):
    def save(self, clip: object, path: Path) -> None:
        path.unlink(missing_ok=True)
        super().save(clip, path)


@broken("RES-SAVE", "removes the file that was there before it has another")
def removes_first() -> ClientKind:
    return client(ClearsFirst)


@define
class KeepsAnyAnswer(Careless):
    def save(self, clip: object, path: Path) -> None:
        answer = httpx.get(cast("Clip", clip).url, trust_env=False, follow_redirects=True)
        path.write_bytes(answer.content)


@broken("RES-SAVE", "keeps an error's page as the clip")
def keeps_any_answer() -> ClientKind:
    return client(KeepsAnyAnswer)


# --- what the clip is -------------------------------------------------------------------------------------------------


@define
class CallsAllGood(Careless):
    def probe(self, path: Path, request: Request) -> tuple[str, ...]:
        return () if path.exists() else ("there is no clip",)


@broken("RES-PROBE", "calls every clip good")
def calls_every_clip_good() -> ClientKind:
    return client(CallsAllGood)


@define
class DoesNotListen(Careless):
    def probe(self, path: Path, request: Request) -> tuple[str, ...]:
        return tuple(said for said in super().probe(path, request) if "audio" not in said)


@broken("RES-PROBE", "does not listen to the clip")
def does_not_listen() -> ClientKind:
    return client(DoesNotListen)


@define
class WantsMore(Careless):
    def probe(self, path: Path, request: Request) -> tuple[str, ...]:
        return (*super().probe(path, request), "the clip has 720 lines, not 1080")


@broken("RES-PROBE", "complains of a good clip")
def complains_of_a_good_clip() -> ClientKind:
    return client(WantsMore)


# --- what it cost -----------------------------------------------------------------------------------------------------


@define
class ForgetsCharge(Careless):
    def status(self, ticket: object) -> Ended:
        return evolve(super().status(ticket), charge=None)


@broken("COST-ACTUAL", "forgets what the vendor charged")
def forgets_the_charge() -> ClientKind:
    return client(ForgetsCharge)


@define
class TellsQuote(Careless):
    def status(self, ticket: object) -> Ended:
        seen = super().status(ticket)
        return evolve(seen, charge=seen.quote)


@broken("COST-ACTUAL", "tells its own quote for the charge", provider="pixeldojo")
def tells_its_quote() -> ClientKind:
    return client(TellsQuote, "pixeldojo")


@define
class TellsCents(Careless):
    def status(self, ticket: object) -> Ended:
        charge = self.client.status(cast("Job", ticket)).charge
        told = None if charge is None else f"{(charge.amount * Decimal(100)).normalize():f}"
        return evolve(super().status(ticket), charge=told)


@broken("COST-ACTUAL", "tells a charge in hundredths")
def tells_hundredths() -> ClientKind:
    return client(TellsCents)


@define
class ForgetsQuote(Careless):
    def status(self, ticket: object) -> Ended:
        return evolve(super().status(ticket), quote=None)


@broken("COST-ACTUAL", "shows no quote beside the charge")
def forgets_the_quote() -> ClientKind:
    return client(ForgetsQuote)
