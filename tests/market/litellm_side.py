"""The same market through LiteLLM's Router: its cost-based strategy, fed the same prices, on a clock that is moved.

LiteLLM routes video by the order of its list, and its cost-based strategy reckons by tokens. So a clip is asked for
with `acompletion` of a provider of one's own (`CustomLLM`), which submits and waits, and each kind of clip is a model
group, in which each vendor that can make it stands with the price of that clip as its price of a token: what then ranks
them is the clip's price. `num_retries`, `allowed_fails` and `cooldown_time` are those of its own pages' examples.
"""

import asyncio
import json
import logging
import math
import selectors
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from typing import Any

import httpx
import litellm
import time_machine
from attrs import define, field

from omniflash import Request
from tests.market.clients import Ended
from tests.market.judge import Market
from tests.market.optimum import optimum
from tests.market.people import Asked, crowd
from tests.market.scenarios import NOTICED_S, Scenario
from tests.market.servers import Said, Server, servers
from tests.market.vendors import UNSET_LENGTH, VENDORS, Vendor
from tests.stage import DAY

VERSION = version("litellm")
RETRIES, ALLOWED_FAILS, COOLDOWN_S = 3, 1, 30.0
PROVIDER = "market"
LOOK_S = 5.0  # between two looks: the loop is its user's to write
LONGEST = 10  # what a quote is reckoned at where the length is the source's: the same as ours
STATUS: Mapping[int | None, type[Exception]] = {
    None: litellm.ServiceUnavailableError,  # its APIConnectionError would never let a deployment cool down
    503: litellm.ServiceUnavailableError,
    403: litellm.PermissionDeniedError,
    422: litellm.BadRequestError,
    429: litellm.RateLimitError,
}


class Inline(Executor):
    """Does at once what threads would do: no thread goes by the moved clock."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as problem:  # noqa: BLE001 - it is its caller's
            done.set_exception(problem)
        return done


class Moved(asyncio.SelectorEventLoop):
    """A loop whose time is moved to the next timer instead of waited for; `moved` is told."""

    def __init__(self, moved: Callable[[float], object]) -> None:
        super().__init__(_Selector(self))
        self.ticks, self.moved = 0.0, moved

    def time(self) -> float:
        return self.ticks

    def skip(self, seconds: float) -> None:
        self.ticks += seconds
        self.moved(self.ticks)

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:
        return asyncio.wrap_future(Inline().submit(func, *args), loop=self)


class _Selector(selectors.DefaultSelector):
    """Never waits where a timer is due later."""

    def __init__(self, loop: Moved) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0 if timeout is not None else None)
        if not ready and timeout:
            self._loop.skip(timeout)
        return ready


def length(request: Request) -> int:
    """The length that a clip is priced at beforehand: the longest there is where it is the source's, as ours does."""
    return (request.duration or UNSET_LENGTH) if hasattr(request, "duration") else LONGEST


def group(request: Request) -> str:
    """The model group of a request: those of one group cost the same, and the same vendors can make them."""
    able = [vendor.name for vendor in VENDORS if vendor.can(request)]
    return f"{length(request)} s, {' or '.join(able) or 'nobody'}"


@define
class Deployments:
    """The model list: one entry for each vendor in each group of those that are asked for."""

    crowd: Sequence[Asked]
    factors: dict[str, float] = field(factory=dict)

    def listed(self) -> list[dict[str, Any]]:
        first = {group(asked.request): asked.request for asked in self.crowd}
        return [
            self._entry(name, request, vendor)
            for name, request in first.items()
            for vendor in VENDORS
            if vendor.can(request)
        ]

    def _entry(self, name: str, request: Request, vendor: Vendor) -> dict[str, Any]:
        return {
            "model_name": name,
            "litellm_params": {"model": _model(vendor, length(request))},
            "model_info": {"id": f"{vendor.name}: {name}"},
        }

    def register(self) -> None:
        """Have the prices known."""
        litellm.register_model(
            {
                _model(vendor, seconds): {
                    "input_cost_per_token": vendor.price(seconds) * self.factors.get(vendor.name, 1.0),
                    "output_cost_per_token": 0.0,
                    "litellm_provider": PROVIDER,
                    "mode": "chat",
                }
                for vendor in VENDORS
                for seconds in vendor.lengths
            }
        )


def _model(vendor: Vendor, seconds: int) -> str:
    return f"{PROVIDER}/{vendor.name}-{seconds}s"


@define(eq=False)
class Shop(litellm.CustomLLM):
    """A provider of one's own, as LiteLLM's page has it: submits, waits, and raises LiteLLM's errors."""

    servers: Mapping[str, Server]

    async def acompletion(self, *args: Any, **given: Any) -> litellm.ModelResponse:
        vendor, prompt = given["model"].partition("-")[0], given["messages"][0]["content"]
        loop = asyncio.get_running_loop()
        said = self.servers[vendor].order({"prompt": prompt}, loop.time())
        await asyncio.sleep(said.wait)
        if said.status != 200:
            raise _error(vendor, said)
        handle = json.loads(said.body)["id"]
        state = "running"
        while state == "running":
            await asyncio.sleep(LOOK_S)
            state = json.loads(self.servers[vendor].look(handle, loop.time()).body)["state"]
        if state == "failed":
            raise litellm.InternalServerError("the job failed", vendor, vendor)
        given["model_response"].choices[0].message.content = vendor
        return given["model_response"]


def _error(vendor: str, said: Said) -> Exception:
    words: dict[str, Any] = {"message": f"{said.status}", "llm_provider": vendor, "model": vendor}
    kind = STATUS[said.status]
    if kind in (litellm.PermissionDeniedError, litellm.RateLimitError):
        words["response"] = _response(said)
    return kind(**words)


def _response(said: Said) -> httpx.Response:
    return httpx.Response(said.status or 503, headers=dict(said.headers), request=httpx.Request("POST", "https://x.y"))


@contextmanager
def moved() -> Iterator[Moved]:
    """A loop, with the process's clock moved along."""
    with time_machine.travel(DAY, tick=False) as traveller:
        loop = Moved(lambda ticks: traveller.move_to(DAY + timedelta(seconds=ticks)))
        asyncio.set_event_loop(loop)
        try:
            yield loop
        finally:
            loop.run_until_complete(_left_alone())
            loop.close()


async def _left_alone() -> None:
    """End what LiteLLM leaves running."""
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


def run(scenario: Scenario, seed: int, many: int, *, fit_s: float = math.inf) -> Market:
    """What LiteLLM makes of as many of the requests, from the first one on, as fit in `fit_s` seconds of computing."""
    settle_down()
    asked = crowd(seed, many, scenario.mix)
    there = servers(scenario.spells, asked, seed)
    with moved() as loop:
        ended = loop.run_until_complete(_all(scenario, asked, there, fit_s))
    sent = next(iter(there.values())).sent
    return Market(scenario, asked, ended, sent, optimum(asked, there)).first(len(ended))


async def _all(
    scenario: Scenario, asked: Sequence[Asked], there: Mapping[str, Server], fit_s: float
) -> Sequence[Ended]:
    litellm.custom_provider_map = [{"provider": PROVIDER, "custom_handler": Shop(there)}]
    prices = Deployments(asked)
    prices.register()
    router = litellm.Router(
        model_list=prices.listed(),
        routing_strategy="cost-based-routing",
        num_retries=RETRIES,
        allowed_fails=ALLOWED_FAILS,
        cooldown_time=COOLDOWN_S,
    )
    loop = asyncio.get_running_loop()
    for spell in scenario.prices:
        loop.call_at(spell.begin + NOTICED_S, partial(_repriced, prices, spell.vendor, spell.much))
    until, doing = time.process_time() + fit_s, []
    for one in asked:
        if time.process_time() > until:
            break
        await asyncio.sleep(one.at - loop.time())
        doing.append(asyncio.ensure_future(_one(router, one)))
    return await asyncio.gather(*doing)


def _repriced(prices: Deployments, vendor: str, factor: float) -> None:
    prices.factors[vendor] = factor
    prices.register()


async def _one(router: Any, asked: Asked) -> Ended:
    loop = asyncio.get_running_loop()
    try:
        made = await router.acompletion(
            model=group(asked.request), messages=[{"role": "user", "content": asked.request.prompt}]
        )
    except Exception as problem:  # noqa: BLE001 - how it ended
        return Ended(asked.number, loop.time(), said=f"{type(problem).__name__}: {problem}")
    return Ended(asked.number, loop.time(), made.choices[0].message.content)


def settle_down() -> None:
    """What a library prints beside is not the table."""
    litellm.suppress_debug_info = True
    litellm.telemetry = False
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
