"""Playing a recording, and making one: vcrpy between httpx and the network, with the network shut off for playing."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from attrs import define

from omniflash.errors import ConfigurationError

from ..verdicts import Broken, NotDeclared, NotRun
from .readable import OWN_BASES, Bases, Readable, as_answered, as_asked, parsed


def same_json(one: Any, other: Any) -> None:
    """vcrpy's matcher of bodies: the same JSON, however it is written."""
    if parsed(one.body) != parsed(other.body):
        raise AssertionError(f"{one.body} is not {other.body}")


def recorder(server: str, bases: Bases = OWN_BASES) -> Any:
    """vcrpy, as we use it: ports change and so do hosts, which are `bases`; everything else has to be the same."""
    from vcr import VCR  # type: ignore[import-untyped]  # here: slow to load, and only two grounds need it

    made = VCR(
        match_on=["method", "path", "query", "json"],
        serializer="yaml",
        before_record_request=partial(as_asked, bases=bases),
        before_record_response=partial(as_answered, bases=bases),
    )
    made.register_serializer("yaml", Readable(server))
    made.register_matcher("json", same_json)
    return made


@contextmanager
def shut_off() -> Iterator[None]:
    """No connection to anywhere can be made in this block."""
    from pytest_recording.network import blocking_context

    with blocking_context():
        yield


@contextmanager
def played(path: Path) -> Iterator[None]:
    """The time in which a recording answers. Raises NotRun where there is none, Broken for what it does not have."""
    from vcr.errors import CannotOverwriteExistingCassetteException as Strange  # type: ignore[import-untyped]

    if not path.is_file() or not path.stat().st_size:
        with shut_off(), _unrecorded(path):
            yield
        return
    with shut_off(), recorder("").use_cassette(str(path), record_mode="none", allow_playback_repeats=False) as cassette:
        try:
            yield
        except Exception as problem:
            strange = next((each for each in _causes(problem) if isinstance(each, Strange)), None)
            if strange is None:
                raise
            raise Broken(f"it asks what the recording {path.stem} has no answer to: {_asked(strange)}") from problem
    if not cassette.all_played:
        raise Broken(f"it leaves {len(cassette) - cassette.play_count} exchanges of the recording {path.stem} unasked")


@contextmanager
def _unrecorded(path: Path) -> Iterator[None]:
    """The time of a case that has no recording: that a subject has not got what it is about shows all the same."""
    missing = NotRun(f"there is no recording {path.parent.name}/{path.stem}")
    try:
        yield
    except NotDeclared:
        raise
    except Exception as problem:
        raise missing from problem
    raise missing


def _causes(problem: BaseException) -> Iterator[BaseException]:
    """An error and what it came from: a client tells whatever goes wrong in a paid call in words of its own."""
    cause: BaseException | None = problem
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _asked(problem: Any) -> str:
    return f"{problem.failed_request.method} {problem.failed_request.path}"


@define
class Afterwards:
    """A persister of vcrpy's that only remembers what to write: where saving raises, vcrpy stays before the network."""

    write: Callable[[], None] = lambda: None

    def load_cassette(self, path: str, serializer: object) -> object:
        """Nothing: whatever was recorded before is made anew."""
        from vcr.persisters.filesystem import CassetteNotFoundError  # type: ignore[import-untyped]

        raise CassetteNotFoundError

    def save_cassette(self, path: str, cassette_dict: Mapping[str, Any], serializer: object) -> None:
        """Have it written by `write`, once vcrpy is out of the way."""
        from vcr.persisters.filesystem import FilesystemPersister

        self.write = partial(FilesystemPersister.save_cassette, path, cassette_dict, serializer)


@contextmanager
def recorded(path: Path, server: str, bases: Bases = OWN_BASES) -> Iterator[None]:
    """The time in which a recording is made anew. Raises ConfigurationError where something like a key is in it."""
    made, afterwards = recorder(server, bases), Afterwards()
    made.register_persister(afterwards)
    with made.use_cassette(str(path), record_mode="all"):
        yield
    try:
        afterwards.write()
    except OSError as problem:
        remedy = "name another folder with --cassettes"
        raise ConfigurationError(f"the recording cannot be written: {problem}", remedy=remedy) from problem
