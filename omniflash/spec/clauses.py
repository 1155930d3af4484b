"""The spec, clause by clause, as data: errors, documentation and the conformance report are derived from this table.

A clause's id is kept for ever. Numbers in a rule are written as names of `Limits`, so that each limit stands only
there.
"""

from collections.abc import Mapping
from enum import StrEnum

from attrs import asdict, frozen

from .limits import LATEST, Limits


class Level(StrEnum):
    MUST = "MUST"
    SHOULD = "SHOULD"


class Subject(StrEnum):
    """Who is held to a clause."""

    SPEC = "spec"
    ADAPTER = "adapter"
    CLIENT = "client"


@frozen
class Clause:
    id: str
    rule: str
    subject: Subject
    source: str
    note: str = ""
    level: Level = Level.MUST

    def sentence(self, limits: Limits = LATEST) -> str:
        """The rule with the numbers of one model version in it."""
        values = asdict(limits, recurse=False)
        return self.rule.format_map({name: _words(value) for name, value in values.items()})


def _words(value: object) -> object:
    return f"{', '.join(value[:-1])} or {value[-1]}" if isinstance(value, tuple) else value


SPEC, ADAPTER, CLIENT = Subject.SPEC, Subject.ADAPTER, Subject.CLIENT
PIXELDOJO_PAGE, BOTH_PAGES = "PixelDojo's model page", "fal's and PixelDojo's model pages"
GOOGLE = "Google's documentation of the model"
OURS = "omniflash's own decision"

_ROWS = (
    Clause(
        "REQ-SHAPE",
        "a request is one of the five modes, and has that mode's fields and no others",
        SPEC,
        OURS,
    ),
    Clause(
        "REQ-PROMPT",
        "the prompt has at least one non-blank character and at most {prompt.maximum:,} characters",
        SPEC,
        f"{BOTH_PAGES}; the cap is an assumption: a third party's probe, no vendor states one",
    ),
    Clause(
        "REQ-DURATION",
        "the duration is a whole number of seconds, {duration}",
        SPEC,
        BOTH_PAGES,
        '8.0, "8" and true are wrong',
    ),
    Clause("REQ-ASPECT", "the aspect ratio is {aspect_ratios}", SPEC, BOTH_PAGES),
    Clause(
        "REQ-REFS",
        "reference_to_video takes {references} reference images",
        SPEC,
        f'{PIXELDOJO_PAGE}; fal\'s reference-to-video page: "one or more"',
    ),
    Clause(
        "REQ-REFS-EDIT",
        "edit and refine take at most {references_editing.maximum} reference images",
        SPEC,
        PIXELDOJO_PAGE,
    ),
    Clause(
        "REQ-TAG",
        "<IMAGE_REF_n> in the prompt counts from 0 and names a reference that is there",
        SPEC,
        "fal's reference-to-video page",
    ),
    Clause(
        "REQ-REGION",
        "editing an uploaded video is refused for a person in the EEA, Switzerland or the United Kingdom",
        SPEC,
        f"fal's edit page; {GOOGLE}",
        "refining a clip that the model made is allowed everywhere",
    ),
    Clause(
        "REQ-COUNTRY",
        "the country is an assigned ISO 3166-1 alpha-2 code",
        SPEC,
        OURS,
        '"UK" is answered with "GB"; the EEA includes Iceland, Liechtenstein, Norway, Åland (AX) and the EU\'s'
        " outermost"
        " regions that have codes of their own",
    ),
    Clause(
        "REQ-MEDIA",
        "an input is an http(s) URL, a data URI, bytes with a media type, or a local file",
        SPEC,
        f"fal's reference-to-video page; types: {GOOGLE}",
        "a file is there, is not empty and holds what it is given as; size is checked where the provider states a"
        " limit",
    ),
    Clause(
        "REQ-SEED",
        "the seed is a whole number, {seed}",
        SPEC,
        f"{PIXELDOJO_PAGE}; the range is an assumption: another host's",
    ),
    Clause(
        "REQ-VERSION",
        "the version is unset or one that the spec knows",
        SPEC,
        f"{BOTH_PAGES}, whose ids name none",
        "an endpoint whose id names no version is offered as 1.0, and said to be assumed",
    ),
    Clause("REQ-FORMAT", "the output format is {output_formats}", SPEC, PIXELDOJO_PAGE),
    Clause(
        "REQ-PREVIOUS", "refine names the clip that it goes on from: a job, a clip, or the vendor's handle", SPEC, OURS
    ),
    Clause("REQ-METADATA", "metadata maps text to text; it is the caller's own and is never sent", SPEC, OURS),
    Clause(
        "REQ-ALL",
        "every violation of a request is reported at once, each with its clause, field, value, limit and remedy",
        SPEC,
        OURS,
    ),
    Clause(
        "CAP-DECLARE",
        "an adapter declares, per mode and model version, the fields it takes, their limits where narrower than the"
        " spec's, the kinds of media, cancel, webhook, uploads and price",
        ADAPTER,
        OURS,
    ),
    Clause(
        "CAP-REJECT",
        "a request outside the declaration is refused before any I/O, naming the field and who could serve it; only"
        ' on_unsupported="drop" drops, only the seed, and the job records it',
        CLIENT,
        OURS,
    ),
    Clause(
        "CAP-DISPOSE",
        "each field that the caller set ends in exactly one of sent, adapted, kept, dropped, refused, and the plan and"
        " the job say which",
        ADAPTER,
        OURS,
    ),
    Clause("CAP-TRUTH", "whatever is declared works on the wire", ADAPTER, OURS),
    Clause("MAP-CONTRACT", "every body validates against the vendor's published schema", ADAPTER, OURS),
    Clause("MAP-LOSSLESS", "decoding the wire request by the vendor's own rules gives the request back", ADAPTER, OURS),
    Clause(
        "MAP-MINIMAL",
        "nothing is sent that was not asked for: no nulls, no defaults in edit and refine, no unknown fields; only"
        " where a vendor's own default differs from the spec's is the spec's sent",
        ADAPTER,
        OURS,
    ),
    Clause("MAP-ORDER", "references keep their order: tags bind by position", ADAPTER, "fal's reference-to-video page"),
    Clause(
        "MAP-ORIGIN",
        "a URL that a vendor returns is followed with the key only on the vendor's own API hosts",
        CLIENT,
        OURS,
    ),
    Clause(
        "MAP-KEY",
        "the API key goes to the vendor's API hosts and nowhere else: no asset host, no redirect, no URL",
        CLIENT,
        OURS,
    ),
    Clause(
        "JOB-ONCE",
        "one submit leads to at most one job that can be billed: a create call is repeated only when it was certainly"
        " not accepted, and otherwise ends as SubmissionUncertain",
        CLIENT,
        "no vendor documents an idempotency key on submit",
    ),
    Clause(
        "JOB-DEDUP",
        "where a vendor takes a client-chosen id, it is fixed and recorded before the first attempt, and doubt is"
        " resolved by asking again with the same id",
        CLIENT,
        OURS,
    ),
    Clause(
        "JOB-KEY",
        "the same caller's key gives the same job in any process that shares the ledger; with another request it is"
        " refused",
        CLIENT,
        OURS,
    ),
    Clause(
        "JOB-STATES",
        "each vendor status maps to one state by a table; an unknown one counts as running, is logged once, and is"
        " bounded by the deadline",
        ADAPTER,
        OURS,
    ),
    Clause(
        "JOB-RESUME",
        "a job has a text form under 300 characters with no secret and no URL, which any process can go on from; every"
        " way of giving up waiting carries it",
        CLIENT,
        OURS,
    ),
    Clause(
        "JOB-EMPTY",
        "completed without a video is a failure of its own kind, never a success and never a crash",
        ADAPTER,
        GOOGLE,
    ),
    Clause(
        "JOB-DEADLINE",
        "waiting is bounded; running out of time leaves the job alive and says how to pick it up",
        CLIENT,
        OURS,
    ),
    Clause(
        "JOB-CANCEL",
        "cancel is idempotent, tells apart cancelled, already finished and not supported, and says if it may still be"
        " billed",
        ADAPTER,
        OURS,
    ),
    Clause(
        "JOB-POLL",
        "polling backs off to the job's expected length, honours Retry-After and the stated pace, and notices the end"
        " soon after it came",
        CLIENT,
        OURS,
        level=Level.SHOULD,
    ),
    Clause(
        "RES-VIDEO",
        "the result names the URL, media type, size and expiry as far as the vendor says, and its handle for refining",
        ADAPTER,
        BOTH_PAGES,
    ),
    Clause(
        "RES-SAVE",
        "a download is streamed beside its target, resumed after a cut, checked against the stated length, then"
        " renamed: the target is whole or absent, and no vendor's file name decides where it goes",
        CLIENT,
        OURS,
    ),
    Clause(
        "RES-PROBE",
        "the clip is what was asked for: container, duration within half a second, aspect ratio, 720p, an audio track",
        CLIENT,
        BOTH_PAGES,
        level=Level.SHOULD,
    ),
    Clause(
        "ERR-KIND",
        "one taxonomy for all vendors; each error says if trying again can help and if money may be spent",
        ADAPTER,
        OURS,
    ),
    Clause(
        "ERR-WORDS", "the vendor's own code, message, request id and HTTP status are kept on the error", ADAPTER, OURS
    ),
    Clause(
        "ERR-SECRET",
        "no key, signed URL query or Authorization header is ever in a message, repr, log, cassette or report",
        CLIENT,
        OURS,
    ),
    Clause(
        "COST-QUOTE",
        "every supported request has a quote without I/O: amount in USD, upper bound, kind, the arithmetic in words,"
        " the price row's source and date",
        ADAPTER,
        OURS,
    ),
    Clause(
        "COST-VERSION",
        "prices are rows per provider, model version, mode and resolution; a user's own can override them",
        ADAPTER,
        OURS,
    ),
    Clause(
        "COST-ACTUAL",
        "what the vendor says it charged is kept beside the quote; the difference is visible",
        CLIENT,
        OURS,
    ),
    Clause(
        "HOOK-HOSTILE",
        "whatever bytes and headers come in, verification returns an event or raises InvalidWebhook; a key set that"
        " cannot be fetched is ProviderUnavailable",
        ADAPTER,
        OURS,
    ),
    Clause(
        "HOOK-VERIFY",
        "a webhook counts only after its signature, time window and request id were checked; an unsigned one is only a"
        " hint to ask again",
        ADAPTER,
        "fal's webhook page",
    ),
)

CLAUSES: Mapping[str, Clause] = {row.id: row for row in _ROWS}
