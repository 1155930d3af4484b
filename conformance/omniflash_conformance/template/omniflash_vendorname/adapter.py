"""vendorname's job API as an adapter: submit, and look until it is done. Source: the pages that contract.toml names.

Each method is a generator: it yields Calls and is sent their answers. It opens nothing, waits for nothing and repeats
nothing, that is omniflash's part. What the vendor's page calls something stands here as the page writes it.
"""

from collections.abc import Callable, Mapping

from attrs import evolve, field, frozen

from omniflash.adapter import Attachment, Features, Listed, Lost, Offer, Order, Pace, Reading, Wire
from omniflash.answers import Answer, clip_url, number
from omniflash.effects import Call, Flow, Repeat, Response, call
from omniflash.errors import EmptyResult, InvalidWebhook, UnsupportedFeature
from omniflash.jobs import Cancellation, Cancelled, Charge, Clip, Event, Job, State, Status
from omniflash.mapping import compose
from omniflash.spec import Mode
from omniflash.types import JSON

from . import errors
from .offers import ABSENT, OFFERS, PRICE, PROVIDER

# TODO JOB-STATES: each of the vendor's words for a job's state, as in contract.toml. Any other counts as running.
STATES: Mapping[str, State] = {}

# What the vendor writes otherwise than omniflash does, by the names in its body: an aspect ratio that has a word, a
# picture that is an object (MAP-LOSSLESS). Everything else is sent as it is.
SAID: Mapping[str, Callable[[JSON], JSON]] = {}

CHARGED = ""  # TODO COST-ACTUAL: the name of the charge in an answer
FEATURES = Features()  # what it has besides clips: cancel, upload, find, webhook


@frozen
class VendorNameAdapter:
    """The adapter of vendorname."""

    name: str = PROVIDER
    hosts: Mapping[str, str] = field(factory=lambda: {"api": ""}, hash=False)  # TODO CAP-DECLARE: as in contract.toml
    credentials: tuple[tuple[str, ...], ...] = (("VENDORNAME_API_KEY",),)
    offers: tuple[Offer, ...] = field(default=OFFERS, repr=False)
    absent: Mapping[Mode, str] = field(factory=lambda: ABSENT, hash=False)
    pace: Pace | None = None  # Pace(10) where its pages allow ten requests a minute
    features: Features = FEATURES
    options: type | None = None  # an attrs class of the vendor's own options

    def authorize(self, key: str) -> Mapping[str, str]:
        return {}  # TODO CAP-DECLARE: the header that carries the key, and its value

    def read(self, call: Call, response: Response) -> Reading:
        return errors.read(call, response)

    def wire(self, order: Order) -> Wire:
        made = compose(order)
        body = {name: said(name, value) for name, value in made.body.items()}
        fates = (evolve(fate, value=said(fate.wire or "", fate.value)) for fate in made.dispositions)
        return Wire(body, tuple(fates))

    def submit(self, order: Order) -> Flow[Job]:
        # The one paid call, and nothing before it. WITH_SAME_ID only where the vendor knows a request again by an id
        # that the client chose; `order.id` is such an id (JOB-ONCE, JOB-DEDUP).
        path = f"api:/{order.offer.endpoint}"  # the path in contract.toml, without the host
        asked = Call("submit", "POST", path, json=self.wire(order).body, repeat=Repeat.IF_REFUSED)
        response = yield from call(asked)
        answer = Answer.of(PROVIDER, asked, response)
        return answer.job(order, answer.text(""))  # TODO JOB-STATES: the name of the job's id in the answer

    def status(self, job: Job) -> Flow[Status]:
        asked = Call("status", "GET", f"api:/{job.handle}")  # TODO JOB-STATES: the path, as in contract.toml
        response = yield from call(asked)
        answer = Answer.of(PROVIDER, asked, response)
        word = answer.text("")  # TODO JOB-STATES: the name of the job's state in the answer
        state = STATES.get(word, State.RUNNING)
        look = Status(job, state, word, word in STATES, charge=charge(answer))
        if state is State.FAILED:
            return evolve(look, error=errors.failure(answer))
        if state is State.SUCCEEDED:
            return finished(look, answer)
        return look

    def download(self, clip: Clip) -> Call:
        return Call("download", "GET", clip.url, keyed=False)

    # What the vendor may not have. Each is `False` in the features until it is written; docs/adding-a-provider.md
    # shows how, and what to add to contract.toml.

    def upload(self, attachment: Attachment) -> Flow[str]:
        raise UnsupportedFeature("vendorname documents no upload", remedy="give a public URL")
        yield

    def cancel(self, job: Job) -> Flow[Cancellation]:
        return Cancellation(Cancelled.UNSUPPORTED, may_bill=True)
        yield

    def find(self, lost: Lost) -> Flow[tuple[Listed, ...]]:
        raise UnsupportedFeature("vendorname documents no list of jobs", remedy="look at its dashboard")
        yield

    def event(self, headers: Mapping[str, str], body: bytes) -> Flow[Event]:
        raise InvalidWebhook("vendorname sends no webhooks")
        yield


def said(name: str, value: JSON) -> JSON:
    """A value as the vendor writes it."""
    return SAID[name](value) if name in SAID else value


def finished(look: Status, answer: Answer) -> Status:
    """A job that the vendor calls done: with its clip, or a failure of its own kind (JOB-EMPTY)."""
    url = clip_url(answer.optional(""))  # TODO RES-VIDEO: the name of the clip's URL in the answer
    if url is None:
        empty = EmptyResult("vendorname completed the job without a video", words=errors.said(answer.response))
        return evolve(look, state=State.FAILED, error=empty)
    return evolve(look, clip=Clip(url, PROVIDER, account=look.job.account, job=look.job.token))


def charge(answer: Answer) -> Charge | None:
    """What the vendor says that it charged, in its own unit, or None where it says nothing."""
    amount = number(answer.body.get(CHARGED))
    return None if amount is None else Charge(amount, PRICE.unit, CHARGED)


ADAPTER = VendorNameAdapter()
