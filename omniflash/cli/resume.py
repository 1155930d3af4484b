"""`omniflash resume`: go on with a job that is under way, from any machine."""

from ..jobs import Job
from .finish import finish
from .generate import ANY_GROUND, free_name
from .options import Ground, Json, Output, Timeout


def resume(
    token: str, /, *, ground: Ground = ANY_GROUND, output: Output = None, timeout: Timeout = None, json: Json = False
) -> int:
    """Wait for a job by its token, and save its clip."""
    job = Job.parse(token)
    with ground.client(job.account or job.provider) as client:
        client.account_of(job)
        target = output or free_name(None)
        client.check_target(target)
        return finish(client, job, target, ground, timeout=timeout, as_json=json)
