"""The clip as an adapter reads it from the vendor's answer (RES-VIDEO)."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from urllib.parse import urlsplit

import httpx
from hypothesis import strategies as st

from omniflash import Clip, OmniflashError, ProtocolError, Refine, State
from omniflash.effects import Call
from omniflash.spec import Mode
from omniflash.types import JSON
from omniflash_sandbox.switches import SWITCHES

from ..bench import AdapterBench
from ..case import EVERY_MODE, Needs, case
from ..means.life import Look, ended, facts_of, lived
from ..means.places import named
from ..strategies.nasty import put
from ..verdicts import Broken, NotDeclared, expect, expect_equal

MEDIA_TYPE = re.compile(r"(video|image)/[a-z0-9.+-]+")


@case(
    "RES-VIDEO-1",
    "the clip has the URL, type, size and expiry that the vendor says",
    needs=Needs.FIXED,
    recording="status",
    clips=1,
)
def the_clip_is_as_the_vendor_says(bench: AdapterBench) -> None:
    look = lived(bench).over
    clip = look.clip
    bench.note(
        answers=facts_of(look.heard),
        media_type=clip.media_type,
        host=urlsplit(clip.url).hostname,
        scheme=urlsplit(clip.url).scheme,
        has_size=clip.size is not None,
        has_expiry=clip.expires_at is not None,
        has_handle=clip.handle is not None,
    )
    _is_as_told(look)
    expect_equal(clip.provider, bench.adapter.name, "whose clip it is")
    expect_equal(clip.job, look.status.job.token, "the token of the job that made it")


def _is_as_told(look: Look) -> None:
    """What stands beside the URL in the vendor's answer is on the clip, and nothing that does not stand there."""
    clip = look.clip
    for number, place in look.urls:
        body = look.heard[number].body
        beside = _object_at(body, place[:-1])
        expect_equal(
            clip.media_type, _first(beside, lambda leaf: MEDIA_TYPE.fullmatch(str(leaf))), "the clip's media type"
        )
        sizes = [leaf for leaf in named(beside, lambda name: "size" in name or "bytes" in name) if type(leaf) is int]
        expect_equal(clip.size, next(iter(sizes), None), "the clip's size in bytes")
        dates = [_date(leaf) for leaf in named(body, lambda name: "expire" in name or "expiry" in name)]
        expect_equal(clip.expires_at, next((date for date in dates if date), None), "when the clip expires")


def _first(beside: JSON, fits: Callable[[JSON], object]) -> JSON:
    leaves = beside.values() if isinstance(beside, dict) else ()
    return next((leaf for leaf in leaves if fits(leaf)), None)


def _object_at(body: JSON, place: tuple[str | int, ...]) -> JSON:
    for step in place:
        body = body[step]  # type: ignore[index]  # it was found there
    return (
        {name: leaf for name, leaf in body.items() if not isinstance(leaf, dict | list)}
        if isinstance(body, dict)
        else {}
    )


def _date(leaf: JSON) -> datetime | None:
    try:
        return datetime.fromisoformat(str(leaf))
    except ValueError:
        return None


PATIENCE_S = 60.0  # a sandbox makes the clip when it is first asked for it


@case("RES-VIDEO-2", "the clip can be fetched by anybody, without the key", needs=Needs.SERVER, clips=1)
def anybody_can_fetch_it(bench: AdapterBench) -> None:
    clip = ended(bench).clip
    call = bench.adapter.download(clip)
    expect(not call.keyed, "the call that fetches the clip carries the key")
    expect_equal(call.url, clip.url, "the URL that the clip is fetched from")
    with _fetched(call) as answer:
        media_type = answer.headers.get("content-type", "").partition(";")[0]
        bench.note(served_as=media_type, ranges=answer.headers.get("accept-ranges"))
        expect_equal(answer.status_code, 200, "the HTTP status of the clip's URL, asked without the key")
        expect(clip.media_type in (None, media_type), f"the clip is {media_type}, and was told as {clip.media_type}")
        stated = answer.headers.get("content-length")
        expect(
            None in (clip.size, stated) or str(clip.size) == stated,
            f"the clip has {stated} bytes, and was told to have {clip.size}",
        )


@contextmanager
def _fetched(call: Call) -> Iterator[httpx.Response]:
    """The answer to the call for a clip, as anybody has it; its body is left where it is."""
    try:
        with httpx.stream(
            "GET", call.url, headers=dict(call.headers), follow_redirects=True, trust_env=False, timeout=PATIENCE_S
        ) as answer:
            yield answer
    except httpx.HTTPError as problem:
        raise Broken(f"the clip's URL gives no answer: {type(problem).__name__}: {problem}") from problem


def forms(provider: str, switch: str) -> tuple[str, ...]:
    """The forms that a vendor's answer is known to have, the published one first."""
    known = SWITCHES.get(f"{provider}.{switch}")
    return known.values if known else ()


@case("RES-VIDEO-3", "the clip is found in every form that the vendor's answer is known to have", needs=Needs.FAULTS)
def the_clip_is_found_in_every_form(bench: AdapterBench) -> None:
    name = bench.adapter.name
    shapes, expiries = forms(name, "output"), forms(name, "expires_at") or ("",)
    if not shapes:
        raise NotDeclared(f"the answer of {name} is known in one form only")
    for shape in shapes:
        for expires in expiries:
            bench.sandbox.reset()
            bench.sandbox.switch(f"{name}.output", shape)
            if expires:
                bench.sandbox.switch(f"{name}.expires_at", expires)
            _is_found(bench, f"{shape}, expiry {expires}")


def _is_found(bench: AdapterBench, form: str) -> None:
    look = ended(bench)
    expect_equal(look.status.state, State.SUCCEEDED, f"the state of a job whose answer has the form {form}")
    try:
        _is_as_told(look)
    except Broken as broken:
        raise Broken(f"{broken.said}, in the form {form}") from broken
    handles = _handles(look)
    expect(
        bool(look.clip.handle) is bool(handles), f"in the form {form} the handle for refining is {look.clip.handle!r}"
    )
    expect(
        look.clip.handle is None or look.clip.handle in handles,
        f"the handle {look.clip.handle!r} is none of the vendor's",
    )


def _handles(look: Look) -> tuple[JSON, ...]:
    """What stands in the answers under a name for the clip's own id."""
    names = ("videoid", "video_id", "clipid", "clip_id")
    return tuple(leaf for one in look.heard for leaf in named(one.body, lambda name: name in names))


@case("RES-VIDEO-4", "what is no http(s) URL never becomes a clip", needs=Needs.FAULTS)
def a_hostile_url_is_no_clip(bench: AdapterBench) -> None:
    look = ended(bench)

    def told(url: JSON) -> None:
        changed = look
        for number, place in look.urls:
            changed = changed.with_body(number, put(changed.heard[number].body, place, url))
        _is_no_clip(bench, changed, url)

    bench.drawn(HOSTILE, told)


NO_URLS = (
    "file:///etc/passwd", "javascript:alert(1)", "data:video/mp4;base64,AAAA", "ftp://vendor.example/a.mp4",
    "//vendor.example/a.mp4", "/a.mp4", "a.mp4", "http:", "https://", "HTTPS", "gopher://x",
    " https://vendor.example/a.mp4", "https://vendor.example/a b.mp4", "https://vendor.example/a.mp4\n",
    "https://vendor.example/a.mp4\r\nX-Key: 1", "https://vendor.example/\x00.mp4",
)  # fmt: skip
HOSTILE: st.SearchStrategy[JSON] = (
    st.sampled_from(NO_URLS)
    | st.text(max_size=30).filter(lambda text: not text.lower().startswith("http"))
    | st.sampled_from(
        [5, 1.5, True, [], ["https://vendor.example/a.mp4"], {"href": "https://vendor.example/a.mp4"}, {"url": 7}]
    )
)


def _is_no_clip(bench: AdapterBench, told: Look, url: JSON) -> None:
    try:
        seen = told.again(bench)
    except ProtocolError:
        return
    except OmniflashError as error:
        raise Broken(f"the URL {url!r} ends the look with {type(error).__name__}") from error
    expect(seen.clip is None, f"a clip is told to be at {url!r}")
    expect_equal(seen.state, State.FAILED, f"the state of a job whose clip is at {url!r}")


@case("RES-VIDEO-5", "another look at a finished job tells the same clip", needs=Needs.SERVER, clips=1)
def another_look_tells_the_same(bench: AdapterBench) -> None:
    client = bench.client()
    first = bench.finished(client)
    second = client.status(first.job)
    expect(first.clip is not None and second.clip is not None, "a look at a finished job tells no clip")
    for name in ("url", "media_type", "handle", "provider", "job"):
        expect_equal(_of(second.clip, name), _of(first.clip, name), f"the clip's {name} at another look")


def _of(clip: Clip | None, name: str) -> object:
    return getattr(clip, name)


@case("RES-VIDEO-6", "who offers to refine gives a handle that can be refined", needs=Needs.FAULTS, modes=EVERY_MODE)
def a_handle_can_be_refined(bench: AdapterBench) -> None:
    bench.offer_of(Mode.REFINE)
    client = bench.client()
    clip = bench.finished(client).clip
    if clip is None or clip.handle is None:
        raise Broken(f"it offers to refine, and its clip of {bench.mode} has no handle")
    again = client.submit(client.plan(Refine("Make it night", previous=clip)))
    expect(again.handle != clip.handle, "refining a clip gives the same job again")
