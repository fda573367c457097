"""What a file is, by its first bytes: names and declared types of strangers are not believed."""

from __future__ import annotations

_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


def kind_of(data: bytes) -> str | None:
    """Return jpeg, png, webp, gif, tiff, heic or pdf, or None for anything else."""
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "gif"
    if data[:4] in (b"II*\0", b"MM\0*"):
        return "tiff"
    if data[4:8] == b"ftyp" and _is_heif(data):
        return "heic"
    # The PDF header may follow up to 1,024 bytes of anything (ISO 32000-1, annex H).
    return "pdf" if b"%PDF-" in data[:1024] else None


def _is_heif(data: bytes) -> bool:
    size = min(int.from_bytes(data[:4], "big"), 256)
    brands = {data[8:12]} | {data[at : at + 4] for at in range(16, size, 4)}
    return bool(brands & _HEIF_BRANDS) and b"avif" not in brands
