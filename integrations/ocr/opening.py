"""Opens one picture of a stranger: size first, decoded small, upright, in colour on white (rules MED-1, 2, 4)."""

from __future__ import annotations

import io
import struct
import warnings

from PIL import ExifTags, Image, UnidentifiedImageError

from integrations.ocr.trouble import Trouble
from integrations.paper import colour_on_white, has_alpha, is_deep, shallow

MOST_PIXELS = 40_000_000
LONGEST = 1600
"""Pixels of the long side that a reader gets: more costs time and reads no better."""
SMALLEST_SIDE = 16
_LARGE_WEBP = 8_000_000

_FORMATS = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "gif": "GIF", "tiff": "TIFF", "heic": "HEIF"}
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_BROKEN = (
    UnidentifiedImageError, OSError, ValueError, SyntaxError, IndexError, KeyError, TypeError, EOFError, RuntimeError,
    OverflowError, AttributeError, struct.error,
)  # fmt: skip
"""What Pillow and its plug-ins raise for files that are not what they claim to be."""


def open_picture(data: bytes, kind: str) -> Image.Image:
    """Return the picture (of several, the first) in RGB, at most `LONGEST` pixels long; raise Trouble."""
    if kind == "heic":
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(data), formats=[_FORMATS[kind]]) as picture:
                return _decoded(picture, data)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise Trouble("too_large") from None
        except _BROKEN:
            raise Trouble("unreadable") from None


def _decoded(picture: Image.Image, data: bytes) -> Image.Image:
    width, height = picture.size
    if width * height > MOST_PIXELS:
        raise Trouble("too_large")
    if min(width, height) < SMALLEST_SIDE:
        raise Trouble("unreadable")
    turn = _turn(picture)
    if picture.format == "WEBP" and width * height > _LARGE_WEBP:
        small = _large_webp(data)
    else:
        scale = LONGEST / max(width, height)
        if scale < 1:
            picture.draft("RGB", (int(width * scale), int(height * scale)))
        small = _scalable(picture)
    small.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    upright = small if turn is None else small.transpose(turn)
    return colour_on_white(upright)


def _turn(picture: Image.Image) -> Image.Transpose | None:
    """Return how the camera says to turn it; readers of TIFF and HEIF turn by themselves."""
    if picture.format in ("TIFF", "HEIF"):
        return None
    try:
        return _TURNS.get(int(picture.getexif().get(ExifTags.Base.Orientation, 1)))
    except _BROKEN:
        return None


def _large_webp(data: bytes) -> Image.Image:
    """Decode by OpenCV, which takes 6 bytes a pixel where Pillow takes 16; what is transparent keeps its colour."""
    try:
        import cv2
        import numpy as np
    except ImportError:
        raise Trouble("no_reader") from None
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    if pixels is None:
        raise Trouble("unreadable")
    scale = min(1.0, LONGEST / max(pixels.shape))
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return Image.fromarray(np.ascontiguousarray(small[:, :, ::-1]))


def _scalable(picture: Image.Image) -> Image.Image:
    """Return it in a mode whose pixels may be mixed: a palette's numbers may not."""
    picture.load()
    if is_deep(picture):
        return shallow(picture)
    if picture.mode in ("P", "PA", "1") or "transparency" in picture.info:
        return picture.convert("RGBA" if has_alpha(picture) else "L" if picture.mode == "1" else "RGB")
    return picture
