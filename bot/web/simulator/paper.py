"""Pictures of a printed letter's pages, for the desk. PDFium is not safe to use from two threads at once."""

from __future__ import annotations

import io
import threading

_lock = threading.Lock()
_DOTS_PER_POINT = 1.6


def page_count(data: bytes) -> int:
    """Return how many pages a PDF has."""
    import pypdfium2

    with _lock, pypdfium2.PdfDocument(data) as document:
        return len(document)


def page_picture(data: bytes, number: int) -> bytes:
    """Return page `number`, counted from 1, as a PNG."""
    import pypdfium2

    with _lock, pypdfium2.PdfDocument(data) as document:
        picture = document[number - 1].render(scale=_DOTS_PER_POINT).to_pil()
        out = io.BytesIO()
        picture.convert("RGB").save(out, "PNG", optimize=False, compress_level=4)
        return out.getvalue()
