"""Adapters that send something else than what was asked for (MAP-CONTRACT, MAP-LOSSLESS, MAP-MINIMAL, MAP-ORDER)."""

import re
from typing import Any

from attrs import evolve

from omniflash.adapter import Adapter, Order
from omniflash.discovery import adapter
from omniflash.spec import LIMITS, Mode
from omniflash.types import JSON

from .making import Body, Change, Rewired, field_changed, offering
from .specimen import broken

CONTRACT, LOSSLESS, MINIMAL, ORDER = "MAP-CONTRACT", "MAP-LOSSLESS", "MAP-MINIMAL", "MAP-ORDER"


def _fal(change: Change) -> Adapter:
    return Rewired(adapter("fal"), change)


def _pixeldojo(change: Change) -> Adapter:
    return Rewired(adapter("pixeldojo"), change)


def _renamed(body: Body, **names: str) -> Body:
    return {names.get(name, name): value for name, value in body.items()}


def _text(value: JSON) -> str:
    return value if isinstance(value, str) else ""


def _rows(value: JSON) -> list[Any]:
    return value if isinstance(value, list) else []


@broken(CONTRACT, 'sends the duration as text, "8s"')
def a_duration_in_text() -> Adapter:
    return _fal(lambda order, body: {**body, "duration": f"{body['duration']}s"} if "duration" in body else body)


@broken(CONTRACT, "calls the picture by the spec's name in place of the vendor's")
def the_specs_name() -> Adapter:
    return _fal(lambda order, body: _renamed(body, image_url="image"))


@broken(CONTRACT, "sends a single reference without a list around it")
def a_lone_reference() -> Adapter:
    def unpacked(order: Order, body: Body) -> Body:
        rows = _rows(body.get("image_urls"))
        return {**body, "image_urls": rows[0]} if len(rows) == 1 else body

    return _fal(unpacked)


@broken(CONTRACT, "calls upright clips portrait", provider="pixeldojo")
def upright_is_portrait() -> Adapter:
    return _pixeldojo(
        lambda order, body: {**body, "aspect_ratio": "portrait"} if body.get("aspect_ratio") == "9:16" else body
    )


@broken(CONTRACT, "sends a refine's clip beside a video", provider="pixeldojo")
def a_clip_beside_a_video() -> Adapter:
    return _pixeldojo(
        lambda order, body: {**body, "video": "https://example.com/film.mp4"} if "video_id" in body else body
    )


@broken(LOSSLESS, "clamps 10 s to 8, the longest that it believes in")
def clamps_the_duration() -> Adapter:
    def clamped(order: Order, body: Body) -> Body:
        length = body.get("duration")
        return {**body, "duration": min(length, 8)} if isinstance(length, int) else body

    return _fal(clamped)


@broken(LOSSLESS, "strips the prompt")
def strips_the_prompt() -> Adapter:
    return _fal(lambda order, body: {**body, "prompt": _text(body["prompt"]).strip()})


@broken(LOSSLESS, "cuts the prompt at 2,000 characters")
def cuts_the_prompt() -> Adapter:
    return _fal(lambda order, body: {**body, "prompt": _text(body["prompt"])[:2_000]})


@broken(LOSSLESS, "wraps the seed at 16 bits", provider="pixeldojo")
def wraps_the_seed() -> Adapter:
    return _pixeldojo(lambda order, body: {**body, "seed": order.request.seed % 65_536} if order.request.seed else body)


@broken(LOSSLESS, "sends a refine as an edit", provider="pixeldojo")
def a_refine_as_an_edit() -> Adapter:
    return _pixeldojo(lambda order, body: _renamed(body, video_id="video"))


@broken(LOSSLESS, "sends pictures to the endpoint of plain prompts")
def to_another_endpoint() -> Adapter:
    endpoint = adapter("fal").offers[0].endpoint
    return offering(adapter("fal"), lambda offer: evolve(offer, endpoint=endpoint), Mode.IMAGE_TO_VIDEO)


@broken(MINIMAL, "sends the default duration on edit", provider="pixeldojo")
def a_duration_where_none_is() -> Adapter:
    return _pixeldojo(lambda order, body: {**body, "duration": 8} if order.offer.mode is Mode.EDIT else body)


@broken(MINIMAL, "leaves a default to a vendor whose own is another")
def leaves_a_default() -> Adapter:
    """Whose declaration says what the vendor does, and whose body does not say what is wanted in its place."""

    def unsaid(order: Order, body: Body) -> Body:
        asked = getattr(order.request, "duration", None)
        return body if asked else {name: value for name, value in body.items() if name != "duration"}

    return Rewired(offering(adapter("fal"), field_changed("duration", vendor_default=5)), unsaid)


@broken(MINIMAL, "writes what is unset as null")
def nulls() -> Adapter:
    def all_named(order: Order, body: Body) -> Body:
        return {**{one.wire: None for one in order.offer.fields.values() if one.wire}, **body}

    return _fal(all_named)


@broken(MINIMAL, "writes out every default")
def every_default() -> Adapter:
    def spelled_out(order: Order, body: Body) -> Body:
        limits = LIMITS[order.offer.version]
        known: Body = {"duration": limits.duration_default, "aspect_ratio": limits.aspect_ratio_default}
        return {**{name: value for name, value in known.items() if name in order.offer.fields}, **body}

    return _fal(spelled_out)


@broken(MINIMAL, "has every prompt rewritten by the vendor")
def has_prompts_enhanced() -> Adapter:
    return _fal(lambda order, body: {**body, "enhance_prompt": True})


@broken(MINIMAL, "sends the caller's metadata along")
def sends_metadata() -> Adapter:
    def told(order: Order, body: Body) -> Body:
        return {**body, "metadata": dict(order.request.metadata)} if order.request.metadata else body

    return _fal(told)


@broken(ORDER, "reverses the references")
def reverses() -> Adapter:
    return _fal(lambda order, body: _in_order(body, "image_urls", lambda rows: rows[::-1]))


@broken(ORDER, "sorts the references by their names")
def sorts() -> Adapter:
    return _fal(lambda order, body: _in_order(body, "image_urls", sorted))


@broken(ORDER, "sends a reference that is given twice only once", provider="pixeldojo")
def only_once() -> Adapter:
    return _pixeldojo(lambda order, body: _in_order(body, "reference_images", lambda rows: list(dict.fromkeys(rows))))


@broken(ORDER, "counts the tags of references from 1")
def counts_from_one() -> Adapter:
    def counted(order: Order, body: Body) -> Body:
        prompt = re.sub(r"<IMAGE_REF_(\d+)>", lambda tag: f"<IMAGE_REF_{int(tag[1]) + 1}>", _text(body["prompt"]))
        return {**body, "prompt": prompt}

    return _fal(counted)


def _in_order(body: Body, name: str, order: Any) -> Body:
    return {**body, name: order(_rows(body[name]))} if name in body else body
