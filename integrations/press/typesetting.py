"""The child's side of the press: typeset one letter, decide what fits, take pictures of its pages.

Loaded by path in a process of its own (`integrations.child`), so it imports nothing of ours. The font itself decides
which characters exist: PDF/A forbids missing glyphs, and the compiler lists every one of them.
"""

from __future__ import annotations

import base64
import io
import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pypdfium2
import typst
from PIL import Image

TEXT_PAGES, ALL_PAGES = 2, 10
SHEET_PAGES = 50
"""What a bank reads of the evidence in a dispute, at most."""
SIZES = (11.0, 10.5, 10.0)
PICTURE_DPI, PREVIEW_DPI = 300, 100
WHOLE, HALF = (7.0, 8.1), (7.0, 3.55)  # inches left for a picture below its heading and caption
SMALLEST_DPI = 72  # a small picture is not blown up beyond this
PAIR_ABOVE = 4

_TEMPLATE = Path(__file__).with_name("letter.typ")
_SHEET = Path(__file__).with_name("sheet.typ")
_PROBE = b"""#set page(width: 8.5in, height: auto)
#set text(font: "Libertinus Serif", fallback: false, hyphenate: false)
#for c in json("chars.json") [#c #strong(c) #emph(c) #text(weight: "semibold", c) ]"""
_MISSING = re.compile(r'the text `"(.*?)"` could not be displayed')
_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}|\\(.)")


def typeset(request: dict[str, Any], blobs: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    """Answer {pages, text_pages, dropped} with the PDF and its page pictures, or {refused, ...}.

    `request` holds the document, the characters in it, and the blob ids to which `blobs` belong.
    """
    swaps = _swaps(set(request["characters"]))
    dropped = "".join(sorted(c for c, swap in swaps.items() if not swap))
    if lost := [c for c in dropped if unicodedata.category(c)[0] in "LM"]:
        return {"refused": "unsupported_script", "characters": "".join(lost)}, []
    letter = _swapped(request["document"], swaps) if swaps else request["document"]
    pictures = dict(zip(request["blob_ids"], blobs, strict=True))
    try:
        sheets, files = _sheets(letter["exhibits"], pictures)
        hand = letter["signature"]["blob"]
        if hand is not None:
            files["signature.svg"] = _fit(pictures[hand], (3.0, 0.5))[0]
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        return {"refused": "exhibit_unreadable", "reason": type(error).__name__}, []
    signature = letter["signature"] | {"picture": "signature.svg" if hand is not None else None}
    return _bound(letter | {"sheets": sheets, "signature": signature}, files, dropped)


def typeset_sheet(request: dict[str, Any], blobs: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    """Answer as `typeset` does, for a business document; it has no pictures of its pages."""
    swaps = _swaps(set(request["characters"]))
    dropped = "".join(sorted(c for c, swap in swaps.items() if not swap))
    if lost := [c for c in dropped if unicodedata.category(c)[0] in "LM"]:
        return {"refused": "unsupported_script", "characters": "".join(lost)}, []
    sheet = _swapped(request["document"], swaps) if swaps else request["document"]
    pdf = _pdf({"main": _SHEET.read_bytes(), "sheet.json": json.dumps(sheet).encode()})
    pages = len(pypdfium2.PdfDocument(pdf))
    if pages > SHEET_PAGES:
        return {"refused": "too_many_pages", "pages": pages}, []
    return {"pages": pages, "dropped": dropped}, [pdf]


def _bound(letter: dict[str, Any], files: dict[str, bytes], dropped: str) -> tuple[dict[str, Any], list[bytes]]:
    pdf, pages = _best(letter, files)
    text_pages = pages - len(letter["sheets"])
    counts = {"pages": pages, "text_pages": text_pages, "dropped": dropped}
    if text_pages > TEXT_PAGES:
        return counts | {"refused": "text_too_long"}, []
    if pages > ALL_PAGES:
        return counts | {"refused": "too_many_pages"}, []
    return counts, [pdf, *_pictures(pdf)]


def _best(letter: dict[str, Any], files: dict[str, bytes]) -> tuple[bytes, int]:
    """Take the largest type, unless a smaller one saves a page of text."""
    best = _compile(letter, files, SIZES[0])
    for size in SIZES[1:]:
        if best[1] - len(letter["sheets"]) == 1:
            break
        best = min(best, _compile(letter, files, size), key=lambda made: made[1])
    return best


def _compile(letter: dict[str, Any], files: dict[str, bytes], size: float) -> tuple[bytes, int]:
    source = {"main": _TEMPLATE.read_bytes(), "letter.json": json.dumps(letter | {"size": size}).encode(), **files}
    pdf = _pdf(source)
    return pdf, len(pypdfium2.PdfDocument(pdf))


def _pdf(source: dict[str, bytes]) -> bytes:
    # A fixed time and PDF/A: equal input gives equal bytes, all fonts are embedded, no glyph is missing.
    files: Any = source  # files by name: the package takes them, its stubs do not say so
    pdf: bytes = typst.compile(files, ignore_system_fonts=True, format="pdf", pdf_standards=["a-2b"], timestamp=0)
    return pdf


def _swaps(chars: set[str]) -> dict[str, str]:
    """Map each character that the font lacks to its compatibility form when the font has that, else to nothing."""
    missing = _missing({c for c in chars if c > "\x7f"})
    forms = {c: unicodedata.normalize("NFKC", c) for c in missing}
    lacking = _missing(set("".join(forms.values())) - missing) | missing
    return {c: "" if form == c or set(form) & lacking else form for c, form in forms.items()}


def _missing(chars: set[str]) -> set[str]:
    if not chars:
        return set()
    try:
        _pdf({"main": _PROBE, "chars.json": json.dumps(sorted(chars)).encode()})
    except typst.TypstError as error:
        named = "".join(_ESCAPE.sub(_unescaped, text) for text in _MISSING.findall(error.diagnostic))
        if not set(named) & chars:
            raise
        return set(named) & chars
    return set()


def _unescaped(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else match[2]


def _swapped(value: Any, swaps: dict[str, str]) -> Any:
    match value:
        case str():
            return _without(value, swaps)
        case list():
            return [_swapped(item, swaps) for item in value]
        case dict():
            return {key: _swapped(item, swaps) for key, item in value.items()}
        case _:
            return value


def _without(text: str, swaps: dict[str, str]) -> str:
    """Swap characters; one that vanishes between two blanks, or before the end, takes a blank with it."""
    lost = "".join(re.escape(c) for c, swap in swaps.items() if not swap)
    if lost:
        text = re.sub(rf"(?<= )[{lost}]+ |(?: [{lost}]+)(?=\n|$)|^[{lost}]+ ", "", text, flags=re.MULTILINE)
    return "".join(swaps.get(c, c) for c in text)


def _sheets(
    exhibits: list[dict[str, Any]], pictures: dict[int, bytes]
) -> tuple[list[list[dict[str, Any]]], dict[str, bytes]]:
    """Lay the pictures out on sheets, each sized for its place, and collect their files."""
    files: dict[str, bytes] = {}
    sheets = _grouped([(exhibit, part) for exhibit in exhibits for part in range(len(exhibit["blobs"]))])
    for sheet in sheets:
        for item in sheet:
            item["file"] = f"exhibit-{len(files)}.svg"
            place = HALF if len(sheet) > 1 else WHOLE
            files[item["file"]], item["width"], item["height"] = _fit(pictures[item.pop("blob")], place)
    return sheets, files


def _grouped(parts: list[tuple[dict[str, Any], int]]) -> list[list[dict[str, Any]]]:
    """Put one picture on a sheet, or two when there are more than four; a form always stands alone."""
    sheets: list[list[dict[str, Any]]] = []
    room = False
    for exhibit, part in parts:
        item = {"letter": exhibit["letter"], "caption": exhibit["caption"], "blob": exhibit["blobs"][part]}
        item |= {"part": part + 1, "parts": len(exhibit["blobs"])}
        may_share = len(parts) > PAIR_ABOVE and not exhibit["whole_page"]
        if may_share and room:
            sheets[-1].append(item)
        else:
            sheets.append([item])
        room = may_share and not room
    return sheets


def _fit(data: bytes, box: tuple[float, float]) -> tuple[bytes, float, float]:
    """Return a picture of at most 300 dpi at its printed size, in grey, and that size in inches."""
    with Image.open(io.BytesIO(data)) as picture:
        pixels = picture.size
        dpi = max(pixels[0] / box[0], pixels[1] / box[1], SMALLEST_DPI)
        if dpi <= PICTURE_DPI and picture.mode == "L" and picture.format == "JPEG":
            return _wrapped(data, *pixels), pixels[0] / dpi, pixels[1] / dpi
        grey = picture.convert("L")
    if dpi > PICTURE_DPI:
        scale = PICTURE_DPI / dpi
        grey = grey.resize((max(1, int(pixels[0] * scale)), max(1, int(pixels[1] * scale))), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    grey.save(out, "JPEG", quality=80, optimize=True)
    return _wrapped(out.getvalue(), *grey.size), pixels[0] / dpi, pixels[1] / dpi


def _wrapped(jpeg: bytes, width: int, height: int) -> bytes:
    """Put a JPEG into a text file: the compiler takes no binary ones from memory. The PDF holds the same JPEG bytes."""
    data = base64.b64encode(jpeg)
    size = f'width="{width}" height="{height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size}><image {size} href="data:image/jpeg;base64,'
    return head.encode() + data + b'"/></svg>'


def _pictures(pdf: bytes) -> list[bytes]:
    """Render the pages of the finished file, which is what will be printed."""
    document = pypdfium2.PdfDocument(pdf)
    out = []
    for page in document:
        target = io.BytesIO()
        page.render(scale=PREVIEW_DPI / 72, grayscale=True).to_pil().convert("L").save(target, "PNG", optimize=True)
        out.append(target.getvalue())
    return out
