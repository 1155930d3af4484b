"""What a picture or video is, from its first bytes, and how it is written (REQ-MEDIA)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omniflash.spec import LATEST, Data, File, FileFacts, ImageToVideo, Media, Previous, Url, sniff
from omniflash.spec.media import HEAD_BYTES

# The first bytes as each format's own document has them; `????` is a length, which may be anything.
HEADS = [
    (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "image/png"),
    (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
    (b"RIFF????WEBPVP8 ", "image/webp"),
    (b"RIFF????AVI LIST", "video/x-msvideo"),
    (b"GIF89a", "image/gif"),
    (b"BM????", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-1.7", "application/pdf"),
    (b"????ftypqt  ", "video/quicktime"),
    (b"????ftypheic", "image/heic"),
    (b"????ftypheix", "image/heic"),
    (b"????ftyphevc", "image/heic"),
    (b"????ftypmif1", "image/heif"),
    (b"????ftypmsf1", "image/heif"),
    (b"????ftypavif", "image/avif"),
    (b"????ftypavis", "image/avif"),
    (b"????ftyp3gp5", "video/3gpp"),
    (b"????ftypM4A ", "audio/mp4"),
    (b"????ftypisom", "video/mp4"),
    (b"????ftypmp42", "video/mp4"),
    (b"\x1aE\xdf\xa3????B\x82\x84webm", "video/webm"),
    (b"\x1aE\xdf\xa3????B\x82\x88matroska", "video/x-matroska"),
    (b"FLV\x01\x05", "video/x-flv"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c", "video/x-ms-wmv"),
    (b"\x00\x00\x01\xba\x44", "video/mpeg"),
    (b"\x00\x00\x01\xb3\x14", "video/mpeg"),
]


@pytest.mark.parametrize(("begin", "media_type"), HEADS)
def test_a_file_is_what_its_first_bytes_say(begin: bytes, media_type: str) -> None:
    assert sniff(begin) == media_type


@given(st.sampled_from(HEADS), st.binary(max_size=200))
def test_and_not_what_comes_later(head: tuple[bytes, str], rest: bytes) -> None:
    begin, media_type = head
    assert sniff(begin.ljust(HEAD_BYTES, b"\x00") + rest) == media_type


def test_every_type_that_the_model_takes_is_told_by_its_bytes() -> None:
    assert {*LATEST.image_types, *LATEST.video_types} <= {media_type for _, media_type in HEADS}


@pytest.mark.parametrize(
    "head", [b"", b"\x89PNG", b"RIFF", b"<svg", b"????ftxp", b"a text", b"GIF", b"\x00\x00\x01\xb5"]
)
def test_what_no_known_file_begins_with_is_of_no_type(head: bytes) -> None:
    assert sniff(head) is None


def test_a_name_far_into_the_file_says_nothing_of_its_type() -> None:
    begin = b"\x1aE\xdf\xa3"
    assert sniff(begin.ljust(60, b"\x00") + b"webm") == "video/webm"
    assert sniff(begin.ljust(61, b"\x00") + b"webm") == "video/x-matroska"


class TestData:
    @pytest.mark.parametrize(
        ("uri", "media_type", "content"),
        [
            ("data:image/png;base64,AAE=", "image/png", b"\x00\x01"),
            ("DATA:Image/SVG+xml;charset=utf-8;BASE64,AAE=", "image/svg+xml", b"\x00\x01"),
            ("data:;base64,AAE=", None, b"\x00\x01"),
            ("data:,a%20b,c", None, b"a b,c"),
        ],
    )
    def test_a_data_uri_is_read_by_its_rfc(self, uri: str, media_type: str | None, content: bytes) -> None:
        assert (Data(uri).media_type, Data(uri).content()) == (media_type, content)

    @pytest.mark.parametrize(
        ("uri", "problem"),
        [
            ("data:image/png;base64", "not a data URI"),
            ("image/png;base64,AAE=", "not a data URI"),
            ("data:image/png;base64,AAE", "its base64 is broken: .+"),
            ("data:image/png;base64,AA\nE=", "its base64 is broken: .+"),
        ],
    )
    def test_what_is_none_has_no_content(self, uri: str, problem: str) -> None:
        with pytest.raises(ValueError, match=f"^{problem}$"):
            Data(uri).content()
        assert Data("image/png").media_type is None

    def test_it_is_shown_by_its_beginning_and_its_length(self) -> None:
        assert str(Data("data:image/png;base64,AA,A")) == "data:image/png;base64,… (4 characters)"
        assert str(Data(f"data:{'x' * 99},'A'")) == f"data:{'x' * 55},… (3 characters)"
        assert str(Data("X,Y")) == "X,… (1 characters)"
        assert repr(Data("data:,A")) == "Data(uri='data:,… (1 characters)')"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("HTTPS://example.com/a.png", Url("HTTPS://example.com/a.png")),
        ("s3+x://bucket/a.png", Url("s3+x://bucket/a.png")),
        ("3s://bucket/a.png", File("3s://bucket/a.png")),
        ("c:/a.png", File("c:/a.png")),
        ("DATA:,a", Data("DATA:,a")),
        ("data", File("data")),
    ],
)
def test_text_with_a_scheme_is_a_url_and_all_other_text_a_file(text: str, read: Media) -> None:
    assert ImageToVideo("a", image=text).image == read


def test_what_was_not_looked_at_has_no_size_type_or_problem() -> None:
    assert FileFacts() == FileFacts(0, None, None)


def test_each_input_is_shown_as_it_was_written_but_for_its_query() -> None:
    assert str(File("some/a.png")) == "some/a.png"
    assert str(Url("https://example.com/a.png?sig=1")) == "https://example.com/a.png?…"
    assert [str(Previous(**about)) for about in ({"handle": "v", "job": "j"}, {"job": "j"}, {})] == [
        "v",
        "j",
        "nothing",
    ]
