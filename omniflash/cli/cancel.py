"""`omniflash cancel`: ask the vendor to cancel, and tell the truth about it."""

from ..codec import plain
from ..jobs import Cancelled
from . import show
from .exits import AT_VENDOR
from .generate import ANY_GROUND
from .options import Ground, Json
from .resume import job_of


def cancel(name: str, /, *, ground: Ground = ANY_GROUND, json: Json = False) -> int:
    """Ask the vendor to cancel a job, by its token, its id or its key."""
    job = job_of(ground, name)
    with ground.client(job.account or job.provider, paying=True) as client:
        answer = client.cancel(job)
    if json:
        show.result_json(plain(answer))
    else:
        billed = "it may still be billed" if answer.may_bill else "it will not be billed"
        show.result(f"{answer.result.value}; {billed}")
    return 0 if answer.result in (Cancelled.CANCELLED, Cancelled.REQUESTED) else AT_VENDOR
