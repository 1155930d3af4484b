"""Vendors' answers and webhooks that are hostile: good ones to which some things were done."""

import json
from collections.abc import Callable, Mapping
from functools import partial, reduce

from attrs import evolve, frozen
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from omniflash.effects import Response
from omniflash.flows.event import MOST_HEADERS, Headers
from omniflash.types import JSON

from .nasty import HEADERS, NO_JSON, NO_NUMBERS, STATUSES, STRANGE, VALUES, Path, at, places, put, without
from .plain import plain

Pairs = tuple[tuple[str, str], ...]
Change = Callable[[JSON], JSON]


@frozen
class Webhook:
    """What came in as a webhook, in one of the forms in which web frameworks hand it over."""

    headers: Headers
    body: bytes


def hostile_answers(good: Response) -> SearchStrategy[Response]:
    """Answers with another status, other headers, another body, or all of that; never the good one itself."""
    parts: dict[str, SearchStrategy[object]] = {
        "status": st.sampled_from(STATUSES) | st.integers(100, 999),
        "headers": hostile_headers(good.headers),
        "body": hostile_bodies(good.body),
    }
    chosen = (*({name: part} for name, part in parts.items()), parts)
    changed = (plain(st.fixed_dictionaries(some), lambda other: _evolved(good, other)) for some in chosen)
    return st.one_of(*changed).filter(lambda answer: answer != good)


def _evolved(good: Response, other: Mapping[str, object]) -> Response:
    return evolve(good, **other)  # type: ignore[arg-type]  # each is what its field's strategy draws


def hostile_headers(good: Mapping[str, str]) -> SearchStrategy[Mapping[str, str]]:
    """Headers with a value changed, one missing, or some more that say strange things; never the good ones."""
    strange = {name: st.sampled_from(values) for name, values in HEADERS.items()}
    changed = {name: _texts(value) | st.sampled_from(NO_NUMBERS) for name, value in good.items()}
    more = plain(st.fixed_dictionaries({}, optional={**changed, **strange}), lambda extra: {**good, **extra})
    less = plain(st.sampled_from(sorted(good)), partial(_less, good)) if good else more
    return (less | more).filter(lambda headers: headers != good)


def _less(good: Mapping[str, str], name: str) -> dict[str, str]:
    return {other: value for other, value in good.items() if other != name}


def hostile_bodies(good: bytes) -> SearchStrategy[bytes]:
    """Bodies with other JSON, where the good one is JSON, with other bytes, or with nothing in them; never it."""
    spoiled = st.sampled_from(NO_JSON) | _spoiled(good)
    try:
        told: JSON = json.loads(good)
    except ValueError:
        return spoiled.filter(lambda body: body != good)
    changes = st.lists(_changes(told), min_size=1, max_size=3)
    return (plain(changes, partial(_told, told)) | spoiled).filter(lambda body: body != good)


def _told(told: JSON, changes: list[Change]) -> bytes:
    return json.dumps(reduce(lambda value, change: change(value), changes, told)).encode()


def _changes(told: JSON) -> SearchStrategy[Change]:
    """What can be done to a JSON value."""
    where = places(told)
    names = sorted({path[-1] for path in where if path and isinstance(path[-1], str)})
    texts = {path: text for path in where if isinstance(text := at(told, path), str)}
    return st.one_of(
        st.sampled_from([partial(_lacking, name) for name in names]) if names else st.nothing(),
        st.builds(_putting, st.sampled_from(where), st.sampled_from(VALUES)),
        *(_texts(text).map(partial(_putting, path)) for path, text in texts.items()),
        st.sampled_from(_WRAPPED),
    )


def _putting(path: Path, new: JSON) -> Change:
    return lambda value: put(value, path, new)


def _lacking(name: str, value: JSON) -> JSON:
    return without(value, name)


_WRAPPED: tuple[Change, ...] = (lambda value: [value], lambda value: {"data": value}, json.dumps)


def _ends(size: int) -> SearchStrategy[tuple[int, int]]:
    return st.tuples(st.integers(0, size), st.integers(0, size)).map(lambda ends: (min(ends), max(ends)))


def _spoiled(good: bytes) -> SearchStrategy[bytes]:
    """Almost these bytes: some are missing, doubled, more, or others."""
    ends, more = _ends(len(good)), st.binary(min_size=1, max_size=8)
    return st.one_of(
        plain(ends, lambda cut: good[: cut[0]] + good[cut[1] :]),
        plain(ends, lambda cut: good[: cut[1]] + good[cut[0] :]),
        plain(st.tuples(ends, more), lambda drawn: good[: drawn[0][0]] + drawn[1] + good[drawn[0][1] :]),
    )


def _texts(good: str) -> SearchStrategy[str]:
    """Almost this text."""
    ends, more = _ends(len(good)), st.sampled_from(STRANGE)
    return st.one_of(
        st.sampled_from(("", good.swapcase(), f"{good}, {good}", f"{good}\n{good}", good + "0" * 1_000)),
        plain(ends, lambda cut: good[: cut[0]] + good[cut[1] :]),
        plain(st.tuples(ends, more), lambda drawn: good[: drawn[0][0]] + drawn[1] + good[drawn[0][1] :]),
    )


def hostile_webhooks(headers: Mapping[str, str], body: bytes) -> SearchStrategy[Webhook]:
    """Webhooks made of a good one: forged, cut short, doubled, or handed over by a careless app.

    Not all of them are bad: the case of a header's name says nothing, and what was added may be nobody's business.
    """
    good, bodies = tuple(headers.items()), hostile_bodies(body)
    pairs = _forged(good) if good else st.just(good)
    handed: SearchStrategy[Headers] = st.one_of(pairs, plain(pairs, _in_bytes), hostile_headers(headers))
    return st.one_of(
        plain(bodies, lambda other: Webhook(good, other)),
        plain(st.tuples(handed, st.just(body) | bodies), lambda drawn: Webhook(*drawn)),
        plain(st.integers(-2, 2), lambda more: Webhook(_many(good, MOST_HEADERS + more), body)),
    )


def _forged(good: Pairs) -> SearchStrategy[Pairs]:
    """One header missing, twice or with another value, or all under other names."""
    one = st.sampled_from(good)
    other = st.one_of(*(st.tuples(st.just(name), _texts(value) | st.sampled_from(NO_NUMBERS)) for name, value in good))
    names = st.sampled_from(_NAMES)
    return st.one_of(
        plain(one, lambda gone: tuple(pair for pair in good if pair != gone)),
        plain(other, lambda new: tuple(new if name == new[0] else (name, value) for name, value in good)),
        plain(st.tuples(one | other, names), lambda drawn: (*good, (drawn[1](drawn[0][0]), drawn[0][1]))),
        plain(st.tuples(one | other, names), lambda drawn: ((drawn[1](drawn[0][0]), drawn[0][1]), *good)),
        plain(names, lambda name: tuple((name(old), value) for old, value in good)),
    )


_NAMES: tuple[Callable[[str], str], ...] = (
    str.lower,
    str.upper,
    lambda name: name.replace("-", "_"),
    lambda name: f"{name} ",
)


def _many(good: Pairs, number: int) -> Pairs:
    return good + tuple((f"x-{more}", "y") for more in range(number - len(good)))


def _in_bytes(pairs: Pairs) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((name.encode("latin-1", "replace"), value.encode("latin-1", "replace")) for name, value in pairs)
