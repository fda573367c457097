"""Photos of parking tickets for those who have none at hand: made up, and marked so.

The fake model cannot see. It is taught what each of these photos shows, as the fake speech service is taught its clips.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

SAMPLE_NUMBER = "912 345 678"
_SIZE = (1200, 900)
_SHEET = (520, 800)
_LARGE_LETTERS = 24
_INK, _PAPER = (28, 28, 28), (251, 250, 243)


@dataclass(frozen=True, slots=True)
class SampleTicket:
    """A made-up ticket: its photo, its printed lines, and its fields by the names under which they are asked for."""

    photo: bytes
    lines: tuple[str, ...]
    fields: dict[str, str]


def sample_ticket(issued: date, number: str = SAMPLE_NUMBER) -> SampleTicket:
    """Return a ticket under a wiper; the sample number is one of San Francisco's."""
    fields = {
        "number": " ".join(number.split())[:24] or SAMPLE_NUMBER,
        "issued": f"{issued:%m/%d/%Y}",
        "violation": "STREET CLEANING",
        "place": "1400 VALENCIA ST",
        "plate": "8ABC123",
        "plate_state": "CA",
    }
    lines = (
        "PARKING CITATION",
        "City and County of San Francisco" if fields["number"] == SAMPLE_NUMBER else "Parking Enforcement",
        fields["number"],
        f"ISSUED {fields['issued']}  2:14 PM",
        f"PLATE  {fields['plate']}  {fields['plate_state']}",
        f"VIO  7.2.22  {fields['violation']}",
        f"LOC  {fields['place']}",
        "PENALTY  $97.00",
        "SAMPLE. Not a real citation.",
    )
    return SampleTicket(photo_of(lines, large=(0, 2)), lines, fields)


def photo_of(lines: tuple[str, ...], *, large: tuple[int, ...]) -> bytes:
    """Return a photo of a sheet behind glass with these lines, some of them in large letters."""
    from PIL import Image, ImageDraw

    glass = Image.linear_gradient("L").resize(_SIZE).point(lambda v: 160 - v // 2)
    picture = Image.merge("RGB", [glass.point(lambda v, tint=tint: v + tint) for tint in (0, 16, 28)])
    sheet = _sheet(lines, large).convert("RGBA").rotate(3, expand=True, resample=Image.Resampling.BICUBIC)
    picture.paste(sheet, ((_SIZE[0] - sheet.width) // 2, (_SIZE[1] - sheet.height) // 2), sheet)
    ImageDraw.Draw(picture).line([(-20, 800), (_SIZE[0] + 20, 720)], fill=(17, 17, 17), width=16)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


def _sheet(lines: tuple[str, ...], large: tuple[int, ...]) -> Image.Image:
    from PIL import Image, ImageDraw, ImageFont

    sheet = Image.new("RGB", _SHEET, _PAPER)
    pen = ImageDraw.Draw(sheet)
    for at, line in enumerate(lines):
        size = 36 if at in large and len(line) < _LARGE_LETTERS else 22
        top = 40 + (_SHEET[1] - 60) // max(9, len(lines)) * at
        pen.text((34, top), line, fill=_INK, font=ImageFont.load_default(size=size))
    return sheet
