"""Vendors' answers of any kind, through both adapters: our own errors come out, and nobody pays twice (JOB-ONCE).

What must come of a paid call is judged by HTTP alone: accepted is a 2xx with a job's id, refused any other 4xx than 408
and 409, to be sent again a 429 or what was never sent. Everything else nobody can know.
"""

import json
import traceback
from collections.abc import Callable, Mapping
from random import Random

from omniflash import (
    Cancellation,
    Clip,
    ContentRejected,
    GenerationFailed,
    InvalidRequest,
    Job,
    JobCancelled,
    Mode,
    OmniflashError,
    Status,
    SubmissionUncertain,
    TextToVideo,
    UnsupportedFeature,
)
from omniflash.accounts import Account
from omniflash.adapter import Attachment
from omniflash.discovery import adapter
from omniflash.effects import Flow, NotSentTrouble, Response
from omniflash.flows.attempt import Attempt
from omniflash.flows.submit import Intent, submit
from omniflash.flows.wait import cancel, status, wait
from omniflash.jobs import HANDLE
from omniflash.money.entries import Accepted, Refused, Uncertain
from omniflash.routing.plan import Desk, make_plan
from omniflash.spec.media import Data
from tests.fuzz.running import Tried, main
from tests.fuzz.vendors import Vendor
from tests.stage import OUTLOOK, Stage

ID_NAMES = {"fal": "request_id", "pixeldojo": "jobId"}
ACCOUNTS = {
    name: Account(name, found, "the-id:the-secret-half", found.hosts) for name in ID_NAMES for found in [adapter(name)]
}
PLANS = {name: make_plan(TextToVideo("A cat"), Desk([account]), {}, OUTLOOK) for name, account in ACCOUNTS.items()}
JOBS = {name: Job(name, "1.0", Mode.TEXT_TO_VIDEO, "r1", "order-1") for name in ID_NAMES}
PICTURE = Attachment("image", Data.of(b"\x89PNG", "image/png"), "image/png", 4)


def submitting(name: str) -> Flow[object]:
    return submit(Intent(PLANS[name], PLANS[name].best, ACCOUNTS[name], "order-1"))


def uploading(name: str) -> Flow[object]:
    return Attempt(ACCOUNTS[name], 60.0).run(ACCOUNTS[name].adapter.upload(PICTURE))


FLOWS: Mapping[str, tuple[Callable[[str], Flow[object]], type]] = {
    "submit": (submitting, Job),
    "status": (lambda name: status(ACCOUNTS[name], JOBS[name]), Status),
    "wait": (lambda name: wait(ACCOUNTS[name], JOBS[name], 45.0, 60.0), Clip),
    "cancel": (lambda name: cancel(ACCOUNTS[name], JOBS[name]), Cancellation),
    "upload": (uploading, str),
}
SHARES = ("submit", "submit", "submit", "status", "status", "wait", "cancel", "upload")
ENDS = (InvalidRequest, UnsupportedFeature, ContentRejected, GenerationFailed, JobCancelled)  # a job's own
ENTRIES = {"accepted": Accepted, "refused": Refused, "again": Refused, "uncertain": Uncertain}


def fate(name: str, heard: Response | Exception) -> str:
    """What a client can know of a paid call from its answer."""
    if isinstance(heard, Exception):
        return "again" if isinstance(heard, NotSentTrouble) else "uncertain"
    if 200 <= heard.status < 300:
        return "uncertain" if handle(name, heard) is None else "accepted"
    if heard.status == 429:
        return "again"
    return "refused" if 400 <= heard.status < 500 and heard.status not in (408, 409) else "uncertain"


def handle(name: str, heard: Response) -> str | None:
    """The job's id in an answer, if there is one that can be part of a path."""
    try:
        told = json.loads(heard.body)
    except (ValueError, RecursionError):
        return None
    found = told.get(ID_NAMES[name]) if isinstance(told, dict) else None
    return found if isinstance(found, str) and HANDLE.fullmatch(found) else None


def misjudged(name: str, stage: Stage, vendor: Vendor, came: object) -> str | None:
    """What is wrong with what came of a submit."""
    *before, last = [fate(name, heard) for _, heard in vendor.heard]
    if set(before) - {"again"}:
        return f"the paid call was sent again after {before}"
    if not isinstance(stage.entries[-1], ENTRIES[last]):
        return f"{last}, and written down as {stage.entries[-1]!r}"
    told = "accepted" if isinstance(came, Job) else "uncertain" if isinstance(came, SubmissionUncertain) else "refused"
    return None if told == ("refused" if last == "again" else last) else f"{last}, and told as {told}"


def unfit(came: object, kind: type) -> str | None:
    """What is wrong with the form of what came of any flow."""
    if isinstance(came, OmniflashError):
        said = str(came)
        return f"an error of several lines: {said!r}" if set(said) & set("\n\r\x1b") else None
    if isinstance(came, Exception) or not isinstance(came, kind):
        return "".join(traceback.format_exception(came)) if isinstance(came, Exception) else f"not {kind.__name__}"
    urls = [clip.url for clip in (came, getattr(came, "clip", None)) if isinstance(clip, Clip)]
    urls += [came] if isinstance(came, str) else []
    return next((f"no URL: {url!r}" for url in urls if not url.startswith(("http://", "https://"))), None)


def job_lost(came: object) -> str | None:
    """What is wrong with the end of a wait that says nothing of the job's own end."""
    lost = not isinstance(came, ENDS) and isinstance(came, OmniflashError) and came.job is None
    return "an error without the job, which goes on" if lost else None


def outcome(stage: Stage, flow: Flow[object]) -> object:
    try:
        return stage.run(flow)
    except Exception as error:  # noqa: BLE001 - whether it may come out is what is judged
        return error


def ask(chance: Random) -> Tried:
    """Ask one vendor for one thing."""
    name, what = chance.choice(tuple(ID_NAMES)), chance.choice(SHARES)
    flow, kind = FLOWS[what]
    vendor = Vendor(name, chance)
    stage = Stage(vendor)
    came = outcome(stage, flow(name))
    wrong = unfit(came, kind)
    if what == "submit":
        wrong = wrong or misjudged(name, stage, vendor, came)
    if what == "wait":
        wrong = wrong or job_lost(came)
    shown = None if wrong is None else f"{wrong}: {name} {what} {came!r} after {vendor.heard!r:.3000}"
    return Tried(f"{what}: {type(came).__name__}", (f"{name} {what}", *vendor.kinds), shown)


if __name__ == "__main__":
    main("answers", ask)
