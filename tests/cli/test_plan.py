"""`omniflash plan`, `providers`, `--dry-run`: what can be known without a key and without sending anything."""

import json
import subprocess
import sys

import pytest

from tests.cli.conftest import environment, omniflash

KEY = "the-id-of-the-key:the-secret-half"
FILM, STILL = "https://example.com/v.mp4", "https://example.com/a.png"


def test_an_edit_with_references_names_who_can_and_who_cannot() -> None:
    done = omniflash("plan", "At night", "--edit", FILM, "--ref", STILL, "--ref", STILL)
    assert done.code == 0
    assert "1. pixeldojo: ≈$1.00" in done.out
    assert "-  fal: CAP-REJECT references" in done.out
    assert "16 credits a clip × $0.0625 a credit = $1.00" in done.out


def test_in_germany_it_ends_with_the_region_for_all() -> None:
    done = omniflash("plan", "At night", "--edit", FILM, "--country", "DE")
    assert done.code == 2
    assert [line.split()[1:3] for line in done.out.splitlines()] == [
        ["fal:", "REQ-REGION"],
        ["pixeldojo:", "REQ-REGION"],
    ]


def test_a_refine_in_germany_is_offered() -> None:
    done = omniflash("plan", "At night", "--refine", "vid_1", "--country", "DE")
    assert done.code == 0
    assert done.out.startswith("1. pixeldojo: ")


def test_nobody_is_an_exit_code_of_its_own() -> None:
    assert omniflash("plan", "At night", "--refine", "vid_1", "--provider", "fal").code == 8


def test_a_plan_is_json_too() -> None:
    plan = omniflash("plan", "A cat", "--duration", "10", "--json").json
    assert plan["format"] == "omniflash.plan/1"
    assert [candidate["account"] for candidate in plan["candidates"]] == ["pixeldojo", "fal"]
    assert plan["candidates"][1]["quote"]["amount"] == "1.250"


@pytest.mark.parametrize(
    ("arguments", "url", "body"),
    [
        (["A cat", "--provider", "fal"], "https://queue.fal.run/google/gemini-omni-flash", {"prompt": "A cat"}),
        (
            ["A cat", "--provider", "fal", "--image", STILL, "--duration", "5"],
            "https://queue.fal.run/google/gemini-omni-flash/image-to-video",
            {"prompt": "A cat", "image_url": STILL, "duration": 5},
        ),
        (
            ["A cat", "--provider", "fal", "--ref", STILL, "--ref", FILM],
            "https://queue.fal.run/google/gemini-omni-flash/reference-to-video",
            {"prompt": "A cat", "image_urls": [STILL, FILM]},
        ),
        (
            ["A cat", "--provider", "fal", "--edit", FILM],
            "https://queue.fal.run/google/gemini-omni-flash/edit",
            {"prompt": "A cat", "video_url": FILM},
        ),
        (["A cat", "--provider", "pixeldojo", "--seed", "7"], "", {"prompt": "A cat", "seed": 7}),
        (["A cat", "--provider", "pixeldojo", "--image", STILL], "", {"prompt": "A cat", "image": STILL}),
        (["A cat", "--provider", "pixeldojo", "--ref", STILL], "", {"prompt": "A cat", "reference_images": [STILL]}),
        (["A cat", "--provider", "pixeldojo", "--edit", FILM], "", {"prompt": "A cat", "video": FILM}),
        (["A cat", "--refine", "vid_1", "--aspect", "9:16"], None, None),
        (["A cat", "--refine", "vid_1"], "", {"prompt": "A cat", "video_id": "vid_1"}),
    ],
)
def test_a_dry_run_shows_the_request_that_would_leave(arguments: list[str], url: str | None, body: object) -> None:
    environs = {"FAL_KEY": KEY, "PIXELDOJO_API_KEY": "pd_the-secret-half"}
    done = omniflash("generate", *arguments, "--dry-run", **environs)
    if url is None:
        assert done.code == 2
        assert "REQ-SHAPE aspect_ratio" in done.err
        return
    head, _, shown = done.out.partition("\n\n")
    lines = head.splitlines()
    assert done.code == 0
    assert lines[0] == f"POST {url or 'https://pixeldojo.ai/api/v1/models/google-gemini-omni-flash/run'}"
    assert f"Authorization: {'Key' if url else 'Bearer'} ***" in lines
    assert f"Content-Length: {len(shown.strip().encode())}" in lines
    assert json.loads(shown) == body
    assert "the-secret-half" not in done.out + done.err
    as_json = omniflash("generate", *arguments, "--dry-run", "--json", **environs).json
    assert (as_json["body"], as_json["method"]) == (body, "POST")
    assert {fate["fate"] for fate in as_json["dispositions"]} == {"sent"}


def test_a_dry_run_needs_no_key_and_shortens_inline_data() -> None:
    data = f"data:image/png;base64,{'iVBORw0KGgo' * 100}"
    done = omniflash("generate", "A cat", "--image", data, "--provider", "fal", "--dry-run")
    assert done.code == 0
    assert "… (1,100 characters)" in done.out


def test_providers_are_drawn_from_their_declarations() -> None:
    table = omniflash("providers").out
    for word in (
        "google/gemini-omni-flash/edit",
        "reference_images",
        "seed → seed",
        "FAL_KEY",
        "10 requests in 60 s",
        "mp4 only",
    ):
        assert word in table.replace("\n", " ")
    fal, dojo = omniflash("providers", "--json").json
    assert [offer["mode"] for offer in fal["offers"]] == [
        "text_to_video",
        "image_to_video",
        "reference_to_video",
        "edit",
    ]
    features = {"webhook": True, "find": True, "find_assumed": True, "prices": True}
    assert (dojo["features"], dojo["pace"]) == (features, {"requests": 10})


def test_help_and_version_are_there() -> None:
    shown = omniflash("--help").out
    for command in ("generate", "plan", "resume", "cancel", "providers", "probe", "sandbox"):
        assert command in shown
    assert omniflash("--version").out.strip() == "0.1.0"
    for command in ("generate", "sandbox", "resume"):
        assert omniflash(command, "--help").code == 0


def test_a_missing_part_is_told_by_the_line_that_installs_it() -> None:
    without = "import sys; sys.modules['{}'] = None; from omniflash.cli import main; sys.exit(main({}))"
    for missing, arguments, line in (
        ("cyclopts", ["plan", "a"], "pip install 'omniflash[cli]'"),
        ("av", ["probe", "a.mp4"], "pip install 'omniflash[media]'"),
        ("uvicorn", ["plan", "a", "--sandbox"], "pip install 'omniflash[sandbox]'"),
    ):
        code = without.format(missing, arguments)
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=False
        )
        assert done.returncode == 2, done.stderr
        assert line in done.stderr
        assert "Traceback" not in done.stderr


def test_a_part_that_is_always_needed_is_a_broken_installation() -> None:
    code = "import sys; sys.modules['cattrs'] = None; from omniflash.cli import main; sys.exit(main(['plan', 'a']))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=False)
    assert done.returncode == 1
    assert "cattrs" in done.stderr
