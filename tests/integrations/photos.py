"""Photos as persons send them, drawn on the spot: a printed page, and a signature on a sheet on a table."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

from PIL import ExifTags, Image, ImageDraw, ImageFilter, ImageFont

TICKET = (
    "PARKING CITATION",
    "CITY AND COUNTY OF SAN FRANCISCO",
    "912 345 678",
    "ISSUED 11/16/2026 2:14 PM",
    "PLATE 8ABC123 CA",
    "VIO 7.2.22 STREET CLEANING",
    "LOC 1400 VALENCIA ST",
)


def photo_of_a_page(lines: Sequence[str] = TICKET, size: tuple[int, int] = (1200, 1600), kind: str = "JPEG") -> bytes:
    """Return a picture of printed lines, with the camera's name and place in it."""
    picture = Image.new("RGB", size, (246, 244, 236))
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(size=max(12, size[0] // 24))
    for number, line in enumerate(lines):
        pen.text((size[0] // 12, size[1] // 16 * (number + 1)), line, fill=(20, 20, 20), font=font)
    data = Image.Exif()
    data[ExifTags.Base.Make] = "SecretCam"
    data.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (37.0, 46.0, 30.0), 3: "W", 4: (122.0, 25.0, 10.0)})
    return _encoded(picture, kind, exif=data) if kind == "JPEG" else _encoded(picture, kind)


def photo_of_a_signature(
    *,
    ink: tuple[int, int, int] = (30, 40, 120),
    table: bool = True,
    shadow: bool = True,
    grain: float = 0.06,
) -> bytes:
    """Return a wavy line on a sheet of paper, by default on a dark table with half of it in the shade."""
    width, height = 1600, 1200
    picture = Image.new("RGB", (width, height), (70, 55, 45) if table else (235, 232, 225))
    pen = ImageDraw.Draw(picture)
    if table:
        pen.polygon([(120, 140), (1480, 90), (1520, 1080), (90, 1120)], fill=(235, 232, 225))
    waves = [(450 + 7 * n, 600 + int(60 * math.sin(n / 4)) + int(20 * math.sin(n / 1.7))) for n in range(100)]
    pen.line(waves, fill=ink, width=7, joint="curve")
    if shadow:
        light = Image.new("L", (width, height), 255)
        ImageDraw.Draw(light).rectangle((0, 0, 800, height), fill=140)
        picture = Image.composite(picture, Image.new("RGB", picture.size), light.filter(ImageFilter.GaussianBlur(60)))
    noise = Image.effect_noise((width, height), 18).convert("RGB")
    return _encoded(Image.blend(picture, noise, grain), "JPEG")


def _encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()
