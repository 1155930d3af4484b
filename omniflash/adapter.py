"""What a provider must give: one adapter, mostly tables. The contract that the conformance suite holds it to."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum, auto
from typing import Protocol, runtime_checkable

from attrs import field, frozen, validators

from .effects import Call, Flow, Response, Send
from .errors import OmniflashError
from .jobs import Cancellation, Clip, Disposition, Event, Job, Status
from .money.quotes import USD, Kind, PriceRow, Rate
from .redact import one_line, safe_text, safe_url
from .spec.media import Data, File
from .spec.requests import Mode, Request
from .types import JSON


class MediaKind(StrEnum):
    """How a picture or video can reach a vendor."""

    URL = "url"
    DATA = "data URI"
    UPLOAD = "upload"


@frozen(kw_only=True)
class Field:
    """What a provider makes of one request field.

    `wire` is the vendor's name for it; None says that the vendor always does what `values` say, so nothing is sent.
    `values` narrows what the spec allows. `kinds` are the ways in for media; `inline_limit` and `upload_limit` are the
    largest content, in bytes, that goes as a data URI and as an upload. `vendor_default` is given where the vendor's
    own default is not the spec's: then the spec's is sent.
    """

    wire: str | None = None
    values: tuple[JSON, ...] = ()
    kinds: frozenset[MediaKind] = frozenset()
    inline_limit: int = 0
    upload_limit: int = 0
    vendor_default: JSON = None
    note: str = ""


@frozen(kw_only=True, cache_hash=True)
class Offer:
    """One row of what a provider sells: provider × model version × mode.

    `endpoint` is the vendor's id; `assumed` says that it names no version, so that 1.0 is taken for granted.
    `expected_s` is how long a job is expected to take, in seconds.
    """

    provider: str
    version: str
    mode: Mode
    endpoint: str
    fields: Mapping[str, Field] = field(hash=False)
    price: PriceRow
    expected_s: float
    as_of: date
    assumed: bool = False
    retires_on: date | None = None


@frozen(kw_only=True)
class Features:
    """What a provider has besides making clips.

    `public_uploads`: whoever knows the URL of what was uploaded can fetch it, other vendors included.
    `find`: it has a list in which a lost submit can be looked for; `find_assumed`: what that list looks like stands in
    no document, so that it is looked at only when somebody asks for it by name. `prices`: it says what it asks now, and
    the adapter is a Priced one.
    """

    cancel: bool = False
    webhook: bool = False
    upload: bool = False
    public_uploads: bool = False
    find: bool = False
    find_assumed: bool = False
    prices: bool = False


@frozen
class Pace:
    """At most so many `requests` in any window of `seconds`, for all jobs of one key."""

    requests: int = field(validator=[validators.instance_of(int), validators.ge(1)])
    seconds: float = field(default=60.0, validator=validators.gt(0))


@frozen(kw_only=True)
class Order:
    """One decided, paid attempt. Everything random or looked up is fixed here, before any effect.

    `media` holds each input as it goes over the wire, by its path in the request ("image", "references[0]",
    "previous"). `dropped` names the fields that are left out with the caller's consent; `options` is the provider's own
    options value; `webhook_url` is told when the job is over.
    """

    id: str
    account: str
    offer: Offer
    request: Request
    media: Mapping[str, str] = field(hash=False, repr=lambda media: safe_text(str(media)))
    dropped: frozenset[str] = frozenset()
    options: object = None
    webhook_url: str | None = field(default=None, repr=lambda url: safe_url(url or ""))
    sandbox: bool = False
    made_at: datetime | None = None


@frozen
class Attachment:
    """A local input that is to be uploaded: where it stands in the request, its content, type, and size in bytes.

    The type is told by its first bytes; the user's own file name goes nowhere.
    """

    field: str
    source: File | Data
    media_type: str
    size: int

    @property
    def file_name(self) -> str:
        """A name for where one is asked for: `references[0]`, a PNG, is `references-0.png`."""
        stem = self.field.replace("[", "-").rstrip("]")
        return f"{stem}.{self.media_type.rpartition('/')[2]}"

    def sent_by(self, call: Call) -> Send:
        """The effect that sends it as the body of `call`."""
        return Send(call, self.source, self.field)


@frozen
class Lost:
    """A paid call whose fate is unknown: to where, and between when and when it was sent."""

    endpoint: str
    mode: Mode
    begin: datetime
    end: datetime


@frozen
class Listed:
    """A request as a vendor's list shows it: its id, when it was sent, and its body, where the list has them."""

    handle: str
    at: datetime | None
    sent: Mapping[str, JSON] | None = field(hash=False)


LONGEST_WORD = 40  # of a vendor's for a unit or a currency, as people are shown it


def _word(text: str) -> str:
    return one_line(safe_text(text[: LONGEST_WORD * 2]))[:LONGEST_WORD]


@frozen(kw_only=True)
class Posted:
    """What a vendor says it asks at an endpoint, in its own words: `amount`, in which `currency`, for each `per`.

    `rate` is what that comes to for a clip and a second of it, in the `unit` of a PriceRow. Where the vendor's unit is
    not one we know it is None, and `note` says why nothing can be reckoned with it. `amount` is None where it is no
    number.
    """

    endpoint: str
    amount: Decimal | None
    currency: str = field(converter=_word)
    per: str = field(converter=_word)
    rate: Rate | None = None
    unit: str = USD
    kind: Kind = Kind.APPROXIMATE
    note: str = ""

    def __str__(self) -> str:
        amount = "no number" if self.amount is None else f"{self.amount} {self.currency}"
        return f'{amount} ("{self.per}")'


@frozen
class Wire:
    """What an order looks like on the wire: its body, and the fate of each field."""

    body: Mapping[str, JSON]
    dispositions: tuple[Disposition, ...]


class Outcome(Enum):
    """What an answer, or its lack, means for sending the call again."""

    UNSENT = auto()  # the connection was never made
    REFUSED = auto()  # the vendor's own word that nothing was created, and later may help
    UNCLEAR = auto()  # sent, and no readable answer
    FINE = auto()
    FINAL = auto()  # any other answer that will not change


@frozen
class Reading:
    """An answer, understood: its outcome, the error that it is unless fine, and in how many seconds to come again."""

    outcome: Outcome
    error: OmniflashError | None = None
    retry_after: float | None = None


class Adapter(Protocol):
    """One vendor. A stateless value: everything it does is tables, and generators that yield effects.

    `hosts` names the vendor's API hosts, each a base URL; a Call says "name:/path". `credentials` lists the environment
    variables that hold a key, several together joined by ":". `absent` says, for a mode it does not sell, what to do
    instead. `options` is the attrs class of the provider's own options, or None.
    """

    @property
    def name(self) -> str: ...
    @property
    def hosts(self) -> Mapping[str, str]: ...
    @property
    def credentials(self) -> tuple[tuple[str, ...], ...]: ...
    @property
    def offers(self) -> tuple[Offer, ...]: ...
    @property
    def absent(self) -> Mapping[Mode, str]: ...
    @property
    def pace(self) -> Pace | None: ...
    @property
    def features(self) -> Features: ...
    @property
    def options(self) -> type | None: ...

    def authorize(self, key: str) -> Mapping[str, str]:
        """The headers that carry the key; called by the driver only."""
        ...

    def read(self, call: Call, response: Response) -> Reading:
        """What an answer means: a table over the call's name, the status and the vendor's code."""
        ...

    def wire(self, order: Order) -> Wire:
        """The body of the paid call and the fate of every field."""
        ...

    def upload(self, attachment: Attachment) -> Flow[str]:
        """Put a local input where the vendor finds it, and give its URL. Run before the order is made."""
        ...

    def submit(self, order: Order) -> Flow[Job]:
        """Make the job. Its first effect is the one paid call; a dry run shows that and stops there."""
        ...

    def status(self, job: Job) -> Flow[Status]:
        """One look; a terminal one carries the clip or the error, and the charge."""
        ...

    def cancel(self, job: Job) -> Flow[Cancellation]:
        """Ask to cancel; asked twice it says the same."""
        ...

    def find(self, lost: Lost) -> Flow[tuple[Listed, ...]]:
        """The vendor's list of what was sent to that endpoint in that time, whole."""
        ...

    def download(self, clip: Clip) -> Call:
        """The call that fetches a clip, without the key."""
        ...

    def event(self, headers: Mapping[str, str], body: bytes) -> Flow[Event]:
        """What a webhook says, once everything about it was checked that can be. Raises InvalidWebhook."""
        ...


@runtime_checkable
class Priced(Protocol):
    """What an adapter with `features.prices` has besides: its vendor can be asked for its prices.

    It stands apart from Adapter, so that one without the feature needs no method that nobody ever calls.
    """

    def prices(self, offers: tuple[Offer, ...]) -> Flow[tuple[Posted, ...]]:
        """What the vendor says it asks now at the endpoints of these offers, each once. Nothing of it is paid for."""
        ...
