"""How a job comes to be: a vendor's terms, the draft of a job, and the one step that accepts it and charges for it."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from hashlib import sha256

from attrs import evolve, frozen

from omniflash_sandbox.accounts import Account
from omniflash_sandbox.clips import STANDARD, Footage, Recipe
from omniflash_sandbox.fault_kinds import Moment
from omniflash_sandbox.faults import Fault
from omniflash_sandbox.jobs import Bill, Ending, Job, queue_seconds, run_seconds
from omniflash_sandbox.messages import JSON, Ask
from omniflash_sandbox.world import World

SMALLEST = Decimal("0.0001")  # of any unit: with less, an account cannot even ask


@frozen
class Terms:
    """How a vendor does business.

    `usd` is what one unit costs, `opening` the units of a new account, `paid` the endings that cost something;
    `identify` makes a job's id of 64 hex digits; `stored` is what a list will show of a request's input, None nothing.
    """

    provider: str
    unit: str
    usd: Decimal
    opening: Decimal
    paid: frozenset[Ending]
    identify: Callable[[str], str]
    stored: Callable[[Ask], JSON]


@frozen
class Draft:
    """A job that is asked for: what a vendor's handler made of the request.

    `same_id` is the client's own id for it: asked for again under that, it is the same job.
    """

    mode: str
    amount: Decimal
    footage: Footage = STANDARD
    container: str = "mp4"
    ending: Ending = Ending.VIDEO
    complaints: tuple[JSON, ...] = ()
    same_id: str | None = None


def credit(world: World, terms: Terms, account: Account) -> Decimal:
    """What is left to an account, in the vendor's unit."""
    return terms.opening - world.ledger.spent(terms.provider, account.name) if account.solvent else Decimal(0)


def accept(world: World, terms: Terms, ask: Ask, draft: Draft, webhook: str | None = None) -> Job | None:
    """Writes the job down, charges for it, and starts its time; None where the account cannot pay.

    All in one step for every server on this state: neither the credit nor an armed fault is used twice. The job's end
    will be told to `webhook`.
    """
    with world.store.writing():
        if draft.same_id and (before := world.jobs.sent_as(terms.provider, ask.account.name, draft.same_id)):
            return before
        if credit(world, terms, ask.account) < max(draft.amount, SMALLEST):
            return None
        fault = world.faults.strike(ask, Moment.ACCEPTANCE, draft.mode) if draft.ending is Ending.VIDEO else None
        job = evolve(_job(world, terms, ask, draft, fault), webhook=webhook or None)
        world.jobs.keep(job)
        world.history.remember(job, terms.stored(ask))
        world.webhooks.expect(job)
    if world.clock.speed and job.ending is Ending.VIDEO:  # under the virtual clock most clips are never asked for
        world.studio.begin(job.recipe)
    return job


def _job(world: World, terms: Terms, ask: Ask, draft: Draft, fault: Fault | None) -> Job:
    ending = (fault and fault.kind.ending) or draft.ending
    n = world.jobs.next_number()
    return Job(
        n=n,
        id=terms.identify(sha256(f"{terms.provider} {n} {ask.digest}".encode()).hexdigest()),
        provider=terms.provider,
        account=ask.account.name,
        mode=draft.mode,
        digest=ask.digest,
        start=world.clock.start(),
        queue_s=queue_seconds(ask.digest),
        run_s=run_seconds(ask.digest, draft.footage, ending),
        recipe=_recipe(Recipe(ask.digest, draft.footage, draft.container), fault),
        ending=ending,
        complaints=list(draft.complaints),
        options=dict(fault.options) if fault else {},
        amount=draft.amount,
        unit=terms.unit,
        usd=draft.amount * terms.usd,
        paid=ending in terms.paid,
        state=Bill.BILLED,
        fault=fault.name if fault else None,
        same_id=draft.same_id,
    )


def _recipe(asked: Recipe, fault: Fault | None) -> Recipe:
    return FLAWS.get(fault.name, _flawless)(asked) if fault else asked


def _flawless(recipe: Recipe) -> Recipe:
    return recipe


def _halved(recipe: Recipe) -> Recipe:
    return evolve(recipe, footage=evolve(recipe.footage, frames=max(1, recipe.footage.frames // 2)))


def _silenced(recipe: Recipe) -> Recipe:
    return evolve(recipe, silent=True)


FLAWS: Mapping[str, Callable[[Recipe], Recipe]] = {"short-clip": _halved, "silent-clip": _silenced}
"""What a fault of the clip makes of its recipe."""
