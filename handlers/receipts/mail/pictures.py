"""What a file is, told by its first bytes, and how large a picture is, without decoding it (rules MED-1, EML-8)."""

from __future__ import annotations

import struct

_KINDS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
)
_HEIF = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim", b"heis", b"avif")
_FRAMES = frozenset((*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)))


def kind_of(data: bytes) -> str | None:
    """Return the media type of a PDF or a picture that can be read, None for everything else."""
    if b"%PDF-" in data[:1024]:
        return "application/pdf"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF:
        return "image/heic"
    return next((kind for start, kind in _KINDS if data.startswith(start)), None)


def shorter_side(data: bytes) -> int | None:
    """Return the shorter side of a picture in pixels, None where the head does not tell."""
    try:
        sides = _sides(data)
    except (struct.error, IndexError):
        return None
    return min(sides) if sides else None


def _sides(data: bytes) -> tuple[int, ...] | None:
    if data.startswith(b"\x89PNG"):
        return struct.unpack(">II", data[16:24])
    if data.startswith(b"GIF8"):
        return struct.unpack("<HH", data[6:10])
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data)
    return None


def _jpeg(data: bytes) -> tuple[int, ...] | None:
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        if data[at + 1] in _FRAMES:
            return struct.unpack(">HH", data[at + 5 : at + 9])
        at += 2 + struct.unpack(">H", data[at + 2 : at + 4])[0]
    return None
