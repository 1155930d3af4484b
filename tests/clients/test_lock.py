"""What is installed for JavaScript: the client in the version that is named, from whatever registry one has."""

import json

from tests.clients.javascript_client import FOLDER, PACKAGE, VERSION

LOCK = FOLDER / "package-lock.json"


def test_the_lock_names_the_client_exactly_and_says_what_its_bytes_are() -> None:
    packages = json.loads(LOCK.read_text("utf-8"))["packages"]
    assert VERSION == packages[""]["dependencies"][PACKAGE] == packages[f"node_modules/{PACKAGE}"]["version"]
    assert all(package["integrity"].startswith("sha512-") for name, package in packages.items() if name)


def test_the_lock_names_no_registry() -> None:
    text = LOCK.read_text("utf-8")
    assert "http" not in text
    assert "resolved" not in text


def test_what_is_installed_is_what_the_lock_says() -> None:
    installed = json.loads((FOLDER / "node_modules" / PACKAGE / "package.json").read_text("utf-8"))
    assert installed["version"] == VERSION
