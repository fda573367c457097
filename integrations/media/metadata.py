"""Takes what a camera wrote beside the pixels out of a file: place, time, device, comments (rule MED-5).

The picture itself is not touched, so nothing is decoded here and no quality is lost. A JPEG keeps which way is up; of
HEIC and TIFF the values are overwritten where they stand, so that no offset in the file moves. What cannot be followed
is left as it is: a reader refuses such a file anyway.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator

_EXIF = b"Exif\0\0"
_ORIENTATION, _UPRIGHT = 0x0112, 1
_DATE_TIME, _EXIF_IFD, _TAKEN = 0x0132, 0x8769, 0x9003


def without_metadata(data: bytes, media_type: str, *, but_moment: bool = False) -> bytes:
    """Return the file without its metadata; the same bytes when there is nothing to take out.

    A JPEG may keep the moment at which it was taken, as a hint and nothing else (`but_moment`).
    """
    clean = _WAYS.get(media_type)
    if clean is None:
        return data
    try:
        return _jpeg(data, but_moment=but_moment) if clean is _jpeg else clean(data)
    except (struct.error, IndexError, KeyError, ValueError):
        return data


# -- JPEG ----------------------------------------------------------------------------------------------------------

_SOS, _EOI, _APP0, _APP1, _APP2, _APP14, _APP15, _COM = 0xDA, 0xD9, 0xE0, 0xE1, 0xE2, 0xEE, 0xEF, 0xFE
_ALONE = frozenset({0x01, 0xD8, *range(0xD0, 0xD8)})


def _jpeg(data: bytes, *, but_moment: bool = False) -> bytes:
    """Keep what decoding needs, of the applications' parts JFIF, profile and Adobe's; nothing behind the end."""
    found, turned, moment = [data[:2]], _UPRIGHT, b""
    for marker, part in _segments(data):
        if marker == _APP1 and part[4:].startswith(_EXIF):
            turned = _orientation(part[10:])
            moment = _moment(part[10:]) if but_moment else b""
        if _is_kept(marker, part):
            found.append(part)
    if turned != _UPRIGHT or moment:
        found.insert(1, _only(turned, moment))
    return b"".join(found)


def _is_kept(marker: int, part: bytes) -> bool:
    if marker == _APP2:
        return part[4:].startswith(b"ICC_PROFILE\0")
    return marker in (_APP0, _APP14) or not (_APP0 <= marker <= _APP15 or marker == _COM)


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Give each segment with its marker; a scan goes with the coded data that follows it."""
    at = 2
    while at < len(data):
        if data[at] != 0xFF:
            raise ValueError("no marker")
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker == _EOI:
            yield marker, data[at : at + 2]
            return
        end = at + 2 if marker in _ALONE else at + 2 + struct.unpack_from(">H", data, at + 2)[0]
        if marker == _SOS:
            end = _scan_end(data, end)
        yield marker, data[at:end]
        at = end


def _scan_end(data: bytes, at: int) -> int:
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            return len(data)
        if data[at + 1] != 0 and not 0xD0 <= data[at + 1] <= 0xD7:
            return at
        at += 2


def _orientation(tiff: bytes) -> int:
    order = "<" if tiff[:2] == b"II" else ">"
    for tag, _, _, at in _entries(tiff, order, struct.unpack_from(order + "I", tiff, 4)[0]):
        if tag == _ORIENTATION:
            turned = int(struct.unpack_from(order + "H", tiff, at)[0])
            return turned if 1 <= turned <= 8 else _UPRIGHT
    return _UPRIGHT


def _moment(tiff: bytes) -> bytes:
    """Return when the picture was taken as EXIF writes it, nothing when that is not told or no moment."""
    order = "<" if tiff[:2] == b"II" else ">"
    found: dict[int, bytes] = {}
    for tag, _, _, at in _entries(tiff, order, struct.unpack_from(order + "I", tiff, 4)[0]):
        if tag == _DATE_TIME:
            found[tag] = tiff[at : at + 19]
        elif tag == _EXIF_IFD:
            inner = int(struct.unpack_from(order + "I", tiff, at)[0])
            found |= {tag: tiff[at : at + 19] for tag, _, _, at in _entries(tiff, order, inner) if tag == _TAKEN}
    told = found.get(_TAKEN) or found.get(_DATE_TIME, b"")
    return told if re.fullmatch(rb"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d", told) else b""


def _only(turned: int, moment: bytes) -> bytes:
    entries = [struct.pack(">HHIHH", _ORIENTATION, 3, 1, turned, 0)]
    behind = 8 + 2 + 12 * 2 + 4
    if moment:
        entries.append(struct.pack(">HHII", _DATE_TIME, 2, 20, behind))
    tiff = struct.pack(">2sHIH", b"MM", 42, 8, len(entries)) + b"".join(entries) + bytes(4)
    tiff += moment + b"\0" if moment else b""
    return struct.pack(">BBH", 0xFF, _APP1, 2 + len(_EXIF) + len(tiff)) + _EXIF + tiff


# -- PNG and WebP --------------------------------------------------------------------------------------------------

_PNG_SAID = frozenset({b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"})
_WEBP_SAID = frozenset({b"EXIF", b"XMP "})
_WEBP_FLAGS = 0x08 | 0x04


def _png(data: bytes) -> bytes:
    found, at = [data[:8]], 8
    while at < len(data):
        end = at + 12 + struct.unpack_from(">I", data, at)[0]
        if data[at + 4 : at + 8] not in _PNG_SAID:
            found.append(data[at:end])
        if data[at + 4 : at + 8] == b"IEND":
            break
        at = end
    return b"".join(found)


def _webp(data: bytes) -> bytes:
    found, at = [], 12
    while at < len(data):
        size = struct.unpack_from("<I", data, at + 4)[0]
        end = at + 8 + size + size % 2
        chunk = bytearray(data[at:end])
        if chunk[:4] == b"VP8X":
            chunk[8] &= ~_WEBP_FLAGS
        if bytes(chunk[:4]) not in _WEBP_SAID:
            found.append(bytes(chunk))
        at = end
    body = b"WEBP" + b"".join(found)
    return b"RIFF" + struct.pack("<I", len(body)) + body


# -- TIFF ----------------------------------------------------------------------------------------------------------

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_IFDS = frozenset({0x8769, 0x8825})
_SAID = frozenset(
    {0x010D, 0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x013C, 0x02BC, 0x83BB, 0x8298, 0x8649, 0x927C, 0x9286}
)
"""Names of document, description, make, model, software, date, artist, host, XMP, IPTC, copyright, Photoshop, maker's
note, comment. All that the directories of camera and place hold goes, too."""
_DEEPEST = 8


def _entries(data: bytes | bytearray, order: str, at: int) -> Iterator[tuple[int, int, int, int]]:
    """Give (tag, type, count, place of the value) of one directory."""
    (count,) = struct.unpack_from(order + "H", data, at)
    for number in range(count):
        entry = at + 2 + 12 * number
        tag, kind, many = struct.unpack_from(order + "HHI", data, entry)
        size = _SIZES.get(kind, 1) * many
        place = entry + 8 if size <= 4 else int(struct.unpack_from(order + "I", data, entry + 8)[0])
        yield tag, kind, many, place


def _tiff(data: bytes) -> bytes:
    clean, order = bytearray(data), "<" if data[:2] == b"II" else ">"
    at, seen = int(struct.unpack_from(order + "I", data, 4)[0]), 0
    while at and seen < _DEEPEST:
        entries = list(_entries(data, order, at))
        for entry in entries:
            _blank(clean, order, entry, everything=False)
        at = int(struct.unpack_from(order + "I", data, at + 2 + 12 * len(entries))[0])
        seen += 1
    return bytes(clean)


def _blank(clean: bytearray, order: str, entry: tuple[int, int, int, int], *, everything: bool) -> None:
    tag, kind, many, place = entry
    if tag in _IFDS and not everything:
        inner = int(struct.unpack_from(order + "I", clean, place)[0])
        for below in list(_entries(clean, order, inner)):
            _blank(clean, order, below, everything=True)
    elif everything or tag in _SAID:
        size = _SIZES.get(kind, 1) * many
        if place + size <= len(clean):
            clean[place : place + size] = bytes(size)


# -- HEIC ----------------------------------------------------------------------------------------------------------

_EMPTY_EXIF = b"\0\0\0\x06" + _EXIF + struct.pack(">2sHIHI", b"MM", 42, 8, 0, 0)


def _heic(data: bytes) -> bytes:
    """Overwrite the items that hold EXIF and XMP; which way is up stands in the picture's own properties."""
    meta = next((span for name, span in _boxes(data, 0, len(data)) if name == b"meta"), None)
    if meta is None:
        return data
    parts = dict(_boxes(data, meta[0] + 4, meta[1]))
    said = dict(_said_items(data, *parts[b"iinf"]))
    clean = bytearray(data)
    for item, start, size in _extents(data, *parts[b"iloc"]):
        if item in said and start + size <= len(clean):
            empty = _EMPTY_EXIF if said[item] == b"Exif" else b""
            clean[start : start + size] = empty[:size].ljust(size, b"\0")
    return bytes(clean)


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """Give the name of each box and where its contents are."""
    while at + 8 <= end:
        size, head = struct.unpack_from(">I", data, at)[0], 8
        if size == 1:
            size, head = struct.unpack_from(">Q", data, at + 8)[0], 16
        size = size or end - at
        if size < head or at + size > end:
            raise ValueError("a box beyond its box")
        yield data[at + 4 : at + 8], (at + head, at + size)
        at += size


def _said_items(data: bytes, at: int, end: int) -> Iterator[tuple[int, bytes]]:
    wide = data[at] > 0
    for name, (start, _) in _boxes(data, at + (8 if wide else 6), end):
        if name != b"infe" or data[start] < 2:
            continue
        numbered = ">IH" if data[start] > 2 else ">HH"
        item, _ = struct.unpack_from(numbered, data, start + 4)
        kind_at = start + 4 + struct.calcsize(numbered)
        if data[kind_at : kind_at + 4] in (b"Exif", b"mime"):
            yield item, data[kind_at : kind_at + 4]


def _extents(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Give (item, start, size) of what stands in the file itself."""
    version, sizes = data[at], struct.unpack_from(">H", data, at + 4)[0]
    offset_size, length_size, base_size = sizes >> 12 & 15, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    wide = version == 2
    count = struct.unpack_from(">I" if wide else ">H", data, at + 6)[0]
    place = _Place(data, at + (10 if wide else 8))
    for _ in range(count):
        item = place.number(4 if wide else 2)
        method = place.number(2) & 15 if version else 0
        place.number(2)
        base = place.number(base_size)
        for _ in range(place.number(2)):
            place.number(index_size)
            start, size = place.number(offset_size), place.number(length_size)
            if method == 0:
                yield item, base + start, size


class _Place:
    """Where reading is, in a file of big-endian numbers."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at = data, at

    def number(self, size: int) -> int:
        """Return the next number of so many bytes; of none it is 0."""
        if self._at + size > len(self._data):
            raise ValueError("beyond the end")
        found = int.from_bytes(self._data[self._at : self._at + size])
        self._at += size
        return found


_WAYS: dict[str, Callable[[bytes], bytes]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/webp": _webp,
    "image/tiff": _tiff,
    "image/heic": _heic,
}
