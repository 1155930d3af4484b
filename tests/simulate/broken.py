"""Clients with one mistake each, as others make them: the simulator has to catch every one, and name what it broke."""

from collections.abc import Iterable, Iterator

from attrs import frozen

from tests.fuzz.breaking import broken
from tests.simulate.run import Book, Run, run, shrunk


@frozen
class Broken:
    """A client that makes a mistake: in `module`, `wrong` stands in place of `right`.

    It is `caught_as` one of these breaches; `known` is a short history that catches it, once found by a seed.
    """

    name: str
    module: str
    right: str
    wrong: str
    caught_as: tuple[str, ...]
    known: tuple[str, ...]


BOUGHT = ("billed twice", "lost")

BROKEN = (
    Broken(
        "repeats a paid call after a read timeout",
        "omniflash.flows.attempt",
        "Outcome.UNCLEAR: Verdict.UNCERTAIN",
        "Outcome.UNCLEAR: Verdict.AGAIN",
        BOUGHT,
        ("a, submit #1: its answer cut off",),
    ),
    Broken(
        "takes a 5xx for a refusal",
        "omniflash.reading",
        "        return Outcome.UNCLEAR",
        "        return Outcome.REFUSED",
        BOUGHT,
        ("a, submit #1: 502 on the way back",),
    ),
    Broken(
        "records after sending",
        "omniflash.flows.submit",
        """    taken = yield from _had(intent, _intended(intent, order))
    if taken is not None:
        return taken
    moment = yield from now()
    job = yield from _paid(intent, order, moment.ticks)
""",
        """    job = yield from _paid(intent, order, moment.ticks)
    taken = yield from _had(intent, _intended(intent, order))
    if taken is not None:
        return taken
""",
        BOUGHT,
        ("a, Record Intended #1: Killed before it",),
    ),
    Broken(
        "settles by absence",
        "tests.simulate.people",
        "return vendors.on_the_bill(",
        "return vendors.on_the_list(",
        BOUGHT,
        ("a, submit #1: its answer lost",),
    ),
    Broken(
        "loses the id on Ctrl-C",
        "omniflash.flows.submit",
        "        yield from record(Accepted(job))\n        kept(interruption, job)\n",
        "",
        ("id lost",),
        ("a, Record Accepted #1: KeyboardInterrupt before it",),
    ),
    Broken(
        "takes Ctrl-C for a refusal",
        "omniflash.flows.submit",
        "if not attempt.doubt:",
        "if not attempt.doubt or not isinstance(problem, Exception):",
        BOUGHT,
        ("a, Call submit #1: KeyboardInterrupt after it",),
    ),
    Broken(
        "pays when it has waited for its key",
        "omniflash.flows.submit",
        "                    raise _unsettled(intent.order(placeholders(intent.plan.request)), intent.key, earlier)\n",
        "                    return None\n",
        BOUGHT,
        ("a, wish #1: the shared one under key-shared", "a, Record Attempted #1: Killed before it"),
    ),
    Broken(
        "forgets the job that its key has",
        "omniflash.flows.submit",
        "            case Taken(job):\n                return job\n",
        "            case Taken(job):\n                return None\n",
        BOUGHT,
        (
            "a, wishes #1: 2",
            "a, wish #1: the shared one under key-shared",
            "a, wish #2: the shared one under key-shared",
        ),
    ),
    Broken(
        "says that nothing was spent when a wait breaks off",
        "omniflash.flows.wait",
        "Money.MAYBE if error.money is Money.NO else error.money",
        "Money.NO",
        ("told that nothing was spent",),
        ("fal-1, render #1: never over",),
    ),
    Broken(
        "saves in place",
        "omniflash.flows.save",
        "part: Path = yield Draft(target)",
        "part: Path = target",
        ("half a file",),
        ("a, piece of a clip #1: Killed before it",),
    ),
    Broken(
        "keeps half of what was cut",
        "omniflash.flows.save",
        "_lacking(saved, total))",
        "None)",
        ("half a file",),
        ("a, download #1: cut half way",),
    ),
    Broken(
        "keeps to no pace",
        "omniflash.drive.pace",
        "        self.taken.append(start)\n",
        "",
        ("too fast",),
        ("a, account #1: ('pixeldojo', 'fal')", "a, wishes #1: 3"),
    ),
    Broken(
        "looks at a job that somebody is at",
        "omniflash.flows.lease",
        "        return self.who is None\n",
        "        return True\n",
        ("two at once",),
        (
            "scene, people #1: 2",
            "a, wish #1: the shared one under key-shared",
            "b, wish #1: the shared one under key-shared",
        ),
    ),
    Broken(
        "cleans up after it was closed",
        "omniflash.flows.save",
        """        yield from _fetched_whole(account, clip, part)
    except GeneratorExit:
        raise
""",
        "        yield from _fetched_whole(account, clip, part)\n",
        ("went on after it was closed",),
        ("a, piece of a clip #1: Killed before it",),
    ),
    Broken(
        "looks once more after Ctrl-C",
        "omniflash.flows.wait",
        "        kept(interruption, job)\n        raise\n    return settled(ended)",
        "        yield from status(account, job)\n        raise\n    return settled(ended)",
        ("went on after an interruption",),
        ("a, Tell #1: KeyboardInterrupt before it",),
    ),
)


@frozen
class Caught:
    """The seed that caught a broken client, and the shortest run of it."""

    broken: Broken
    seed: int
    run: Run


def catch(one: Broken, seeds: Iterable[int], book: Book) -> Iterator[Caught]:
    """Each of these seeds that catches a broken client as what it is, with its shortest run."""
    with broken(one.module, one.right, one.wrong):
        for seed in seeds:
            found = run(seed, book)
            if found.breach in one.caught_as:
                yield Caught(one, seed, shrunk(found, book))
