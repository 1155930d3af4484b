"""fal's webhooks (fal, webhooks): what it says of a request that is over, how that is signed, and with which keys."""

import asyncio
import json
import time
from base64 import urlsafe_b64encode
from hashlib import sha256

from omniflash_sandbox.fal import NAME, answer_of
from omniflash_sandbox.fal_storage import REST
from omniflash_sandbox.jobs import Job
from omniflash_sandbox.messages import JSON, Answer, Ask
from omniflash_sandbox.signing import UNPUBLISHED
from omniflash_sandbox.vendor import Notice, Operation
from omniflash_sandbox.world import World

STALE_S = 600  # a receiver is to refuse what is more than 300 s old
NO_PAYLOAD = (
    "Response payload is not JSON serializable. Either return a JSON serializable object or use the queue endpoint to"
    " retrieve the response."
)


async def notice(world: World, job: Job) -> Notice:
    """Names in the order of the alphabet, and a space after each separator: as users have received it."""
    body = json.dumps(told(world, job, await answer_of(world, job)), sort_keys=True).encode()
    return Notice(body, {"content-type": "application/json", **signed(world, job, body)})


def told(world: World, job: Job, answer: Answer) -> dict[str, JSON]:
    """The two request ids differ only where fal itself had tried again."""
    ids: dict[str, JSON] = {"request_id": job.id, "gateway_request_id": job.id}
    if answer.status == 200:
        return {**ids, "status": "OK", "error": None, **payload(world, answer)}
    return {**ids, "status": "ERROR", "error": f"Invalid status code: {answer.status}", **payload(world, answer)}


def payload(world: World, answer: Answer) -> dict[str, JSON]:
    if world.switches["fal.webhook_payload"] == "null":
        return {"payload": None, "payload_error": NO_PAYLOAD}
    return {"payload": None if isinstance(answer.body, bytes) else answer.body}


def signed(world: World, job: Job, body: bytes) -> dict[str, str]:
    """The headers of a signature, over request, user, time and the digest of the body.

    The time is the wall's under the virtual clock too: a receiver holds it against its own.
    """
    how = world.switches["fal.webhook_signature"]
    timestamp = str(int(time.time()) - (STALE_S if how == "stale" else 0))
    message = "\n".join([job.id, job.account, timestamp, sha256(body).hexdigest()])
    return {
        "x-fal-webhook-request-id": job.id,
        "x-fal-webhook-user-id": job.account,
        "x-fal-webhook-timestamp": timestamp,
        "x-fal-webhook-signature": world.signing.sign(message.encode(), UNPUBLISHED if how == "forged" else None),
    }


async def keys(world: World, ask: Ask) -> Answer:
    """The public keys, as a JSON Web Key Set (RFC 7517 and RFC 8037)."""
    published = await asyncio.to_thread(world.signing.published)  # in a thread: the first time, a package is loaded
    return Answer(200, {"keys": [jwk(number, key) for number, key in published.items()]})


def jwk(number: int, key: bytes) -> JSON:
    x = urlsafe_b64encode(key).decode().rstrip("=")
    return {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": f"{NAME}-sandbox-{number}", "x": x}


OPERATIONS = (Operation("keys", "GET", f"{REST}/.well-known/jwks.json", keys, keyed=False),)
