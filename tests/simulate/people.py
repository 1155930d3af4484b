"""The people before the processes: what they wish for, and what they do when a process of theirs is gone."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from attrs import define, field, frozen

from omniflash import Clip, ConfigurationError, Job, Ledger, OmniflashError
from omniflash.money.records import OrderState, Record
from tests.simulate.driver import Client, Driver, Killed, Universe
from tests.simulate.history import Chance
from tests.simulate.vendor import Made
from tests.simulate.world import Doing, Process

ACCOUNTS = (("fal", "pixeldojo"), ("pixeldojo", "fal"))
LIVES = 3  # so often a process is started, the first time included
PAUSES = (10.0, 0.0, 400.0, None)  # until somebody starts it again; None: nobody does
CLIPS = Path("/clips")
DONE = (None, "succeeded")  # of a job that is not known to have ended without a clip


@frozen
class Wish:
    """One clip that somebody wants, under a `key` if they gave one: it is to be paid for once at most."""

    name: str
    key: str | None = None
    cancel: bool = False

    def __str__(self) -> str:
        ways = {f"under {self.key}": self.key is not None, "and cancelled": self.cancel}
        return " ".join([self.name, *(way for way, holds in ways.items() if holds)])

    @property
    def prompt(self) -> str:
        return f"A cat, {self.name}"

    @property
    def target(self) -> Path:
        return CLIPS / f"{self.name}.mp4"


@frozen
class Told:
    """What somebody was told of a wish, and when: an error, or nothing where the clip was handed over."""

    wish: Wish
    at: float
    error: OmniflashError | None


@frozen
class Person:
    """Who runs a process: what they wish for, one after another, and whom they ask first."""

    name: str
    accounts: tuple[str, ...]
    wishes: tuple[Wish, ...]


SHARED = Wish("the shared one", "key-shared")
CONFLICTING = Wish("the conflicting one", "key-shared")


def scene(chance: Chance) -> tuple[Person, ...]:
    """One to three people with one to three wishes each."""
    several = chance.choose("scene", "scene", "people", (1, 2, 3))
    return tuple(_person(chance, name) for name in "abc"[:several])


def _person(chance: Chance, name: str) -> Person:
    accounts = chance.choose("scene", name, "account", ACCOUNTS)
    wishes: list[Wish] = []
    for number in range(chance.choose("scene", name, "wishes", (1, 2, 3))):
        own = Wish(f"{name}{number + 1}")
        keyed = Wish(own.name, f"key-{own.name}")
        cancelled = Wish(own.name, cancel=True)
        wishes.append(chance.choose("scene", name, "wish", (own, SHARED, keyed, SHARED, CONFLICTING, cancelled)))
    return Person(name, accounts, tuple(wishes))


@define
class Desk:
    """All people at their processes. `told` is what they heard, `settled` counts what they settled."""

    universe: Universe
    people: tuple[Person, ...]
    told: list[Told] = field(factory=list)
    drivers: list[Driver] = field(factory=list)
    settled: int = 0

    def open(self) -> None:
        """Start everybody's process, at the same instant."""
        for person in self.people:
            self._start(person, 1)

    def _start(self, person: Person, life: int) -> None:
        name = person.name if life == 1 else f"{person.name}, life {life}"
        client = self._client(name, person)

        def ended(problem: BaseException | None) -> None:
            self._gone(client.driver, problem)
            if problem is not None and life < LIVES:
                pause = self.universe.chance.choose("user", name, "started again after", PAUSES)
                if pause is not None:
                    self.universe.schedule.after(pause, lambda: self._start(person, life + 1))

        self.universe.schedule.after(0.0, Process(self._life(client, person, life), ended).go)

    def _client(self, name: str, person: Person) -> Client:
        client = Client(name, self.universe, person.accounts)
        self.drivers.append(client.driver)
        return client

    def _gone(self, driver: Driver, problem: BaseException | None) -> None:
        """What can be said of a process only when it is gone."""
        self.universe.dead.add(driver.client.run)
        if isinstance(problem, Exception):
            self.universe.breaches.append(("a mistake of ours", f"{driver.name}: {problem!r}"))
        self.universe.breaches.extend(half_files(self.universe))
        if isinstance(problem, Killed) or driver.excused or driver.breaks > 1 or not driver.held:
            return
        for job in driver.held:
            if not known_to(self.universe.ledger, job):
                told = f"{driver.name} had read {job.handle}, and the ledger has not"
                self.universe.breaches.append(("id lost", told))

    def _life(self, client: Client, person: Person, life: int) -> Doing[None]:
        for wish in person.wishes:
            yield from self._pursued(client, wish, self._first if life == 1 else self._again)

    def _pursued(self, client: Client, wish: Wish, how: Callable[[Client, Wish], Doing[None]]) -> Doing[None]:
        problem: OmniflashError | None = None
        try:
            yield from how(client, wish)
        except OmniflashError as error:
            problem = error
        self.told.append(Told(wish, self.universe.schedule.now, problem))

    def _first(self, client: Client, wish: Wish) -> Doing[None]:
        if not wish.cancel:
            yield from client.generate(wish.prompt, wish.key, wish.target)
            return
        job = yield from client.submit(wish.prompt, wish.key)
        yield from client.cancel(job)
        yield from self._fetched(client, job, wish.target)

    def _again(self, client: Client, wish: Wish) -> Doing[None]:
        """Under a key it is just asked for again; without one, only if the ledger knows of no such order."""
        records = () if wish.key else _of(wish, self.universe.ledger.records())
        if not records:
            yield from self._first(client, wish)
        for job in unsaved(records):
            yield from self._fetched(client, job, wish.target)

    def _fetched(self, client: Client, job: Job, target: Path) -> Doing[None]:
        clip: Clip = yield from client.wait(job)
        yield from client.save(clip, target)

    def recover(self) -> None:
        """What everybody does in the end, in calm weather: settle what is uncertain, fetch what is there, ask again."""
        client = self._client("recovery", self.people[0])
        process = Process(self._recovery(client), partial(self._gone, client.driver))
        self.universe.schedule.after(0.0, process.go)

    def _recovery(self, client: Client) -> Doing[None]:
        records = self.universe.ledger.records()
        uncertain = [record for record in records if record.state is OrderState.UNCERTAIN]
        if sum(self._settled(record) for record in uncertain):
            records = self.universe.ledger.records()
        for wish in self.wishes:
            yield from self._pursued(client, wish, partial(self._last, records))

    def _last(self, records: tuple[Record, ...], client: Client, wish: Wish) -> Doing[None]:
        for job in unsaved(_of(wish, records)):
            yield from self._fetched(client, job, wish.target)
        if wish.key and wish.target not in self.universe.disk.files:
            yield from self._first(client, wish)

    def _settled(self, record: Record) -> bool:
        """Whether somebody looked at their vendor's dashboard and said what they saw; or they leave it as it is."""
        if self.universe.chance.choose("user", "recovery", record.request.prompt, ("settled", "left")) == "left":
            return False
        found = self._seen(record)
        self.universe.ledger.settle(record, found[0].handle if found else None)
        self.settled += 1
        return True

    def _seen(self, record: Record) -> list[Made]:
        """What its vendor shows them of an order."""
        vendors, now = self.universe.network.vendors, self.universe.schedule.now
        return [job for job in vendors.on_the_bill(record.request.prompt, now) if job.vendor == record.provider]

    @property
    def wishes(self) -> tuple[Wish, ...]:
        """Every wish, once."""
        return tuple(dict.fromkeys(wish for person in self.people for wish in person.wishes))


def _of(wish: Wish, records: tuple[Record, ...]) -> tuple[Record, ...]:
    return tuple(record for record in records if record.request.prompt == wish.prompt)


def half_files(universe: Universe) -> Iterator[tuple[str, str]]:
    """The clips on the disk that are none: what has a clip's name is whole at any moment."""
    whole = {job.content for job in universe.network.vendors.jobs.values()}
    for path, content in universe.disk.files.items():
        if path.suffix == ".mp4" and content not in whole:
            yield "half a file", f"{path} has {len(content)} bytes"


def known_to(ledger: Ledger, job: Job) -> bool:
    """Whether a ledger has the vendor's id of a job."""
    try:
        return ledger.find(job.handle).job is not None
    except ConfigurationError:
        return False


def unsaved(records: tuple[Record, ...]) -> list[Job]:
    """The jobs that were accepted, and whose clips were not saved, as `omniflash resume --all` finds them."""
    return [r.job for r in records if r.job and r.delivered_at is None and r.outcome in DONE]
