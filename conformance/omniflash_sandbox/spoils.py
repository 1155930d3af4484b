"""What each fault makes of a vendor's answer."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from email.utils import format_datetime
from http import HTTPStatus
from typing import TypeAlias
from urllib.parse import urlencode

from attrs import evolve, frozen

from omniflash_sandbox.assets import expired
from omniflash_sandbox.dates import moved
from omniflash_sandbox.declared.templates import put, stands
from omniflash_sandbox.faults import Fault
from omniflash_sandbox.messages import JSON, Answer, Ask, Delivery
from omniflash_sandbox.vendor import Dialect, Vendor
from omniflash_sandbox.world import World


@frozen
class Struck:
    """An exchange that a fault strikes."""

    world: World
    vendor: Vendor
    dialect: Dialect
    ask: Ask
    fault: Fault

    def whole(self, option: str) -> int:
        """An option that is a number."""
        return int(str(self.fault.options[option]))


Spoil: TypeAlias = Callable[[Answer, Struck], Answer]


def spoilt(answer: Answer, struck: Struck) -> Answer:
    """The answer as the fault leaves it, which says so."""
    names = (struck.fault.name, answer.fault)
    return evolve(SPOIL[struck.fault.name](answer, struck), fault=", ".join(name for name in names if name))


# --- how the answer arrives -------------------------------------------------------------------------------------------


def _lost(answer: Answer, struck: Struck) -> Answer:
    return evolve(answer, delivery=Delivery(head=False))


def _reset(answer: Answer, struck: Struck) -> Answer:
    part = struck.whole("bytes")
    if not struck.fault.reaches_vendor:  # what nobody answered must never come whole: `{}` is a job without a video
        part = min(part, len(answer.content) - 1)
    head = part > 0 or bool(struck.fault.options["head"])
    return evolve(answer, delivery=Delivery(head=head, bytes_of_body=part, reset=True))


def _half(answer: Answer, struck: Struck) -> Answer:
    return evolve(answer, delivery=Delivery(bytes_of_body=len(answer.content) // 2))


def _stalled(answer: Answer, struck: Struck) -> Answer:
    head = bool(struck.fault.options["head"])
    return evolve(answer, delivery=Delivery(head=head, bytes_of_body=0, silence_s=struck.whole("seconds")))


def _dripping(answer: Answer, struck: Struck) -> Answer:
    return evolve(answer, delivery=Delivery(bytes_per_s=struck.whole("bytes_per_second")))


def _cut(answer: Answer, struck: Struck) -> Answer:
    return evolve(answer, delivery=Delivery(bytes_of_body=struck.whole("bytes")))


def _overstated(answer: Answer, struck: Struck) -> Answer:
    return evolve(answer, delivery=Delivery(overstated_by=struck.whole("bytes")))


# --- another answer ---------------------------------------------------------------------------------------------------


def _rate_limited(answer: Answer, struck: Struck) -> Answer:
    words, wait = struck.dialect.rate_limited, {"retry-after": str(struck.fault.options["seconds"])}
    return evolve(answer, status=words.status, body=words.body, headers={**words.headers, **wait})


def _locked(answer: Answer, struck: Struck) -> Answer:
    words = struck.dialect.locked
    return evolve(answer, status=words.status, body=words.body, headers=words.headers)


def _unavailable(answer: Answer, struck: Struck) -> Answer:
    words = struck.dialect.unavailable[struck.whole("status")]
    return evolve(answer, status=words.status, body=words.body, headers=words.headers)


def _gateway(answer: Answer, struck: Struck) -> Answer:
    status = HTTPStatus(struck.whole("status"))
    page = GATEWAY_PAGE.format(title=f"{status.value} {status.phrase}").encode()
    return evolve(answer, status=status.value, body=page, headers={"content-type": "text/html"}, by_vendor=False)


# nginx's own form. That fal's ingress answers so, and without a request id, is what fal_client 1.0.3 looks for.
GATEWAY_PAGE = (
    "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)


def _malformed(answer: Answer, struck: Struck) -> Answer:
    return evolve(answer, body=answer.content[: len(answer.content) // 2])


def _redirected(answer: Answer, struck: Struck) -> Answer:
    query = f"?{urlencode(struck.ask.parameters)}" if struck.ask.parameters else ""
    there = {"location": f"{struck.world.stranger_url}{struck.ask.path}{query}"}
    return evolve(answer, status=struck.whole("status"), body=b"", headers=there, by_vendor=False)


def _foreign(answer: Answer, struck: Struck) -> Answer:
    """Of an answer on a job, the URLs that lead to the vendor's API; the clip's is on another host anyway."""
    if not isinstance(answer.body, dict):
        return answer
    here, there = f"{struck.world.url}/", f"{struck.world.stranger_url}/"
    return evolve(answer, body=_elsewhere(answer.body, here, there))


def _elsewhere(value: JSON, here: str, there: str) -> JSON:
    match value:
        case dict():
            return {name: _elsewhere(item, here, there) for name, item in value.items()}
        case str() if value.startswith(here):
            return there + value.removeprefix(here)
        case _:
            return value


def _unknown_job(answer: Answer, struck: Struck) -> Answer:
    return struck.vendor.unknown


def _unknown_status(answer: Answer, struck: Struck) -> Answer:
    place = struck.vendor.status_at
    if isinstance(answer.body, bytes) or not stands(answer.body, place):
        return answer
    return evolve(answer, body=put(answer.body, place, struck.fault.options["status"]))


def _skewed(answer: Answer, struck: Struck) -> Answer:
    """The sandbox sends no Date otherwise; a vendor whose clock is wrong tells it there too."""
    seconds = struck.whole("seconds")
    date = format_datetime(struck.world.clock.now() + timedelta(seconds=seconds), usegmt=True)
    body = answer.body if isinstance(answer.body, bytes) else moved(answer.body, seconds)
    return evolve(answer, body=body, headers={**answer.headers, "date": date})


# --- the clip ---------------------------------------------------------------------------------------------------------


def _clip_elsewhere(answer: Answer, struck: Struck) -> Answer:
    if answer.status >= HTTPStatus.BAD_REQUEST or MOVED in struck.ask.query:
        return answer
    there = {"location": f"{struck.world.asset_url}{struck.ask.path}?{MOVED}=1"}
    return evolve(answer, status=struck.whole("status"), body=b"", headers=there)


MOVED = "moved"  # in the query: the redirect was followed, and must not lead to itself again


def _expired(answer: Answer, struck: Struck) -> Answer:
    if answer.status >= HTTPStatus.BAD_REQUEST:
        return answer
    job = struck.world.jobs.expire(struck.ask.place["job"], struck.whole("status"))
    return expired(job) if job else answer


def _wrong_size(answer: Answer, struck: Struck) -> Answer:
    body = answer.body
    video = body.get("video") if isinstance(body, dict) else None
    if not (isinstance(body, dict) and isinstance(video, dict) and isinstance(video.get("file_size"), int)):
        return answer
    size = int(str(video["file_size"])) + struck.whole("bytes")
    return evolve(answer, body=body | {"video": video | {"file_size": size}})


HOSTILE_NAME = "../../hostile.mp4"


def _misnamed(answer: Answer, struck: Struck) -> Answer:
    """Whatever is called a file's name in the answer; and the header by which browsers name what they download."""
    if struck.ask.call == "asset":
        return evolve(
            answer, headers={**answer.headers, "content-disposition": f'attachment; filename="{HOSTILE_NAME}"'}
        )
    return answer if isinstance(answer.body, bytes) else evolve(answer, body=_renamed(answer.body))


def _renamed(body: JSON) -> JSON:
    if isinstance(body, list):
        return [_renamed(item) for item in body]
    if not isinstance(body, dict):
        return body
    named = {name: HOSTILE_NAME for name in body if name in FILE_NAMES}
    return {name: _renamed(value) for name, value in body.items()} | named


FILE_NAMES = ("file_name", "fileName", "filename")


SPOIL: Mapping[str, Spoil] = {
    "lose-response": _lost,
    "reset": _reset,
    "half-answer": _half,
    "stall": _stalled,
    "slow-drip": _dripping,
    "rate-limit": _rate_limited,
    "locked": _locked,
    "unavailable": _unavailable,
    "gateway-html": _gateway,
    "malformed-json": _malformed,
    "redirect": _redirected,
    "foreign-urls": _foreign,
    "unknown-job": _unknown_job,
    "unknown-status": _unknown_status,
    "clock-skew": _skewed,
    "cut-download": _cut,
    "overstated-length": _overstated,
    "asset-redirect": _clip_elsewhere,
    "asset-expired": _expired,
    "wrong-file-size": _wrong_size,
    "hostile-name": _misnamed,
}
