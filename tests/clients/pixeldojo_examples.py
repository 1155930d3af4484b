"""PixelDojo's published examples, run as its model page prints them, but for the replacements that stand here.

The page is https://pixeldojo.ai/llm/google-gemini-omni-flash.txt; the copy that the texts are from had lost its line
breaks and indentation, which are put back. Every other character is the page's.
"""

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from attrs import frozen

from omniflash_sandbox.admin import SiteData
from tests.clients.javascript_client import program
from tests.conftest import unwatched

FOLDER = Path(__file__).parent / "published"
HOST, KEY = "https://pixeldojo.ai/api/v1", "YOUR_API_KEY"  # hard-coded there: a host, and a place to put one's key
SLIP = "{'{job_id}'}"
"""A slip of the page's Python: this is the text `{job_id}`, so that the example never asks for its own job."""


@frozen
class Example:
    """One published example: its text, what it is called in the tables, and the program that runs it."""

    file: str
    name: str
    suffix: str
    program: Callable[[], str]
    corrections: Mapping[str, str] = {}

    def text(self, site: SiteData, *, corrected: bool = True) -> str:
        """The example, to be run against a site."""
        replaced = {HOST: site["hosts"]["pixeldojo"]["api"], KEY: site["keys"]["pixeldojo"]}
        text = (FOLDER / self.file).read_text("utf-8")
        for printed, ours in {**replaced, **(self.corrections if corrected else {})}.items():
            assert printed in text, printed
            text = text.replace(printed, ours)
        return text

    def run(self, site: SiteData, folder: Path, *, corrected: bool = True) -> "subprocess.CompletedProcess[str]":
        script = folder / f"example{self.suffix}"
        script.write_text(self.text(site, corrected=corrected), "utf-8")
        return subprocess.run([self.program(), script], capture_output=True, text=True, check=False, env=unwatched())


PYTHON = Example("pixeldojo-python.txt", "PixelDojo's Python", ".py", lambda: sys.executable, {SLIP: "{job_id}"})
JAVASCRIPT = Example("pixeldojo-javascript.txt", "PixelDojo's JavaScript", ".mjs", program)
EXAMPLES = (PYTHON, JAVASCRIPT)
