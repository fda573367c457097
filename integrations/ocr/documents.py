"""Opens a PDF of a stranger: lines of its text layer with their places, or pictures of its pages (CAP-4, MED-6, OCR-1).

Scripts, forms, attachments and links are never touched. A page's box may claim any size: it is drawn within limits.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

from integrations.ocr.lines import Page
from integrations.ocr.opening import LONGEST
from integrations.ocr.textlayer import text_page
from integrations.ocr.trouble import Trouble

MOST_PAGES = 5
_SCALE = 200 / 72  # pixels a point, at 200 dpi


def open_pages(data: bytes) -> Iterator[Page | Image.Image]:
    """Yield each page that is read, one at a time: its text, or its picture; raise Trouble."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)
        raise Trouble("encrypted" if locked else "unreadable") from None
    try:
        for number in _read_pages(len(document)):
            yield _page(document, number)
    except (pypdfium2.PdfiumError, ValueError, OverflowError, OSError):
        raise Trouble("unreadable") from None
    finally:
        document.close()


def _read_pages(count: int) -> list[int]:
    """Return which pages are read: of a long document the first ones, and the last, where totals stand."""
    if count == 0:
        raise Trouble("unreadable")
    return list(range(count)) if count <= MOST_PAGES else [*range(MOST_PAGES - 1), count - 1]


def _page(document: Any, number: int) -> Page | Image.Image:
    page = document[number]
    try:
        width, height = page.get_size()
        scale = min(_SCALE, LONGEST / max(width, height, 1.0))
        size = max(1, math.floor(width * scale)), max(1, math.floor(height * scale))
        return text_page(page, size) or _picture(page, size)
    finally:
        page.close()


def _picture(page: Any, size: tuple[int, int]) -> Image.Image:
    bitmap = pypdfium2.PdfBitmap.new_native(*size, pdfium.FPDFBitmap_BGR)
    try:
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, *size)
        pdfium.FPDF_RenderPageBitmap(bitmap.raw, page.raw, 0, 0, *size, 0, 0)
        picture: Image.Image = bitmap.to_pil().convert("RGB")
        return picture
    finally:
        bitmap.close()
