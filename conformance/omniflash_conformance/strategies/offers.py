"""Requests that one offer of an adapter takes, and such that it has to refuse for one value (CAP-REJECT)."""

from functools import partial
from itertools import chain

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from omniflash.adapter import Field, Offer
from omniflash.mapping import size_of, way_in
from omniflash.spec import LATEST, LIMITS, Limits, Media, Request, Span, media_of
from omniflash.spec.requests import UNSENT_FIELDS

from .inputs import Makers, makers, one, several
from .plain import plain
from .requests import HANDLES, Value, drawn, input_types, made, maybe, references_in, values


def offered(offer: Offer, **own: SearchStrategy[object]) -> SearchStrategy[Request]:
    """Right requests that this offer declares to take; empty where its own declaration leaves none.

    Inputs are URLs and data URIs. A strategy of your `own` stands under its field's name, to send files for example.
    """
    return made(offer.mode, {**_taken(offer), **own})


def outside(offer: Offer) -> SearchStrategy[tuple[Request, str]]:
    """Right requests with one value that this offer does not take, and where that stands; empty if it takes all."""
    taken = _taken(offer)
    strange = {name: made(offer.mode, {**taken, name: value}) for name, value in _not_taken(offer).items()}
    return st.one_of(*(plain(requests, partial(_placed, offer, name)) for name, requests in strange.items()))


def _limits(offer: Offer) -> Limits:
    return LIMITS.get(offer.version, LATEST)


def _right(offer: Offer) -> dict[str, Value]:
    """What the spec allows, with inputs that find a way to the vendor."""
    limits = _limits(offer)
    right = values(offer.mode, limits, {name: _inputs(offer, name, fit=True) for name in input_types(limits)})
    return {**right, "version": (offer.version,) if offer.version in LIMITS else ()}


def _inputs(offer: Offer, name: str, *, fit: bool) -> Makers:
    """Inputs that find a way to the vendor by this declaration, or that find none."""
    declared = offer.fields.get(name)
    return makers(input_types(_limits(offer))[name], lambda medium: _fits(medium, declared) is fit)


def _fits(medium: Media, declared: Field | None) -> bool:
    return declared is None or way_in(medium, declared, size_of(medium, {})) is not None


def _taken(offer: Offer) -> dict[str, SearchStrategy[object]]:
    right = {name: value for name, value in _right(offer).items() if name in offer.fields or name in UNSENT_FIELDS}
    if "previous" in right:
        right["previous"] = HANDLES  # a clip that is said to be another account's is refused for that
    return {name: maybe(offer.mode, name, _narrowed(offer, name, value)) for name, value in right.items()}


def _narrowed(offer: Offer, name: str, right: Value) -> Value:
    only = offer.fields.get(name, Field()).values
    span = _limits(offer).seed
    if name == "seed" and only:
        return [value for value in only if type(value) is int and value in span]
    return right if not only or isinstance(right, SearchStrategy) else [value for value in only if value in right]


def _not_taken(offer: Offer) -> dict[str, SearchStrategy[object]]:
    """What the spec allows in each field that is sent, and this offer does not take."""
    right = {name: value for name, value in _right(offer).items() if name not in UNSENT_FIELDS}
    return {name: _refused(offer, name, value) for name, value in right.items()}


def _refused(offer: Offer, name: str, right: Value) -> SearchStrategy[object]:
    declared = offer.fields.get(name)
    if declared is None:
        return drawn(right).filter(bool) if name == "references" else drawn(right)
    if name == "references":
        return _one_among(offer)
    if name in input_types(_limits(offer)):
        return one(_inputs(offer, name, fit=False))
    known = range(_MANY) if name == "seed" else right
    listed = () if not declared.values or isinstance(known, SearchStrategy) else known
    return drawn([value for value in listed if value not in declared.values])


_MANY = 1_000  # seeds are too many to be listed all


def _one_among(offer: Offer) -> SearchStrategy[object]:
    """References of which one finds no way to the vendor."""
    good, odd = (_inputs(offer, "references", fit=fit) for fit in (True, False))
    half, rest = divmod(references_in(offer.mode, _limits(offer)).maximum - 1, 2)
    rows = (several(good, Span(0, half)), several(odd, Span(1, 1)), several(good, Span(0, half + rest)))
    return st.tuples(*rows).map(lambda found: tuple(chain.from_iterable(found)))


def _placed(offer: Offer, name: str, request: Request) -> tuple[Request, str]:
    """The request, and where in it stands what the offer does not take."""
    odd = (path for path, medium in media_of(request).items() if not _fits(medium, offer.fields.get(_field(path))))
    return request, next(odd, name)


def _field(path: str) -> str:
    return path.partition("[")[0]
