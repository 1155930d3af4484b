"""What drivers do with local files: every way in which a path can be wrong has its words."""

import os
import resource
from pathlib import Path

import pytest

from omniflash.drive import files
from omniflash.effects import Draft, Drop, FileTrouble, Keep, Look, Read, Reserve
from omniflash.spec import File, FileFacts, sniff
from tests.conftest import PNG


def look(path: Path | str) -> FileFacts:
    return files.look(Look(File(path)))


def test_a_picture_is_known_by_its_bytes_not_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "portrait.txt"
    path.write_bytes(PNG)
    assert look(path) == FileFacts(len(PNG), "image/png")


def test_a_home_folder_may_be_written_short(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "a.png").write_bytes(PNG)
    assert look("~/a.png").media_type == "image/png"
    assert files.read(Read(File("~/a.png"))) == PNG


def test_what_is_wrong_with_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    assert look(tmp_path / "none.png").problem == "there is no such file"
    assert look(tmp_path).problem == "this is a folder"
    assert look(tmp_path / "empty.png").problem == "the file is empty"
    assert look("nul\0byte").problem == "it cannot be read: embedded null byte"
    assert look("x" * 5000).problem == "it cannot be read: file name too long"


def test_a_file_that_went_away_is_told(tmp_path: Path) -> None:
    for path in (tmp_path / "none.png", Path("nul\0byte")):
        with pytest.raises(FileTrouble):
            files.read(Read(File(path)))


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "video/x-msvideo"),
        (b"GIF89a", "image/gif"),
        (b"\x00\x00\x00\x18ftypheic", "image/heic"),
        (b"\x00\x00\x00\x18ftypmif1", "image/heif"),
        (b"\x00\x00\x00\x18ftypavif", "image/avif"),
        (b"\x00\x00\x00\x18ftypisom", "video/mp4"),
        (b"\x00\x00\x00\x14ftypqt  ", "video/quicktime"),
        (b"\x00\x00\x00\x14ftyp3gp4", "video/3gpp"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm", "video/webm"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x88matroska", "video/x-matroska"),
        (b"FLV\x01", "video/x-flv"),
        (b"%PDF-1.7", "application/pdf"),
        (b"hello", None),
        (b"", None),
    ],
)
def test_types_are_sniffed(head: bytes, media_type: str | None) -> None:
    assert sniff(head) == media_type


def test_a_place_is_tried_and_left_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "clip.mp4"
    target.write_bytes(b"before")
    files.reserve(Reserve(target))
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]
    assert target.read_bytes() == b"before"


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileTrouble, match="this is a folder"):
        files.reserve(Reserve(tmp_path))
    with pytest.raises(FileTrouble, match="there is no folder"):
        files.reserve(Reserve(tmp_path / "nowhere" / "clip.mp4"))
    with pytest.raises(FileTrouble, match="cannot be written"):
        files.reserve(Reserve(Path("/proc/clip.mp4")))


def test_a_part_is_written_from_its_offset_on(tmp_path: Path) -> None:
    path = tmp_path / "part"
    with files.Part(path, 0) as part:
        part.write(b"0123456789")
        assert part.size == 10
    with files.Part(path, 4) as part:
        part.write(b"xy")
        assert part.size == 6
    assert path.read_bytes() == b"0123xy"


def test_a_part_takes_its_name_at_once_and_can_be_dropped(tmp_path: Path) -> None:
    part, target = tmp_path / "part", tmp_path / "clip.mp4"
    part.write_bytes(b"clip")
    target.write_bytes(b"before")
    files.keep(Keep(part, target))
    assert target.read_bytes() == b"clip"
    with pytest.raises(FileTrouble):
        files.keep(Keep(part, target))
    files.drop(Drop(part))
    files.drop(Drop(target))
    assert list(tmp_path.iterdir()) == []
    files.drop(Drop(tmp_path))  # a folder cannot be dropped, and that is no error
    assert tmp_path.is_dir()


def test_a_disk_that_takes_no_more_is_told(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(FileTrouble, match="file too large"), files.Part(tmp_path / "part", 0) as part:
            part.write(b"x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    with pytest.raises(FileTrouble, match="no such file"):
        files.Part(Path("nowhere/part"), 0)


def test_what_is_no_regular_file_is_neither_read_nor_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert look(pipe).problem == "this is no regular file"
    with pytest.raises(FileTrouble, match="no regular file"):
        files.reserve(Reserve(pipe))
    assert pipe.is_fifo()


def test_the_home_of_nobody_is_told() -> None:
    problem = look("~nobody-of-this-name/a.png").problem
    assert problem is not None
    assert problem.startswith("it cannot be read")
    with pytest.raises(FileTrouble):
        files.read(Read(File("~nobody-of-this-name/a.png")))


@pytest.mark.parametrize("name", ["n" * 300, "a\0b"])
def test_a_name_that_no_file_can_have_is_found_beforehand(name: str, tmp_path: Path) -> None:
    with pytest.raises(FileTrouble):
        files.reserve(Reserve(tmp_path / name))


def test_a_draft_has_a_name_of_its_own_however_long_its_targets_is(tmp_path: Path) -> None:
    target = tmp_path / ("n" * 251 + ".mp4")
    files.reserve(Reserve(target))
    drafts = {files.draft(Draft(target)) for _ in range(20)}
    assert len(drafts) == 20
    assert {draft.parent for draft in drafts} == {tmp_path}
    files.keep(Keep(drafts.pop(), target))
    assert target.exists()


def test_a_draft_never_takes_a_name_that_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files.secrets, "token_hex", lambda _: "same")
    files.draft(Draft(tmp_path / "clip.mp4")).write_bytes(b"somebody's")
    with pytest.raises(FileTrouble, match="exists"):
        files.draft(Draft(tmp_path / "clip.mp4"))


def test_a_clip_without_end_does_not_fill_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 10)
    with files.Part(tmp_path / "x", 0) as part:
        part.write(b"0" * 10)
        with pytest.raises(FileTrouble, match="more than 10 bytes"):
            part.write(b"0")
