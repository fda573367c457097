"""Print copies: what is accepted, what is refused, and what a copy no longer holds."""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Callable
from datetime import UTC, datetime

import pillow_heif
import pytest
from PIL import ExifTags, Image, ImageDraw

from bot.core.calls import Done
from bot.core.calls.workshop import PreparedPicture, PreparedPictures, PreparePictures
from bot.core.ports import Attempt
from integrations.child import Bounds
from integrations.pictures import MOST_BYTES, Pictures
from integrations.pictures.kinds import kind_of


class Shelf:
    """Blobs in memory."""

    def __init__(self) -> None:
        self.blobs: dict[int, tuple[bytes, str]] = {}

    async def get(self, blob_id: int) -> bytes:
        return self.blobs[blob_id][0]

    def put(self, data: bytes, media_type: str) -> int:
        self.blobs[len(self.blobs) + 1] = (data, media_type)
        return len(self.blobs)


NOW = datetime(2026, 11, 19, tzinfo=UTC)


async def prepare(*originals: bytes, pictures: Pictures | None = None) -> tuple[list[PreparedPicture], Shelf]:
    shelf = Shelf()
    ids = [shelf.put(data, "application/octet-stream") for data in originals]
    outcome = await (pictures or Pictures()).prepare(PreparePictures(ids), Attempt("k", 1, NOW, NOW, shelf))
    assert isinstance(outcome, Done)
    assert isinstance(outcome.result, PreparedPictures)
    return outcome.result.pictures, shelf


def photo(size: tuple[int, int] = (400, 300), mode: str = "RGB") -> Image.Image:
    """A picture whose upper left quarter is black."""
    picture = Image.new("RGB", size, "white")
    ImageDraw.Draw(picture).rectangle((0, 0, size[0] // 2 - 1, size[1] // 2 - 1), fill="black")
    return picture.convert(mode)


def exif(orientation: int = 1) -> Image.Exif:
    data = Image.Exif()
    data[ExifTags.Base.Orientation] = orientation
    data[ExifTags.Base.Make] = "SecretCam"
    data.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2026:11:16 14:05:09"
    data.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (37.0, 46.0, 30.0), 3: "W", 4: (122.0, 25.0, 10.0)})
    return data


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def heic(picture: Image.Image, data: Image.Exif) -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(picture).save(out, exif=data.tobytes(), quality=80)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def dark_corner(picture: Image.Image) -> str:
    """Name the quarter that is black."""
    width, height = picture.size
    spots = {
        "upper left": (0.25, 0.25),
        "upper right": (0.75, 0.25),
        "lower left": (0.25, 0.75),
        "lower right": (0.75, 0.75),
    }
    greys = {name: picture.getpixel((int(x * width), int(y * height))) for name, (x, y) in spots.items()}
    return min(greys, key=lambda name: greys[name])  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
async def test_grd_4_common_kinds_give_one_grey_jpeg(kind: str) -> None:
    original = encoded(photo(), kind)
    (picture,), shelf = await prepare(original)
    assert picture.trouble is None
    assert picture.sha256 == hashlib.sha256(original).hexdigest()
    (print_copy,) = picture.prints
    data, media_type = shelf.blobs[print_copy]
    copy = opened(data)
    assert (copy.format, copy.mode, copy.size, media_type) == ("JPEG", "L", (400, 300), "image/jpeg")
    assert dark_corner(copy) == "upper left"


async def test_ac_52_heic_with_gps_is_turned_upright_and_loses_its_location() -> None:
    original = heic(photo(), exif(orientation=6))
    assert b"SecretCam" in original
    (picture,), shelf = await prepare(original)
    assert picture.trouble is None
    copy = opened(shelf.blobs[picture.prints[0]][0])
    assert copy.size in {(300, 400), (400, 300)}
    assert dict(copy.getexif()) == {}
    assert "exif" not in copy.info
    assert b"SecretCam" not in shelf.blobs[picture.prints[0]][0]
    assert picture.taken_at == "2026-11-16T14:05:09"


@pytest.mark.parametrize(
    ("orientation", "size", "corner"),
    [(1, (400, 300), "upper left"), (3, (400, 300), "lower right"), (6, (300, 400), "upper right"),
     (8, (300, 400), "lower left"), (2, (400, 300), "upper right")],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["JPEG", "HEIF"])
async def test_grd_4_orientation_is_applied_once(
    kind: str, orientation: int, size: tuple[int, int], corner: str
) -> None:
    data = exif(orientation)
    original = heic(photo(), data) if kind == "HEIF" else encoded(photo(), kind, exif=data)
    (picture,), shelf = await prepare(original)
    copy = opened(shelf.blobs[picture.prints[0]][0])
    assert (copy.size, dark_corner(copy)) == (size, corner)


async def test_grd_4_location_and_all_metadata_are_stripped() -> None:
    comment = encoded(photo(), "JPEG", exif=exif(), comment=b"at my home address", dpi=(72, 72))
    (picture,), shelf = await prepare(comment)
    data = shelf.blobs[picture.prints[0]][0]
    assert b"home address" not in data
    assert b"Exif" not in data
    assert b"ICC_PROFILE" not in data


async def test_grd_4_original_hash_is_kept_and_capture_time_suggested() -> None:
    original = encoded(photo(), "JPEG", exif=exif())
    (picture,), _ = await prepare(original)
    assert picture.taken_at == "2026-11-16T14:05:09"


@pytest.mark.parametrize(
    "stated", ["0000:00:00 00:00:00", "2026:13:40 99:99:99", "yesterday", "", "    :  :     :  :  "]
)
async def test_a_senseless_capture_time_is_not_suggested(stated: str) -> None:
    data = Image.Exif()
    data.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = stated
    (picture,), _ = await prepare(encoded(photo(), "JPEG", exif=data))
    assert (picture.trouble, picture.taken_at) == (None, None)


async def test_grd_4_a_large_photo_is_reduced_to_300_dpi_of_its_place() -> None:
    (picture,), shelf = await prepare(encoded(photo((4032, 3024)), "JPEG"))
    copy = opened(shelf.blobs[picture.prints[0]][0])
    assert copy.size == (2100, 1575)


async def test_grd_4_first_frame_of_a_moving_gif() -> None:
    frames = [photo((64, 64)), photo((64, 64)).rotate(180)]
    (picture,), shelf = await prepare(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert dark_corner(opened(shelf.blobs[picture.prints[0]][0])) == "upper left"


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "1", "CMYK", "I;16"])
async def test_every_colour_model_becomes_grey(mode: str) -> None:
    if mode == "I;16":
        picture_in = Image.new("I;16", (64, 64), 60000)
        picture_in.paste(0, (0, 0, 32, 32))
    else:
        picture_in = photo((64, 64), "RGB").convert(mode)
    (picture,), shelf = await prepare(encoded(picture_in, "JPEG" if mode == "CMYK" else "PNG"))
    copy = opened(shelf.blobs[picture.prints[0]][0])
    assert copy.mode == "L"
    assert dark_corner(copy) == "upper left"


async def test_what_is_transparent_prints_as_paper() -> None:
    clear = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    (picture,), shelf = await prepare(encoded(clear, "PNG"))
    assert opened(shelf.blobs[picture.prints[0]][0]).getpixel((32, 32)) == 255


def pdf(pages: int) -> bytes:
    return encoded(photo((600, 800)), "PDF", save_all=True, append_images=[photo((600, 800)) for _ in range(pages - 1)])


@pytest.mark.parametrize("pages", [1, 3])
async def test_grd_4_pdf_pages_become_pictures(pages: int) -> None:
    (picture,), shelf = await prepare(pdf(pages))
    assert picture.trouble is None
    assert len(picture.prints) == pages
    assert dark_corner(opened(shelf.blobs[picture.prints[0]][0])) == "upper left"


async def test_grd_4_pdf_of_four_pages_is_too_large() -> None:
    (picture,), _ = await prepare(pdf(4))
    assert (picture.trouble, picture.prints) == ("too_large", [])


def png_bomb() -> bytes:
    """A few kilobytes that would unpack to 900 megapixels."""
    return encoded(Image.new("1", (30_000, 30_000)), "PNG", optimize=False)


@pytest.mark.parametrize(
    ("original", "trouble"),
    [
        pytest.param(random.Random(7).randbytes(5000), "unsupported", id="random"),
        pytest.param(b"", "unsupported", id="empty"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported", id="svg"),
        pytest.param(b"\xff\xd8\xff" + random.Random(8).randbytes(5000), "unreadable", id="false-jpeg"),
        pytest.param(b"%PDF-1.7\n" + random.Random(9).randbytes(5000), "unreadable", id="false-pdf"),
        pytest.param(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(500), "unreadable", id="false-heic"),
        pytest.param(encoded(photo((800, 800)), "JPEG", quality=95)[:3000], "unreadable", id="cut-jpeg"),
        pytest.param(encoded(photo((800, 800)), "PNG")[:300], "unreadable", id="cut-png"),
        pytest.param(pdf(1)[:400], "unreadable", id="cut-pdf"),
        pytest.param(encoded(photo((2, 2)), "PNG"), "unreadable", id="tiny"),
        pytest.param(png_bomb, "too_large", id="bomb"),
        pytest.param(encoded(photo(), "PNG") + bytes(MOST_BYTES), "too_large", id="over-10-MB"),
        pytest.param(encoded(photo(), "TIFF"), "unsupported", id="tiff"),
    ],
)
async def test_grd_4_what_cannot_be_printed_has_its_trouble(
    original: bytes | Callable[[], bytes], trouble: str
) -> None:
    (picture,), shelf = await prepare(original if isinstance(original, bytes) else original())
    assert (picture.trouble, picture.prints) == (trouble, [])
    assert len(shelf.blobs) == 1


async def test_one_broken_file_does_not_spoil_the_others() -> None:
    pictures, _ = await prepare(encoded(photo(), "PNG"), b"nonsense", encoded(photo(), "JPEG"))
    assert [picture.trouble for picture in pictures] == [None, "unsupported", None]


async def test_a_missing_blob_is_gone() -> None:
    outcome = await Pictures().prepare(PreparePictures([99]), Attempt("k", 1, NOW, NOW, Shelf()))
    assert isinstance(outcome, Done)
    assert outcome.result.pictures[0].trouble == "gone"


async def test_a_child_that_takes_too_long_is_killed() -> None:
    hasty = Pictures(Bounds(memory=1_200_000_000, seconds=0.02))
    (picture,), _ = await prepare(encoded(photo(), "PNG"), pictures=hasty)
    assert picture.trouble == "too_large"


async def test_a_child_without_memory_fails_alone() -> None:
    poor = Pictures(Bounds(memory=200_000_000, seconds=20))
    (picture,), _ = await prepare(encoded(photo((9000, 9000)), "PNG"), pictures=poor)
    assert picture.trouble in {"too_large", "unreadable"}


@pytest.mark.parametrize(
    ("data", "kind"),
    [(b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00mif1avif", None),
     (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00heic", "heic"),
     (b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00mp42", None), (b"junk\n%PDF-1.4", "pdf"), (b"RIFF1234WAVE", None)],
)  # fmt: skip
def test_grd_4_type_by_content(data: bytes, kind: str | None) -> None:
    assert kind_of(data) == kind
