"""The tables of the documentation, made from the data that the code itself goes by."""

import tomllib
from collections.abc import Iterable
from pathlib import Path

from omniflash.cli.exits import MEANINGS
from omniflash.discovery import PROVIDERS, adapter, installed
from omniflash.flows.attempt import VERDICTS, Verdict
from omniflash.money.quotes import quote
from omniflash.spec import CLAUSES, LIMITS, Mode
from omniflash_conformance.comparing import MEANINGS as CHANGES
from omniflash_conformance.drift.compare import BREAKING, Kind
from omniflash_conformance.drift.known import KNOWN
from omniflash_conformance.reports.words import LOOKS
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


def tables() -> dict[str, str]:
    """All of them, by the name that pages use."""
    made = [clauses, limits, capabilities, prices, exit_codes, repeats, faults, drift_breaks, drift_known]
    made += [verdicts, changes, vendor_changes]
    return {make.__name__: make() for make in made}
