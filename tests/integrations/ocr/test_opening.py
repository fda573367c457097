"""Pictures of strangers: kinds by content, sizes before pixels, upright once (CAP-5, MED-1, MED-2, MED-4)."""

from __future__ import annotations

import struct
import time
import zlib

import pytest
from PIL import Image, ImageDraw

from integrations.ocr.opening import LONGEST, open_picture
from integrations.ocr.sizes import claimed_pixels
from integrations.ocr.trouble import Trouble
from integrations.pictures.kinds import kind_of
from tests.integrations.ocr.drawn import encoded, exif
from tests.rows import each

KINDS = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "gif": "GIF", "tiff": "TIFF", "heic": "HEIF"}
BACK = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
"""How the sensor's picture lies for each orientation, as PIL's transpositions."""


def corner(size: tuple[int, int] = (400, 300)) -> Image.Image:
    """A white picture whose upper left quarter is black."""
    picture = Image.new("RGB", size, "white")
    ImageDraw.Draw(picture).rectangle((0, 0, size[0] // 2 - 1, size[1] // 2 - 1), fill="black")
    return picture


def dark(picture: Image.Image, x: float, y: float) -> bool:
    pixel = picture.convert("L").getpixel((int(picture.width * x), int(picture.height * y)))
    assert isinstance(pixel, int)
    return pixel < 100


def code(data: bytes, kind: str) -> str:
    with pytest.raises(Trouble) as raised:
        open_picture(data, kind)
    return raised.value.code


def png_that_claims(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width // 8 + 2) * height), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", KINDS)
def test_cap_5_each_kind_is_known_by_content_and_opened(kind: str) -> None:
    data = encoded(corner(), KINDS[kind])
    assert kind_of(data) == kind
    picture = open_picture(data, kind)
    assert (picture.mode, picture.size) == ("RGB", (400, 300))
    assert dark(picture, 0.25, 0.25)
    assert not dark(picture, 0.75, 0.75)


@each("orientation", range(1, 9))
@each("kind", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF"])
def test_med_4_orientation_is_applied_once(kind: str, orientation: int) -> None:
    lying = corner() if orientation == 1 else corner().transpose(Image.Transpose(BACK[orientation]))
    data = encoded(lying, kind, exif=exif(orientation))
    picture = open_picture(data, {other: one for one, other in KINDS.items()}[kind])
    assert picture.size == (400, 300)
    spots = [(x, y) for x in (0.25, 0.75) for y in (0.25, 0.75) if dark(picture, x, y)]
    assert spots == [(0.25, 0.25)]


@pytest.mark.parametrize(("kind", "size"), [("JPEG", (4000, 3000)), ("PNG", (2000, 700)), ("WEBP", (3600, 2400))])
def test_med_4_long_side_is_brought_down(kind: str, size: tuple[int, int]) -> None:
    picture = open_picture(encoded(corner(size), kind), {other: one for one, other in KINDS.items()}[kind])
    assert max(picture.size) == LONGEST
    assert picture.height == pytest.approx(LONGEST * size[1] / size[0], abs=1)
    assert dark(picture, 0.25, 0.25)
    assert not dark(picture, 0.75, 0.25)


def test_large_webp_keeps_its_colours() -> None:
    red = Image.new("RGB", (4000, 2500), (200, 30, 20))
    left, _, right = open_picture(encoded(red, "WEBP", quality=60, method=0), "webp").getpixel((50, 50))  # type: ignore[misc]
    assert left > 180
    assert right < 60


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16", "CMYK"])
def test_every_mode_becomes_colour_on_white(mode: str) -> None:
    source = corner((600, 400))
    if mode == "I;16":
        picture = Image.frombytes(
            "I;16", source.size, b"".join(struct.pack("<H", 257 * v) for v in source.convert("L").tobytes())
        )
    else:
        picture = source.convert(mode)
    if mode == "RGBA":
        picture.putalpha(source.convert("L").point(lambda v: 255 - v))
    kind = "JPEG" if mode == "CMYK" else "PNG"
    opened = open_picture(encoded(picture, kind), "jpeg" if mode == "CMYK" else "png")
    assert opened.mode == "RGB"
    assert dark(opened, 0.25, 0.25)
    assert not dark(opened, 0.75, 0.75)


def test_first_frame_of_a_moving_gif() -> None:
    frames = [corner(), Image.new("RGB", (400, 300), "black")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert not dark(open_picture(data, "gif"), 0.75, 0.75)


def test_med_2_bomb_is_refused_before_it_is_decoded() -> None:
    bomb = png_that_claims(9000, 9000)
    assert len(bomb) < 12_000
    started = time.perf_counter()
    assert code(bomb, "png") == "too_large"
    assert time.perf_counter() - started < 1.0
    assert claimed_pixels(bomb, "png") == 81_000_000


def test_med_2_forty_megapixels_are_read_and_one_row_more_is_not() -> None:
    assert max(open_picture(png_that_claims(8000, 5000), "png").size) == LONGEST
    assert code(png_that_claims(8000, 5001), "png") == "too_large"


@pytest.mark.parametrize("kind", ["png", "gif", "webp"])
@pytest.mark.parametrize("options", [{}, {"lossless": True}])
def test_claimed_pixels_are_those_of_the_picture(kind: str, options: dict[str, bool]) -> None:
    assert claimed_pixels(encoded(corner((321, 123)), KINDS[kind], **options), kind) == 321 * 123


def test_claimed_pixels_of_extended_webp() -> None:
    data = encoded(corner((321, 123)), "WEBP", exif=exif(6))
    assert data[12:16] == b"VP8X"
    assert claimed_pixels(data, "webp") == 321 * 123


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7])
def test_cut_files_are_trouble_and_no_traceback(kind: str, share: float) -> None:
    noisy = Image.effect_noise((300, 300), 90).convert("RGB")
    data = encoded(noisy, KINDS[kind])
    cut = data[: int(len(data) * share)]
    if kind == "gif" and share == 0.7:  # its first rows may be all that there is
        cut = cut[:100]
    assert code(cut, kind) == "unreadable"


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff", "heic"])
def test_med_1_a_renamed_kind_is_unreadable(kind: str) -> None:
    assert code(encoded(corner(), "GIF"), kind) == "unreadable"


def test_a_dot_is_no_picture() -> None:
    assert code(encoded(Image.new("RGB", (4, 4))), "png") == "unreadable"
