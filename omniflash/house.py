"""What both clients are made of: accounts, settings, and the flow behind every method, once for sync and async."""

import math
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from os import PathLike, fspath
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, TypeAlias

from attrs import evolve, field, frozen

from . import config
from .accounts import Account, Provider, Site, missing_keys, resolve
from .adapter import Order
from .drive.clock import Clock, clock_of
from .drive.settings import ANSWER_S, Network
from .effects import Flow, Transfer
from .errors import ConfigurationError, OmniflashError
from .flows.event import Headers, event
from .flows.plan import plan
from .flows.prices import prices
from .flows.reconcile import reconcile
from .flows.route import IN_PLACE, Errand, Failed, onward, route
from .flows.save import reserve, save_clip
from .flows.submit import Intent, paid_call
from .flows.wait import cancel, kept, status, wait
from .jobs import Cancellation, Clip, Disposition, Event, Job, Status
from .mapping import DROPPABLE
from .money.budgets import Budget, merged
from .money.charges import UnitPrices
from .money.entries import Answer, Consulting, Entry, Intended, New
from .money.posted import OnlinePrices
from .money.records import OrderState, Record
from .redact import HIDDEN
from .routing.grammar import policy_of
from .routing.plan import Desk, Plan
from .routing.policies import Policy, check_names, names_in
from .spec.form import RequestFields, assemble
from .spec.requests import FIELDS, Request
from .spec.violations import did_you_mean

if TYPE_CHECKING:
    import httpx

    from .money.ledger import Ledger

Providers: TypeAlias = str | Provider | Iterable[str | Provider] | None
PathText: TypeAlias = str | PathLike[str]
Asked: TypeAlias = Request | Mapping[str, object] | str
Transport: TypeAlias = "httpx.BaseTransport | httpx.AsyncBaseTransport | None"
Recorder: TypeAlias = Callable[[Entry], Answer]
Watcher: TypeAlias = Callable[[Status], object]
UploadWatcher: TypeAlias = Callable[[Transfer], object]
PaymentWatcher: TypeAlias = Callable[[Order], object]
LONGEST_KEY = 200
INSTALL_LEDGER = "pip install 'omniflash[ledger]'"
CONSENTS: Mapping[str, frozenset[str]] = {"refuse": frozenset(), "drop": DROPPABLE}


@frozen
class Preview:
    """The paid request that a plan would send, and each field's fate.

    It is just as it would leave, but for the key and for local files, which are shown in words."""

    method: str
    url: str
    headers: Mapping[str, str] = field(hash=False)
    body: bytes
    dispositions: tuple[Disposition, ...]


class House:
    """What a client is made with.

    `providers` is a name, a Provider, or several, in the order to ask them; unset, all that are installed or
    configured. `policy` says whom to ask first, and whom not at all: "cheapest" (default), "fastest", "ordered", names,
    "prefer fal, else cheapest under 60 s" and the like, or a function of yours from candidates to those that it would
    ask, in order. `country` is where the person is for whom clips are made (ISO 3166-1 alpha-2); with `strict_region`,
    editing an uploaded video needs one. `on_unsupported="drop"` leaves out a seed that a provider does not take,
    "refuse" (default) rules that provider out. With `host_files`, a local file or inline data that a provider takes
    only as a URL goes through the storage of another account here. `sandbox` is the site of a sandbox. `transport`,
    `proxy` and `timeout` (seconds for one HTTP answer) are httpx's. `ledger` is a Ledger, or where one is: every paid
    call is written down there, and `key=` needs it. `budget` is the most that may be spent, a Budget or a mapping of
    its fields; what is not given is taken from the settings. `config_file` replaces omniflash.toml's places. Raises
    ConfigurationError for what does not fit.
    """

    def __init__(
        self,
        providers: Providers = None,
        *,
        policy: str | Policy | None = None,
        country: str | None = None,
        strict_region: bool | None = None,
        on_unsupported: str | None = None,
        host_files: bool | None = None,
        sandbox: Site | Mapping[str, object] | None = None,
        transport: Transport = None,
        proxy: str | None = None,
        timeout: float = ANSWER_S,
        ledger: "Ledger | PathText | None" = None,
        budget: Budget | Mapping[str, object] | None = None,
        config_file: PathText | None = None,
    ) -> None:
        settings = config.load(Path(config_file) if config_file else None)
        site = None if sandbox is None else Site.of(sandbox)
        self._country = country or settings.country
        self._patience = settings.timeout
        accounts = _accounts(providers, settings, site)
        self._desk = Desk(
            accounts=accounts,
            policy=_policy(policy, settings, accounts),
            strict_region=settings.strict_region if strict_region is None else strict_region,
            droppable=_consent(on_unsupported or settings.on_unsupported),
            host_files=settings.host_files if host_files is None else host_files,
            budget=merged(settings.budget, budget),
            run=secrets.token_hex(8),
        )
        _check_budget_names(self._desk.budget, _nameable(accounts, settings.accounts()))
        self.patience(None)
        self._network = Network(transport, proxy, timeout, environment=site is None)
        self._clock: Clock = clock_of(site)
        self._ledger, self._own_ledger = ledger, isinstance(ledger, str | PathLike)
        self._making = RLock()

    @property
    def accounts(self) -> Mapping[str, Account]:
        """The accounts by name, in their configured order."""
        return {account.name: account for account in self._desk.accounts}

    def account_of(self, work: Job | Clip) -> Account:
        """The account that a job or a clip belongs to.

        Raises ConfigurationError when it is not set up here, and for a sandbox's job where there is no sandbox or the
        reverse.
        """
        account = self._account(work.account or work.provider)
        if account.adapter.name != work.provider:
            told = (
                f"{account.name!r} is an account at {account.adapter.name} here, and this was made at {work.provider}"
            )
            raise ConfigurationError(told, remedy=f"name an account at {work.provider} so")
        if isinstance(work, Job) and work.sandbox is not account.sandbox:
            made, remedy = _OTHER_GROUND[work.sandbox]
            raise ConfigurationError(f"this job was made {made}", remedy=remedy)
        return account

    def preview(self, plan: Plan, *, webhook_url: str | None = None) -> Preview:
        """What submitting a plan would put on the wire: nothing is read, looked up or sent, and no key is needed."""
        from .drive.network import request_of

        intent = Intent(plan, plan.best, self._account(plan.best.account), order_id="", webhook_url=webhook_url)
        order, call = paid_call(intent)
        request = request_of(evolve(intent.account, key=HIDDEN), call)
        dispositions = intent.dispositions(order)
        return Preview(request.method, str(request.url), dict(request.headers), request.content, dispositions)

    @property
    def ledger(self) -> "Ledger | None":
        """The ledger that paid calls are written down in, opened when it is first needed."""
        with self._making:
            self._ledger = _opened(self._ledger)
            return self._ledger

    @property
    def _recorders(self) -> tuple[Recorder, ...]:
        return () if self._ledger is None else (self._write_down,)

    def _close_ledger(self) -> None:
        if self._own_ledger and self._ledger is not None and not isinstance(self._ledger, str | PathLike):
            self._ledger.close()

    @cached_property
    def _units(self) -> UnitPrices:
        return {account.name: account.units for account in self._desk.accounts}

    def _write_down(self, entry: Entry) -> Answer:
        told = evolve(entry, units=self._units) if isinstance(entry, Consulting | Intended) else entry
        return self.ledger.record(told) if self.ledger else New()

    def patience(self, timeout: float | None) -> float:
        """How long to wait for a job, in seconds. Raises ConfigurationError for what is no length of time."""
        seconds = self._patience if timeout is None else timeout
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < math.inf:
            raise ConfigurationError(f"timeout cannot be {seconds!r}", remedy="give seconds, 0 or more")
        return float(seconds)

    def _account(self, name: str) -> Account:
        if name not in self.accounts:
            raise ConfigurationError(f"there is no account {name!r} here", remedy=did_you_mean(name, self.accounts))
        return self.accounts[name]

    def _planning(self, asked: Asked, fields: RequestFields, *, online: bool = False) -> Flow[Plan]:
        request, problems = assemble(_form(asked, fields))
        if request is not None and request.country is None and self._country is not None:
            request = evolve(request, country=self._country)
        return plan(request, problems, self._desk, online=online)

    def _pricing(self) -> Flow[tuple[OnlinePrices, ...]]:
        return prices((account, account.offers) for account in self._desk.accounts)

    def _submitting(
        self, made: Plan, key: str | None, webhook_url: str | None, instead_of: Failed | None = None
    ) -> Flow[Job]:
        self._check_key(key)
        self._check_budget()
        _ = self.ledger  # one that cannot be used is found before anything is uploaded
        best = made.best  # raises for a plan that nobody can carry out
        here = [self.accounts[one.account] for one in made.candidates if one.account in self.accounts]
        if not any(account.key for account in here):
            raise missing_keys(here or [self._account(best.account)])
        errand = Errand(
            plan=made,
            accounts=self.accounts,
            order_id=secrets.token_hex(10),
            key=key,
            run=self._desk.run,
            budget=self._desk.budget,
            webhook_url=webhook_url,
        )
        return route(errand if instead_of is None else self._in_place(errand, instead_of))

    def _in_place(self, errand: Errand, failed: Failed) -> Errand:
        """The errand in place of a job that failed unbilled. Raises ConfigurationError for any other."""
        match failed:
            case (Job() as job, OmniflashError()):
                earlier = self.ledger.errand(job.order_id) if self.ledger else ()
            case _:
                raise ConfigurationError(f"instead_of= cannot be {str(failed)[:40]!r}", remedy=IN_PLACE)
        for record in earlier:
            if not record.unbilled:
                told = f"order {record.id}, of the same request, is {record.state} and may be billed"
                raise ConfigurationError(told, remedy=IN_PLACE)
        return errand.instead_of(failed)

    def _check_key(self, key: str | None) -> None:
        if key is None:
            return
        if self._ledger is None:
            remedy = "make the client with ledger=…, or leave key out"
            raise ConfigurationError("key= needs a ledger, else it could not keep its promise", remedy=remedy)
        if not isinstance(key, str) or not 0 < len(key.strip()) <= LONGEST_KEY:
            remedy = "give a name of your own for the job, or leave key out"
            told = f"a key is text of 1 to {LONGEST_KEY} characters, not {repr(key)[:40]}"
            raise ConfigurationError(told, remedy=remedy)

    def _check_budget(self) -> None:
        if (spans := self._desk.budget.spans) and self._ledger is None:
            remedy = "make the client with ledger=…, or give a budget for a job only"
            raise ConfigurationError(f"a budget for a {min(spans)} needs a ledger", remedy=remedy)

    def _looking(self, work: Job | str) -> Flow[Status]:
        job = _job(work)
        return status(self.account_of(job), job)

    def _reconciling(self, order: "Record | str") -> Flow[Job | None]:
        if self.ledger is None:
            remedy = "make the client with ledger=…"
            raise ConfigurationError("what is uncertain stands in a ledger, and there is none", remedy=remedy)
        found = self.ledger.find(order) if isinstance(order, str) else order
        if found.state is not OrderState.UNCERTAIN:
            raise ConfigurationError(f"order {found.id} is {found.state}", remedy="only an uncertain one is looked for")
        return reconcile(self._account(found.account), found)

    def _cancelling(self, work: Job | str) -> Flow[Cancellation]:
        job = _job(work)
        return cancel(self.account_of(job), job)

    def _waiting(self, work: Job | str, timeout: float | None) -> Flow[Clip]:
        job = _job(work)
        account = self.account_of(job)
        expected = (o.expected_s for o in account.offers if (o.version, o.mode) == (job.version, job.mode))
        return wait(account, job, next(expected, 0.0), self.patience(timeout), self._holder())

    def _holder(self) -> str:
        return f"{self._desk.run}.{secrets.token_hex(4)}"

    def _hearing(
        self, name: str, headers: Headers, body: bytes, work: Job | str | None, order: str | None
    ) -> Flow[Event]:
        return event(self._account(name), headers, body, None if work is None else _job(work), order)

    def _checking(self, path: PathText) -> Flow[None]:
        return reserve(Path(fspath(path)))

    def _saving(self, clip: Clip, path: PathText, *, once: bool = False) -> Flow[Path]:
        return save_clip(self.account_of(clip), clip, Path(fspath(path)), self._holder(), once=once)

    def _generating(
        self,
        planned: Flow[Plan],
        key: str | None,
        webhook_url: str | None,
        timeout: float | None,
        save_as: PathText | None,
    ) -> Flow[Clip]:
        self.patience(timeout)
        made = yield from planned
        if save_as is not None:
            yield from self._checking(save_as)
        failed: Failed | None = None
        while True:
            job = yield from self._submitting(made, key, webhook_url, failed)
            try:
                return (yield from self._fetching(job, timeout, save_as))
            except OmniflashError as problem:
                others = onward(made, job, problem)
                if others is None:
                    raise
                made, failed = others, (job, problem)

    def _fetching(self, job: Job, timeout: float | None, save_as: PathText | None) -> Flow[Clip]:
        try:
            clip = yield from self._waiting(job, timeout)
            if save_as is not None:
                yield from self._saving(clip, save_as)
        except (OmniflashError, GeneratorExit):
            raise
        except BaseException as interruption:
            kept(interruption, job)
            raise
        return clip


_OTHER_GROUND = {
    True: ("on a sandbox", "use it with --sandbox, or Client(sandbox=…)"),
    False: ("at the real vendor", "use it without the sandbox"),
}


def _accounts(providers: Providers, settings: config.Settings, site: Site | None) -> tuple[Account, ...]:
    if providers is None:
        chosen = settings.accounts()
    else:
        several = [providers] if isinstance(providers, str | Provider) else providers
        chosen = tuple(settings.account(one) if isinstance(one, str) else one for one in _checked(several))
    accounts = tuple(resolve(provider, site, settings.price) for provider in chosen)
    names = [account.name for account in accounts]
    if not names:
        raise ConfigurationError("no provider is set up", remedy="name one, or install one")
    if len(set(names)) < len(names):
        raise ConfigurationError(f"two accounts have one name: {', '.join(names)}", remedy="give each Provider a name")
    return accounts


def _checked(providers: object) -> Iterator[str | Provider]:
    for one in providers if isinstance(providers, Iterable) else [providers]:
        if not isinstance(one, str | Provider):
            told = f"a client is made with names or Providers, not with something of type {type(one).__name__}"
            raise ConfigurationError(told, remedy='write "fal", Provider("fal", …), or a list of them')
        yield one


def _policy(given: str | Policy | None, settings: config.Settings, accounts: Sequence[Account]) -> Policy:
    made = policy_of(settings.policy if given is None else given)
    if [*names_in(made)]:  # what is settled for all may name those that are not asked this time
        check_names(made, _nameable(accounts, settings.accounts() if given is None else ()))
    return made


def _nameable(accounts: Sequence[Account], settled: Iterable[Provider]) -> Iterator[str]:
    for account in accounts:
        yield from (account.name, account.adapter.name)
    for one in settled:
        yield from (name for name in (one.name, one.provider) if isinstance(name, str))


def _check_budget_names(budget: Budget, names: Iterable[str]) -> None:
    known = list(dict.fromkeys(names))
    for name in budget.provider:
        if name not in known:
            told = f"the budget names {name!r}, and there is no such account or provider"
            raise ConfigurationError(told, remedy=did_you_mean(name, known))


def _opened(ledger: "Ledger | PathText | None") -> "Ledger | None":
    if ledger is None:
        return None
    try:
        from .money.ledger import Ledger
    except ImportError as missing:
        raise ConfigurationError(f"a ledger needs {missing.name}", remedy=INSTALL_LEDGER) from missing
    return ledger if isinstance(ledger, Ledger) else Ledger(ledger)


def _consent(word: str) -> frozenset[str]:
    if word not in CONSENTS:
        raise ConfigurationError(f"on_unsupported cannot be {word!r}", remedy=did_you_mean(word, CONSENTS))
    return CONSENTS[word]


def _form(asked: Asked, fields: RequestFields) -> object:
    if isinstance(asked, Mapping):
        return {**asked, **fields}
    if isinstance(asked, Request):
        return {"mode": asked.mode, **{name: getattr(asked, name) for name in FIELDS[type(asked)]}, **fields}
    return {"prompt": asked, **fields}


def _job(work: Job | str) -> Job:
    return Job.parse(work) if isinstance(work, str) else work
