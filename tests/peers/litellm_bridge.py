"""LiteLLM's video generation at fal, as a client that the cases can be run with: by itself, and through its Router.

Each method is one call as LiteLLM's page "/videos" has it:

    submit    `litellm.video_generation(model="fal_ai/…", prompt=…, extra_body=…)`
    status    `litellm.video_status(video_id=…)`
    save      `litellm.video_content(video_id=…)`, its bytes written to a file as the page does
    token     the `id` of what `video_generation` returned, which is all that the other calls take

The key, the host and how long an answer may take are arguments of each call (`api_key`, `api_base`, `timeout`); for the
Router they are its deployment's, and the calls are its own, awaited (`avideo_generation` …): those are what it retries,
what its proxy makes, and how often is its default. LiteLLM's `seconds="3"` reaches fal as a string, which fal's schema
does not take, so the model's own fields go in `extra_body`, as the page on parameters of a provider's own has it.

Its logs are heard from INFO on: of DEBUG its page says that it shows what is sent, and is not for production.

Not offered: a wait (the page has its reader write the loop), cancelling, uploading a file at fal, a refusal before
anything is sent, a caller's own key, an error for what nobody knows, a quote, a charge. Where a case needs one of
these, it is not run.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from itertools import chain
from logging import INFO
from pathlib import Path
from typing import Any

import litellm
from attrs import frozen

from omniflash import Request
from omniflash_conformance.listening import listening
from omniflash_conformance.ours import logged
from omniflash_conformance.subject import ClientKind, Ended, Offers, Place, Told
from tests.clients.asking import APP, ENDPOINTS, of_fal
from tests.peers.absent import Absent

OFFERS = frozenset({Offers.STATUS, Offers.SAVE, Offers.RESUME, Offers.PATIENCE})
STATES = {"queued": "queued", "in_progress": "running", "completed": "succeeded", "failed": "failed"}
LOOP = asyncio.Runner()  # one for the process, as an app has it


@frozen
class LiteLLM(Absent):
    """`call` makes one of LiteLLM's calls by its name and its endpoint at fal."""

    call: Callable[..., Any]
    records: tuple[list[str], ...]

    def submit(self, request: Request, *, key: str | None = None) -> str:
        endpoint, arguments = of_fal(request)
        prompt = arguments.pop("prompt")
        made = self.call("video_generation", model=endpoint, prompt=prompt, extra_body=arguments)
        return made.id

    def status(self, ticket: object) -> Ended:
        state = STATES[self.call("video_status", model=APP, video_id=ticket).status]
        return Ended(state, over=state in ("succeeded", "failed"))

    def save(self, clip: object, path: Path) -> None:
        content = self.call("video_content", model=APP, video_id=clip)
        with path.open("wb") as file:
            file.write(content)

    def token(self, ticket: object) -> str:
        return str(ticket)

    def resume(self, token: str) -> str:
        return token

    def shown(self) -> str:
        return "\n".join(chain(*self.records))


def _settings(place: Place) -> dict[str, Any]:
    patience = {} if place.answer_s is None else {"timeout": place.answer_s}
    return {"api_key": place.key, "api_base": place.hosts["queue"], **patience}


@contextmanager
def alone(place: Place) -> Iterator[LiteLLM]:
    """LiteLLM's own functions."""

    def call(name: str, *, model: str, **asked: Any) -> Any:
        named = {"model": f"fal_ai/{model}"} if name == "video_generation" else {}
        return getattr(litellm, name)(**named, **asked, **_settings(place))

    with listening("LiteLLM", INFO) as records:
        yield LiteLLM(call, (records,))


@contextmanager
def routed(place: Place) -> Iterator[LiteLLM]:
    """A Router with one deployment of each endpoint. It asks for a model in every call, whatever the id says."""
    settings = _settings(place)
    router = litellm.Router(
        model_list=[
            {"model_name": endpoint, "litellm_params": {"model": f"fal_ai/{endpoint}", **settings}}
            for endpoint in ENDPOINTS
        ]
    )

    def call(name: str, **asked: Any) -> Any:
        return LOOP.run(getattr(router, f"a{name}")(**asked))

    with listening("LiteLLM", INFO) as records, listening("LiteLLM Router", INFO) as routing:
        yield LiteLLM(call, (records, routing))


def told(error: BaseException) -> Told:
    """What an error of LiteLLM tells; whether anybody was paid, or trying again helps, it never says."""
    return Told(
        kind=type(error).__name__,
        text="\n".join([str(error), repr(error), logged(error)]),
        status=getattr(error, "status_code", None),
        code=getattr(error, "code", None),
    )


KIND = ClientKind("LiteLLM", version("litellm"), OFFERS, alone, told, virtual_time=False)
ROUTER = ClientKind("LiteLLM Router", version("litellm"), OFFERS, routed, told, virtual_time=False)
