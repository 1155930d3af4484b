"""Planning: everything that is wrong is told at once, local files included (REQ-ALL), and nothing is sent."""

import pytest

from omniflash.effects import Look, Now, Record
from omniflash.errors import InvalidRequest
from omniflash.flows.plan import plan
from omniflash.money.entries import Consulting
from omniflash.routing.plan import Desk
from omniflash.spec import Edit, File, FileFacts, ImageToVideo, Request, TextToVideo, assemble
from tests.stage import Stage, account

DESK = Desk([account()])
PNG = FileFacts(1000, "image/png")


def told(request: Request, files: dict[object, FileFacts] | None = None) -> list[tuple[str, str]]:
    with pytest.raises(InvalidRequest) as caught:
        Stage(files=files or {}).run(plan(request, (), DESK))
    return [(violation.clause, violation.field) for violation in caught.value.violations]


def test_a_right_request_is_planned_without_sending_anything() -> None:
    stage = Stage()
    made = stage.run(plan(TextToVideo("A cat"), (), DESK))
    assert [candidate.account for candidate in made.candidates] == ["acme"]
    assert [type(effect) for effect in stage.done] == [Now, Record]
    assert [type(entry) for entry in stage.entries] == [Consulting]


@pytest.mark.parametrize(
    "facts",
    [
        FileFacts(problem="there is no such file"),
        FileFacts(problem="this is a folder"),
        FileFacts(problem="the file is empty"),
        FileFacts(10, "video/mp4"),
        FileFacts(10, "image/gif"),
        FileFacts(10, None),
    ],
)
def test_a_file_that_is_no_image_is_told_with_the_rest(facts: FileFacts) -> None:
    request = ImageToVideo(" ", image="a.png", duration=11)
    clauses = told(request, {File("a.png"): facts})
    assert sorted(clauses) == [("REQ-DURATION", "duration"), ("REQ-MEDIA", "image"), ("REQ-PROMPT", "prompt")]


def test_a_file_is_looked_at_once() -> None:
    stage = Stage(files={File("a.png"): PNG})
    request, _ = assemble({"prompt": "a", "references": ["a.png", "a.png"]})
    assert request is not None
    stage.run(plan(request, (), DESK))
    assert stage.of(Look) == [Look(File("a.png"))]


def test_what_is_wrong_with_the_form_is_told_with_the_rest() -> None:
    request, problems = assemble({"prompt": "", "colour": "red"})
    with pytest.raises(InvalidRequest) as caught:
        Stage().run(plan(request, problems, DESK))
    assert [violation.clause for violation in caught.value.violations] == ["REQ-SHAPE", "REQ-PROMPT"]


def test_what_is_no_request_at_all_is_told() -> None:
    with pytest.raises(InvalidRequest, match="REQ-SHAPE"):
        Stage().run(plan(*assemble([]), DESK))


def test_a_region_is_each_providers_reason_and_no_error_of_the_plan() -> None:
    made = Stage().run(plan(Edit("a", video="https://e.com/v.mp4", country="DE"), (), DESK))
    assert made.candidates == ()
    assert [reason.clause for out in made.ruled_out for reason in out.reasons] == ["REQ-REGION"]
