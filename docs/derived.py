"""The tables of the documentation, made from the data that the code itself goes by."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from omniflash.cli.exits import MEANINGS
from omniflash.discovery import PROVIDERS, adapter, installed
from omniflash.flows.attempt import VERDICTS, Verdict
from omniflash.flows.route import OTHERS_S
from omniflash.flows.submit import SUBMIT_PATIENCE_S
from omniflash.money.quotes import USD, price_words, quote
from omniflash.routing.health import FIRST_REST_S, LONGEST_REST_S, SUCCESS, TOP, TROUBLE, Sign
from omniflash.spec import CLAUSES, LIMITS, Mode
from omniflash_conformance.case import EVERY_MODE, Case, Profile, cases
from omniflash_conformance.comparing import MEANINGS as CHANGES
from omniflash_conformance.drift.compare import BREAKING, Kind
from omniflash_conformance.drift.known import KNOWN
from omniflash_conformance.reports.words import LOOKS
from omniflash_conformance.runner import tasks
from omniflash_conformance.zoo.specimen import Specimen, specimens
from omniflash_sandbox.fault_kinds import KINDS

FAULTS, VENDOR_CHANGES = (
    tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text("utf-8")) for name in ("faults", "changes")
)
WORDS = {
    Verdict.AGAIN: "again",
    Verdict.HAND_IN: "hand in",
    Verdict.THROW_IN: "throw in",
    Verdict.UNCERTAIN: "**SubmissionUncertain**",
}
CLAIMED_BY = {
    Profile.CORE: "everybody",
    Profile.EDITING: "who offers to edit",
    Profile.REFINE: "who offers to refine",
    Profile.UPLOADS: "who declares uploads",
    Profile.WEBHOOKS: "who declares webhooks",
    Profile.RELIABILITY: "everybody",
    Profile.LIVE_MEDIA: "nobody: no case belongs to it yet",
}


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table."""
    lines = [list(head), *([str(cell).replace("|", "\\|") for cell in row] for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def clauses() -> str:
    """Every clause with the numbers of the newest version in it."""
    rows = (
        (f"`{c.id}`", c.level, c.subject, f"{c.sentence()}{f' ({c.note})' if c.note else ''}", c.source)
        for c in CLAUSES.values()
    )
    return table(["clause", "level", "held", "rule", "source"], rows)


def limits() -> str:
    """The limits of every model version."""
    rows = (
        (
            v.version,
            v.duration,
            " ".join(v.aspect_ratios),
            v.references,
            v.references_editing.maximum,
            v.prompt,
            " ".join(v.output_formats),
        )
        for v in LIMITS.values()
    )
    head = ["version", "seconds", "aspect ratios", "references", "while editing", "prompt characters", "output formats"]
    return table(head, rows)


def capabilities() -> str:
    """What each installed provider declares, mode by mode."""
    adapters = [adapter(name) for name in installed(PROVIDERS)]
    rows = []
    for mode in Mode:
        cells = []
        for found in adapters:
            offers = [offer for offer in found.offers if offer.mode is mode]
            fields = (
                ", ".join(f"{name} → `{field.wire}`" for name, field in offers[0].fields.items() if field.wire)
                if offers
                else ""
            )
            cells.append(fields or found.absent.get(mode, "no"))
        rows.append([f"`{mode}`", *cells])
    return table(["mode", *(found.name for found in adapters)], rows)


def prices() -> str:
    """What each offer asks for a clip that says nothing of its length, with the arithmetic."""
    rows = []
    for offer in (offer for name in installed(PROVIDERS) for offer in adapter(name).offers):
        limits = LIMITS[offer.version]
        seconds = limits.duration_default if "duration" in offer.fields else limits.duration.maximum
        told = quote(offer.price, seconds)
        rows.append(
            [offer.provider, f"`{offer.mode}`", f"{told} ({seconds} s)", told.arithmetic, told.source, told.as_of]
        )
    return table(["provider", "mode", "quote", "arithmetic", "source", "as of"], rows)


def price_rows() -> str:
    """Every price that comes with an adapter: what it counts, and what it may come to at most."""
    rows = []
    for offer in (offer for name in installed(PROVIDERS) for offer in adapter(name).offers):
        price = offer.price
        credit = "" if price.unit == USD else f"${price.usd_per_unit}"
        asked = [price_words(price, rate) for rate in (price.rate, price.bound)]
        rows.append(
            [
                offer.provider,
                offer.version,
                f"`{offer.mode}`",
                price.resolution,
                *asked,
                credit,
                price.kind,
                price.as_of,
            ]
        )
    head = ["provider", "version", "mode", "resolution", "asks", "at most", "a credit", "kind", "as of"]
    return table(head, rows)


def exit_codes() -> str:
    """What each exit code says."""
    return table(["code", "meaning"], MEANINGS.items())


def repeats() -> str:
    """When a call is sent again."""
    outcomes = list(next(iter(VERDICTS.values())))
    head = ["sending twice", *(outcome.name.lower() for outcome in outcomes)]
    return table(
        head, ([f"`{repeat.name}`", *(WORDS[row[outcome]] for outcome in outcomes)] for repeat, row in VERDICTS.items())
    )


def faults() -> str:
    """What the client does about each fault, by the call that it strikes."""
    words, columns = FAULTS["outcomes"], ("submit", "others", "clip")
    rows = []
    for name, row in FAULTS["faults"].items():
        variants = [variant for variant in row.get("variants", []) if "fault" in row]
        told = "; ".join(f"{option} {value}" for variant in variants for option, value in variant.items())
        fault = row.get("fault", name)
        cells = [words.get(row.get(column), "") for column in columns]
        rows.append([f"`{fault}`{f' ({told})' if told else ''}", KINDS[fault].happens, *cells])
    return table(["fault", "what happens", "the paid call", "a call that is free", "fetching the clip"], rows)


def drift_breaks() -> str:
    """Which change breaks what we send, and which what we read."""
    head = ["change", *(f"in {'an' if direction == 'answer' else 'a'} {direction}" for direction in BREAKING)]
    return table(head, ([kind, *("breaks" if kind in found else "" for found in BREAKING.values())] for kind in Kind))


def drift_known() -> str:
    """The differences that vendors' documents have had all along."""
    rows = (
        (f"`{known.contracts}`", " ".join(f"`{place}`" for place in known.places), known.kind, known.because)
        for rows in KNOWN.values()
        for known in rows
    )
    return table(["contract", "fields", "change", "because"], rows)


def verdicts() -> str:
    """What a case can end as, the worst first."""
    return table(
        ["", "verdict", "what it says"], ([look.sign, verdict, look.meaning] for verdict, look in LOOKS.items())
    )


def changes() -> str:
    """What can become of a case from one report to the next."""
    return table(["", "what became of it"], ([f"**{kind}**", meaning] for kind, meaning in CHANGES.items()))


def vendor_changes() -> str:
    """How a vendor could change, and the clauses that find it."""
    rows = (
        [provider, row["what"], *(", ".join(f"`{clause}`" for clause in row.get(how, ())) for how in FOUND)]
        for provider, named in VENDOR_CHANGES.items()
        for row in named.values()
    )
    return table(["vendor", "what changes", "breaks", "is told as changed"], rows)


FOUND = ("breaks", "differs")


def profiles() -> str:
    """Who claims each profile, and how much is run of it for a provider that offers all."""
    counts = Counter(case.profile_in(mode) for case, mode in tasks(cases().values()))
    rows = ([f"`{profile}`", CLAIMED_BY[profile], counts[profile]] for profile in Profile)
    return table(["profile", "claimed by", "cases, mode by mode"], rows)


FAMILIES = tuple(dict.fromkeys(clause.partition("-")[0] for clause in CLAUSES))


def cases_of(family: str) -> str:
    """Every case of a family of clauses."""
    rows = (
        [f"`{case.id}`", case.title, case.needs, case.profile, _modes(case)]
        for case in cases().values()
        if case.clause.id.partition("-")[0] == family
    )
    return table(["case", "what holds", "needs", "profile", "run for"], rows)


def _modes(case: Case) -> str:
    if case.modes is None:
        return "once"
    return "each mode" if case.modes == EVERY_MODE else ", ".join(f"`{mode}`" for mode in case.modes)


def zoo() -> str:
    """Every clause with the specimens that it has to catch."""
    found = [*specimens().values()]
    rows = ([f"`{clause}`", *_habits([each for each in found if each.clause == clause])] for clause in CLAUSES)
    return table(["clause", "specimens", "each does one of these wrong"], rows)


def _habits(found: list[Specimen]) -> Iterator[object]:
    yield len(found)
    yield "; ".join(each.habit for each in found)


SIGNS_TOLD = {
    Sign.SHUT: "the account is locked, empty, or its key is refused; the endpoint is gone",
    Sign.UNCERTAIN: "nobody knows if it was accepted",
    Sign.UNREACHED: "not reached",
    Sign.FAILED: "accepted, and failed at the vendor",
    Sign.ANSWERED: "accepted, or refused for the request's own sake",
    Sign.MADE: "made",
}


def health_signs() -> str:
    """What came of an order, and how far it goes up which ladder."""
    up = [[SIGNS_TOLD[sign], f"{stage}: + {by}"] for sign, (stage, by) in TROUBLE.items()]
    down = [[SIGNS_TOLD[sign], f"{stage}: back to 0"] for sign, stage in SUCCESS.items()]
    return table(["what came of an order", "counts"], up + down)


def health_figures() -> dict[str, str]:
    """The figures of the rule, as sentences name them."""
    minutes = {"health_longest": LONGEST_REST_S, "health_patience": SUBMIT_PATIENCE_S}
    seconds = {"health_rest": FIRST_REST_S, "health_others": OTHERS_S}
    told = {name: f"{value / 60:g} minutes" for name, value in minutes.items()}
    told |= {name: f"{value:g} seconds" for name, value in seconds.items()}
    return {**told, "health_top": str(TOP)}


def tables() -> dict[str, str]:
    """All of them, by the name that pages use."""
    made = [clauses, limits, capabilities, prices, price_rows, exit_codes, repeats, faults, drift_breaks, drift_known]
    made += [verdicts, changes, vendor_changes, profiles, zoo, health_signs]
    families = {f"cases_{family}": cases_of(family) for family in FAMILIES}
    counts = {"case_count": str(len(cases())), "specimen_count": str(len(specimens()))}
    return {make.__name__: make() for make in made} | families | counts | health_figures()
