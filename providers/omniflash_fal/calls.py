"""How fal is asked: one call, and the JSON object of its answer."""

from collections.abc import Mapping

from omniflash.answers import Answer
from omniflash.effects import Call, Flow, Repeat, call
from omniflash.types import JSON

from .offers import PROVIDER


def ask(
    name: str,
    method: str,
    url: str,
    *,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    json: JSON = None,
    repeat: Repeat = Repeat.FREELY,
) -> Flow[Answer]:
    """The answer to a call. Raises ProtocolError when it is no JSON object."""
    asked = Call(name, method, url, query=query or {}, headers=headers or {}, json=json, repeat=repeat)
    response = yield from call(asked)
    return Answer.of(PROVIDER, asked, response)
