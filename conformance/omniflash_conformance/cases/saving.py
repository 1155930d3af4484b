"""Fetching a clip into a file: whole or not at all, and where the caller says (RES-SAVE)."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.request import urlopen

from ..bench import ClientBench
from ..case import Needs, case
from ..means.breaking_in import ctrl_c
from ..subject import Client, Offers, Told
from ..verdicts import Broken, Lax, expect, expect_equal
from .paying import RELIABLE

FOUND = b"what was there before"
SLOW, CRAWL = 300_000, 1_000  # bytes per second of wall time
NAME = "mine.mp4"


@case(
    "RES-SAVE-1", "a clip is saved whole, in the file that the caller names, and nothing beside it", needs=Needs.SERVER
)
def a_clip_is_saved(bench: ClientBench) -> None:
    target, told = _saved(bench)
    expect(told is None, f"a clip that is there cannot be saved: {told and told.kind}")
    _whole(bench, target)
    bench.note(bytes=target.stat().st_size)


def _saved(bench: ClientBench, fault: str = "", found: bytes | None = None, **options: Any) -> tuple[Path, Told | None]:
    """Where a clip was to be saved while a fault strikes its download, and what saving it told."""
    bench.needs(Offers.SAVE)
    target = bench.folder / NAME
    if found is not None:
        target.write_bytes(found)
    with bench.opened() as client:
        clip = bench.rendered(client)
        if fault:
            bench.arm(fault, call="asset", **options)
        return target, bench.refusal(lambda: client.save(clip, target))


def _whole(bench: ClientBench, target: Path) -> None:
    _nothing_beside(target)
    expect(target.exists(), "a clip was saved, and there is no file")
    expect_equal(target.stat().st_size, len(_content(bench)), "of a clip that was saved, the number of bytes")
    expect(target.read_bytes() == _content(bench), "a clip was saved, and the file holds something else")


def _content(bench: ClientBench) -> bytes:
    """What the vendor has at the address that was fetched last."""
    fetched = [exchange for exchange in bench.exchanges("asset") if exchange["status"] in (200, 206)]
    if not fetched:
        raise Broken("a clip was saved, and the vendor never sent one")
    with urlopen(bench.sandbox.asset_url + fetched[-1]["path"]) as answer:  # noqa: S310 - the sandbox's own
        return bytes(answer.read())


def _nothing_beside(target: Path) -> None:
    left = sorted(str(path.relative_to(target.parent)) for path in target.parent.rglob("*") if path != target)
    expect(not left, f"beside the clip's file, {', '.join(left)} is left")


def _absent(target: Path, told: Told | None, what: str) -> None:
    if told is None:
        raise Broken(f"{what}, and save came back as if the clip were whole")
    expect(not target.exists(), f"{what}, and a file of {_size(target)} bytes stands where the clip belongs")
    _nothing_beside(target)


def _size(target: Path) -> int:
    return target.stat().st_size if target.exists() else 0


# Troubles that pass: the clip is whole in the end, or at least nothing is there.
PASSING: Mapping[int, tuple[str, str, Mapping[str, Any]]] = {
    2: ("a download that is cut is gone on with", "cut-download", {"bytes": 50_000}),
    3: ("a download that is reset is gone on with", "reset", {"bytes": 20_000}),
    4: ("a download of which fewer bytes come than were announced is not whole", "overstated-length", {}),
    5: ("a clip that has moved is fetched where it is", "asset-redirect", {}),
    6: ("a clip whose URL has expired is asked for anew", "asset-expired", {}),
    7: ("a store that is busy is asked again", "unavailable", {"status": 503}),
}


def _passing(title: str, fault: str, options: Mapping[str, Any], bench: ClientBench) -> None:
    target, told = _saved(bench, fault, **options)
    if told is None:
        _whole(bench, target)
        return
    _absent(target, told, f"the download failed ({fault})")
    raise Lax(f"gives up at the first {fault}, as {told.kind}")


for _number, (_title, _fault, _options) in PASSING.items():
    case(f"RES-SAVE-{_number}", _title, **RELIABLE)(partial(_passing, _title, _fault, _options))

# Troubles that do not pass: nothing is there.
LASTING: Mapping[int, tuple[str, str, Mapping[str, Any]]] = {
    8: ("a download that is cut each time leaves nothing", "cut-download", {"bytes": 0, "times": None}),
    9: ("a clip that never has its stated length is not kept", "overstated-length", {"times": None}),
    10: ("an error's page is no clip", "gateway-html", {"status": 200, "times": None}),
    11: ("a redirect to where no clip is gives none", "redirect", {"times": None}),
}


def _lasting(title: str, fault: str, options: Mapping[str, Any], bench: ClientBench) -> None:
    _absent(*_saved(bench, fault, **options), f"no whole clip ever came ({fault})")


for _number, (_title, _fault, _options) in LASTING.items():
    case(f"RES-SAVE-{_number}", _title, **RELIABLE)(partial(_lasting, _title, _fault, _options))


@case("RES-SAVE-12", "a download that fails leaves the file that was there as it was", **RELIABLE)
def what_was_there_stays(bench: ClientBench) -> None:
    target, told = _saved(bench, "overstated-length", FOUND, times=None)
    expect(told, "no whole clip ever came (overstated-length), and save came back as if the clip were whole")
    expect(target.exists() and target.read_bytes() == FOUND, "a failed download has spoilt the file that was there")
    _nothing_beside(target)


@case("RES-SAVE-13", "while a clip is fetched, there is no half of it under its name", **RELIABLE)
def there_is_never_half_a_clip(bench: ClientBench) -> None:
    bench.needs(Offers.SAVE)
    target = bench.folder / NAME
    with bench.opened() as client:
        clip = bench.rendered(client)
        bench.arm("slow-drip", call="asset", bytes_per_second=SLOW)
        sizes = _sizes_while(client, clip, target)
    whole = target.stat().st_size
    expect(
        not sizes - {whole}, f"while it is fetched, a file of {min(sizes | {whole})} bytes stands where a clip belongs"
    )
    _whole(bench, target)


def _sizes_while(client: Client, clip: object, target: Path) -> set[int]:
    sizes: set[int] = set()
    over = Event()

    def watch() -> None:
        while not over.wait(0.01):
            if target.exists():
                sizes.add(target.stat().st_size)

    watcher = Thread(target=watch, daemon=True)
    watcher.start()
    try:
        client.save(clip, target)
    finally:
        over.set()
        watcher.join()
    return sizes


@case("RES-SAVE-14", "a download that is interrupted leaves nothing", **RELIABLE)
def an_interruption_leaves_nothing(bench: ClientBench) -> None:
    bench.needs(Offers.SAVE)
    target = bench.folder / NAME
    with bench.opened() as client:
        clip = bench.rendered(client)
        bench.arm("slow-drip", call="asset", bytes_per_second=CRAWL)
        told = None
        try:
            with ctrl_c(lambda: bool(bench.exchanges("asset"))):
                client.save(clip, target)
        except BaseException as problem:  # noqa: BLE001 - Ctrl-C, or what the client makes of it
            told = bench.told(problem)
        _absent(target, told, "Ctrl-C was pressed in a download")


@case("RES-SAVE-15", "a file size that the vendor states wrongly spoils nothing", **RELIABLE)
def a_wrong_size_spoils_nothing(bench: ClientBench) -> None:
    bench.needs(Offers.SAVE)
    target = bench.folder / NAME
    bench.arm("wrong-file-size", times=None)
    with bench.opened() as client:
        clip = bench.rendered(client)
        told = bench.refusal(lambda: client.save(clip, target))
    if told is None:
        _whole(bench, target)
    else:
        _absent(target, told, "the vendor states a wrong size")


@case("RES-SAVE-16", "no name that the vendor gives decides where a clip goes", **RELIABLE)
def no_vendor_names_a_file(bench: ClientBench) -> None:
    bench.needs(Offers.SAVE)
    around = bench.folder
    target = around / "a" / "b" / NAME
    target.parent.mkdir(parents=True)
    bench.arm("hostile-name", times=None)
    with bench.opened() as client:
        clip = bench.rendered(client)
        told = bench.refusal(lambda: client.save(clip, target))
    strays = [path for path in around.rglob("*") if path.is_file() and path != target]
    expect(not strays, f"the vendor's file name decides that a clip goes to {', '.join(path.name for path in strays)}")
    expect(told is None, f"a clip whose vendor names a file cannot be saved: {told and told.kind}")
    _whole(bench, target)
