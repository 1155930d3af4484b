"""What a peer does not offer. No case asks for it: the peer's kind leaves it out of what it offers."""

from pathlib import Path
from typing import NoReturn

from omniflash import Request


class Absent:
    """Each method of a Client that may be missing, for a bridge to replace by what its library has."""

    def wait(self, ticket: object, *, timeout: float | None = None) -> object:
        return self._absent("wait")

    def cancel(self, ticket: object) -> str:
        return self._absent("cancel")

    def save(self, clip: object, path: Path) -> None:
        self._absent("save")

    def probe(self, path: Path, request: Request) -> tuple[str, ...]:
        return self._absent("probe")

    def dropped(self, ticket: object) -> tuple[str, ...]:
        return self._absent("dropped")

    def _absent(self, what: str) -> NoReturn:
        raise AssertionError(f"{type(self).__name__} does not offer {what}, and a case asked for it")
