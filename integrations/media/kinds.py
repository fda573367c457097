"""What a file is, by its first bytes: what a sender says of it is a hint at most (rule SMS-19).

Two kinds are text and have no first bytes of their own. Our own JSON names its schema in its first line; a table must
be called one (`.csv`) and be plain text with the same mark in several lines.
"""

from __future__ import annotations

_STARTS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf2", "audio/mpeg"),
    (b"#!AMR", "audio/amr"),
    (b"fLaC", "audio/flac"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
_BRANDS = {
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"heim": "image/heic",
    b"heis": "image/heic",
    b"hevc": "image/heic",
    b"mif1": "image/heic",
    b"msf1": "image/heic",
    b"avif": "image/avif",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
}
_PDF_WITHIN = 1024
"""A PDF may have junk before its header; readers accept it within the first 1,024 bytes."""


_OURS = b'"schema":"parley.ledger"'
_TABLE_NAMES, _MARKS, _LINES = (".csv", ".tsv", ".json"), (b",", b";", b"\t"), 2
_CONTROL = bytes(set(range(32)) - set(b"\t\r\n"))


def kind_of(data: bytes, declared: str | None = None, name: str | None = None) -> str | None:
    """Return the media type of a picture, PDF, voice clip or data file by its content; None for everything else.

    A film container may hold sound alone, as telephones record it: then, and only then, `declared` decides.
    """
    for start, media_type in _STARTS:
        if data.startswith(start):
            return media_type
    if data[:4] == b"RIFF":
        return _RIFF.get(data[8:12])
    if data[4:8] == b"ftyp":
        return _BRANDS.get(data[8:12]) or _sound_in_film(data, declared)
    if b"%PDF-" in data[:_PDF_WITHIN]:
        return "application/pdf"
    return _data_kind(data, name or "")


def _data_kind(data: bytes, name: str) -> str | None:
    """Return the type of a file of books: our own JSON, or a table under the name of one."""
    start = data[:4096].translate(None, b" \t\r\n")
    if start.removeprefix(b"\xef\xbb\xbf").startswith(b"{"):
        return "application/json" if _OURS in start or name.lower().endswith(".json") else None
    lines = data[:65536].splitlines()[:50]
    tabular = any(sum(1 for line in lines if mark in line) >= _LINES for mark in _MARKS)
    plain = len(data[:65536].translate(None, _CONTROL)) == len(data[:65536])
    return "text/csv" if name.lower().endswith(_TABLE_NAMES) and tabular and plain else None


def _sound_in_film(data: bytes, declared: str | None) -> str | None:
    if not (declared or "").lower().startswith("audio/"):
        return None
    return "audio/3gpp" if data[8:10] == b"3g" else "audio/mp4"
