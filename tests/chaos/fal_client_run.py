"""The same storm through fal's own client: `subscribe`, by an app that takes all the care that fal_client lets it take.

It notes a request's id as soon as it is told, and goes on with that after a crash. What it has no id of, it asks for
again: there is nothing that tells it not to.
"""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from typing import Any

import fal_client
import httpx

from tests.chaos.asked import SECONDS, Asked, asked
from tests.chaos.notes import ENDED, Notes
from tests.chaos.worker import ANSWER_S, AT_ONCE
from tests.clients.python_client import constants

APP = "google/gemini-omni-flash"
FINAL = 422  # what is wrong with the request, or was with its job
NO_RESULT = (fal_client.FalClientError, httpx.HTTPError, KeyError, TypeError, ValueError)


def work(
    *, site: Mapping[str, Any], folder: str, provider: str, numbers: Sequence[int], seed: str, **_: object
) -> None:
    """Try once for each of these jobs; what fails is left for the next time."""
    for constant, url in constants(site["hosts"]["fal"]).items():
        setattr(fal_client.client, constant, url)  # they are read at each call
    client = fal_client.SyncClient(key=site["keys"]["fal"], default_timeout=ANSWER_S)
    wanted = [asked(number, provider, Path(folder)) for number in numbers]
    Random(seed).shuffle(wanted)
    wanted.sort(key=lambda one: Notes(Path(folder), one.key).id is None)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(lambda one: made(client, one, Notes(Path(folder), one.key)), wanted))


def made(client: fal_client.SyncClient, one: Asked, notes: Notes) -> None:
    """What the app does for one job."""
    if notes.end is not None:
        return
    try:
        result = _result(client, one, notes)
        notes.close(json.dumps(result) if result["video"]["url"] else ENDED)
    except NO_RESULT as problem:
        if getattr(problem, "status_code", None) == FINAL:
            notes.close(ENDED)
        else:
            notes.failed()


def _result(client: fal_client.SyncClient, one: Asked, notes: Notes) -> Any:
    endpoint = APP if one.source is None else f"{APP}/edit"
    if notes.id is not None:
        return client.get_handle(endpoint, notes.id).get()
    arguments: dict[str, object] = {"prompt": one.prompt}
    arguments |= {"duration": SECONDS} if one.source is None else {"video_url": client.upload_file(one.source)}
    return client.subscribe(endpoint, arguments, on_enqueue=notes.name)
