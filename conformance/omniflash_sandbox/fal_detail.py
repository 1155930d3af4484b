"""fal's `detail`: what it says on the result of a request whose input was wrong, or whose output it kept back.

An item is `{loc, msg, type, url, ctx?, input?}` (fal, errors). Types and words of the checks are pydantic's, on which
fal's applications are built. Assumption: the checks are strict, so that the text "8" is no integer.
"""

from collections.abc import Callable, Mapping

from attrs import field, frozen

from omniflash_sandbox.contracts import Violation, violations
from omniflash_sandbox.messages import JSON, Ask, shortened

ERRORS_PAGE = "https://docs.fal.ai/errors/"


@frozen
class Complaint:
    """What is wrong, in fal's words: the type to branch on, the message to read, and its figures."""

    type: str
    msg: str
    ctx: Mapping[str, JSON] = field(factory=dict)

    def at(self, *loc: str | int) -> dict[str, JSON]:
        item: dict[str, JSON] = {"loc": [*loc], "msg": self.msg, "type": self.type, "url": f"{ERRORS_PAGE}#{self.type}"}
        return item | ({"ctx": dict(self.ctx)} if self.ctx else {})


REJECTED = Complaint(  # the words are reported by users of this model on fal; that this is its type is an assumption
    "content_policy_violation",
    "Request blocked due to safety violations (harmful content). Please modify your input and retry.",
)
NO_FILE = Complaint(
    "file_download_error", "Failed to download the file. Please check if the URL is accessible and try again."
)
NO_IMAGE = Complaint(
    "image_load_error",
    "Failed to load the image. Please ensure the image file is not corrupted and is in a supported format.",
)


def complaints_about(ask: Ask, contract: str) -> tuple[JSON, ...]:
    """The `detail` of a request's body, one item for each violation of the contract; empty for a body that keeps it."""
    try:
        body = ask.body
    except ValueError as problem:
        return (Complaint("json_invalid", "JSON decode error", {"error": str(problem)}).at("body"),)
    return tuple(_complaint(violation) for violation in violations(contract, body))


def _complaint(violation: Violation) -> JSON:
    return WORDS[violation.keyword](violation).at("body", *violation.place) | {"input": shortened(violation.given)}


def _missing(_: Violation) -> Complaint:
    return Complaint("missing", "Field required")


def _wrong_type(violation: Violation) -> Complaint:
    form = "fractional" if isinstance(violation.given, float) else "text" if isinstance(violation.given, str) else None
    return TYPES.get((str(violation.demand), form)) or TYPES[str(violation.demand), None]


def _not_listed(violation: Violation) -> Complaint:
    expected = " or ".join(f"'{value}'" for value in violation.demand) if isinstance(violation.demand, list) else ""
    return Complaint("literal_error", f"Input should be {expected}", {"expected": expected})


def _too_small(violation: Violation) -> Complaint:
    message = f"Input should be greater than or equal to {violation.demand}"
    return Complaint("greater_than_equal", message, {"ge": violation.demand})


def _too_large(violation: Violation) -> Complaint:
    return Complaint(
        "less_than_equal", f"Input should be less than or equal to {violation.demand}", {"le": violation.demand}
    )


def _too_short(violation: Violation) -> Complaint:
    message = f"List should have at least {violation.demand} item after validation"
    return Complaint("sequence_too_short", message, {"min_length": violation.demand})


def _no_url(_: Violation) -> Complaint:
    return NO_FILE


WORDS: Mapping[str, Callable[[Violation], Complaint]] = {
    "required": _missing,
    "type": _wrong_type,
    "enum": _not_listed,
    "minimum": _too_small,
    "maximum": _too_large,
    "minItems": _too_short,
    "pattern": _no_url,
}
"""What fal says of a violation, by the keyword of JSON Schema that the value breaks."""

TYPES = {
    ("string", None): Complaint("string_type", "Input should be a valid string"),
    ("array", None): Complaint("list_type", "Input should be a valid list"),
    ("object", None): Complaint(
        "model_attributes_type", "Input should be a valid dictionary or object to extract fields from"
    ),
    ("integer", None): Complaint("int_type", "Input should be a valid integer"),
    ("integer", "text"): Complaint(
        "int_parsing", "Input should be a valid integer, unable to parse string as an integer"
    ),
    ("integer", "fractional"): Complaint(
        "int_from_float", "Input should be a valid integer, got a number with a fractional part"
    ),
}
