"""Jobs and clips as small values: tokens, JSON, and what they never show (JOB-RESUME, ERR-SECRET)."""

import copy
import json
import pickle
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from omniflash import Client, Clip, ConfigurationError, Job, Mode, Refine
from omniflash.jobs import Disposition, Fate, State
from omniflash.money.quotes import quote
from omniflash_conformance.strategies import requests
from tests.stage import PRICE

names = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=20)
jobs = st.builds(
    Job,
    provider=names,
    version=st.just("1.0"),
    mode=st.sampled_from(Mode),
    handle=st.uuids().map(str) | names.map("job_{}".format),
    order_id=st.binary(min_size=10, max_size=10).map(bytes.hex),
    account=st.none() | names,
    sandbox=st.booleans(),
)
full_jobs = st.builds(
    evolve,
    jobs,
    request=requests(),
    dispositions=st.just((Disposition("prompt", Fate.SENT, "prompt", "a"), Disposition("seed", Fate.DROPPED))),
    quote=st.just(quote(PRICE, 8)),
    submitted_at=st.datetimes(timezones=st.just(UTC)),
)


@given(jobs)
def test_a_token_gives_the_job_back(job: Job) -> None:
    assert Job.parse(job.token) == job
    assert Job.parse(f"  {job.token}\n") == job


@given(jobs)
def test_a_token_is_one_short_word_without_a_url(job: Job) -> None:
    assert len(job.token) < 300
    assert job.token.replace(".", "").replace("-", "").replace("_", "").isalnum()
    assert "://" not in job.token


@given(jobs, st.data())
def test_a_token_that_was_cut_or_altered_is_told(job: Job, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(job.token) - 1))
    with pytest.raises(ConfigurationError):
        Job.parse(job.token[:cut])


@pytest.mark.parametrize("text", ["", "omni1.", "omni1.AAAA", "https://fal.run", "omni1.ümlaut", "omni9.abc", "🎬"])
def test_what_is_no_token_is_told(text: str) -> None:
    with pytest.raises(ConfigurationError, match="token"):
        Job.parse(text)


@pytest.mark.parametrize("handle", ["", "..", ".", "a/b", "a b", "a?b", "a#b", "x" * 161, "ü"])
def test_a_handle_that_could_leave_its_path_is_refused(handle: str) -> None:
    with pytest.raises(ValueError, match="handle"):
        Job("fal", "1.0", Mode.EDIT, handle, "order-1")


@given(full_jobs)
def test_json_gives_the_whole_job_back(job: Job) -> None:
    assert Job.from_json(json.loads(json.dumps(job.to_json()))) == job


@pytest.mark.parametrize(
    "data",
    [
        {},
        [],
        None,
        {"format": "omniflash.job/2"},
        {"format": "omniflash.clip/1"},
        {"format": "omniflash.job/1"},
        {"format": "omniflash.job/1", "provider": 5},
    ],
)
def test_json_of_another_format_is_told(data: object) -> None:
    with pytest.raises(ConfigurationError):
        Job.from_json(data)  # type: ignore[arg-type]


CLIP = Clip(
    "https://user:pw@cdn.example/1.mp4?sig=SECRET",
    "fal",
    "video/mp4",
    10,
    datetime(2026, 1, 1, tzinfo=UTC),
    "v",
    "eu",
    "omni1.x",
)


def test_a_clip_survives_json_with_its_whole_url() -> None:
    assert Clip.from_json(json.loads(json.dumps(CLIP.to_json()))) == CLIP


def test_a_clip_shows_no_signature() -> None:
    assert "SECRET" not in repr(CLIP)
    assert "pw" not in repr(CLIP)


def test_a_clip_and_a_job_can_be_refined() -> None:
    job = Job("pixeldojo", "1.0", Mode.TEXT_TO_VIDEO, "job_1", "order-1", sandbox=True)
    assert Refine("a", previous=CLIP).previous.handle == "v"
    assert Refine("a", previous=job).previous.job == job.token


def test_three_states_are_the_end() -> None:
    assert [state for state in State if state.over] == [State.SUCCEEDED, State.FAILED, State.CANCELLED]


def test_amounts_are_exact_in_json() -> None:
    job = evolve(Job("fal", "1.0", Mode.EDIT, "1", "o"), quote=quote(PRICE, 8))
    assert job.to_json()["quote"]["amount"] == "0.8"  # type: ignore[call-overload,index]
    restored = Job.from_json(job.to_json()).quote
    assert restored is not None
    assert restored.amount == Decimal("0.8")


JOB = Job("fal", "1.0", Mode.EDIT, "r1", "order-1")
CLIP = Clip("https://cdn.example/a.mp4?sig=1", "fal", "video/mp4", 9, handle="v", job="omni1.x")


def test_a_clip_can_be_copied_and_sent_to_another_process() -> None:
    bound = evolve(CLIP, home=Client("fal"))
    for again in (pickle.loads(pickle.dumps(bound)), copy.deepcopy(bound), copy.copy(bound)):
        assert again == CLIP
        assert again.home is None


@given(full_jobs)
def test_a_job_is_a_value_that_can_be_hashed(job: Job) -> None:
    assert len({job, evolve(job)}) == 1


def test_a_time_without_its_zone_is_no_time() -> None:
    data = {
        **evolve(JOB, submitted_at=datetime(2026, 1, 1, tzinfo=UTC)).to_json(),
        "submitted_at": "2026-01-01T00:00:00",
    }
    with pytest.raises(ConfigurationError, match="time zone"):
        Job.from_json(data)
