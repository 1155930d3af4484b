"""`omniflash jobs`: what the ledger knows of every paid call, the uncertain ones first."""

from collections.abc import Iterator
from typing import Annotated

from cyclopts import App, Parameter

from ..adapter import Features
from ..client import Client
from ..codec import plain
from ..errors import ConfigurationError, OmniflashError
from ..money.quotes import dollars
from ..money.records import OrderState, Record, Step
from ..types import JSON
from . import show
from .exits import UNCERTAIN
from .generate import ANY_GROUND
from .options import Ground, Json

app = App(name="jobs", help="What the ledger knows of every paid call, the uncertain ones first.")


@app.default
def jobs(
    name: str | None = None,
    /,
    *,
    state: Annotated[OrderState | None, Parameter(help="only those in this state")] = None,
    limit: Annotated[int, Parameter(help="how many at most")] = 50,
    ground: Ground = ANY_GROUND,
    json: Json = False,
) -> int:
    """List the jobs, or show everything that happened to one: by its id, its key, its token, or the vendor's id."""
    if name is not None:
        return show_one(name, ground=ground, json=json)
    with ground.ledger() as ledger:
        found = ledger.records(*([state] if state else []), provider=ground.provider, limit=limit)
    if json:
        show.result_json([plain(record) for record in found])
        return 0
    for record in found:
        show.result(" ".join(_line(record)))
    for record in found:
        if record.state is OrderState.UNCERTAIN:
            show.note(f"order {record.id}: {_advice(record)}")
    return 0


@app.command(name="show")
def show_one(name: str, /, *, ground: Ground = ANY_GROUND, json: Json = False) -> int:
    """Show everything that happened to one job, whoever was asked for it: by its id, its key, its token, …"""
    with ground.ledger() as ledger:
        record = ledger.find(name)
        attempts = {one: ledger.trail(one) for one in ledger.errand(record.id)}
    if json:
        told = [{**plain(one), "trail": [plain(step) for step in steps]} for one, steps in attempts.items()]
        (asked,) = (one for one in told if one["id"] == record.id)
        show.result_json({**asked, "attempts": told})
        return 0
    for one, steps in attempts.items():
        for line in _whole(one, steps):
            show.result(line)
    if record.state is OrderState.UNCERTAIN:
        show.note(_advice(record))
    return 0


@app.command
def resolve(
    name: str,
    /,
    *,
    accepted: Annotated[str | None, Parameter(help="the vendor's id of the job that it has become")] = None,
    never_accepted: Annotated[bool, Parameter(negative="", help="the vendor has no such job")] = False,
    ground: Ground = ANY_GROUND,
    json: Json = False,
) -> int:
    """Settle an uncertain job as you found it at the vendor."""
    if never_accepted is (accepted is not None):
        raise ConfigurationError(
            "resolve needs one of --accepted and --never-accepted", remedy="look at the vendor first"
        )
    with ground.ledger() as ledger:
        settled = ledger.settle(ledger.find(name), accepted)
    if json:
        show.result_json(plain(settled))
    else:
        show.result(" ".join(_line(settled)))
    return 0


@app.command
def reconcile(
    name: str | None = None,
    /,
    *,
    ground: Ground = ANY_GROUND,
    json: Json = False,
) -> int:
    """Look for uncertain jobs in their vendors' own lists: for one, or for all where such a list is documented."""
    with ground.client(paying=True) as client, ground.ledger() as ledger:
        uncertain = (ledger.find(name),) if name else ledger.records(OrderState.UNCERTAIN, provider=ground.provider)
        found = [ledger.find(record.id) for record in uncertain if looked_for(client, record, by_name=name is not None)]
        left = [ledger.find(record.id) for record in uncertain if record.id not in {one.id for one in found}]
    if json:
        show.result_json({"settled": [plain(record) for record in found], "open": [plain(record) for record in left]})
        return UNCERTAIN if left else 0
    for record in found:
        show.result(" ".join(_line(record)))
    for record in left:
        show.note(f"order {record.id}: {_advice(record)}")
    return UNCERTAIN if left else 0


def looked_for(client: Client, record: Record, *, by_name: bool) -> bool:
    """Whether an uncertain order was found at its vendor; a list that is in no document is looked at only by name."""
    features = client.accounts[record.account].adapter.features if record.account in client.accounts else Features()
    if not by_name and (not features.find or features.find_assumed):
        return False
    try:
        job = client.reconcile(record)
    except OmniflashError as problem:
        if by_name:
            raise
        show.note(f"order {record.id} was not looked for: {problem}")
        return False
    if features.find_assumed:
        show.note(f"what {record.provider}'s list looks like stands in no document: this is omniflash's guess")
    return job is not None


def _line(record: Record) -> Iterator[str]:
    yield f"{record.intended_at:%Y-%m-%d %H:%M}"
    yield record.id
    yield record.outcome.value if record.outcome else record.state.value
    yield f"{record.account} {record.mode}"
    if record.charge is not None:
        yield f"{record.charge.normalize():f} {record.charge_unit}{'' if record.charge == 1 else 's'}"
    elif record.quote is not None:
        yield f"≈{dollars(record.quote)}"
    if record.key is not None:
        yield f"key={record.key}"
    yield record.file or record.told or record.request.prompt[:60]


def _whole(record: Record, steps: tuple[Step, ...]) -> Iterator[str]:
    yield " ".join(_line(record))
    if record.job is not None:
        yield f"token {record.job.token}"
    for step in steps:
        told = ", ".join(f"{name} {_said(value)}" for name, value in step.told.items() if value is not None)
        yield f"  {step.at:%Y-%m-%d %H:%M:%S} {step.entry} {told}".rstrip()


def _said(value: JSON) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)


def _advice(record: Record) -> str:
    """What to look at, and what to say when it was found."""
    request = f"a request to {record.endpoint} about {record.intended_at:%H:%M:%S} UTC"
    say = f"`omniflash jobs resolve {record.id} --accepted ID`, or --never-accepted"
    look = f"`omniflash jobs reconcile` looks for it; else look at {record.provider}'s dashboard for {request}"
    return f"nobody knows if it was accepted. {look}, then say {say}"
