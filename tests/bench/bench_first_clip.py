"""Speed, as ratios within one run: importing, validating and mapping a request, the sandbox's start and its clips."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from tempfile import TemporaryDirectory

import httpx

from omniflash import Client, Provider, TextToVideo, check
from omniflash.adapter import Order
from omniflash.discovery import adapter
from omniflash.mapping import compose
from omniflash_sandbox import Sandbox

ROUNDS = 15
OURS, THEIRS = "from omniflash import Client, TextToVideo", "import httpx, attrs, cattrs, anyio"
HEAVY = ("omniflash_fal", "omniflash_pixeldojo", "omniflash_sandbox", "av", "rich", "starlette", "sqlite3")


def imported(statement: str) -> float:
    """Seconds that a statement takes in an interpreter of its own, start-up left out."""
    code = f"import time; t = time.perf_counter(); {statement}; print(time.perf_counter() - t)"
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


def each(action: Callable[[], object], times: int = 2000) -> float:
    """Seconds that an action takes, the best of several rounds."""
    rounds = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        for _ in range(times):
            action()
        rounds.append((time.perf_counter() - begin) / times)
    return min(rounds)


def imports() -> None:
    """Importing against importing what we stand on, in turn."""
    pairs = [(imported(OURS), imported(THEIRS)) for _ in range(ROUNDS)]
    ratio = statistics.median(ours / theirs for ours, theirs in pairs)
    ours = statistics.median(ours for ours, _ in pairs)
    print(f"import: {ratio:.2f} × `{THEIRS}` (mark: at most 1.5), {ours * 1000:.0f} ms")
    code = f"import sys; {OURS}; print([name for name in {HEAVY!r} if name in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    print(f"import: of {', '.join(HEAVY)} it loads {loaded} (mark: none)")


def requests() -> None:
    """Validating and mapping one request against building the httpx.Request for it."""
    offer = adapter("fal").offers[0]
    body = {"prompt": "A lighthouse at dusk", "duration": 5, "aspect_ratio": "9:16"}
    url, headers = "https://queue.fal.run/google/gemini-omni-flash", {"Authorization": "Key id:secret"}
    client = httpx.Client()

    def ours() -> object:
        request = TextToVideo("A lighthouse at dusk", duration=5, aspect_ratio="9:16")
        order = Order(id="1", account="fal", offer=offer, request=request, media={})
        return check(request), compose(order)

    mapped, built = each(ours), each(lambda: client.build_request("POST", url, json=body, headers=headers))
    print(f"validate and map: {mapped / built:.2f} × httpx's build_request (mark: less than 1), {mapped * 1e6:.1f} µs")
    planner = Client([Provider("fal", key="id:secret-half"), Provider("pixeldojo", key="pd_key")])
    plain = TextToVideo("A lighthouse at dusk", duration=5)
    print(f"plan over 2 providers: {each(lambda: planner.plan(plain), 500) * 1e6:.0f} µs")


def sandbox() -> None:
    """The sandbox's start, and a 3 s clip of each codec, the first and the second."""
    with TemporaryDirectory():
        begin = time.perf_counter()
        with Sandbox(speed=0) as running:
            print(f"sandbox: starts in {(time.perf_counter() - begin) * 1000:.0f} ms, imports included")
            with Client("pixeldojo", sandbox=running.site) as client:
                for codec, container in (("h264", "mp4"), ("vp9", "webm")):
                    for turn in ("first", "second"):
                        begin = time.perf_counter()
                        client.generate(f"The {turn} {codec} clip", duration=3, output_format=container).read()
                        took = time.perf_counter() - begin
                        print(
                            f"sandbox: the {turn} 3 s {codec} clip in {took:.2f} s, submit to bytes (mark: under 1 s)"
                        )


if __name__ == "__main__":
    imports()
    requests()
    sandbox()
