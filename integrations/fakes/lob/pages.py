"""What the printer checks of a PDF: that it opens, its page sizes, its length, its fonts (LOB-2)."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from integrations.fakes.lob.refusal import LobRefusal

_POINTS = {"us_letter": (612.0, 792.0), "us_legal": (612.0, 1008.0)}
_TOLERANCE = 2.0
"""Points; Lob allows for rounding, not for another paper size."""

_LIMITS = {(True, False): 60, (True, True): 120, (False, False): 6, (False, True): 12}
"""Pages by (to the US, double-sided)."""

_STANDARD = {"Courier", "Helvetica", "Times", "Symbol", "ZapfDingbats"}


def count_pages(data: bytes, size: str) -> int:
    """Return the number of pages of an acceptable PDF; raise LobRefusal on any other."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    if not data.startswith(b"%PDF"):
        raise LobRefusal("file must be a PDF, PNG, JPG or HTML", "invalid_file")
    try:
        reader = PdfReader(BytesIO(data))
        if reader.is_encrypted:
            raise LobRefusal("Encrypted PDFs are not supported", "pdf_encrypted")
        pages = list(reader.pages)
        sizes = [_size(page) for page in pages]
        loose = sorted({name for page in pages for name in _loose_fonts(page)})
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError) as error:
        raise LobRefusal("file could not be read as a PDF", "invalid_file") from error
    _check_sizes(sizes, size)
    if loose:
        raise LobRefusal(f"Provided PDF contains non-standard unembedded fonts: {', '.join(loose)}", "unembedded_fonts")
    return len(pages)


def check_length(pages: int, *, domestic: bool, double_sided: bool) -> None:
    """Raise LobRefusal when a letter is too long."""
    limit = _LIMITS[domestic, double_sided]
    if pages > limit:
        sides = "double-sided" if double_sided else "single-sided"
        raise LobRefusal(f"file has {pages} pages; the maximum is {limit} ({sides})", "file_pages_exceed_max")


def _size(page: Any) -> tuple[float, float]:
    box = page.cropbox
    width, height = float(box.width), float(box.height)
    return (height, width) if page.rotation % 180 else (width, height)


def _check_sizes(sizes: list[tuple[float, float]], size: str) -> None:
    if not sizes:
        raise LobRefusal("file has no pages", "file_pages_below_min")
    if any(not _alike(one, sizes[0]) for one in sizes):
        raise LobRefusal("All pages of the file must have the same dimensions", "inconsistent_page_dimensions")
    if not _alike(sizes[0], _POINTS[size]):
        inches = " x ".join(f"{points / 72:.2f}" for points in sizes[0])
        wanted = " x ".join(f"{points / 72:g}" for points in _POINTS[size])
        raise LobRefusal(f"file must be {wanted} in, portrait; it is {inches} in", "invalid_file_dimensions")


def _alike(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return all(abs(a - b) <= _TOLERANCE for a, b in zip(one, other, strict=True))


def _loose_fonts(page: Any) -> set[str]:
    """Return the fonts that a page uses, does not carry, and that no printer has of itself."""
    resources = page.get("/Resources")
    fonts = resources.get_object().get("/Font") if resources else None
    found = set()
    for reference in (fonts.get_object() if fonts else {}).values():
        font = reference.get_object()
        name = str(font.get("/BaseFont", "")).lstrip("/")
        inner = font["/DescendantFonts"].get_object()[0].get_object() if "/DescendantFonts" in font else font
        descriptor = inner.get("/FontDescriptor")
        carried = descriptor and any(f"/FontFile{n}" in descriptor.get_object() for n in ("", "2", "3"))
        standard = name.split("-")[0] in _STANDARD
        if not carried and not standard and font.get("/Subtype") != "/Type3":
            found.add(name)
    return found
