"""A plan: who can make a request and for how much, best first, and why the others cannot. Making one sends nothing."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache
from hashlib import sha256

from attrs import evolve, field, frozen

from ..accounts import Account
from ..adapter import Offer, Order
from ..codec import plain, versioned
from ..errors import BudgetExceeded, NoEligibleProvider, OmniflashError, RegionRestricted
from ..jobs import Disposition, Job
from ..mapping import DROPPABLE, compose, refusals, unsupported
from ..money.budgets import WAYS_OUT, Budget, Limit
from ..money.entries import Known
from ..money.posted import OnlinePrices
from ..money.quotes import PriceRow, Quote, aged, quote, widened
from ..spec.limits import LIMITS
from ..spec.media import Data, File, FileFacts, Media, Url
from ..spec.requests import Edit, Mode, Refine, Request, media_of
from ..spec.rules import check
from ..spec.violations import Violation, shown
from .grammar import policy_of
from .health import UNKNOWN, Health
from .hosting import Hosting, file_name, hosting, note, noted, way_out
from .policies import Policy, cheapest, chosen, named

BUDGET = "BUDGET"  # why somebody falls out who could do it: no clause of the spec's
REGION = "REQ-REGION"
NO_BUDGET = Budget()


@frozen
class Candidate:
    """One who can: by which offer, for how much, in how many seconds, and what becomes of each field that was set.

    `rank` is its place in the configured order, from 0. `offered` is what its offer is known by: another price or
    another field gives another. `priced` is the digest of the price row that the quote stands on. `hosted_by` is the
    account whose storage the local inputs at the paths `hosted` go through, as this one has no way in for them. Nothing
    is begun there before `resting_until`.
    """

    account: str
    provider: str
    version: str
    mode: Mode
    endpoint: str
    quote: Quote
    expected_s: float
    dispositions: tuple[Disposition, ...]
    dropped: frozenset[str] = frozenset()
    has_key: bool = True
    notes: tuple[str, ...] = ()
    rank: int = 0
    offered: str = ""
    priced: str = ""
    hosted_by: str | None = None
    hosted: tuple[str, ...] = ()
    resting_until: datetime | None = None

    @property
    def sold(self) -> tuple[str, Mode]:
        """What an offer is found by among those of its account."""
        return self.version, self.mode


@frozen
class RuledOut:
    """One who cannot, and every reason; where it is the budget, how many dollars are `missing`."""

    account: str
    provider: str
    reasons: tuple[Violation, ...]
    missing: Decimal = Decimal(0)

    def only(self, clause: str) -> bool:
        """Whether there are no other reasons."""
        return all(reason.clause == clause for reason in self.reasons)


@versioned("omniflash.plan/1")
@frozen
class Plan:
    """Who is asked for a request, best first. `notes` holds what the caller should know whoever makes it."""

    request: Request
    policy: str
    candidates: tuple[Candidate, ...]
    ruled_out: tuple[RuledOut, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def best(self) -> Candidate:
        """The first candidate that has a key, else the first.

        Raises RegionRestricted when the region rules out everybody, NoEligibleProvider when nobody can.
        """
        if not self.candidates:
            raise self.refusal()
        return next((candidate for candidate in self.candidates if candidate.has_key), self.candidates[0])

    def refusal(self) -> OmniflashError:
        """The error of a plan that nobody can carry out, with every reason: of the country, of money, or of more."""
        region = [reason for out in self.ruled_out for reason in out.reasons if reason.clause == REGION]
        if self.ruled_out and all(any(reason in region for reason in out.reasons) for out in self.ruled_out):
            told = "" if all(out.only(REGION) for out in self.ruled_out) else _told(self.ruled_out)
            return RegionRestricted(told, violations=tuple(dict.fromkeys(region)))
        if self.ruled_out and all(out.only(BUDGET) for out in self.ruled_out):
            return _too_dear_for_all(sorted(self.ruled_out, key=lambda out: out.missing))
        return NoEligibleProvider(_told(self.ruled_out), reasons={out.account: out.reasons for out in self.ruled_out})

    def chosen(self, candidate: Candidate) -> str:
        """Why a candidate is asked, in a line."""
        rank = self.candidates.index(candidate) + 1
        return (
            f"{rank} of {len(self.candidates)} by {self.policy}: {candidate.quote}, about {candidate.expected_s:.0f} s"
        )

    def explain(self) -> str:
        """The plan in words, a line or two for each provider."""
        return "\n".join(_explained(self))


def _told(ruled_out: Sequence[RuledOut]) -> str:
    told = "\n".join(f"  {out.account}: {reason}" for out in ruled_out for reason in out.reasons)
    return f"nobody configured can do this:\n{told}"


def _too_dear_for_all(ruled_out: Sequence[RuledOut]) -> BudgetExceeded:
    match ruled_out:
        case [RuledOut(account, reasons=(reason,))]:
            return BudgetExceeded(f"{account}: {reason.limit}", remedy=reason.remedy)
        case _:
            return BudgetExceeded(_told(ruled_out))


@frozen
class Desk:
    """What a plan is made from besides the request: the accounts, the policy, the caller's consents and budget.

    `run` is the client that plans. `online` is what vendors said of their prices when they were asked, by account.
    """

    accounts: Sequence[Account]
    policy: Policy = field(default=cheapest, converter=policy_of)
    strict_region: bool = False
    droppable: frozenset[str] = frozenset()
    host_files: bool = False
    budget: Budget = NO_BUDGET
    run: str = ""
    online: Mapping[str, OnlinePrices] = field(factory=dict, hash=False)

    @property
    def prices(self) -> Iterator[PriceRow]:
        """Every row that a quote may stand on."""
        yield from (offer.price for account in self.accounts for offer in account.offers)
        yield from (price.row for one in self.online.values() for price in one.prices if price.row)


@frozen
class Outlook:
    """What is known when a plan is made: the time, how the accounts have been doing, and what is spent."""

    at: datetime
    known: Known = field(factory=Known)

    def health(self, account: str) -> Health:
        """How an account has been doing."""
        return self.known.health.get(account, UNKNOWN)

    def spent(self, limit: Limit) -> Decimal:
        """What of a limit may be used up."""
        return self.known.spent.get(limit.span, {}).get(limit.account, Decimal(0))


def make_plan(request: Request, desk: Desk, facts: Mapping[File, FileFacts], outlook: Outlook) -> Plan:
    """Plan a request that is right by the spec, its region aside; `facts` are those of its local files."""
    candidates: list[Candidate] = []
    ruled_out: list[RuledOut] = []
    wrong = cache(lambda version: check(request, version=version, strict_region=desk.strict_region))
    for rank, account in enumerate(desk.accounts):
        options: list[RuledOut] = []
        able = len(candidates)
        for offer in _offers(account, request):
            found = hosting(request, offer, account, desk.accounts, facts)
            reasons = (*wrong(offer.version), *_reasons(request, offer, account, desk, facts, found))
            if reasons:
                options.append(RuledOut(account.name, account.adapter.name, reasons))
                continue
            candidate = _candidate(request, offer, account, desk, outlook, found, rank)
            if dear := _too_dear(candidate, desk.budget, outlook):
                options.append(dear)
            else:
                candidates.append(candidate)
        if len(candidates) == able:
            none = RuledOut(account.name, account.adapter.name, (_absent(request, account, desk),))
            ruled_out.append(min(options, key=lambda out: (len(out.reasons), out.missing), default=none))
    kept, left_out = chosen(desk.policy, candidates)
    ruled_out += [RuledOut(name, provider, reasons) for (name, provider), reasons in left_out.items()]
    ready = sorted(kept, key=lambda candidate: candidate.resting_until is not None)
    return Plan(request, named(desk.policy), tuple(ready), tuple(ruled_out), _notes(request))


def _too_dear(candidate: Candidate, budget: Budget, outlook: Outlook) -> RuledOut | None:
    reasons, missing = [], Decimal(0)
    bound = candidate.quote.bound
    for limit in budget.limits(candidate.account, candidate.provider):
        spent = outlook.spent(limit)
        if told := limit.passed(bound, spent):
            where = f"budget.provider.{limit.account}.{limit.span}" if limit.account else f"budget.{limit.span}"
            reasons.append(Violation(BUDGET, where, str(bound), told, WAYS_OUT[limit.span]))
            missing = max(missing, spent + bound - limit.amount)
    return RuledOut(candidate.account, candidate.provider, tuple(reasons), missing) if reasons else None


def _offers(account: Account, request: Request) -> Iterator[Offer]:
    for offer in account.offers:
        if offer.mode is request.mode and request.version in (None, offer.version):
            yield offer


def _reasons(
    request: Request,
    offer: Offer,
    account: Account,
    desk: Desk,
    facts: Mapping[File, FileFacts],
    found: Hosting | None,
) -> Iterator[Violation]:
    remedy = way_out(found, allowed=desk.host_files)
    yield from refusals(request, offer, facts, desk.droppable, lambda name: _takers(name, request, desk), remedy)
    yield from _foreign(request, account)


def _takers(name: str, request: Request, desk: Desk) -> str:
    takers = [
        account.name
        for account in desk.accounts
        if any(_takes(offer, name, request) for offer in account.offers if offer.mode is request.mode)
    ]
    return f"use {' or '.join(takers)}, or leave it out" if takers else "leave it out: no configured provider takes it"


def _takes(offer: Offer, name: str, request: Request) -> bool:
    declared = offer.fields.get(name)
    return declared is not None and (not declared.values or getattr(request, name) in declared.values)


def _foreign(request: Request, account: Account) -> Iterator[Violation]:
    if not isinstance(request, Refine):
        return
    job = Job.parse(request.previous.job) if request.previous.job else None
    if job and job.sandbox is not account.sandbox:
        made = "on a sandbox" if job.sandbox else "at the real vendor"
        yield Violation("CAP-REJECT", "previous", job.token, f"the clip was made {made}", "refine it where it was made")
    maker, name = request.previous.provider, request.previous.account
    if maker not in (None, account.adapter.name) or (maker and (name or maker) != account.name):
        remedy = f"use {name or maker}, which made it"
        yield Violation("CAP-REJECT", "previous", shown(name or maker), "only who made a clip can refine it", remedy)


def _absent(request: Request, account: Account, desk: Desk) -> Violation:
    provider = account.adapter.name
    others = [other.name for other in desk.accounts if any(offer.mode is request.mode for offer in other.offers)]
    advice = account.adapter.absent.get(request.mode) or (f"use {' or '.join(others)}" if others else "ask another way")
    versions = f" of version {request.version}" if request.version else ""
    return Violation("CAP-REJECT", "mode", request.mode.value, f"{provider} offers no {request.mode}{versions}", advice)


def _candidate(
    request: Request,
    offer: Offer,
    account: Account,
    desk: Desk,
    outlook: Outlook,
    found: Hosting | None,
    rank: int,
) -> Candidate:
    dropped = desk.droppable & unsupported(request, offer) & DROPPABLE
    host, paths = (found.host, found.paths) if found else (None, ())
    health, online = outlook.health(account.name), desk.online.get(account.name)
    posted = online.priced(offer) if online else None
    priced = posted or offer
    resting_until = health.resting_until(outlook.at)
    hosted = (note(request, paths, host),) if host else ()
    rest = (f"{health.why(outlook.at)}; nothing is begun before {resting_until:%H:%M:%S %Z}",) if resting_until else ()
    quoted = offer_quote(request, priced, account)
    quoted = evolve(quoted, asked_at=online.asked_at) if online and posted else quoted
    return Candidate(
        account=account.name,
        provider=offer.provider,
        version=offer.version,
        mode=offer.mode,
        endpoint=offer.endpoint,
        quote=widened(quoted, outlook.known.learned.get(priced.price.digest)),
        expected_s=health.expected_s(offer.mode, offer.expected_s),
        dispositions=fates(request, offer, dropped, paths, host),
        dropped=dropped,
        has_key=account.key is not None,
        notes=(*_offer_notes(priced, account, outlook), *rest, *hosted, *_online_notes(offer, online)),
        offered=offered(offer, account),
        priced=priced.price.digest,
        hosted_by=host,
        hosted=paths,
        resting_until=resting_until,
        rank=rank,
    )


def fates(
    request: Request, offer: Offer, dropped: frozenset[str], hosted: Collection[str], host: str | None
) -> tuple[Disposition, ...]:
    """What becomes of each field that was set, at an offer."""
    media = placeholders(request, hosted, host)
    sketch = Order(id="", account="", offer=offer, request=request, media=media, dropped=dropped)
    return noted(compose(sketch).dispositions, hosted, host)


def offered(offer: Offer, account: Account) -> str:
    """What an offer and its price at an account are known by."""
    return _known_by(offer, account.credit_usd)


@lru_cache(maxsize=256)
def _known_by(offer: Offer, credit_usd: Decimal | None) -> str:
    what = plain([offer.endpoint, dict(offer.fields), offer.price.digest, credit_usd])
    return sha256(json.dumps(what, sort_keys=True, default=str).encode()).hexdigest()[:16]


def news(candidate: Candidate, request: Request, offer: Offer, account: Account) -> str | None:
    """Why a candidate does not hold any more for a request, at an offer; None where it does."""
    whose, today, quoted = candidate.account, offer_quote(request, offer, account), candidate.quote
    asks = f"it asked {quoted}, and asks {today}"
    dearer = today.amount != quoted.amount or today.bound > quoted.bound
    if candidate.offered != offered(offer, account):
        other = asks if dearer and quoted.asked_at is None else "its endpoint, its fields or where its price stands"
        return f"what {whose} offers has changed: {other}"
    if not set(candidate.hosted) <= set(media_of(request)) or candidate.dispositions != fates(
        request, offer, candidate.dropped, candidate.hosted, candidate.hosted_by
    ):
        return f"the request is not the one that {whose} was planned for"
    if quoted.asked_at is None:
        return f"the quote of {whose} is not that of its price: {asks}" if dearer else None
    return None if 0 < quoted.amount <= quoted.bound else f"{quoted} is no quote of {whose}"


def placeholders(request: Request, hosted: Collection[str] = (), host: str | None = None) -> Mapping[str, str]:
    """Each input as it goes over the wire, and in words what would have to be read, stored or looked up for that."""
    media = media_of(request)
    found = {path: _placeholder(medium) for path, medium in media.items()}
    found |= {path: f"<the URL that {host} gives for {file_name(path, media[path])}>" for path in hosted}
    if isinstance(request, Refine):
        found["previous"] = request.previous.handle or f"<the clip of job {request.previous.job}>"
    return found


def _placeholder(medium: Media) -> str:
    match medium:
        case Url(text) | Data(text):
            return text
        case File(path):
            return f"<the file {path}>"


def offer_quote(request: Request, offer: Offer, account: Account) -> Quote:
    """What an offer asks for a request; of a clip as long as its source, what is usual, and at most the longest."""
    limits = LIMITS[offer.version]
    asked = getattr(request, "duration", None) or limits.duration_default
    at_longest = None if hasattr(request, "duration") else limits.duration.maximum
    return _quote(offer.price, asked, account.credit_usd, at_longest)


_quote = lru_cache(maxsize=1_024)(quote)  # the same few rows at the same few lengths, for ever


def _online_notes(offer: Offer, online: OnlinePrices | None) -> tuple[str, ...]:
    price = online.of(offer) if online else None
    return (price.note,) if price and price.note else ()


def _offer_notes(offer: Offer, account: Account, outlook: Outlook) -> tuple[str, ...]:
    told = (
        offer.assumed and f"{offer.endpoint!r} names no model version: {offer.version} is assumed",
        offer.retires_on and f"retires on {offer.retires_on}",
        account.key is None and "no key",
        aged(offer.price, outlook.at.date()),
    )
    return tuple(note for note in told if note)


def _notes(request: Request) -> tuple[str, ...]:
    if isinstance(request, Edit) and request.country is None:
        return ("the country is not known: editing an uploaded video is refused in the EEA, Switzerland and the UK",)
    return ()


def _explained(plan: Plan) -> Iterator[str]:
    for rank, candidate in enumerate(plan.candidates, 1):
        yield f"{rank}. {candidate.account}: {candidate.quote}, about {candidate.expected_s:.0f} s"
        yield f"   {candidate.quote.arithmetic} ({candidate.quote.source}, {candidate.quote.as_of})"
        yield from (f"   note: {note}" for note in candidate.notes)
    for out in plan.ruled_out:
        yield from (f"-  {out.account}: {reason}" for reason in out.reasons)
    yield from (f"note: {note}" for note in plan.notes)
