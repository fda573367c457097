"""The child's side of pictures: decode one file of a stranger and make copies of it: to print, to read, to sign with.

Loaded by path in a process of its own (`integrations.child`), so it imports no adapter. A copy is new pixels in a
new JPEG, upright and without any metadata, so without a location. A print copy is grey and at most 300 dpi on a letter
page; a copy to read is in colour and within a reader's limits; a signature is its ink alone, on white.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pypdfium2
from PIL import ExifTags, Image, ImageDraw, ImageFilter, ImageMath, ImageOps, UnidentifiedImageError

from integrations.paper import colour_on_white, grey_on_white

LARGEST = (2100, 2430)  # pixels of 7 x 8.1 in at 300 dpi, the largest place for a picture
MOST_PIXELS = 120_000_000
MOST_JPEG_PIXELS = 260_000_000  # a JPEG is decoded at a fraction of its size
SMALLEST_SIDE = 16
PDF_PAGES = 3


@dataclass(frozen=True, slots=True)
class _Copying:
    """How a copy is made of an opened picture, in which mode, and the longest side that is worth decoding."""

    make: Callable[[Image.Image], bytes]
    mode: str
    side: int


def decode(request: dict[str, Any], blobs: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    """Answer {taken_at} with the print copies of the one file given, or {trouble}."""
    return _copied(request["kind"], blobs[0], _Copying(_print_copy, "L", LARGEST[1]))


def view(request: dict[str, Any], blobs: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    """Answer {taken_at} with copies to read, at most `side` long and of `pixels` in all, or {trouble}."""
    side = int(request["side"])
    make = partial(_view, side=side, pixels=int(request["pixels"]))
    return _copied(request["kind"], blobs[0], _Copying(make, "RGB", side))


def signature(request: dict[str, Any], blobs: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    """Answer {taken_at} with the ink of a hand signature, cut out on white, or {trouble}."""
    head, copies = _copied(request["kind"], blobs[0], _Copying(_ink, "L", INK_SIDE))
    return head, copies[:1]


def _copied(kind: str, data: bytes, copying: _Copying) -> tuple[dict[str, Any], list[bytes]]:
    warnings.simplefilter("ignore")
    try:
        if kind == "pdf":
            return {}, [copying.make(page) for page in _pdf_pages(data, grey=copying.mode == "L")]
        return _picture(data, kind, copying)
    except MemoryError:
        return {"trouble": "too_large"}, []
    except _Trouble as trouble:
        return {"trouble": trouble.code}, []
    except (UnidentifiedImageError, Image.DecompressionBombError, pypdfium2.PdfiumError):
        return {"trouble": "unreadable"}, []
    except (OSError, ValueError, SyntaxError, IndexError, KeyError, TypeError, EOFError, RuntimeError, OverflowError):
        return {"trouble": "unreadable"}, []


class _Trouble(Exception):
    """Why no copy is made: `too_large` (more pixels or pages than we take), `no_signature`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _picture(data: bytes, kind: str, copying: _Copying) -> tuple[dict[str, Any], list[bytes]]:
    if kind == "heic":
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False)
    Image.MAX_IMAGE_PIXELS = None  # our own limits, next
    with Image.open(io.BytesIO(data), formats=[_FORMATS[kind]]) as picture:
        width, height = picture.size
        if width * height > (MOST_JPEG_PIXELS if kind == "jpeg" else MOST_PIXELS):
            raise _Trouble("too_large")
        if min(width, height) < SMALLEST_SIDE:
            raise ValueError("too small to show anything")
        taken_at = _taken_at(picture)
        if kind == "jpeg":
            picture.draft(copying.mode, (copying.side, copying.side))
        picture.load()
        return {"taken_at": taken_at}, [copying.make(picture)]


_FORMATS = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "gif": "GIF", "heic": "HEIF"}


def _print_copy(picture: Image.Image) -> bytes:
    picture.thumbnail((LARGEST[1], LARGEST[1]), Image.Resampling.LANCZOS)
    grey = grey_on_white(ImageOps.exif_transpose(picture))
    grey.thumbnail(LARGEST, Image.Resampling.LANCZOS)
    return _jpeg(grey, quality=80)


def _view(picture: Image.Image, *, side: int, pixels: int) -> bytes:
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    upright = ImageOps.exif_transpose(picture)
    scale = min(1.0, (pixels / (upright.width * upright.height)) ** 0.5)
    colour = colour_on_white(upright)
    if scale < 1.0:
        size = max(1, int(colour.width * scale)), max(1, int(colour.height * scale))
        colour = colour.resize(size, Image.Resampling.LANCZOS)
    return _jpeg(colour, quality=85)


def _jpeg(picture: Image.Image, *, quality: int) -> bytes:
    clean = Image.frombytes(picture.mode, picture.size, picture.tobytes())  # nothing but pixels goes on
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def _taken_at(picture: Image.Image) -> str | None:
    """Return the camera's time of capture as ISO text without zone, when it is stated and sane."""
    exif = picture.getexif()
    stated = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    if not isinstance(stated, str):
        return None
    parts = stated.strip("\0 ").replace(" ", ":").split(":")
    if len(parts) != 6 or not all(part.isdigit() for part in parts):
        return None
    year, month, day, hour, minute, second = map(int, parts)
    if not (1995 <= year <= 2100 and 1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 61):
        return None
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"


def _pdf_pages(data: bytes, *, grey: bool) -> list[Image.Image]:
    document = pypdfium2.PdfDocument(data)
    if not 0 < len(document) <= PDF_PAGES:
        raise _Trouble("too_large") if len(document) else ValueError("no page")
    document.init_forms()  # a form that the user filled in keeps its answers
    return [_rendered(page, grey) for page in document]


def _rendered(page: Any, grey: bool) -> Image.Image:
    width, height = page.get_size()
    scale = min(LARGEST[0] / width, LARGEST[1] / height)
    picture: Image.Image = page.render(scale=scale, grayscale=grey, may_draw_forms=True).to_pil()
    return picture


# -- signature ---------------------------------------------------------------------------------------------------------

INK_SIDE = 1400
INK_BOX = (900, 150)  # pixels of 3 x 0.5 in at 300 dpi, the place above the signature line
_PAPER_GRAIN = 24  # the paper is what is brightest within squares of so many pixels
_BLACK_BELOW, _WHITE_ABOVE = 120, 205  # of 255, measured against the paper around it
_LEAST_INK, _MOST_INK = 0.0006, 0.35
_LEAST_WIDTH, _LEAST_HEIGHT, _MARGIN = 60, 14, 8
_MOST_HALFTONE = 0.2  # a pen is black on white: a pattern, a fabric or a blurred picture is mostly in between
_TALLEST = 1.2  # a name is written across: what is taller is a page of text, or a picture of something else
_ROUGH = 4  # what belongs together is found on a picture so many times smaller
_SHEET = 0.25  # a bright field of this share inside a dark rim is the sheet itself, not the loop of a letter


def _ink(picture: Image.Image) -> bytes:
    """Keep what is darker than the paper around it, and cut it out: shade, paper grain and the table go."""
    picture.thumbnail((INK_SIDE, INK_SIDE), Image.Resampling.LANCZOS)
    grey = grey_on_white(ImageOps.exif_transpose(picture)).filter(ImageFilter.MedianFilter(3))
    span = _WHITE_ABOVE - _BLACK_BELOW
    ink = _against_paper(grey).point(lambda v: max(0, min(255, (v - _BLACK_BELOW) * 255 // span)))
    ink.paste(255, mask=_surroundings(ink))
    cut = ink.crop(_written(ink))
    cut.thumbnail(INK_BOX, Image.Resampling.LANCZOS)
    if sum(cut.histogram()[100:240]) > _MOST_HALFTONE * cut.width * cut.height:
        raise _Trouble("no_signature")
    return _jpeg(cut, quality=92)


def _against_paper(grey: Image.Image) -> Image.Image:
    """Divide by the paper's own brightness, so that a shadow over half of it is no ink."""
    small = grey.reduce(max(1, _PAPER_GRAIN // 4)).filter(ImageFilter.MaxFilter(9))
    paper = small.filter(ImageFilter.GaussianBlur(3)).resize(grey.size, Image.Resampling.BILINEAR)
    flat: Image.Image = ImageMath.lambda_eval(
        lambda given: given["convert"](given["min"](given["grey"] * 255 / (given["paper"] + 1), 255), "L"),
        grey=grey.convert("I"),
        paper=paper.convert("I"),
    )
    return flat


def _surroundings(ink: Image.Image) -> Image.Image:
    """Return a mask of all but the writing: marks that touch the edge, the rim of the sheet and all outside it."""
    rough = ink.reduce(_ROUGH).point(lambda v: 0 if v < 200 else 255)
    framed = ImageOps.expand(rough, 2, 0)
    ImageDraw.floodfill(framed, (0, 0), 255)
    ImageDraw.floodfill(framed, (0, 0), 128)
    if framed.histogram()[255] > _SHEET * framed.width * framed.height:
        outside = framed.point(lambda v: 0 if v == 128 else v)
        ImageDraw.floodfill(outside, (0, 0), 255)
        framed = outside
    kept = ImageOps.crop(framed, 2).point(lambda v: 0 if v == 0 else 255).filter(ImageFilter.MinFilter(3))
    return kept.resize(ink.size, Image.Resampling.NEAREST)


def _written(ink: Image.Image) -> tuple[int, int, int, int]:
    """Return the box of the writing; refuse a picture with hardly any ink, or with far too much."""
    marks = ink.point(lambda v: 255 if v < 128 else 0)
    share = marks.histogram()[255] / (ink.width * ink.height)
    found = marks.filter(ImageFilter.MedianFilter(3)).getbbox()
    if found is None or not _LEAST_INK <= share <= _MOST_INK:
        raise _Trouble("no_signature")
    left, upper, right, lower = found
    width, height = right - left, lower - upper
    if width < _LEAST_WIDTH or height < _LEAST_HEIGHT or height > _TALLEST * width:
        raise _Trouble("no_signature")
    within = max(0, left - _MARGIN), max(0, upper - _MARGIN)
    return *within, min(ink.width, right + _MARGIN), min(ink.height, lower + _MARGIN)
