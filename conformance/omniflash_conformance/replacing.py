"""Writing a file whole or not at all, whoever else writes it at the same time."""

from pathlib import Path
from uuid import uuid4


def replace_text(path: Path, text: str) -> None:
    """Put a text into a file in place of what is there."""
    part = path.with_name(f".{path.name}.{uuid4().hex}.part")
    try:
        part.write_text(text, "utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
