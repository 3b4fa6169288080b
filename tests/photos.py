"""Photos as phones make them, put together by hand: with places, names, devices and a film in them."""

from __future__ import annotations

import struct
import zlib

from bot.inbox.pictures import PNG


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def frame(width: int = 640, height: int = 480, marker: int = 0xC0) -> bytes:
    return segment(marker, struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00")


JFIF = segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
ADOBE = segment(0xEE, b"Adobe\0\x64\0\0\0\0\x01")
EXIF = segment(0xE1, b"Exif\0\0MM\0*GPS 23.4682N 116.7583E")
XMP = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x>somebody</x>")
NOTE = segment(0xFE, b"taken by somebody")
SCAN = segment(0xDA, b"\x01\x01\0\0\x3f\0") + b"\x12\xff\0\x34\xff\xd0\x56\xff\xff"
TABLE = segment(0xC4, b"\0" + b"\0" * 16)
PHOTO = b"\xff\xd8" + JFIF + EXIF + XMP + ADOBE + NOTE + frame() + TABLE + SCAN + b"\xff\xd9"


def chunk(name: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


HEADER = chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0))
DRAWING = (
    PNG
    + HEADER
    + chunk(b"tEXt", b"Author\0somebody")
    + chunk(b"eXIf", b"MM\0*GPS")
    + chunk(b"IDAT", b"x")
    + chunk(b"IEND")
)
