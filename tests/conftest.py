"""What every test stands on: no key, no settings and no cache of whoever runs it."""

import atexit
import os
import tempfile
from pathlib import Path

import certifi
import pytest
from hypothesis import HealthCheck, Phase, settings

settings.register_profile(
    "omniflash", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
# For `nox -s mutate`: few examples, always the same, and none made shorter, for nobody reads them.
settings.register_profile(
    "mutation",
    settings.get_profile("omniflash"),
    derandomize=True,
    max_examples=10,
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile("omniflash")


def one_certificate() -> Path:
    """A file with one certificate: reading all of the usual bundle is the dearest part of making a client."""
    first, end, _ = Path(certifi.where()).read_text("utf-8").partition("-----END CERTIFICATE-----\n")
    path = Path(tempfile.gettempdir()) / f"omniflash-one-certificate-{os.getpid()}.pem"
    path.write_text(first + end)
    atexit.register(path.unlink, missing_ok=True)
    return path


os.environ["SSL_CERT_FILE"] = str(one_certificate())

KEYS = ("FAL_KEY", "FAL_KEY_ID", "FAL_KEY_SECRET", "PIXELDOJO_API_KEY")


@pytest.fixture(autouse=True)
def nobodys_machine(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """An empty folder to work in, an empty home, and an environment without keys."""
    home = tmp_path_factory.mktemp("home")
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("OMNIFLASH_SANDBOX", raising=False)
    monkeypatch.delenv("OMNIFLASH_LEDGER", raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.chdir(home)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A small picture file."""
    path = tmp_path / "portrait.png"
    path.write_bytes(PNG)
    return path


def unwatched() -> dict[str, str]:
    """The environment for a process that must load nothing of its own accord: without what starts coverage in it."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}


# The smallest PNG there is: one pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)
