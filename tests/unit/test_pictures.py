"""A photo that is kept holds the picture and nothing else, and what is no photo is not kept."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import PhotoRefused
from bot.inbox.pictures import MAX_BYTES, PNG, Picture, cleaned
from tests.photos import ADOBE, DRAWING, HEADER, JFIF, PHOTO, SCAN, TABLE, chunk, frame, segment


def test_citizens_photo_keeps_no_word_of_where_and_by_whom_it_was_taken() -> None:
    kept = cleaned(PHOTO + b"a film with sound")
    assert kept.type == "image/jpeg"
    for gone in (b"Exif", b"GPS", b"somebody", b"film"):
        assert gone not in kept.content
    for needed in (JFIF, ADOBE, frame(), TABLE, SCAN[:-2]):
        assert needed in kept.content
    assert kept.content.startswith(b"\xff\xd8")
    assert kept.content.endswith(b"\xff\xd9")
    assert cleaned(kept.content) == kept


def test_citizens_drawing_keeps_no_word_of_its_author() -> None:
    kept = cleaned(DRAWING + b"more")
    assert kept == Picture(PNG + HEADER + chunk(b"IDAT", b"x") + chunk(b"IEND"), "image/png")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8\xff",
        b"GIF89a" + b"\0" * 50,
        b"RIFF\0\0\0\0WEBPVP8 ",
        b"<html>sorry</html>",
        b'{"errcode":40007,"errmsg":"invalid media_id"}',
        b"%PDF-1.7",
        b"<svg onload='alert(1)'>",
        PHOTO[:-40],
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8" + JFIF + b"\xff\xd9",
        b"\xff\xd8" + segment(0xE0, b"x")[:3],
        b"\xff\xd8" + frame(0, 480) + SCAN + b"\xff\xd9",
        b"\xff\xd8" + frame(60_000, 60_000) + SCAN + b"\xff\xd9",
        PHOTO + b"\0" * MAX_BYTES,
        DRAWING[:-3],
        DRAWING.replace(b"x", b"y"),
        PNG + chunk(b"IDAT", b"x") + chunk(b"IEND"),
        PNG + HEADER + HEADER + chunk(b"IEND"),
        PNG + chunk(b"IHDR", struct.pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 8, 2, 0, 0, 0)) + chunk(b"IEND"),
    ],
)
def test_citizen_cannot_have_kept_what_is_no_photo(content: bytes) -> None:
    with pytest.raises(PhotoRefused):
        cleaned(content)


@given(st.integers(0, len(PHOTO) - 1), st.integers(0, 255), st.sampled_from([PHOTO, DRAWING]))
def test_broken_file_is_refused_or_cleaned_and_never_breaks_the_reader(at: int, byte: int, photo: bytes) -> None:
    broken = bytearray(photo)
    broken[at % len(photo)] = byte
    try:
        kept = cleaned(bytes(broken))
    except PhotoRefused:
        return
    assert cleaned(kept.content) == kept
