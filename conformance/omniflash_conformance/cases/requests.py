"""What a request may be (REQ-*): three cases for each clause, and what is told of everything that is wrong.

1 draws forms that are wrong in the clause alone, 2 has what lies just within it, 3 what lies just outside.
"""

from collections.abc import Iterable, Mapping
from functools import partial

from omniflash.spec import ASSIGNED, LATEST, LIMITS, UPLOADED_EDITS_REFUSED, Data, Violation

from ..bench import SpecBench
from ..case import case
from ..means.asking import FILM, FILM_URL, PICTURE, PICTURE_URL
from ..strategies import Wrong, wrong_in
from ..verdicts import expect, expect_equal

Form = Mapping[str, object]
TEXT: Form = {"mode": "text_to_video", "prompt": "A cat"}
IMAGE: Form = {"mode": "image_to_video", "prompt": "A cat", "image": PICTURE_URL}
REFERENCES: Form = {"mode": "reference_to_video", "prompt": "A cat", "references": [PICTURE_URL]}
EDIT: Form = {"mode": "edit", "prompt": "At night", "video": FILM_URL}
REFINE: Form = {"mode": "refine", "prompt": "At night", "previous": {"handle": "vid_1"}}
EVERY: tuple[Form, ...] = (TEXT, IMAGE, REFERENCES, EDIT, REFINE)
TIMED = (TEXT, IMAGE, REFERENCES)
LONGEST, MOST = LATEST.prompt.maximum, LATEST.references.maximum
SHORTEST_S, LONGEST_S = LATEST.duration.minimum, LATEST.duration.maximum
MOST_EDITING, MOST_SEED = LATEST.references_editing.maximum, LATEST.seed.maximum


def _each(field: str, values: Iterable[object], forms: Iterable[Form] = EVERY) -> tuple[Form, ...]:
    kept = tuple(values)
    return tuple({**form, field: value} for form in forms for value in kept)


def _pictures(count: int) -> list[str]:
    return [f"https://example.com/{number}.png" for number in range(count)]


_INLINE = {
    "image": Data.of(PICTURE, "image/png").uri,
    "video": Data.of(FILM, "video/mp4").uri,
}

RIGHT: Mapping[str, tuple[Form, ...]] = {
    "REQ-SHAPE": (*EVERY, *({name: value for name, value in form.items() if name != "mode"} for form in EVERY)),
    "REQ-PROMPT": _each("prompt", ["a", "a" * LONGEST, "è 🐈 ‏עב", " a\n", "<b>&amp;"]),
    "REQ-DURATION": _each("duration", range(SHORTEST_S, LONGEST_S + 1), TIMED),
    "REQ-ASPECT": _each("aspect_ratio", LATEST.aspect_ratios, TIMED),
    "REQ-REFS": _each("references", map(_pictures, range(1, MOST + 1)), [REFERENCES]),
    "REQ-REFS-EDIT": _each("references", map(_pictures, range(MOST_EDITING + 1)), [EDIT, REFINE]),
    "REQ-TAG": tuple(
        {**REFERENCES, "references": _pictures(MOST), "prompt": f"<IMAGE_REF_{number}> and a cat"}
        for number in range(MOST)
    ),
    "REQ-REGION": (
        *_each("country", sorted(ASSIGNED - UPLOADED_EDITS_REFUSED), [EDIT]),
        *_each("country", sorted(UPLOADED_EDITS_REFUSED), [TEXT, IMAGE, REFERENCES, REFINE]),
        EDIT,
    ),
    "REQ-COUNTRY": _each("country", sorted(ASSIGNED), [TEXT]),
    "REQ-MEDIA": ({**IMAGE, "image": _INLINE["image"]}, {**EDIT, "video": _INLINE["video"]}, IMAGE, REFERENCES, EDIT),
    "REQ-SEED": _each("seed", [0, 1, MOST_SEED]),
    "REQ-VERSION": _each("version", LIMITS),
    "REQ-FORMAT": _each("output_format", LATEST.output_formats),
    "REQ-PREVIOUS": ({**REFINE, "previous": "vid_1"}, REFINE),
    "REQ-METADATA": _each("metadata", [{}, {"order": "7"}, {"": ""}]),
}
_NO_NUMBERS: tuple[object, ...] = (8.0, "8", True, [8], float("nan"), 10**30, -1)
WRONG: Mapping[str, tuple[Form, ...]] = {
    "REQ-SHAPE": (
        {**TEXT, "lenght": 8},
        {**TEXT, "mode": "text"},
        {**TEXT, "image": PICTURE_URL},
        {**EDIT, "duration": 8},
        {**REFINE, "aspect_ratio": "16:9"},
    ),
    "REQ-PROMPT": _each("prompt", ["", " ", "\n\t ", "\u3000", "a" * (LONGEST + 1), 7, None]),
    "REQ-DURATION": _each("duration", [SHORTEST_S - 1, LONGEST_S + 1, 0, *_NO_NUMBERS], TIMED),
    "REQ-ASPECT": _each("aspect_ratio", ["1:1", "16/9", "16:9 ", "9:21", 1.78, ""], TIMED),
    "REQ-REFS": _each("references", [[], _pictures(MOST + 1)], [REFERENCES]),
    "REQ-REFS-EDIT": _each("references", [_pictures(MOST_EDITING + 1), _pictures(MOST)], [EDIT, REFINE]),
    "REQ-TAG": (
        {**REFERENCES, "prompt": "<IMAGE_REF_1>"},
        {**REFERENCES, "prompt": "<IMAGE_REF_0> beside <IMAGE_REF_2>", "references": _pictures(2)},
        {**TEXT, "prompt": "<IMAGE_REF_0>"},
    ),
    "REQ-REGION": _each("country", sorted(UPLOADED_EDITS_REFUSED), [EDIT]),
    "REQ-COUNTRY": _each("country", ["UK", "EU", "XX", "de", "DEU", "", 49]),
    "REQ-MEDIA": (
        *_each("image", ["ftp://example.com/a.png", "data:image/png;base64,!", 7], [IMAGE]),
        *_each("image", ["https://", "https:///a.png", "https://a b/c.png", "https://example.com/a\n.png"], [IMAGE]),
        *_each("video", ["s3://bucket/a.mp4", _INLINE["image"]], [EDIT]),
        {**REFERENCES, "references": [PICTURE_URL, "javascript://a"]},
    ),
    "REQ-SEED": _each("seed", [-1, MOST_SEED + 1, 1.0, "1", True]),
    "REQ-VERSION": _each("version", ["2.0", "1", "latest", 1.0]),
    "REQ-FORMAT": _each("output_format", ["avi", "MP4", ".mp4", 4]),
    "REQ-PREVIOUS": tuple({**REFINE, "previous": value} for value in (None, "", " ", 7)),
    "REQ-METADATA": _each("metadata", [{"order": 7}, {7: "order"}, "order", ["order"]]),
}


def told_alone(clause: str, bench: SpecBench) -> None:
    """What is wrong in one clause alone is told by it, where it is, and by no other."""

    def look(wrong: Wrong) -> None:
        found = {(violation.clause, violation.field) for violation in bench.judged(wrong.form)}
        expect_equal(found, {(clause, wrong.field)}, "what is told")

    bench.drawn(wrong_in(clause), look)


def taken(clause: str, bench: SpecBench) -> None:
    """What lies just within a clause is not refused by it."""
    for form in RIGHT[clause]:
        found = [violation for violation in bench.judged(form) if violation.clause == clause]
        expect(not found, f"it is refused: {found and found[0]}")


def refused(clause: str, bench: SpecBench) -> None:
    """What lies just outside a clause is refused by it."""
    for form in WRONG[clause]:
        expect(clause in bench.judge(form), "it is taken")


TITLES = {
    1: (told_alone, "what is wrong in this alone is told by this clause, where it is, and by no other"),
    2: (taken, "what lies just within is taken"),
    3: (refused, "what lies just outside is refused"),
}
for _clause in RIGHT:
    for _number, (_look, _title) in TITLES.items():
        case(f"{_clause}-{_number}", _title)(partial(_look, _clause))


@case("REQ-ALL-1", "whatever is wrong is told at once")
def everything_is_told(bench: SpecBench) -> None:
    def look(wrong: Wrong) -> None:
        found = {(violation.clause, violation.field) for violation in bench.judged(wrong.form)}
        missing = wrong.faults - found
        expect(not missing, f"it does not tell {', '.join(sorted(' '.join(fault) for fault in missing))}")

    bench.drawn(wrong_in("REQ-ALL"), look)


@case("REQ-ALL-2", "every violation names its clause, field, value, limit and remedy")
def every_violation_is_whole(bench: SpecBench) -> None:
    for clause, forms in WRONG.items():
        for form in forms:
            for violation in bench.judged(form):
                _whole(violation, clause)


def _whole(violation: Violation, clause: str) -> None:
    expect(violation.clause and violation.field, f"a violation of {clause} names no clause or no field: {violation}")
    expect(violation.limit.strip(), f"{violation.clause} at {violation.field} names no limit")
    expect(violation.remedy.strip(), f"{violation.clause} at {violation.field} says nothing of what to do")


@case("REQ-COUNTRY-4", "who writes UK is answered with GB")
def the_united_kingdom_is_gb(bench: SpecBench) -> None:
    (violation,) = bench.judged({**TEXT, "country": "UK"})
    expect("GB" in violation.remedy, f"its remedy is {violation.remedy!r}")


@case("REQ-DURATION-4", "the remedy for another length names the nearest right one")
def the_nearest_is_named(bench: SpecBench) -> None:
    for seconds, nearest in ((SHORTEST_S - 1, SHORTEST_S), (LONGEST_S + 1, LONGEST_S)):
        (violation,) = bench.judged({**TEXT, "duration": seconds})
        expect(str(nearest) in violation.remedy, f"the remedy for {seconds} s is {violation.remedy!r}")


@case("REQ-REGION-4", "where the country is not known, an edit is let through")
def the_unknown_country_is_let_through(bench: SpecBench) -> None:
    expect("REQ-REGION" not in bench.judge(EDIT), "an edit for nobody knows where is refused")
