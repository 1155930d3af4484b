"""Whether a client tells a clip that is not what was asked for (RES-PROBE)."""

from ..bench import ClientBench
from ..case import Needs, case
from ..subject import Offers
from ..verdicts import expect
from .paying import RELIABLE


@case("RES-PROBE-1", "a clip that is what was asked for is not complained of", needs=Needs.SERVER)
def a_good_clip_is_good(bench: ClientBench) -> None:
    said = _probed(bench)
    expect(not said, f"a good clip is complained of: {'; '.join(said)}")


@case("RES-PROBE-2", "a clip that is too short is told", **RELIABLE)
def a_short_clip_is_told(bench: ClientBench) -> None:
    said = _probed(bench, "short-clip")
    expect(said, "a clip of half the length that was asked for is not complained of")
    bench.note(said=list(said))


@case("RES-PROBE-3", "a clip without sound is told", **RELIABLE)
def a_silent_clip_is_told(bench: ClientBench) -> None:
    said = _probed(bench, "silent-clip")
    expect(said, "a clip without sound is not complained of")
    bench.note(said=list(said))


def _probed(bench: ClientBench, fault: str = "") -> tuple[str, ...]:
    bench.needs(Offers.SAVE, Offers.PROBE)
    target, request = bench.folder / "clip.mp4", bench.least()
    if fault:
        bench.arm(fault, call="submit")
    with bench.opened() as client:
        client.save(bench.rendered(client), target)
        return client.probe(target, request)
