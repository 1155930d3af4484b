"""Values that no right request holds, field by field: near misses first, then what is of another kind altogether."""

from collections.abc import Mapping

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from omniflash.spec import ASSIGNED, LATEST, UPLOADED_EDITS_REFUSED, Data, Mode, Span

from .inputs import HEADS, words
from .requests import NAMES

Values = SearchStrategy[object]
_URL = "https://example.com/a"

ANYTHING: Values = st.sampled_from((1, 0, True, False, 1.5, "", "a", [], ["a"], {}, {"a": 1}))


def no_number(span: Span) -> Values:
    """What is no whole number in this range."""
    low, high = span.minimum, span.maximum
    outside = (low - 1, high + 1, -1, 10**30, -(10**30))
    unlike = (float(low), float(high), low + 0.5, float("nan"), float("inf"), True, False)
    words_for: tuple[object, ...] = (
        str(low),
        f"{low}s",
        f" {high}",
        "",
        "eight",
        [low],
        {},
        str(high).encode(),
        complex(low),
    )
    near = [number for number in outside if number not in span]
    return st.sampled_from((*near, *unlike, *words_for)) | st.integers(max_value=low - 1) | st.integers(high + 1)


def none_of(known: tuple[str, ...]) -> Values:
    """What is none of these words."""
    changes = (str.upper, str.title, " {}".format, "{} ".format, "v{}".format, ".{}".format, "{}.0".format)
    near = [change(word) for change in changes for word in known]
    near += [word.replace(":", sign) for sign in "x/-" for word in known]
    unlike: tuple[object, ...] = (
        "",
        "4:3",
        "1:1",
        "avi",
        "7.7",
        "latest",
        "auto",
        0,
        1,
        1.0,
        1.78,
        True,
        False,
        [known[0]],
        {},
        b"mp4",
    )
    return st.sampled_from([value for value in (*near, *unlike) if value not in known])


NO_PROMPTS: Values = st.one_of(
    st.sampled_from((None, "", 7, 0, True, False, ["A cat"], {}, {"text": "A cat"}, b"A cat")),
    st.text(" \t\n\r\v\f\x1c\x85\u00a0\u2003\u2028\u3000", max_size=6),
    st.builds("{}{}{}".format, words, st.sampled_from(("\ud800", "\udfff")), words),
    st.integers(1, 3).map(lambda more: "x" * (LATEST.prompt.maximum + more)),
)
NO_INDEXES = st.sampled_from(
    ("-1", "01", "00", "", "one", "0 ", " 0", "+0", "1.0", "0x0", "\n0", "0,1", "\u0661", "²", "9" * 5, "9" * 5_000)
)
REFUSED_COUNTRIES: Values = st.sampled_from(("AX", "CH", "GB", "YT", *sorted(UPLOADED_EDITS_REFUSED)))
NO_COUNTRIES: Values = st.sampled_from(
    (
        "UK",
        "de",
        "EL",
        "EU",
        "XX",
        "AN",
        "",
        " DE",
        "DE ",
        "D",
        "DEU",
        "Germany",
        "ДЕ",
        "D\0",
        276,
        True,
        ["DE"],
        {},
        b"DE",
    )
) | st.sampled_from(sorted(ASSIGNED)).map(str.lower)
NO_PREVIOUS: Values = st.sampled_from(
    (None, "", "\ud800", 5, True, False, b"vid_1", [], ["vid_1"], {}, {"handle": ""}, {"handle": None})
    + ({"handle": "\udc00"}, {"id": "vid_1"}, {"provider": "acme"}, {"provider": "acme", "account": "a", "job": ""})
)
NO_METADATA: Values = st.sampled_from(
    ("", "order", 5, 0, True, False, [], ["a"], [("a", "b")], {5: "a"}, {"a": None}, {"a": ["b"]}, {"a": {"b": "c"}})
) | st.dictionaries(words, st.integers(), min_size=1, max_size=2)

NO_MODES: Values = st.sampled_from(
    [name for mode in Mode for name in (mode.upper(), f"{mode} ", mode.replace("_", "-")) if name not in list(Mode)]
    + ["", "video", 0, 5, True, False, [Mode.EDIT.value], {}]
)
NO_FIELDS = st.sampled_from(
    [
        near
        for name in NAMES
        for near in (f"{name}s", name.title(), f"{name} ", name.replace("_", "-"))
        if near not in NAMES
    ]
    + ["", "seconds", "negative_prompt", "fps", "resolution", "n", "model"]
) | st.builds("x_{}".format, words)
# A right value of each field that not every mode has.
FOREIGN: Mapping[str, object] = {
    "duration": LATEST.duration.minimum,
    "aspect_ratio": LATEST.aspect_ratios[0],
    "image": _URL,
    "video": _URL,
    "references": [_URL],
    "previous": "vid_1",
}


def _no_media(types: tuple[str, ...], others: tuple[str, ...]) -> Values:
    """What is no input of these types."""
    urls: tuple[str, ...] = ("s3://bucket/a", "ftp://example.com/a", "https://", "http:///a", "https://exa mple.com/a")
    urls += (f"{_URL}\n", f"{_URL}\0", f"{_URL}\ud800")
    broken = [f"data:{name};base64,{end}" for name in types for end in ("", "???", "a")]
    strange = ["data:", "data:,hello", "data:nonsense", "data:text/plain;base64,aGVsbG8=", "data:;base64,aGVsbG8="]
    swapped = [Data.of(HEADS[name], name).uri for name in others]
    kinds: tuple[object, ...] = (
        HEADS[types[0]],
        0,
        5,
        1.5,
        True,
        False,
        [],
        [_URL],
        {},
        {"path": "a"},
        {"url": 5},
        {"url": _URL, "data": ""},
    )
    return st.sampled_from((*urls, *broken, *strange, *swapped, *kinds))


NO_IMAGES = _no_media(LATEST.image_types, LATEST.video_types)
NO_VIDEOS = _no_media(LATEST.video_types, LATEST.image_types)
