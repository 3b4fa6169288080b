"""A citizen's photo before it is kept: is it one, and nothing in it but the picture. Pure.

A phone writes into a photo where and when it was taken, with which device, often a second picture and with some a film with
sound behind the end. Nobody who shows a contract means to hand that over: only what is needed to draw the picture stays.
Sources: ITU-T T.81 (JPEG) annex B; W3C PNG, third edition, chapters 5 and 11.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from bot.errors import PhotoRefused

# A phone's photo as WeChat passes it on is 0.1 to 2 MB; larger ones are films and posters.
MAX_BYTES = 5 * 1024**2
# A file of a few kilobytes can claim a picture that fills the memory of whoever opens it; no phone makes 100 megapixels.
MAX_PIXELS = 100_000_000
JPEG, PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
_EOI, _SOS = 0xD9, 0xDA
# Markers without a length: TEM and the restarts.
_BARE = {0x01, *range(0xD0, 0xD8)}
# Frame headers say the size: SOF0 to SOF15 without DHT, JPG and DAC.
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# APP0 says JFIF, APP14 which colours; all other APPn and the comments are about something else than the picture.
_DROPPED = {*range(0xE1, 0xF0), 0xFE} - {0xEE}
# What a PNG needs to be drawn as it was meant.
_DRAWN = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"sRGB", b"cHRM", b"sBIT", b"pHYs"}


@dataclass(frozen=True)
class Picture:
    """A photo that may be kept and shown. `type` is image/jpeg or image/png."""

    content: bytes
    type: str


def cleaned(content: bytes) -> Picture:
    """Return the picture alone. Raises PhotoRefused when it is none, is broken, or is too large."""
    if len(content) > MAX_BYTES:
        raise PhotoRefused("too large")
    try:
        if content.startswith(JPEG):
            return Picture(b"".join(_jpeg(content)), "image/jpeg")
        if content.startswith(PNG):
            return Picture(b"".join(_png(content)), "image/png")
    except (IndexError, struct.error) as error:
        raise PhotoRefused("cut off") from error
    raise PhotoRefused("neither JPEG nor PNG")


def _jpeg(content: bytes) -> Iterator[bytes]:
    """Yield the segments that draw the picture, up to the end of the first image."""
    yield content[:2]
    at, framed = 2, False
    while True:
        if content[at] != 0xFF:
            raise PhotoRefused("no marker where one must be")
        while content[at + 1] == 0xFF:  # Any number of fill bytes may stand before a marker.
            at += 1
        marker = content[at + 1]
        if marker == _EOI:
            if not framed:
                raise PhotoRefused("no picture in it")
            yield b"\xff\xd9"
            return
        end = at + 2 if marker in _BARE else at + 2 + _length(content, at + 2)
        if marker in _FRAMES:
            _bounded(*struct.unpack_from(">HH", content, at + 5))
            framed = True
        if marker == _SOS:
            end = _scanned(content, end)
        if marker not in _DROPPED:
            yield content[at:end]
        at = end


def _length(content: bytes, at: int) -> int:
    (length,) = struct.unpack_from(">H", content, at)
    if length < 2 or at + length > len(content):
        raise PhotoRefused("a segment without end")
    return int(length)


def _scanned(content: bytes, at: int) -> int:
    """Return where the coded data that begins here ends: at a marker that is no restart and no stuffed zero."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0:
            raise PhotoRefused("cut off")
        after = content[at + 1]
        if after == 0xFF:
            at += 1
        elif after == 0 or after in _BARE:
            at += 2
        else:
            return at


def _png(content: bytes) -> Iterator[bytes]:
    """Yield the chunks that draw the picture, up to IEND."""
    yield PNG
    at, name = len(PNG), b""
    while name != b"IEND":
        length, name = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if end > len(content) or zlib.crc32(content[at + 4 : end - 4]) != struct.unpack_from(">I", content, end - 4)[0]:
            raise PhotoRefused("a broken chunk")
        if (at == len(PNG)) != (name == b"IHDR"):
            raise PhotoRefused("the header must come first, and once")
        if name == b"IHDR":
            _bounded(*struct.unpack_from(">II", content, at + 8))
        if name in _DRAWN:
            yield content[at:end]
        at = end


def _bounded(one: int, other: int) -> None:
    if not 0 < one * other <= MAX_PIXELS:
        raise PhotoRefused("no size, or too many pixels")
