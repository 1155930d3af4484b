"""Finding a sandbox: one that runs somewhere, or the embedded one that an installed package offers."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx

from ..accounts import Site
from ..discovery import SANDBOX, installed
from ..errors import ConfigurationError
from .network import ssl_context

ELSEWHERE = "set OMNIFLASH_SANDBOX_STATE to another folder"
INSTALL = "pip install 'omniflash[sandbox]'"
EMBEDDED, STEERED = "embedded", "steered"  # one that keeps the user's jobs; one that a test has for itself


@contextmanager
def sandbox(where: str | None = None) -> Iterator[Site]:
    """A sandbox to work against: the one at the URL `where`, else an embedded one that lives as long as this context.

    Raises ConfigurationError when there is none.
    """
    if where is not None:
        yield running(where)
        return
    with ExitStack() as stack:
        try:
            data = stack.enter_context(offered(EMBEDDED)())
        except OSError as problem:
            raise ConfigurationError(f"the sandbox cannot start: {problem}", remedy=ELSEWHERE) from problem
        yield Site.of(data)


def offered(name: str) -> Callable[..., Any]:
    """What an installed sandbox offers by this name. Raises ConfigurationError when there is none."""
    points = installed(SANDBOX)
    if name not in points:
        raise ConfigurationError("there is no sandbox installed", remedy=INSTALL)
    try:
        found: Callable[..., Any] = points[name].load()
    except ImportError as problem:
        raise ConfigurationError(f"the sandbox lacks a part: {problem.name}", remedy=INSTALL) from problem
    return found


def running(url: str) -> Site:
    """The sandbox that runs at a URL, as it describes itself."""
    remedy = "start one by `omniflash sandbox`, or set OMNIFLASH_SANDBOX=1 for the embedded one"
    try:
        answer = httpx.get(f"{url.rstrip('/')}/_sandbox", timeout=5.0, trust_env=False, verify=ssl_context())
        data = answer.raise_for_status().json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as problem:
        raise ConfigurationError(f"no sandbox answers at {url}: {problem}", remedy=remedy) from problem
    return Site.of(data)
