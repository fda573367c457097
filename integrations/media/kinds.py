"""What a file is, by its first bytes: what a sender says of it is a hint at most (rule SMS-19)."""

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


def kind_of(data: bytes, declared: str | None = None) -> str | None:
    """Return the media type of a picture, PDF or voice clip by its content; None for everything else.

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
    return None


def _sound_in_film(data: bytes, declared: str | None) -> str | None:
    if not (declared or "").lower().startswith("audio/"):
        return None
    return "audio/3gpp" if data[8:10] == b"3g" else "audio/mp4"
