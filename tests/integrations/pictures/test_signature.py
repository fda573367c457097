"""LET-8: a hand signature is cut out of its photo: ink on white, no shadow, no table, nothing of the camera."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pypdf
import pypdfium2
import pytest
from PIL import Image

from bot.core.calls import Done, pack, unpack
from bot.core.calls.workshop import PreparedPicture, PrepareSignature, TypesetLetter, TypesetPages
from bot.core.ports import Attempt
from integrations.child import Bounds
from integrations.pictures import Pictures
from integrations.press import Press
from tests.integrations.photos import photo_of_a_page, photo_of_a_signature
from tests.integrations.pictures.test_pictures import Shelf
from tests.integrations.press.test_press import document

NOW = datetime(2026, 11, 19, tzinfo=UTC)


async def cut_out(photo: bytes, pictures: Pictures | None = None) -> tuple[PreparedPicture, Shelf]:
    shelf = Shelf()
    call = unpack(pack(PrepareSignature(shelf.put(photo, "image/jpeg"))))
    outcome = await (pictures or Pictures()).cut_out(call, Attempt("k", 1, NOW, NOW, shelf))
    assert isinstance(outcome, Done)
    assert isinstance(outcome.result, PreparedPicture)
    return outcome.result, shelf


def shares(picture: Image.Image) -> tuple[float, float]:
    """Return how much of a picture is ink, and how much is neither ink nor paper."""
    levels = picture.histogram()
    total = sum(levels)
    return sum(levels[:100]) / total, sum(levels[100:240]) / total


@pytest.mark.parametrize(
    "photo",
    [
        pytest.param({"table": False, "shadow": False}, id="plain"),
        pytest.param({"table": False}, id="half-in-the-shade"),
        pytest.param({"shadow": False}, id="on-a-dark-table"),
        pytest.param({}, id="on-a-dark-table-half-in-the-shade"),
        pytest.param({"grain": 0.12}, id="grainy"),
    ],
)
async def test_let_8_only_the_ink_is_left(photo: dict[str, bool]) -> None:
    made, shelf = await cut_out(photo_of_a_signature(**photo))  # type: ignore[arg-type]
    assert made.trouble is None
    (blob,) = made.prints
    data, media_type = shelf.blobs[blob]
    cut = Image.open(io.BytesIO(data))
    assert (cut.format, cut.mode, media_type) == ("JPEG", "L", "image/jpeg")
    assert cut.width <= 900
    assert cut.height <= 150
    assert cut.width > 3 * cut.height, "cut to the writing, not to the sheet"
    ink, between = shares(cut)
    assert 0.03 < ink < 0.3
    assert between < 0.06
    rows = cut.tobytes()
    assert min(rows[: cut.width] + rows[-cut.width :]) > 200, "nothing of a rim"


async def test_a_pencil_is_kept() -> None:
    made, shelf = await cut_out(photo_of_a_signature(ink=(140, 140, 140)))
    cut = Image.open(io.BytesIO(shelf.blobs[made.prints[0]][0]))
    assert made.trouble is None
    assert sum(cut.histogram()[:160]) > 0.02 * cut.width * cut.height


async def test_grd_4_no_metadata_goes_into_the_letter() -> None:
    made, shelf = await cut_out(photo_of_a_signature())
    assert dict(Image.open(io.BytesIO(shelf.blobs[made.prints[0]][0])).getexif()) == {}
    assert len(made.sha256) == 64


def jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("photo", "trouble"),
    [
        pytest.param(jpeg(Image.new("RGB", (800, 600), "white")), "no_signature", id="blank-sheet"),
        pytest.param(jpeg(Image.new("RGB", (800, 600), "black")), "no_signature", id="dark"),
        pytest.param(jpeg(Image.effect_noise((800, 600), 90).convert("RGB")), "no_signature", id="noise"),
        pytest.param(photo_of_a_page(["A LINE OF TEXT"] * 14), "no_signature", id="page-of-text"),
        pytest.param(b"\xff\xd8\xff broken", "unreadable", id="broken"),
        pytest.param(b"BEGIN:VCARD", "unsupported", id="no-picture"),
    ],
)
async def test_what_holds_no_signature_is_named(photo: bytes, trouble: str) -> None:
    made, _ = await cut_out(photo)
    assert (made.trouble, made.prints) == (trouble, [])


async def test_a_photo_that_is_gone_or_takes_too_much_is_named() -> None:
    shelf = Shelf()
    outcome = await Pictures().cut_out(PrepareSignature(1), Attempt("k", 1, NOW, NOW, Gone()))
    assert isinstance(outcome, Done)
    assert outcome.result.trouble == "gone"
    made, _ = await cut_out(photo_of_a_signature(), Pictures(Bounds(1_200_000_000, 0.05)))
    assert made.trouble == "too_large"
    assert shelf.blobs == {}


class Gone(Shelf):
    """Blobs that were deleted."""

    async def get(self, blob_id: int) -> bytes:
        raise KeyError(blob_id)


async def test_let_8_the_signature_stands_on_the_line_and_moves_nothing_else() -> None:
    made, shelf = await cut_out(photo_of_a_signature())
    signature = document()["signature"]
    pages = []
    for blob in (None, made.prints[0]):
        call = TypesetLetter(document(signature=signature | {"blob": blob}))
        outcome = await Press().typeset(call, Attempt("k", 1, NOW, NOW, shelf))
        assert isinstance(outcome, Done)
        assert isinstance(outcome.result, TypesetPages)
        pages.append(shelf.blobs[outcome.result.pdf][0])
    words = [pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text() for pdf in pages]
    assert words[0] == words[1]
    plain, signed = (pypdfium2.PdfDocument(pdf)[0].render(scale=2, grayscale=True).to_pil() for pdf in pages)
    line = _signature_line(signed)
    above = signed.crop((140, line - 80, 620, line - 6))
    assert sum(above.histogram()[:100]) > 300, "ink right above the line"
    assert sum(signed.crop((700, line - 80, 1200, line - 6)).histogram()[:200]) == 0, "and nowhere else"
    assert plain.size == signed.size


def _signature_line(page: Image.Image) -> int:
    """Return the lowest row that is a long dark line."""
    grey = page.convert("L")
    rows = [y for y in range(grey.height) if sum(grey.getpixel((x, y)) < 128 for x in range(150, 600)) > 430]  # type: ignore[operator]
    return max(rows)
