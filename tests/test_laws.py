"""The laws of the house: who imports whom, and that flows and adapters touch nothing of the world themselves."""

import ast
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import omniflash
import omniflash_fal
import omniflash_pixeldojo
from omniflash import Clip, Job, Request
from omniflash.accounts import Account
from omniflash.discovery import adapter
from omniflash.effects import Effect, Keep, Save, Saved
from omniflash.flows.plan import plan
from omniflash.flows.save import save_clip
from omniflash.flows.submit import Intent, submit
from omniflash.flows.wait import cancel, wait
from omniflash.routing.plan import Desk
from omniflash.spec import Edit, ImageToVideo, ReferenceToVideo, Refine, TextToVideo
from tests.conftest import unwatched
from tests.stage import Stage, answer

CORE = Path(omniflash.__file__).parent
PROVIDERS = [Path(omniflash_fal.__file__).parent, Path(omniflash_pixeldojo.__file__).parent]
PURE = [CORE / "flows", CORE / "spec", CORE / "routing", CORE / "money", *PROVIDERS]
# The driver's memory: no flow imports it.
THE_LEDGERS = ("database.py", "holders.py", "ledger.py", "servers.py", "worker.py", "writers.py")
LEDGER = {CORE / "money" / name for name in THE_LEDGERS}
STILL, FILM = "https://example.com/a.png", "https://example.com/v.mp4"
REQUESTS: list[Request] = [
    TextToVideo("A cat"),
    ImageToVideo("A cat", image=STILL),
    ReferenceToVideo("A cat", references=[STILL] * 7),
    Edit("A cat", video=FILM),
    Refine("A cat", previous="vid_1"),
]

WORLDLY = {"socket", "ssl", "httpx", "anyio", "asyncio", "trio", "threading", "subprocess", "tempfile", "shutil"}
WORLDLY |= {"random", "secrets", "time", "uuid"}
CLOCKS = {"now", "utcnow", "today"}
FILES = {"read_text", "read_bytes", "write_text", "write_bytes", "exists", "stat", "unlink", "mkdir"}


def sources(*folders: Path) -> list[Path]:
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


@pytest.mark.parametrize("path", sorted({*sources(*PURE)} - LEDGER), ids=lambda path: "/".join(path.parts[-2:]))
def test_flows_adapters_and_rules_have_no_way_to_the_world(path: Path) -> None:
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    imported = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    called = [node.func for node in nodes if isinstance(node, ast.Call)]
    assert not {name.partition(".")[0] for name in imported} & WORLDLY
    assert not {function.attr for function in called if isinstance(function, ast.Attribute)} & (CLOCKS | FILES)
    assert "open" not in {function.id for function in called if isinstance(function, ast.Name)}


TOUCHED: list[str] = []
WATCHING = [False]


def watch(event: str, _: tuple[object, ...]) -> None:
    if WATCHING[0] and event.split(".")[0] in ("open", "socket", "subprocess", "os", "shutil", "tempfile", "sqlite3"):
        TOUCHED.append(event)


sys.addaudithook(watch)


@contextmanager
def no_world(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Neither network, nor file system, nor clock, nor chance."""

    def forbidden(*args: object) -> None:
        raise AssertionError("a flow touched the world")

    for module, names in ((time, ["time", "monotonic", "sleep", "perf_counter"]), (random, ["random", "uniform"])):
        for name in names:
            monkeypatch.setattr(module, name, forbidden)
    TOUCHED.clear()
    WATCHING[0] = True
    try:
        yield
    finally:
        WATCHING[0] = False
        monkeypatch.undo()
    assert TOUCHED == []


def fal(stage: Stage) -> Any:
    """fal, as far as these flows go."""

    def world(effect: Effect) -> object:
        match effect:
            case Save():
                return Saved(answer(200, b"", content_length="9"), 9)
            case Keep():
                return None
        calls = {
            "submit": answer(200, {"request_id": "r1"}),
            "status": answer(202, {"status": "IN_PROGRESS"})
            if stage.ticks < 30
            else answer(200, {"status": "COMPLETED"}),
            "result": answer(200, {"video": {"url": "https://v3.fal.media/a.mp4"}}),
            "cancel": answer(202, {"status": "CANCELLATION_REQUESTED"}),
        }
        return calls[effect.name]  # type: ignore[union-attr]

    return world


def pixeldojo(stage: Stage) -> Any:
    """PixelDojo, as far as these flows go."""
    done = {"status": "completed", "output": {"video": "https://temp.pixeldojo.ai/a.mp4"}, "creditCost": 16}

    def world(effect: Effect) -> object:
        match effect:
            case Save():
                return Saved(answer(200, b"", content_length="9"), 9)
            case Keep():
                return None
        status = answer(200, {"status": "processing"} if stage.ticks < 30 else done)
        return {"submit": answer(202, {"jobId": "job_1"}), "status": status}[effect.name]  # type: ignore[union-attr]

    return world


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: request.mode)
@pytest.mark.parametrize(("name", "vendor"), [("fal", fal), ("pixeldojo", pixeldojo)])
def test_from_plan_to_file_nothing_of_the_world_is_touched(
    name: str, vendor: Any, request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = adapter(name)
    account = Account(name, found, "the-id:the-secret-half", found.hosts)
    if not any(offer.mode is request_.mode for offer in found.offers):
        return
    stage = Stage()
    stage.world = vendor(stage)

    def everything() -> tuple[Job, Clip]:
        made = stage.run(plan(request_, (), Desk([account])))
        job = stage.run(submit(Intent(made, made.best, account, "order-1")))
        stage.run(cancel(account, job))
        clip = stage.run(wait(account, job, 40.0, 1200.0))
        stage.run(save_clip(account, clip, Path("clip.mp4")))
        return job, clip

    with no_world(monkeypatch):
        job, clip = everything()
    assert job.request == request_
    assert clip.job == job.token
    assert stage.calls.count("submit") == 1


def test_the_watch_is_awake(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AssertionError), no_world(monkeypatch):
        Path("/dev/null").open("rb").close()
    with pytest.raises(AssertionError, match="touched the world"), no_world(monkeypatch):
        time.time()


def test_the_library_is_quiet_where_nobody_listens() -> None:
    warn = "import logging, omniflash.drive.base as base; base.log.warning('psst')"
    done = subprocess.run([sys.executable, "-c", warn], capture_output=True, text=True, env=unwatched(), check=True)
    assert done.stderr == ""
