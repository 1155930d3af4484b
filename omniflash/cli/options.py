"""The options that commands share, and how they become a request and a client."""

import os
import re
import shlex
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

from attrs import frozen
from cyclopts import Parameter
from platformdirs import user_cache_path, user_data_path

from ..accounts import Site
from ..client import Client
from ..drive.sandbox import sandbox
from ..types import JSON

if TYPE_CHECKING:
    from ..money.ledger import Ledger

Text: TypeAlias = Annotated[str | None, Parameter(allow_leading_hyphen=True)]
Prompt: TypeAlias = Annotated[str, Parameter(allow_leading_hyphen=True, help="what the clip should show")]
Json: TypeAlias = Annotated[bool, Parameter(name="--json", negative="", help="print one JSON value")]
Online: TypeAlias = Annotated[
    bool, Parameter(name="--online", negative="", help="ask the vendors what they ask now; nothing is paid")
]
Output: TypeAlias = Annotated[Path | None, Parameter(name=["--output", "-o"], help="the file to save the clip as")]
Timeout: TypeAlias = Annotated[float | None, Parameter(help="how long to wait for the job, in seconds")]

SANDBOX_VARIABLE, LEDGER_VARIABLE = "OMNIFLASH_SANDBOX", "OMNIFLASH_LEDGER"
LEDGER_FILE = "ledger.sqlite3"
POLICY_HELP = (
    "who is asked first: cheapest, fastest, ordered, or names with commas between; with a limit, as in "
    "'cheapest under 60 s and $1'; or several, as in 'prefer fal, else cheapest'"
)
OFF = ("", "0", "false", "no", "off")
ON = ("1", "true", "yes", "on")


@Parameter(name="*")
@frozen(kw_only=True)
class Ask:
    """What the clip should be. What is not given is left to the defaults, and not sent."""

    image: Annotated[str | None, Parameter(help="the first frame: a file or URL")] = None
    ref: Annotated[tuple[str, ...], Parameter(help="a reference image, file or URL; may be repeated", negative="")] = ()
    edit: Annotated[str | None, Parameter(help="a video to change: a file or URL")] = None
    refine: Annotated[
        str | None, Parameter(help="a clip to go on from: its job's token, or the vendor's id for it")
    ] = None
    duration: Annotated[Text, Parameter(help="length in whole seconds")] = None
    aspect: Annotated[Text, Parameter(help="16:9 or 9:16")] = None
    seed: Annotated[Text, Parameter(help="a whole number")] = None
    output_format: Annotated[Text, Parameter(help="mp4, webm or mov")] = None
    model_version: Annotated[Text, Parameter(help="a version of the model")] = None
    country: Annotated[Text, Parameter(help="where the person is for whom the clip is made: ISO 3166-1 alpha-2")] = None

    def form(self, prompt: str) -> dict[str, JSON]:
        """The request in its JSON form; numbers are numbers where they are written as whole ones."""
        fields = {
            "prompt": prompt,
            "image": self.image,
            "references": list(self.ref) or None,
            "video": self.edit,
            "previous": self.refine,
            "duration": _number(self.duration),
            "aspect_ratio": self.aspect,
            "seed": _number(self.seed),
            "output_format": self.output_format,
            "version": self.model_version,
            "country": self.country,
        }
        return {name: value for name, value in fields.items() if value is not None}


def _number(text: str | None) -> JSON:
    return int(text) if text is not None and re.fullmatch(r"[+-]?[0-9]{1,40}", text) else text


@Parameter(name="*")
@frozen(kw_only=True)
class Ground:
    """Who makes the clip."""

    provider: Annotated[str | None, Parameter(help="only this provider or account")] = None
    policy: Annotated[str | None, Parameter(help=POLICY_HELP)] = None
    sandbox: Annotated[
        bool, Parameter(help="a made-up clip from the local sandbox; nothing is billed", negative="")
    ] = False
    host_files: Annotated[
        bool,
        Parameter(
            help="a file that a provider takes only as a URL may go through another account's storage", negative=""
        ),
    ] = False
    config: Annotated[Path | None, Parameter(help="a file in place of omniflash.toml")] = None

    @property
    def sandboxed(self) -> bool:
        """Whether a sandbox is used, by option or by environment."""
        return self.sandbox or os.environ.get(SANDBOX_VARIABLE, "").lower() not in OFF

    @contextmanager
    def client(
        self,
        provider: str | None = None,
        *,
        paying: bool = False,
        knowing: bool = False,
        budget: Mapping[str, object] | None = None,
    ) -> Iterator[Client]:
        """The client to work with, on a sandbox if one is asked for, and with its ledger if something may be paid.

        With `knowing`, a ledger is used where there is one, for what it knows.
        """
        with ExitStack() as stack:
            site = stack.enter_context(sandbox(_running())) if self.sandboxed else None
            place = ledger_place(site)
            ledger = place if paying or (knowing and ("://" in place or Path(place).is_file())) else None
            made = Client(
                provider or self.provider,
                policy=self.policy,
                host_files=self.host_files or None,
                config_file=self.config,
                sandbox=site,
                ledger=ledger,
                budget=budget,
            )
            yield stack.enter_context(made)

    @contextmanager
    def ledger(self) -> "Iterator[Ledger]":
        """The ledger alone."""
        from ..money.ledger import Ledger  # with it comes SQLAlchemy

        with ExitStack() as stack:
            site = stack.enter_context(sandbox(_running())) if self.sandboxed else None
            yield stack.enter_context(closing(Ledger(ledger_place(site))))

    @property
    def unbilled(self) -> str:
        """What is said beside a price that nobody will ask for."""
        return " (sandbox: the clip is made up, and nothing is billed)" if self.sandboxed else ""

    def line(self, *words: str) -> str:
        """A command for a shell, with what it needs to stand on the same ground."""
        where = _running()
        before = f"{SANDBOX_VARIABLE}={shlex.quote(where)} " if self.sandboxed and where else ""
        options = ["--sandbox"] * self.sandboxed + (["--config", str(self.config)] if self.config else [])
        return before + shlex.join(["omniflash", *words, *options])


def ledger_place(site: Site | None) -> str:
    """Where the ledger is: a sandbox has one of its own, so that made-up jobs and paid ones never mix."""
    if site is not None:
        return str(Path(site.state or user_cache_path("omniflash") / "sandbox") / LEDGER_FILE)
    return os.environ.get(LEDGER_VARIABLE) or str(user_data_path("omniflash") / LEDGER_FILE)


def _running() -> str | None:
    told = os.environ.get(SANDBOX_VARIABLE, "")
    return None if told.lower() in OFF + ON else told
