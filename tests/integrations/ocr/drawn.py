"""Receipts drawn on the spot, as pictures and as PDFs."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pillow_heif
from PIL import ExifTags, Image, ImageDraw, ImageFont
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

RECEIPT = (
    "NORTH HARBOR BAKERY",
    "12 Quay Street, Springfield",
    "2026-03-15 18:22",
    "SOURDOUGH LOAF 7.50",
    "CROISSANT BUTTER 4.25",
    "SUBTOTAL 11.75",
    "SALES TAX 0.94",
    "TOTAL 12.69",
    "VISA CARD PAYMENT 12.69",
    "THANK YOU FOR YOUR VISIT",
)


def receipt(lines: Sequence[str] = RECEIPT, size: tuple[int, int] = (900, 1200)) -> Image.Image:
    """Draw lines of print on white."""
    picture = Image.new("RGB", size, "white")
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(size=size[0] // 20)
    for number, line in enumerate(lines, start=1):
        pen.text((size[0] // 15, size[1] * number // (len(lines) + 2)), line, fill=(15, 15, 15), font=font)
    return picture


def encoded(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """Return the picture as a file."""
    out = io.BytesIO()
    if kind == "HEIF":
        exif = options.pop("exif", None)
        given = {"exif": exif.tobytes()} if isinstance(exif, Image.Exif) else {}
        pillow_heif.from_pillow(picture).save(out, quality=80, **given, **options)
    else:
        picture.save(out, kind, **options)
    return out.getvalue()


def exif(orientation: int) -> Image.Exif:
    """Return metadata with an orientation."""
    data = Image.Exif()
    data[ExifTags.Base.Orientation] = orientation
    return data


def pdf(pages: Sequence[Sequence[str]], size: tuple[float, float] = (612, 792), rotate: int = 0) -> bytes:
    """Return a PDF with a text layer: each page has its lines; `a|b` puts b into a column at the right.

    `rotate` says how viewers turn the page; the text is drawn so that it stands upright then, on a page of `size`.
    """
    writer = PdfWriter()
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    for lines in pages:
        page = writer.add_blank_page(*(size if rotate % 180 == 0 else size[::-1]))
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
        )
        stream = DecodedStreamObject()
        stream.set_data("\n".join(_shown(lines, size, rotate)).encode())
        page[NameObject("/Contents")] = writer._add_object(stream)
        if rotate:
            page.rotate(rotate)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _shown(lines: Sequence[str], size: tuple[float, float], rotate: int) -> list[str]:
    shown = []
    for number, line in enumerate(lines, start=1):
        left, _, right = line.partition("|")
        up = size[1] - 40 - 20 * number
        for x, text in ((72, left), (480, right)):
            if text:
                shown.append(f"BT /F1 12 Tf {_placed(x, up, size, rotate)} Tm ({text}) Tj ET")
    return shown


def _placed(x: float, up: float, size: tuple[float, float], rotate: int) -> str:
    width, height = size
    match rotate:
        case 90:
            return f"0 1 -1 0 {height - up} {x}"
        case 180:
            return f"-1 0 0 -1 {width - x} {height - up}"
        case 270:
            return f"0 -1 1 0 {up} {width - x}"
    return f"1 0 0 1 {x} {up}"


def blank_pdf(pages: int, size: tuple[float, float] = (612, 792), password: str = "") -> bytes:
    """Return a PDF of empty pages."""
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(*size)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
