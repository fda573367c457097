"""How many pixels a picture claims to have, read from its first bytes alone.

The formats that pack a large empty picture into a few kilobytes say their size in a fixed place: such a file is refused
at once, without a process. The rest is measured by the reading process, before it decodes.
"""

from __future__ import annotations


def claimed_pixels(data: bytes, kind: str) -> int | None:
    """Return width times height as a PNG, GIF or WebP states them, or None where they stand elsewhere."""
    if kind == "png" and data[12:16] == b"IHDR":
        return int.from_bytes(data[16:20], "big") * int.from_bytes(data[20:24], "big")
    if kind == "gif":
        return int.from_bytes(data[6:8], "little") * int.from_bytes(data[8:10], "little")
    if kind == "webp":
        return _webp(data)
    return None


def _webp(data: bytes) -> int | None:
    if data[12:16] == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
        return width * height
    if data[12:16] == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return ((bits & 0x3FFF) + 1) * ((bits >> 14 & 0x3FFF) + 1)
    if data[12:16] == b"VP8 ":
        width, height = (int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (26, 28))
        return width * height
    return None
