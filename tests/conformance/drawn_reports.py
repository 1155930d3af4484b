"""Reports to try: drawn ones, and one of every verdict whose vendor says the worst that it can."""

from datetime import UTC, date, datetime

from hypothesis import settings
from hypothesis import strategies as st

from omniflash.spec import CLAUSES, Mode
from omniflash_conformance.case import Profile
from omniflash_conformance.report import Column, Report, Result, Standing, Wire
from omniflash_conformance.verdicts import Verdict

# Drawing is what takes the time here: most texts are picked, and few reports of few results are enough.
PICKED = ("", "fal", "a b", "<b>&\"'</b>", "\x00\x1b[31m", "line\nline", "ø\u202e\uffff", "]]>", "$seed")
texts = st.sampled_from(PICKED) | st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
numbers = st.integers(-(2**53), 2**53)
seconds = st.floats(0, 1e6, allow_nan=False)
scalars = st.sampled_from([None, True, 1, 1.0, 0, -0.5, *PICKED])
json = scalars | numbers | st.dictionaries(texts, scalars | st.lists(scalars, max_size=2), max_size=2)
facts = st.dictionaries(texts, json, max_size=2)
few = settings(max_examples=25)
wires = st.builds(
    Wire,
    call=texts,
    method=texts,
    url=texts,
    headers=st.dictionaries(texts, texts, max_size=2),
    body=json,
    status=st.none() | st.integers(100, 599),
    answer=json,
    fault=st.none() | texts,
)
results = st.builds(
    Result,
    case=st.builds("{}-{}".format, st.sampled_from(sorted(CLAUSES)), st.integers(1, 99)),
    verdict=st.sampled_from(Verdict),
    title=texts,
    mode=st.none() | st.sampled_from(Mode),
    profile=st.sampled_from(Profile),
    said=texts,
    request=json,
    wire=st.lists(wires, max_size=1).map(tuple),
    curl=texts,
    again=texts,
    facts=facts,
    seconds=seconds,
    last_live=st.none() | st.dates(),
)
columns = st.builds(
    Column,
    name=texts,
    package=texts,
    version=texts,
    results=st.lists(results, max_size=3, unique_by=lambda result: result.key).map(tuple),
    profiles=st.dictionaries(st.sampled_from(Profile), st.sampled_from(Standing), max_size=3),
    failure=texts,
)
reports = st.builds(
    Report,
    made_at=st.datetimes(timezones=st.just(UTC)),
    omniflash=texts,
    ground=st.sampled_from(["sandbox", "recorded", "live"]),
    server=texts,
    seed=numbers,
    examples=st.integers(1, 1000),
    columns=st.lists(columns, max_size=2, unique_by=lambda column: column.name).map(tuple),
)

SCRIPT = "<img src=x onerror=\"document.title='owned'\"></script><script>document.title='owned'</script>"
HOSTILE = f"{SCRIPT}\x1b[31m\u202e\ud800\uffff\x00"


def report(said: str = HOSTILE) -> Report:
    """A report with every verdict; `said` is what the vendor and the cases say wherever they can."""
    wire = Wire(
        call="submit",
        method="POST",
        url=f"/fal/queue?{said}",
        headers={"accept": said},
        body={"prompt": said},
        status=200,
        answer={said: [said, "x" * 5_000]},
        fault="lose-response",
    )
    lost = Wire(call="status", method="GET", url="/fal/status")

    def result(case: str, verdict: Verdict, mode: Mode | None = None, last_live: date | None = None) -> Result:
        return Result(
            case=case,
            verdict=verdict,
            title=f"what {case} says holds",
            mode=mode,
            said="" if verdict is Verdict.HELD else f"it is said: {said}",
            request={"mode": "edit", "prompt": said},
            wire=(wire, lost),
            curl="curl -X POST https://queue.fal.run -H \"authorization: Key $KEY\" --data-raw '{}'",
            again=f"omniflash conformance run fal --case {case} --seed 7 --against sandbox",
            facts={"words": [said]},
            seconds=0.25,
            last_live=last_live,
        )

    fal = (
        result("MAP-ORDER-1", Verdict.BROKEN, Mode.REFERENCE_TO_VIDEO),
        result("MAP-ORDER-2", Verdict.HELD, Mode.REFERENCE_TO_VIDEO, date(2026, 10, 3)),
        result("MAP-ORDER-1", Verdict.HELD, Mode.EDIT),
        result("MAP-ORDER-3", Verdict.LAX),
        result("JOB-ONCE-1", Verdict.ENGINE),
        result("JOB-DEDUP-1", Verdict.EXEMPT),
        result("HOOK-VERIFY-1", Verdict.NOT_RUN),
        result("CAP-TRUTH-1", Verdict.HELD, Mode.TEXT_TO_VIDEO),
        result("CAP-TRUTH-1", Verdict.HELD, Mode.IMAGE_TO_VIDEO),
        result("CAP-TRUTH-1", Verdict.NOT_DECLARED, Mode.REFINE),
    )
    return Report(
        made_at=datetime(2026, 11, 21, 12, 30, tzinfo=UTC),
        omniflash="0.1.0",
        ground="sandbox",
        server="the sandbox",
        seed=7,
        examples=25,
        columns=(
            Column(name="spec", results=(result("REQ-SEED-1", Verdict.HELD),)),
            Column(
                name="fal",
                package="omniflash",
                version="0.1.0",
                results=fal,
                profiles={Profile.CORE: Standing.BROKEN, Profile.EDITING: Standing.HELD},
            ),
            Column(name="acme", failure=f"it raised at import: {said}"),
        ),
    )
