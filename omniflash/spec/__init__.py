"""What a request may be: the five modes, the clauses they keep, the model's limits, and who lives where."""

from .clauses import CLAUSES, Clause, Level, Subject
from .countries import ASSIGNED, EEA, UPLOADED_EDITS_REFUSED
from .form import assemble, refuse, request_from_json, request_to_json
from .limits import LATEST, LIMITS, Limits, Span
from .media import Data, File, FileFacts, Media, MediaLike, Url, sniff
from .requests import (
    FIELDS,
    REQUESTS,
    Edit,
    ImageToVideo,
    Mode,
    Previous,
    ReferenceToVideo,
    Refine,
    Request,
    TextToVideo,
    media_of,
)
from .rules import check
from .violations import Violation, did_you_mean

__all__ = [
    "ASSIGNED",
    "CLAUSES",
    "EEA",
    "FIELDS",
    "LATEST",
    "LIMITS",
    "REQUESTS",
    "UPLOADED_EDITS_REFUSED",
    "Clause",
    "Data",
    "Edit",
    "File",
    "FileFacts",
    "ImageToVideo",
    "Level",
    "Limits",
    "Media",
    "MediaLike",
    "Mode",
    "Previous",
    "ReferenceToVideo",
    "Refine",
    "Request",
    "Span",
    "Subject",
    "TextToVideo",
    "Url",
    "Violation",
    "assemble",
    "check",
    "did_you_mean",
    "media_of",
    "refuse",
    "request_from_json",
    "request_to_json",
    "sniff",
]
