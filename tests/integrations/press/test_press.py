"""The press: what a page looks like, judged on the finished PDF, and what it refuses."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime
from typing import Any

import pypdf
import pypdfium2
import pytest
from PIL import Image

from bot.core.calls import Again, Done, Outcome, Refused
from bot.core.calls.workshop import TypesetLetter, TypesetPages
from bot.core.ports import Attempt
from integrations.child import Bounds
from integrations.press import Press

NOW = datetime(2026, 11, 19, tzinfo=UTC)
INCH = 100


class Shelf:
    """Blobs in memory."""

    def __init__(self) -> None:
        self.blobs: dict[int, tuple[bytes, str]] = {}

    async def get(self, blob_id: int) -> bytes:
        return self.blobs[blob_id][0]

    def put(self, data: bytes, media_type: str) -> int:
        self.blobs[len(self.blobs) + 1] = (data, media_type)
        return len(self.blobs)


def picture(size: tuple[int, int] = (600, 450), mode: str = "L") -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(out, "JPEG", quality=70)
    return out.getvalue()


def document(**changes: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "contact": ["Dana Reyes", "1 Example Way", "Apt 4", "San Francisco, CA 94110"],
        "date": "November 19, 2026",
        "agency": ["SFMTA Customer Service Center", "11 South Van Ness Avenue", "San Francisco, CA 94103"],
        "re": "Citation 900000417, issued November 16, 2026, plate CA 8ABC123, 400 block of Valencia Street",
        "salutation": "To the reviewing office:",
        "opening": "I request an initial review of this parking citation.",
        "grounds_lead": "My reason is:",
        "grounds": [{"title": "Meter or pay station did not work", "details": [["Meter number", "4417"]]}],
        "statement_lead": "My statement",
        "statement": ["I got to the meter around 2, and the screen said FAIL."],
        "fields_lead": "Information for this request",
        "fields": [["Plate", "CA 8ABC123"]],
        "exhibits_lead": "Enclosed exhibits",
        "exhibits": [],
        "request": "I ask that you decide on the facts above and send your decision to my address.",
        "closing": "Sincerely,",
        "signature": {"name": "Dana Reyes", "line": "Signed electronically by Dana Reyes", "role": "Registered owner"},
        "citation": "900000417",
        "demo": False,
    }
    return usual | changes


def exhibits(count: int, **fields: Any) -> list[dict[str, Any]]:
    return [{"letter": "ABCDEFGHIJ"[n], "caption": f"Photo number {n}", "blobs": [1], **fields} for n in range(count)]


async def typeset(letter: dict[str, Any], *blobs: bytes, press: Press | None = None) -> tuple[Outcome, Shelf]:
    shelf = Shelf()
    for blob in blobs or (picture(),):
        shelf.put(blob, "image/jpeg")
    return await (press or Press()).typeset(TypesetLetter(letter), Attempt("k", 1, NOW, NOW, shelf)), shelf


class Printed:
    """A finished letter, opened again."""

    def __init__(self, result: TypesetPages, shelf: Shelf) -> None:
        self.result, self.shelf = result, shelf
        self.pdf = shelf.blobs[result.pdf][0]
        self.pages = [Image.open(io.BytesIO(shelf.blobs[blob][0])) for blob in result.pictures]

    def text(self, page: int) -> str:
        """Read a page's text with its white space folded; pypdfium2 marks line ends by CR LF."""
        return " ".join(pypdfium2.PdfDocument(self.pdf)[page].get_textpage().get_text_bounded().split())

    def everything(self) -> str:
        return " ".join(self.text(page) for page in range(self.result.pages))


async def printed(letter: dict[str, Any], *blobs: bytes) -> Printed:
    outcome, shelf = await typeset(letter, *blobs)
    assert isinstance(outcome, Done), outcome
    return Printed(outcome.result, shelf)


def ink(page: Image.Image, left: float, top: float, right: float, bottom: float) -> bool:
    """Tell whether anything is printed in a box given in inches."""
    box = page.crop(tuple(round(edge * INCH) for edge in (left, top, right, bottom)))  # type: ignore[arg-type]
    return box.getextrema() != (255, 255)


@pytest.mark.parametrize("demo", [False, True])
@pytest.mark.parametrize("name", ["Dana Reyes", "Maria Guadalupe Alejandra Fernandez de la Vega-Ortiz", "W" * 60])
async def test_let_2_and_lob_3_nothing_is_printed_in_the_address_area(name: str, demo: bool) -> None:
    letter = await printed(document(contact=[name, "1 Example Way", "Apt 4", "San Francisco, CA 94110"], demo=demo))
    first = letter.pages[0]
    assert not ink(first, 0, 0, 5, 3), "the band left of 5 in and above 3 in"
    assert not ink(first, 0.6, 0.84, 3.75, 2.84), "the printer's address area"
    assert ink(first, 5, 0.7, 7.8, 3), "the contact block stands at the right"
    assert ink(first, 0.75, 3, 8.5, 5), "the agency block stands below"


async def test_let_2_margins_are_free_on_every_page() -> None:
    long = document(statement=["word " * 700], exhibits=exhibits(5), demo=True)
    for page in (await printed(long)).pages:
        assert not ink(page, 0, 0, 8.5, 0.74)
        assert not ink(page, 0, 10.26, 8.5, 11)
        assert not ink(page, 0, 0, 0.74, 11)
        assert not ink(page, 7.76, 0, 8.5, 11)


async def test_let_1_us_letter_embedded_fonts_not_encrypted_grey() -> None:
    letter = await printed(document(exhibits=exhibits(3)), picture((2600, 1900), "RGB"))
    reader = pypdf.PdfReader(io.BytesIO(letter.pdf))
    assert not reader.is_encrypted
    assert {tuple(map(float, page.mediabox)) for page in reader.pages} == {(0.0, 0.0, 612.0, 792.0)}
    assert all(page.get("/Rotate", 0) == 0 for page in reader.pages)
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            descendant = font.get_object()["/DescendantFonts"][0].get_object()
            assert "/FontFile3" in descendant["/FontDescriptor"].get_object()
        for image in page.images:
            assert image.image is not None
            assert image.image.mode == "L"
    assert letter.result.pages == len(reader.pages) == 4


async def test_let_1_pictures_are_at_most_300_dpi_where_they_stand() -> None:
    letter = await printed(document(exhibits=exhibits(5)), picture((2100, 2430)))
    for page in pypdfium2.PdfDocument(letter.pdf):
        for thing in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]):
            left, _, right, _ = thing.get_bounds()
            assert thing.get_px_size()[0] / ((right - left) / 72) <= 301


async def test_let_5_parts_follow_in_order() -> None:
    text = (await printed(document(exhibits=exhibits(2)))).everything()
    parts = ["November 19, 2026", "SFMTA Customer", "Re: Citation 900000417", "I request an initial review",
        "Meter or pay station did not work", "I got to the meter", "Plate CA 8ABC123", "Exhibit A Photo number 0",
        "I ask that you decide", "Sincerely,", "Registered owner", "Signed electronically by Dana Reyes"]  # fmt: skip
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


@pytest.mark.parametrize(("count", "sheets"), [(0, 0), (1, 1), (4, 4), (5, 3), (9, 5), (10, 5)])
async def test_let_4_exhibits_one_a_page_and_two_when_more_than_four(count: int, sheets: int) -> None:
    letter = await printed(document(exhibits=exhibits(count)))
    text_pages = letter.result.pages - sheets
    assert text_pages == 1, "smaller type keeps a long list of exhibits on the first page"
    for n in range(count):
        page = letter.text(text_pages + (n // 2 if count > 4 else n))
        assert f"Exhibit {'ABCDEFGHIJ'[n]}" in page
        assert f"Photo number {n}" in page
        assert "Citation 900000417" in page


async def test_a_form_keeps_a_whole_page_and_its_pages_are_counted() -> None:
    three = [{"letter": "A", "caption": "the form", "blobs": [1, 1, 1], "whole_page": True}]
    letter = await printed(document(exhibits=three + [e | {"letter": "BCDE"[n]} for n, e in enumerate(exhibits(4))]))
    assert "Exhibit A, page 2 of 3" in letter.text(2)
    assert letter.result.pages == 1 + 3 + 2


async def test_let_4_text_over_two_pages_is_refused() -> None:
    outcome, shelf = await typeset(document(statement=["one line of words\n" * 150]))
    assert isinstance(outcome, Refused)
    assert outcome.code == "text_too_long"
    assert len(shelf.blobs) == 1


async def test_let_4_over_ten_pages_is_refused_and_ten_is_taken() -> None:
    forms = [{"letter": "ABC"[n], "caption": "form", "blobs": [1, 1, 1], "whole_page": True} for n in range(3)]
    assert (await printed(document(exhibits=forms))).result.pages == 10
    more = [*forms, {"letter": "D", "caption": "one more", "blobs": [1]}]
    outcome, _ = await typeset(document(exhibits=more))
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.details["pages"]) == ("too_many_pages", 11)


async def test_reg_2_demo_is_marked_on_every_page_and_live_on_none() -> None:
    letter = await printed(document(exhibits=exhibits(5), statement=["word " * 600], demo=True))
    assert all("DEMO" in letter.text(page).replace(" ", "") for page in range(letter.result.pages))
    live = await printed(document(exhibits=exhibits(5)))
    assert "DEMO" not in live.everything().replace(" ", "")


HOSTILE = (
    '#set page(width: 1in) #read("/etc/passwd") $x^2$ *bold* _it_ `raw` <b>&amp;</b> "q" \'q\' \\n // no comment '
    '/* nor this */ [a] {b} @ref -- --- ... ~ http://example.org/x #image("x.png") = heading'
)


async def test_ac_44_and_let_6_markup_of_the_user_is_printed_literally() -> None:
    letter = await printed(
        document(
            statement=[HOSTILE], exhibits=exhibits(1, caption=HOSTILE[:290]),
            grounds=[{"title": HOSTILE, "details": [[HOSTILE, HOSTILE]]}], contact=["#pagebreak() <Dana>", "1 $x$ Way"],
        )
    )  # fmt: skip
    text = letter.everything()
    assert text.count(HOSTILE) >= 4
    assert "#pagebreak() <Dana>" in text
    assert letter.result.dropped == ""
    assert not letter.pdf.count(b"/URI")


async def test_ac_44_emoji_are_removed_and_reported() -> None:
    letter = await printed(document(statement=["The meter 😡 was broken 🚗🚗. I left ✅", "👍🏽 Thanks 👨‍👩‍👧 all"]))
    assert "The meter was broken. I left Thanks all" in letter.everything().replace(" .", ".")
    assert set(letter.result.dropped) >= {"😡", "🚗", "✅", "👍", "🏽"}
    assert "\u200d" not in letter.result.dropped


@pytest.mark.parametrize("text", ["我到了那里", "وصلت إلى", "הגעתי", "ฉันมาถึง", "안녕하세요", "こんにちは"])
async def test_ac_44_a_script_that_is_not_printed_is_refused(text: str) -> None:
    outcome, _ = await typeset(document(statement=[f"I said {text} to the officer."]))
    assert isinstance(outcome, Refused)
    assert outcome.code == "unsupported_script"
    assert set(outcome.details["characters"]) & set(text)


async def test_latin_letters_of_many_languages_are_printed() -> None:
    words = "señor Łódź Đặng Nguyễn Çelik Ærø straße Žižek “quoted” — it’s 5° ½ € £ • … résumé"
    letter = await printed(document(statement=[words, "deco\u0301mpose", "ＦＵＬＬ width", "𝐁old maths"]))
    text = letter.everything()
    assert words in text
    assert "decómpose" in text
    assert "FULL width" in text
    assert "Bold maths" in text
    assert letter.result.dropped == ""


async def test_let_6_line_breaks_stay_and_control_characters_go() -> None:
    letter = await printed(document(statement=["first\u0000 line\r\nsecond\u202e line\ttab"]))
    text = pypdfium2.PdfDocument(letter.pdf)[0].get_textpage().get_text_bounded()
    assert "first line\r\nsecond line tab" in text


async def test_a_word_without_end_stays_inside_the_margin() -> None:
    letter = await printed(document(statement=["x" * 900], re="Citation " + "9" * 120))
    assert not ink(letter.pages[0], 7.76, 0, 8.5, 11)
    assert letter.everything().replace(" ", "").count("x") >= 900


async def test_equal_documents_give_equal_bytes() -> None:
    letters = [await printed(document(exhibits=exhibits(3), statement=["Día 😀"])) for _ in range(2)]
    assert letters[0].pdf == letters[1].pdf
    assert letters[0].result.sha256 == hashlib.sha256(letters[0].pdf).hexdigest()
    other = await printed(document(exhibits=exhibits(3), statement=["Dia"]))
    assert other.pdf != letters[0].pdf


async def test_page_pictures_are_grey_at_100_dpi() -> None:
    letter = await printed(document(exhibits=exhibits(1)))
    assert [(page.size, page.mode, page.format) for page in letter.pages] == [((850, 1100), "L", "PNG")] * 2
    assert [letter.shelf.blobs[blob][1] for blob in letter.result.pictures] == ["image/png"] * 2


async def test_let_8_a_picture_of_a_signature_stands_above_the_line() -> None:
    signature = document()["signature"] | {"blob": 1}
    plain, signed = await printed(document()), await printed(document(signature=signature))
    assert len(list(pypdf.PdfReader(io.BytesIO(signed.pdf)).pages[0].images)) == 1
    assert len(list(pypdf.PdfReader(io.BytesIO(plain.pdf)).pages[0].images)) == 0


@pytest.mark.parametrize(
    ("changes", "blobs", "code"),
    [
        ({"opening": ""}, (), "bad_document"),
        ({"surprise": 1}, (), "bad_document"),
        ({"exhibits": exhibits(1, blobs=[99])}, (), "exhibit_gone"),
        ({"exhibits": exhibits(1)}, (b"not a picture",), "exhibit_unreadable"),
        ({"exhibits": exhibits(1)}, (picture()[:300],), "exhibit_unreadable"),
    ],
)
async def test_what_cannot_be_typeset_is_refused(changes: dict[str, Any], blobs: tuple[bytes, ...], code: str) -> None:
    outcome, _ = await typeset(document(**changes), *blobs)
    assert isinstance(outcome, Refused)
    assert outcome.code == code


@pytest.mark.parametrize("bounds", [Bounds(1_500_000_000, 0.02), Bounds(60_000_000, 20)], ids=["time", "memory"])
async def test_a_child_beyond_its_bounds_fails_without_an_answer(bounds: Bounds) -> None:
    outcome, shelf = await typeset(document(), press=Press(bounds))
    assert isinstance(outcome, Again)
    assert not outcome.whole_vendor
    assert len(shelf.blobs) == 1
    assert "Dana" not in outcome.reason
