"""Draws a receipt as a till prints it and as a scanner or a telephone sees it; the same seed draws the same picture."""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tests.handlers.receipts.drawn.sheet import Sheet

_FONTS = Path("/usr/share/fonts")
_FAMILIES = {
    "mono": (
        ("LiberationMono-Regular.ttf", "LiberationMono-Bold.ttf"),
        ("DejaVuSansMono.ttf", "DejaVuSansMono-Bold.ttf"),
        ("NotoSansMono-Regular.ttf", "NotoSansMono-Bold.ttf"),
        ("NimbusMonoPS-Bold.otf", "NimbusMonoPS-Bold.otf"),
    ),
    "sans": (
        ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
        ("DejaVuSansCondensed.ttf", "DejaVuSansCondensed-Bold.ttf"),
        ("LiberationSansNarrow-Regular.ttf", "LiberationSansNarrow-Bold.ttf"),
        ("NimbusSans-Regular.otf", "NimbusSans-Bold.otf"),
    ),
    "serif": (("LiberationSerif-Regular.ttf", "LiberationSerif-Bold.ttf"), ("P052-Roman.otf", "P052-Bold.otf")),
    "cjk": (("DroidSansFallbackFull.ttf", "DroidSansFallbackFull.ttf"),),
}
_LOGOS = ("Z003-MediumItalic.otf", "URWBookman-DemiItalic.otf", "URWGothic-Demi.otf", "C059-BdIta.otf")

Pixels = NDArray[np.uint8]


@dataclass(slots=True)
class _Pen:
    """Where the next line goes, and in which letters."""

    picture: Image.Image
    draw: ImageDraw.ImageDraw
    font: Callable[[bool, float], ImageFont.FreeTypeFont]
    size: int
    margin: int
    y: float
    ink: int
    dice: random.Random


def drawn(sheet: Sheet) -> Image.Image:
    """Return the picture of a receipt."""
    dice = random.Random(zlib.crc32(sheet.name.encode()))
    paper = _printed(sheet, dice)
    pixels = np.asarray(paper.convert("L")).astype(np.float32)
    pixels = _faded(pixels, dice) if "faded" in sheet.look else pixels
    pixels = _curled(pixels, dice) if "curl" in sheet.look else pixels
    pixels = _crumpled(pixels, dice) if "crumple" in sheet.look else pixels
    picture = _photographed(pixels, dice, sheet.look) if "photo" in sheet.look else _scanned(pixels, dice)
    return _coarse(picture, dice) if "lowres" in sheet.look else picture


def _printed(sheet: Sheet, dice: random.Random) -> Image.Image:
    kind = next((name for name in _FAMILIES if name in sheet.look), "mono")
    plain, bold = dice.choice(_FAMILIES[kind])
    size = dice.choice((22, 24, 26))
    longest = max(len(line.replace("|", "  ")) for line in sheet.lines)
    per_letter = 0.62 if kind == "mono" else 1.0 if kind == "cjk" else 0.52
    wanted = longest if kind != "cjk" else max(sum(1 if ord(c) > 0x2E7F else 0.55 for c in li) for li in sheet.lines)
    width = int(max(380, wanted * size * per_letter + 2 * size + 30))
    if "wide" in sheet.look:
        width = int(width * 1.35)
    picture = Image.new("L", (width, 80 + int(2.7 * size * len(sheet.lines))), 250)
    pen = _Pen(
        picture,
        ImageDraw.Draw(picture),
        lambda is_bold, factor: _font(bold if is_bold else plain, round(size * factor)),
        size,
        dice.randint(12, 30),
        30.0,
        dice.randint(15, 70),
        dice,
    )
    for line in sheet.lines if kind != "cjk" else map(_full_width, sheet.lines):
        _line(pen, line, tight="tight" in sheet.look)
    return picture.crop((0, 0, width, int(min(picture.height, pen.y + 40))))


def _full_width(line: str) -> str:
    """Return the line with wide digits and letters: the font of these scripts has no narrow ones."""
    if line in {"---", "==="}:
        return ""
    text = re.sub(r"[0-9A-Za-z():,.%\-]", lambda match: chr(ord(match[0]) + 0xFEE0), line)
    return text.replace("¥", "￥")


def _line(pen: _Pen, line: str, *, tight: bool) -> None:
    width = pen.picture.width
    step = 1.16 if tight else 1.34
    if not line.strip():
        pen.y += 0.7 * pen.size
        return
    if line in {"---", "==="}:
        sign = line[0] * int((width - 2 * pen.margin) / pen.font(False, 1.0).getlength(line[0]))
        pen.draw.text((pen.margin, pen.y), sign, fill=pen.ink, font=pen.font(False, 1.0))
        pen.y += step * pen.size
        return
    if line.startswith("%"):
        _mark(pen)
        return
    mark = line[0] if line[0] in "^>@" else ""
    rest = line[len(mark) :]
    factor = 1.0
    while mark and rest.startswith(mark):
        rest, factor = rest[1:], factor + 0.6
    is_bold = rest.startswith("!")
    rest = rest[1:] if is_bold else rest
    if mark == "@":
        _logo(pen, rest)
        return
    font = pen.font(is_bold, factor)
    columns = re.split(r"\s\|(?=\s|$)", rest)
    for x, text in zip(_places(pen, columns, font, mark), columns, strict=True):
        pen.draw.text((x, pen.y), text.strip() if mark or len(columns) > 1 else text, fill=pen.ink, font=font)
    pen.y += step * pen.size * factor


def _places(pen: _Pen, columns: list[str], font: ImageFont.FreeTypeFont, mark: str) -> list[float]:
    """Return where each column starts: the first at the left, the last at the right, the others right-aligned between.

    Columns between stand at even distances, as tills print them.
    """
    left, right = pen.margin, pen.picture.width - pen.margin
    widths = [font.getlength(column.strip()) for column in columns]
    if len(columns) == 1:
        if mark == "^":
            return [(pen.picture.width - widths[0]) / 2]
        return [right - widths[0]] if mark == ">" else [left]
    start = left + (right - left) * 0.42
    ends = [start + (right - start) * at / (len(columns) - 1) for at in range(1, len(columns))]
    return [left, *(end - width for end, width in zip(ends, widths[1:], strict=True))]


def _logo(pen: _Pen, text: str) -> None:
    font = _font(pen.dice.choice(_LOGOS), int(pen.size * pen.dice.uniform(2.0, 2.8)))
    length = font.getlength(text)
    if length > pen.picture.width - 40:
        font = _font("LiberationSansNarrow-BoldItalic.ttf", int(pen.size * 1.7))
        length = font.getlength(text)
    x, height = (pen.picture.width - length) / 2, font.size * 1.25
    if pen.dice.random() < 0.4:
        pen.draw.rectangle((x - 20, pen.y - 4, x + length + 20, pen.y + height + 4), fill=20)
        pen.draw.text((x, pen.y), text, fill=245, font=font)
    else:
        pen.draw.text((x, pen.y), text, fill=pen.ink, font=font)
    pen.y += height + 14


def _mark(pen: _Pen) -> None:
    middle, radius = pen.picture.width / 2, 2.4 * pen.size
    box = (middle - radius, pen.y, middle + radius, pen.y + 2 * radius)
    pen.draw.ellipse(box, outline=pen.ink, width=6)
    pen.draw.arc((box[0] + 18, box[1] + 18, box[2] - 18, box[3] - 18), 20, 250, fill=pen.ink, width=9)
    pen.draw.polygon([(middle, pen.y + 20), (middle - 24, pen.y + 70), (middle + 30, pen.y + 60)], fill=pen.ink)
    pen.y += 2 * radius + 14


def _faded(pixels: NDArray[np.float32], dice: random.Random) -> NDArray[np.float32]:
    """Lift the ink unevenly, as on old thermal paper, with pale stripes down the roll."""
    height, width = pixels.shape
    noise = np.random.default_rng(dice.randint(0, 1 << 30))
    stripes = np.ones(width, np.float32)
    for _ in range(dice.randint(2, 5)):
        at, wide = dice.randrange(width), dice.randint(2, 7)
        stripes[at : at + wide] = dice.uniform(0.35, 0.7)
    down = np.linspace(dice.uniform(0.45, 0.75), dice.uniform(0.45, 0.75), height, dtype=np.float32)
    grain = noise.normal(1.0, 0.12, pixels.shape).astype(np.float32)
    return 250 - (250 - pixels) * stripes[None, :] * down[:, None] * grain


def _curled(pixels: NDArray[np.float32], dice: random.Random) -> NDArray[np.float32]:
    """Bend the lines as paper from a roll lies."""
    import cv2

    height, width = pixels.shape
    rise = dice.uniform(6, 15)
    phase, turns = dice.uniform(0, 3.1), dice.uniform(0.35, 0.7)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    bent = y + rise * np.sin(phase + turns * 3.14 * x / width)
    return np.asarray(cv2.remap(pixels, x, bent.astype(np.float32), cv2.INTER_LINEAR, borderValue=(250.0,)), np.float32)


def _crumpled(pixels: NDArray[np.float32], dice: random.Random) -> NDArray[np.float32]:
    """Fold the paper a few times: each crease bends the lines a little and lies in its own light."""
    import cv2

    height, width = pixels.shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    bent, light = y.copy(), np.ones_like(y)
    for _ in range(dice.randint(4, 7)):
        slope = dice.uniform(-0.8, 0.8)
        off = (y - dice.uniform(0, height)) - slope * (x - width / 2)
        bent += dice.uniform(-4, 4) * np.tanh(off / 25)
        light *= 1 - dice.uniform(0.05, 0.3) * np.exp(-((off / dice.uniform(6, 40)) ** 2))
    folded = cv2.remap(pixels, x, bent.astype(np.float32), cv2.INTER_LINEAR, borderValue=(250.0,))
    return np.asarray(folded * light, np.float32)


def _coarse(picture: Image.Image, dice: random.Random) -> Image.Image:
    """Return it as small as messengers send pictures on."""
    scale = dice.uniform(0.5, 0.62)
    return picture.resize((int(picture.width * scale), int(picture.height * scale)), Image.Resampling.BILINEAR)


def _scanned(pixels: NDArray[np.float32], dice: random.Random) -> Image.Image:
    """Lay it a little askew on the glass of a scanner."""
    picture = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    picture = picture.filter(ImageFilter.GaussianBlur(dice.uniform(0.3, 0.9)))
    around = dice.randint(10, 90)
    wide = Image.new("L", (picture.width + 2 * around, picture.height + 2 * around), 253)
    wide.paste(picture, (around, around))
    return wide.rotate(dice.uniform(-1.2, 1.2), Image.Resampling.BICUBIC, fillcolor=253).convert("RGB")


def _photographed(pixels: NDArray[np.float32], dice: random.Random, look: frozenset[str]) -> Image.Image:
    """Put it on a table under a lamp, seen askew."""
    import cv2

    noise = np.random.default_rng(dice.randint(0, 1 << 30))
    height, width = pixels.shape
    edge = int(0.09 * max(width, height)) + 40
    whole = (width + 2 * edge, height + 2 * edge)
    lean = 0.055 if "skew" in look else 0.02
    corners = [(0, 0), (width, 0), (width, height), (0, height)]
    moved = [
        (x + edge + dice.uniform(-lean, lean) * width, y + edge + dice.uniform(-lean, lean) * min(height, 2 * width))
        for x, y in corners
    ]
    way: Any = cv2.getPerspectiveTransform(np.array(corners, np.float32), np.array(moved, np.float32))
    table: NDArray[np.float32] = np.full((whole[1], whole[0]), dice.uniform(60, 150), np.float32)
    table += noise.normal(0, 7, table.shape).astype(np.float32)
    paper = np.asarray(cv2.warpPerspective(pixels, way, whole, flags=cv2.INTER_LINEAR), np.float32)
    mask = np.asarray(cv2.warpPerspective(np.ones_like(pixels), way, whole), np.float32)
    seen = table * (1 - mask) + paper * mask * dice.uniform(0.82, 0.97)
    x, y = np.meshgrid(np.linspace(-1, 1, whole[0]), np.linspace(-1, 1, whole[1]))
    light = np.asarray(1 - dice.uniform(0.05, 0.3) * (x * dice.uniform(-1, 1) + y * dice.uniform(-1, 1)))
    if "shadow" in look:
        border = dice.uniform(-0.4, 0.4) + dice.uniform(-0.5, 0.5) * y
        shade = np.where(x > border, 0.62, 1.0).astype(np.float32)
        light = light * np.asarray(cv2.GaussianBlur(shade, (0, 0), 9.0))
    seen = np.asarray(seen * light)
    blur = dice.uniform(1.2, 1.7) if "blur" in look else dice.uniform(0.4, 0.9)
    seen = np.asarray(cv2.GaussianBlur(seen.astype(np.float32), (0, 0), blur))
    seen = seen + noise.normal(0, dice.uniform(2, 6), seen.shape)
    tint = np.stack([seen, seen * dice.uniform(0.94, 1.0), seen * dice.uniform(0.82, 0.98)], axis=2)
    return Image.fromarray(np.clip(tint, 0, 255).astype(np.uint8))


def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    found = next(_FONTS.rglob(name), None)
    if found is None:
        raise FileNotFoundError(f"the font {name} is not installed")
    return ImageFont.truetype(found, size)
