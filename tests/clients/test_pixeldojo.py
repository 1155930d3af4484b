"""PixelDojo's published examples against the sandbox, and their requests beside ours."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from attrs import evolve

from omniflash import Client, Job, TextToVideo
from omniflash_sandbox import Sandbox
from tests.clients import report
from tests.clients.comparing import Comparison
from tests.clients.conftest import Did
from tests.clients.differences import JOBS
from tests.clients.pixeldojo_examples import EXAMPLES, PYTHON, Example
from tests.clients.wire import Tap, tapped

WAVES = TextToVideo(
    "A cinematic shot of ocean waves crashing at golden hour, 4K quality", aspect_ratio="16:9", duration=5
)
MODEL = "google-gemini-omni-flash"
EXCHANGE_S = 20.0  # how far time goes on with each exchange: the second look at a clip of 5 s finds it done

examples = pytest.mark.parametrize("published_", EXAMPLES, ids=lambda each: each.suffix)


@pytest.fixture
def tap(sandbox: Sandbox) -> Iterator[Tap]:
    """A tap on a sandbox whose time passes with each exchange."""
    with tapped(sandbox, lambda: sandbox.advance(EXCHANGE_S)) as tap:
        yield tap


@examples
def test_the_example_submits_looks_twice_and_prints_the_video(
    published_: Example, tap: Tap, tmp_path: Path, sandbox: Sandbox, did: Did
) -> None:
    ran = published_.run(tap.site, tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    (line,) = sandbox.charges()
    assert f"/pixeldojo/{line['job']}.mp4" in ran.stdout
    asked = [(each["method"], each["path"].rpartition("/v1/")[2], each["status"]) for each in sandbox.journal()]
    look = ("GET", f"jobs/{line['job']}", 200)
    assert asked == [("POST", f"models/{MODEL}/run", 202), look, look]
    assert (line["state"], line["amount"]) == ("billed", "16")
    did(published_.name, "submit, poll", MODEL, "processing, completed, a video, billed once")


@examples
def test_the_example_tells_why_a_job_failed(
    published_: Example, tap: Tap, tmp_path: Path, sandbox: Sandbox, did: Did
) -> None:
    sandbox.arm("content-rejected")
    ran = published_.run(tap.site, tmp_path)
    assert "Error: Unable to show the generated video." in ran.stdout + ran.stderr
    assert [line["state"] for line in sandbox.charges()] == ["refunded"]
    did(published_.name, "poll, failed job", MODEL, "the words of `error`")


def test_as_it_is_printed_the_python_example_never_finds_its_job(
    tap: Tap, tmp_path: Path, sandbox: Sandbox, did: Did
) -> None:
    ran = PYTHON.run(tap.site, tmp_path, corrected=False)
    assert "KeyError: 'status'" in ran.stderr
    assert sandbox.journal()[-1]["path"].endswith("/jobs/%7Bjob_id%7D")
    did(PYTHON.name, "poll, uncorrected", MODEL, "asks for the job {job_id}, and stops at the 404")


def test_every_request_is_the_same_but_for_the_table(
    tap: Tap, tmp_path: Path, sandbox: Sandbox, record_property: Callable[[str, object], None]
) -> None:
    comparison = Comparison()
    jobs: list[Job] = []
    with Client("pixeldojo", sandbox=tap.site) as client:
        (submit,) = tap.during(lambda: jobs.append(client.submit(client.plan(WAVES))))
        for example in EXAMPLES:
            their_submit, *looks = tap.during(partial(example.run, tap.site, tmp_path))
            their_job = evolve(jobs[0], handle=sandbox.charges()[-1]["job"])
            (status,) = tap.during(partial(client.status, their_job))
            comparison.compare(example.name, "submit", submit, their_submit)
            for look in looks:
                comparison.compare(example.name, "status", status, look)
    comparison.still_true([example.name for example in EXAMPLES], JOBS)
    record_property(report.MET, comparison.rows)
