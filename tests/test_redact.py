"""What is taken out of every text that is shown (ERR-SECRET)."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniflash.redact import one_line, safe_text, safe_url


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/b.mp4", "https://a.example/b.mp4"),
        ("https://a.example/b.mp4?sig=1", "https://a.example/b.mp4?…"),
        ("https://a.example/b.mp4#token", "https://a.example/b.mp4?…"),
        ("https://user:pw@a.example/b?x", "https://a.example/b?…"),
        ("https://a.example/b?x#y@z", "https://a.example/b?…"),
        ("https://a.example/b#x?y", "https://a.example/b?…"),
        ("https://a.example/b@c", "https://a.example/b@c"),
        ("at:https://u:p@a.example/b,http://v:q@c.example/d?e", "at:https://a.example/b,http://c.example/d?…"),
        ("queue:/path", "queue:/path"),
    ],
)
def test_a_url_is_shown_without_what_may_be_a_secret(url: str, shown: str) -> None:
    assert safe_url(url) == shown


@given(st.text("abcdef0123456789", min_size=8, max_size=40), st.text(max_size=30), st.text(max_size=30))
def test_our_own_secrets_are_never_shown(secret: str, before: str, after: str) -> None:
    assert secret not in safe_text(f"{before}{secret}{after}", (secret,)).replace("***", "")


@given(st.text("abcXYZ0123456789%=&_-", min_size=1, max_size=40))
def test_no_query_is_shown(query: str) -> None:
    assert safe_text(f'got "https://a.example/x?{query}" back') == 'got "https://a.example/x?…" back'


@pytest.mark.parametrize("text", ["a", "a://", "://", "https://a@", "Key ", "data:", "data:a,", "?", "\x1b"])
def test_a_text_of_any_form_takes_time_in_proportion_to_its_length(text: str) -> None:
    def seconds(times: int) -> float:
        begin = time.process_time()
        safe_text(text * times)
        return time.process_time() - begin

    assert seconds(200_000) < 40 * max(seconds(20_000), 0.001)  # ten times the length; the square would be a hundred


@given(st.text())
def test_one_line_is_one_line_without_controls(text: str) -> None:
    shown = one_line(text)
    assert len(shown.splitlines()) <= 1
    assert not {character for character in shown if unicodedata.category(character) in ("Cc", "Cs")}


def test_inline_data_is_shortened() -> None:
    shown = safe_text(f"data:image/png;base64,{'A' * 5000} end")
    assert shown == "data:image/png;base64,… (5,000 characters) end"
