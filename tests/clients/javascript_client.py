"""@fal-ai/client, fal's client for JavaScript: in one Node process for the whole run, fed one call a line.

Nothing of it is replaced: js/driver.mjs points it elsewhere by its own option `requestMiddleware`.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from attrs import frozen

from omniflash_sandbox.admin import SiteData
from tests.clients.official import PLAIN, Options, Refused, Told, Update, Upload

FOLDER = Path(__file__).parent / "js"
PACKAGE = "@fal-ai/client"
VERSION = json.loads((FOLDER / "package.json").read_text("utf-8"))["dependencies"][PACKAGE]
NAME = f"{PACKAGE} {VERSION}"
OFTEN_MS = 1  # between two looks; under the virtual clock there is nothing to wait for

HOSTS = {"queue": "https://queue.fal.run", "run": "https://fal.run", "rest": "https://rest.fal.ai"}
"""fal's hosts as the client names them, by the sandbox's names for them."""


@frozen
class Node:
    """A Node process."""

    process: "subprocess.Popen[str]"

    def ask(self, call: Told, on_update: Update) -> Any:
        """What came of a call. Raises Refused."""
        assert self.process.stdin
        assert self.process.stdout
        print(json.dumps(call), file=self.process.stdin, flush=True)
        for line in self.process.stdout:
            told = json.loads(line)
            if "update" not in told:
                return _result(told)
            on_update(told["update"])
        raise AssertionError("the driver of the JavaScript client has ended")


def _result(told: Told) -> Any:
    if "result" in told:
        return told["result"]
    error = told["error"]
    assert "status" in error, error  # else it is the client's own, which no test expects
    raise Refused(error["status"], error.get("body"), error["requestId"])


@contextmanager
def node(script: str = "driver.mjs") -> Iterator[Node]:
    """The process, as long as the block lasts."""
    command = [program(), script]
    with subprocess.Popen(
        command, cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as process:
        yield Node(process)
        assert process.stdin
        process.stdin.close()


def program() -> str:
    """Where Node is."""
    found = shutil.which("node")
    assert found, "there is no Node here; `nox -s clients` brings one"
    return found


def nothing(_: Told) -> None:
    """For whoever wants no updates."""


@frozen
class JavaScript:
    """The client behind the common face, pointed at a site."""

    node: Node
    site: SiteData
    name: str = NAME

    def run(self, endpoint: str, body: Told) -> Told:
        return dict(self._ask("run", endpoint, {"input": body})["data"])

    def subscribe(self, endpoint: str, body: Told, on_update: Update, **more: Any) -> Told:
        options = {"input": body, "logs": True, "pollInterval": OFTEN_MS, **more}
        return dict(self._ask("subscribe", endpoint, options, on_update=on_update)["data"])

    def submit(self, endpoint: str, body: Told, options: Options = PLAIN, files: Mapping[str, Upload] = {}) -> str:
        said = {"priority": options.priority, "startTimeout": options.start_timeout, "webhookUrl": options.webhook_url}
        given = {name: value for name, value in said.items() if value is not None}
        asked = {"input": body, "headers": options.headers, **given}
        return str(self._ask("submit", endpoint, asked, files)["request_id"])

    def status(self, endpoint: str, request_id: str, *, logs: bool = False) -> Told:
        return dict(self._ask("status", endpoint, {"requestId": request_id, "logs": logs}))

    def result(self, endpoint: str, request_id: str) -> Told:
        return dict(self._ask("result", endpoint, {"requestId": request_id})["data"])

    def cancel(self, endpoint: str, request_id: str) -> None:
        self._ask("cancel", endpoint, {"requestId": request_id})

    def upload(self, file: Upload) -> str:
        return str(self._ask("upload", "", {}, {"file": file}))

    def _ask(
        self, call: str, endpoint: str, options: Told, files: Mapping[str, Upload] = {}, on_update: Update = nothing
    ) -> Any:
        here = self.site["hosts"]["fal"]
        hosts = {official: here[name] for name, official in HOSTS.items()}
        asked = {"call": call, "endpoint": endpoint, "options": options, "files": _in_json(files)}
        return self.node.ask({"hosts": hosts, "key": self.site["keys"]["fal"], **asked}, on_update)


def _in_json(files: Mapping[str, Upload]) -> Told:
    return {field: {"path": str(file.path), "name": file.path.name, "type": file.type} for field, file in files.items()}
