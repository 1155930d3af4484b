"""Fetching a clip: whole or not at all (RES-SAVE)."""

from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from omniflash.effects import (
    Call,
    Draft,
    Drop,
    Effect,
    FileTrouble,
    Keep,
    NoAnswerTrouble,
    NotSentTrouble,
    Reserve,
    Response,
    Save,
    Saved,
)
from omniflash.errors import ConfigurationError, DownloadFailed
from omniflash.flows.attempt import TRIES
from omniflash.flows.download import stated_size
from omniflash.flows.save import reserve, save_clip
from omniflash.flows.stream import Piece, piece
from omniflash.jobs import Clip, Job
from omniflash.money.entries import Delivered
from omniflash.spec import Mode
from tests.stage import Stage, account, answer, in_turn, raising

CLIP = Clip("https://cdn.acme.example/1.mp4", "acme")
TARGET = Path("lighthouse.mp4")


class Server:
    """A server of one file, whose answers are cut after so many bytes each, in turn."""

    def __init__(self, size: int, *cuts: int, etag: str | None = '"a"', ranges: bool = True) -> None:
        self.size, self.cuts, self.etag, self.ranges = size, list(cuts), etag, ranges
        self.asked: list[str | None] = []

    def __call__(self, effect: Effect) -> object:
        if isinstance(effect, Save):
            return self.stream(effect)
        return None

    def stream(self, save: Save) -> Saved:
        wanted = save.call.headers.get("Range")
        self.asked.append(wanted)
        start = save.offset if wanted and self.ranges else 0
        end = min(self.size, start + self.cuts.pop(0)) if self.cuts else self.size
        tag = {"etag": self.etag} if self.etag else {}
        if start:
            headers = {"content_range": f"bytes {start}-{self.size - 1}/{self.size}", **tag}
            return Saved(answer(206, b"", **headers), end, cut=end < self.size)
        return Saved(answer(200, b"", content_length=str(self.size), **tag), end, cut=end < self.size)


def saved(world: object) -> Stage:
    stage = Stage(world)  # type: ignore[arg-type]
    assert stage.run(save_clip(account(), CLIP, TARGET)) == TARGET
    return stage


def test_a_clip_is_streamed_beside_its_target_then_renamed() -> None:
    stage = saved(Server(1000))
    (keep,) = stage.of(Keep)
    assert keep.target == TARGET
    assert keep.part.parent == TARGET.parent
    assert keep.part.name != TARGET.name
    assert isinstance(stage.entries[-1], Delivered)


def test_the_key_is_not_sent_for_it() -> None:
    (save,) = saved(Server(1000)).of(Save)
    assert not save.call.keyed


@given(st.lists(st.integers(1, 400), max_size=12))
def test_a_cut_download_goes_on_where_it_stopped(cuts: list[int]) -> None:
    server = Server(1000, *cuts)
    stage = saved(server)
    assert len(stage.of(Keep)) == 1
    assert server.asked[0] is None
    assert all(asked is not None for asked in server.asked[1:])


def test_a_server_without_ranges_is_asked_from_the_start() -> None:
    stage = saved(Server(1000, 300, ranges=False))
    assert len(stage.of(Save)) == 2


def test_a_file_that_changed_is_fetched_anew() -> None:
    first, second = Server(1000, 300), Server(900, etag='"b"')
    worlds = [first, second, second]

    def world(effect: Effect) -> object:
        return (worlds.pop(0) if isinstance(effect, Save) else second)(effect)

    stage = saved(world)
    assert [save.offset for save in stage.of(Save)] == [0, 300, 0]


@pytest.mark.parametrize(
    ("world", "told"),
    [
        (in_turn(Saved(answer(404), 0)), "HTTP 404"),
        (in_turn(Saved(answer(503), 0)), "HTTP 503"),
        (in_turn(NotSentTrouble("no route")), "no route"),
        (in_turn(NoAnswerTrouble("reset")), "reset"),
        (in_turn(Saved(answer(200, b"", content_length="0"), 0)), "empty"),
        (in_turn(Saved(answer(200, b"", content_length="9"), 5)), "5 of 9 bytes"),
        (in_turn(Saved(answer(200, b"", content_length="5"), 9)), "9 of 5 bytes"),
        (in_turn(Saved(answer(200, b"", content_encoding="gzip"), 9)), "gzip"),
        (in_turn(Saved(answer(200, b"", content_type="text/html"), 9)), "text/html"),
        (in_turn(Saved(answer(200, b"", content_type="Text/HTML ;charset=utf-8"), 9)), "text/html"),
        (in_turn(Saved(answer(200, b"", content_type="application/JSON "), 9)), "json"),
        (in_turn(Saved(answer(200, b"", content_type="application/json; charset=utf-8"), 9)), "json"),
        (in_turn(Saved(answer(200, b""), 9, cut=True)), "cut off"),
    ],
)
def test_what_cannot_be_fetched_leaves_the_target_alone(world: object, told: str) -> None:
    stage = Stage(world)  # type: ignore[arg-type]
    with pytest.raises(DownloadFailed, match=told):
        stage.run(save_clip(account(), CLIP, TARGET))
    assert stage.of(Keep) == []
    assert len(stage.of(Drop)) == 1
    assert len(stage.of(Save)) <= TRIES


def test_a_server_that_never_gets_further_is_left_in_the_end() -> None:
    one_byte = Saved(answer(200, b"", content_length="9"), 1, cut=True)
    stage = Stage(in_turn(*[Saved(answer(503), 0), one_byte] * 99))
    with pytest.raises(DownloadFailed):
        stage.run(save_clip(account(), CLIP, TARGET))
    assert len(stage.of(Save)) <= 2 * TRIES


def gone(effect: Effect) -> object:
    """A world without the clip, and without a word on its job."""
    return answer(503) if isinstance(effect, Call) else Saved(answer(404), 0)


def test_what_could_not_be_fetched_carries_its_job() -> None:
    job = Job("acme", "1.0", Mode.TEXT_TO_VIDEO, "j1", "order-1")
    for told, found in ((job.token, job), (None, None), ("omni1.cut", None)):
        with pytest.raises(DownloadFailed) as caught:
            Stage(gone).run(save_clip(account(), evolve(CLIP, job=told), TARGET))
        assert caught.value.job == found


def test_a_url_that_has_expired_is_asked_for_again() -> None:
    fresh = {"state": "succeeded", "film": "https://cdn.acme.example/2.mp4"}
    server = Server(1000)

    def world(effect: Effect) -> object:
        if isinstance(effect, Call):
            return answer(200, fresh)
        return gone(effect) if isinstance(effect, Save) and effect.call.url == CLIP.url else server(effect)

    job = Job("acme", "1.0", Mode.TEXT_TO_VIDEO, "j1", "order-1")
    stage = Stage(world)
    assert stage.run(save_clip(account(), evolve(CLIP, job=job.token), TARGET)) == TARGET
    assert [save.call.url for save in stage.of(Save)] == [CLIP.url, fresh["film"]]
    fresh["film"] = CLIP.url
    with pytest.raises(DownloadFailed, match="HTTP 404"):
        Stage(world).run(save_clip(account(), evolve(CLIP, job=job.token), TARGET))


def test_ctrl_c_leaves_nothing_beside_the_target() -> None:
    stage = Stage(Server(1000), break_at=Save)
    with pytest.raises(KeyboardInterrupt):
        stage.run(save_clip(account(), CLIP, TARGET))
    assert [type(effect) for effect in stage.done] == [Draft, Save, Drop]


def test_ctrl_c_at_the_last_step_leaves_nothing_beside_the_target() -> None:
    stage = Stage(Server(1000), break_at=Keep)
    with pytest.raises(KeyboardInterrupt):
        stage.run(save_clip(account(), CLIP, TARGET))
    assert isinstance(stage.done[-1], Drop)


def test_a_sandboxs_clip_is_not_asked_for_at_the_vendor() -> None:
    made_up = Job("acme", "1.0", Mode.TEXT_TO_VIDEO, "j1", "order-1", sandbox=True)
    other = Job("other", "1.0", Mode.TEXT_TO_VIDEO, "j1", "order-1")
    for job in (made_up, other):
        stage = Stage(gone)
        with pytest.raises(DownloadFailed):
            stage.run(save_clip(account(), evolve(CLIP, job=job.token), TARGET))
        assert stage.of(Call) == []


def test_the_same_url_is_not_fetched_twice() -> None:
    job = Job("acme", "1.0", Mode.TEXT_TO_VIDEO, "j1", "order-1")

    def world(effect: Effect) -> object:
        return answer(200, {"state": "succeeded", "film": CLIP.url}) if isinstance(effect, Call) else gone(effect)

    stage = Stage(world)
    with pytest.raises(DownloadFailed):
        stage.run(save_clip(account(), evolve(CLIP, job=job.token), TARGET))
    assert len(stage.of(Save)) == 1


def test_a_resumed_download_says_which_file_it_goes_on_with() -> None:
    first, second = saved(Server(1000, 300)).of(Save)
    assert "If-Range" not in first.call.headers
    assert second.call.headers["If-Range"] == '"a"'


def test_a_range_that_is_refused_is_begun_anew() -> None:
    server = Server(1000, 300)
    answers = [server, lambda _: Saved(answer(416, b"", content_range="bytes */900"), 300), server]

    def world(effect: Effect) -> object:
        return answers.pop(0)(effect) if isinstance(effect, Save) else None

    assert [save.offset for save in saved(world).of(Save)] == [0, 300, 0]


def test_a_refusal_that_will_not_change_is_not_asked_again() -> None:
    stage = Stage(in_turn(Saved(answer(403), 0)))
    with pytest.raises(DownloadFailed, match="403"):
        stage.run(save_clip(account(), CLIP, TARGET))
    assert len(stage.of(Save)) == 1


def test_a_full_disk_is_told_at_once() -> None:
    with pytest.raises(DownloadFailed, match="no space left"):
        Stage(raising(FileTrouble("no space left on device"))).run(save_clip(account(), CLIP, TARGET))


def test_a_name_that_cannot_be_given_says_where_the_clip_is() -> None:
    server = Server(10)

    def world(effect: Effect) -> object:
        if isinstance(effect, Keep):
            raise FileTrouble("permission denied")
        return server(effect)

    with pytest.raises(DownloadFailed, match=r"permission denied.*\.part"):
        Stage(world).run(save_clip(account(), CLIP, TARGET))


def test_a_place_that_cannot_be_written_is_found_beforehand() -> None:
    stage = Stage(raising(FileTrouble("there is no folder")))
    with pytest.raises(ConfigurationError, match="there is no folder"):
        stage.run(reserve(Path("nowhere/clip.mp4")))
    assert stage.of(Reserve) == [Reserve(Path("nowhere/clip.mp4"))]


@pytest.mark.parametrize(
    ("given", "size"),
    [
        (answer(200, b"", content_length="7"), 7),
        (answer(200, b""), None),
        (answer(200, b"", content_length="many"), None),
        (answer(206, b"", content_range="bytes 3-6/7"), 7),
        (answer(206, b"", content_range="bytes 3-6/*"), None),
        (answer(206, b"", content_length="4"), None),
        (answer(200, b"", content_length="9" * 5000), None),
        (answer(206, b"", content_range="bytes 3-6/" + "9" * 5000), None),
    ],
)
def test_the_stated_size_is_the_whole_files(given: Response, size: int | None) -> None:
    assert stated_size(given) == size


class TestPieces:
    def fetched(self, world: object) -> bytes:
        stage, content, part = Stage(world), b"", Piece()  # type: ignore[arg-type]
        while not part.last:
            part = stage.run(piece(account(), CLIP, part))
            content += part.content
        return content

    def test_a_clip_comes_in_ranges(self) -> None:
        whole = bytes(range(256))

        def world(effect: Effect) -> object:
            assert isinstance(effect, Call)
            start = int(effect.headers["Range"].removeprefix("bytes=").split("-")[0])
            part = whole[start : start + 100]
            told = f"bytes {start}-{start + len(part) - 1}/{len(whole)}"
            return answer(206, part, content_range=told)

        assert self.fetched(world) == whole

    def test_a_server_without_ranges_gives_all(self) -> None:
        assert self.fetched(in_turn(answer(200, b"whole"))) == b"whole"

    def test_passing_trouble_is_passed(self) -> None:
        assert self.fetched(in_turn(NoAnswerTrouble("reset"), answer(503), answer(200, b"whole"))) == b"whole"

    @pytest.mark.parametrize(
        ("world", "calls"), [(in_turn(answer(404)), 1), (in_turn(NoAnswerTrouble("reset")), TRIES)]
    )
    def test_lasting_trouble_is_told(self, world: object, calls: int) -> None:
        stage = Stage(world)  # type: ignore[arg-type]
        with pytest.raises(DownloadFailed):
            stage.run(piece(account(), CLIP, Piece()))
        assert len(stage.of(Call)) == calls

    @pytest.mark.parametrize(
        ("answers", "told"),
        [
            ([answer(206, b"ab", content_range="bytes 5-6/9")], "another part"),
            ([answer(206, b"ab")], "another part"),
            ([answer(206, b"", content_range="bytes 0-0/9")], "another part"),
            ([answer(206, b"abc", content_range="bytes 0-1/9")], "another part"),
            ([answer(206, b"ab", content_range="bytes 1-2/9")], "another part"),
            ([answer(206, b"ab", content_range="bytes 0-" + "1" * 5000 + "/9")], "another part"),
            ([answer(200, b"")], "shorter"),
            ([answer(206, b"ab", content_range="bytes 0-1/4", etag="a"), answer(200, b"ab", etag="a")], "shorter"),
            ([answer(206, b"ab", content_range="bytes 0-1/4", etag="a"), answer(200, b"wxyz", etag="b")], "changed"),
            ([answer(200, b"<html>", content_type="text/html; charset=utf-8")], "no video"),
        ],
    )
    def test_a_part_that_does_not_fit_is_no_clip(self, answers: list[object], told: str) -> None:
        with pytest.raises(DownloadFailed, match=told):
            self.fetched(in_turn(*answers))

    def test_a_range_of_unknown_length_is_not_taken_for_the_whole(self) -> None:
        parts = [answer(206, b"ab", content_range="bytes 0-1/*"), answer(206, b"c", content_range="bytes 2-2/3")]
        assert self.fetched(in_turn(*parts)) == b"abc"
