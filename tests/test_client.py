"""The front door: what is said in words, what is shown, and where clips are at home."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

import omniflash
from omniflash import (
    AsyncClient,
    Client,
    Clip,
    ConfigurationError,
    DeadlineExceeded,
    Edit,
    GenerationFailed,
    TextToVideo,
)
from omniflash.errors import Money
from omniflash_sandbox import Sandbox
from tests.conftest import unwatched


def test_a_request_can_be_said_in_three_ways(omniflash_sandbox: Sandbox) -> None:
    with Client("fal", sandbox=omniflash_sandbox.site) as client:
        said = client.plan("A cat", duration=5)
        assert said == client.plan(TextToVideo("A cat", duration=5))
        assert said == client.plan({"mode": "text_to_video", "prompt": "A cat"}, duration=5)
        assert client.plan(TextToVideo("A cat", duration=3), duration=5) == said


def test_a_clip_knows_its_way_home(omniflash_sandbox: Sandbox, tmp_path: Path) -> None:
    with Client("fal", sandbox=omniflash_sandbox.site) as client:
        clip = client.generate("A cat", duration=3)
        assert clip.save(tmp_path / "a.mp4") == tmp_path / "a.mp4"
        assert clip.read() == b"".join(clip.stream()) == (tmp_path / "a.mp4").read_bytes()
        again = Clip.from_json(json.loads(json.dumps(clip.to_json())))
        assert again == clip
    assert again.save(str(tmp_path / "b.mp4")).read_bytes() == (tmp_path / "a.mp4").read_bytes()
    assert clip.read() == again.read()


def test_a_look_at_a_finished_job_gives_its_clip(omniflash_sandbox: Sandbox, tmp_path: Path) -> None:
    with Client("fal", sandbox=omniflash_sandbox.site) as client:
        job = client.submit(client.plan("A cat", duration=3))
        assert client.status(job).clip is None
        client.wait(job)
        clip = client.status(job.token).clip
        assert clip is not None
        clip.save(tmp_path / "a.mp4")


def test_nothing_is_made_in_place_of_a_job_that_may_be_billed(omniflash_sandbox: Sandbox, tmp_path: Path) -> None:
    said_so = GenerationFailed("somebody says so", money=Money.NO)
    with Client("fal", sandbox=omniflash_sandbox.site, ledger=tmp_path / "ledger.sqlite3") as client:
        plan = client.plan("A cat", duration=3)
        job = client.submit(plan)
        wrong: list[Any] = [job, (job, None), ("4711", said_so), (job, DeadlineExceeded("late", job=job))]
        for failed in (*wrong, (job, said_so)):
            with pytest.raises(
                ConfigurationError, match=r"; give instead_of= a job that failed unbilled, and its error$"
            ):
                client.submit(plan, instead_of=failed)
    assert len(omniflash_sandbox.charges()) == 1


def test_an_async_clients_clip_says_that_it_is_awaited(omniflash_sandbox: Sandbox) -> None:
    async def main() -> None:
        async with AsyncClient("fal", sandbox=omniflash_sandbox.site) as client:
            clip = await client.generate("A cat", duration=3)
            for method in (clip.read, clip.stream, lambda: clip.save("a.mp4")):
                with pytest.raises(ConfigurationError, match="await client"):
                    method()
            status = await client.status(clip.job or "")
            assert status.clip == clip
            await client.check_target("a.mp4")
            assert await client.read(clip)

    anyio.run(main)


def test_updates_may_be_awaited(omniflash_sandbox: Sandbox) -> None:
    seen: list[str] = []

    async def watch(status: omniflash.Status) -> None:
        seen.append(status.state)

    async def main() -> None:
        async with AsyncClient("fal", sandbox=omniflash_sandbox.site) as client:
            await client.generate("A cat", duration=3, on_update=watch)

    anyio.run(main)
    assert seen[-1] == "succeeded"


def test_a_client_can_be_used_after_it_was_closed(omniflash_sandbox: Sandbox) -> None:
    client = Client("fal", sandbox=omniflash_sandbox.site)
    client.submit(client.plan("A cat"))
    client.close()
    client.submit(client.plan("A cat"))
    client.close()
    client.close()
    assert len(omniflash_sandbox.charges()) == 2


def test_the_shortest_way(omniflash_sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("omniflash.client.Client", lambda providers: Client(providers, sandbox=omniflash_sandbox.site))
    clip = omniflash.generate("A lighthouse at dusk", duration=3, providers="fal", save_as=tmp_path / "clip.mp4")
    assert clip.read() == (tmp_path / "clip.mp4").read_bytes()


def test_no_sandbox_is_used_unless_asked_for() -> None:
    with pytest.raises(omniflash.AuthenticationFailed):
        omniflash.generate("A lighthouse at dusk")


def test_a_preview_sends_nothing_and_needs_no_key() -> None:
    client = Client("fal")
    preview = client.preview(client.plan(Edit("At night", video="https://e.com/v.mp4?signature=kept")))
    assert (preview.method, preview.url) == ("POST", "https://queue.fal.run/google/gemini-omni-flash/edit")
    assert json.loads(preview.body) == {"prompt": "At night", "video_url": "https://e.com/v.mp4?signature=kept"}
    assert preview.headers["authorization"] == "Key ***"
    assert "kept" not in str(preview.dispositions)


def test_options_travel_as_headers(omniflash_sandbox: Sandbox) -> None:
    from omniflash_fal import Options

    provider = omniflash.Provider("fal", options=Options(store_io=False, priority="low"))
    with Client(provider, sandbox=omniflash_sandbox.site) as client:
        client.submit(client.plan("A cat"))
    headers = omniflash_sandbox.journal()[0]["headers"]
    assert (headers["x-fal-store-io"], headers["x-fal-queue-priority"]) == ("0", "low")


def fresh(code: str) -> Any:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=unwatched())
    return json.loads(done.stdout)


def test_importing_costs_little() -> None:
    loaded = fresh(
        "import json, sys\n"
        "from omniflash import Client, TextToVideo\n"
        "print(json.dumps([name.partition('.')[0] for name in sys.modules]))"
    )
    heavy = {
        "omniflash_fal",
        "omniflash_pixeldojo",
        "omniflash_sandbox",
        "av",
        "rich",
        "cyclopts",
        "starlette",
        "uvicorn",
    }
    assert not heavy & set(loaded)
    assert "sqlite3" not in loaded


def imported_for_type_checkers() -> Iterator[tuple[str, str]]:
    tree = ast.parse(Path(omniflash.__file__).read_text())
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    for line in block.body:
        assert isinstance(line, ast.ImportFrom)
        yield from ((line.module or "", name.name) for name in line.names)


def test_type_checkers_see_what_is_loaded() -> None:
    assert sorted(imported_for_type_checkers()) == sorted((home, name) for name, home in omniflash._HOME_OF.items())
    assert dir(omniflash) == sorted(omniflash.__all__)
    for name in omniflash.__all__:
        assert getattr(omniflash, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'clinet'"):
        _ = omniflash.clinet  # type: ignore[attr-defined]
