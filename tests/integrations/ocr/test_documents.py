"""PDFs: the text layer first, few pages, any page box, nothing followed (CAP-4, MED-6, OCR-1)."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter

from integrations.ocr.documents import MOST_PAGES, open_pages
from integrations.ocr.lines import Page
from integrations.ocr.opening import LONGEST
from integrations.ocr.trouble import Trouble
from tests.integrations.ocr.drawn import RECEIPT, blank_pdf, encoded, pdf, receipt


def text_pages(data: bytes) -> list[Page]:
    pages = list(open_pages(data))
    assert all(isinstance(page, Page) for page in pages)
    return [page for page in pages if isinstance(page, Page)]


def code(data: bytes) -> str:
    with pytest.raises(Trouble) as raised:
        list(open_pages(data))
    return raised.value.code


def test_ocr_1_text_layer_gives_lines_in_order_with_certain_scores() -> None:
    (page,) = text_pages(pdf([RECEIPT]))
    assert [line.text for line in page.lines] == list(RECEIPT)
    assert {line.score for line in page.lines} == {1000}
    assert page.source == "text"


def test_amount_in_its_column_is_a_line_of_its_own_beside_its_label() -> None:
    (page,) = text_pages(pdf([["Subtotal|11.75", "Total due|12.69"]]))
    assert [line.text for line in page.lines] == ["Subtotal", "11.75", "Total due", "12.69"]
    label, amount = page.lines[2:]
    assert abs(label.box[1] - amount.box[1]) <= 2
    assert label.box[2] < amount.box[0]
    assert amount.box[0] == pytest.approx(480 / 612 * page.width, abs=3)


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_text_of_a_page_that_viewers_turn_lies_where_they_show_it(rotate: int) -> None:
    (plain,) = text_pages(pdf([["Subtotal|11.75", "Total due|12.69"]]))
    (turned,) = text_pages(pdf([["Subtotal|11.75", "Total due|12.69"]], rotate=rotate))
    assert (turned.width, turned.height) == (plain.width, plain.height)
    assert [line.text for line in turned.lines] == [line.text for line in plain.lines]
    for one, other in zip(turned.lines, plain.lines, strict=True):
        assert one.box == pytest.approx(other.box, abs=3)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_text_that_lies_on_its_side_is_read_as_a_picture(turn: int) -> None:
    writer = PdfWriter(clone_from=io.BytesIO(pdf([RECEIPT])))
    writer.pages[0].rotate(turn)
    out = io.BytesIO()
    writer.write(out)
    (page,) = open_pages(out.getvalue())
    assert isinstance(page, Image.Image)


def test_scanned_page_is_a_picture() -> None:
    (page,) = open_pages(encoded(receipt(), "PDF"))
    assert isinstance(page, Image.Image)
    assert (page.mode, max(page.size)) == ("RGB", LONGEST)


def test_mark_of_a_scanning_app_does_not_hide_the_picture_under_it() -> None:
    writer = PdfWriter(clone_from=io.BytesIO(encoded(receipt(), "PDF")))
    page = writer.pages[0]
    size = float(page.mediabox.width), float(page.mediabox.height)
    page.merge_page(PdfReader(io.BytesIO(pdf([["Scanned with an app"]], size))).pages[0])
    out = io.BytesIO()
    writer.write(out)
    (read,) = open_pages(out.getvalue())
    assert isinstance(read, Image.Image)


@pytest.mark.parametrize("count", [1, 5, 6, 200, 2000])
def test_cap_4_at_most_five_pages_the_last_among_them(count: int) -> None:
    pages = text_pages(pdf([[f"Page {number} of the bill"] for number in range(count)]))
    assert len(pages) == min(count, MOST_PAGES)
    assert pages[0].lines[0].text == "Page 0 of the bill"
    assert pages[-1].lines[0].text == f"Page {count - 1} of the bill"


@pytest.mark.parametrize("size", [(200_000, 200_000), (200_000, 10), (14_400, 14_400), (3, 3), (0.01, 500)])
def test_med_6_absurd_page_boxes_are_drawn_within_limits(size: tuple[float, float]) -> None:
    (page,) = open_pages(blank_pdf(1, size))
    assert isinstance(page, Image.Image)
    assert min(page.size) >= 1
    assert max(page.size) <= LONGEST


def test_med_6_a_small_page_has_200_dpi_and_no_more() -> None:
    (page,) = open_pages(blank_pdf(1, (216, 360)))
    assert isinstance(page, Image.Image)
    assert page.size == (600, 1000)


def test_cap_4_encrypted() -> None:
    assert code(blank_pdf(1, password="x")) == "encrypted"


@pytest.mark.parametrize("data", [b"%PDF-1.7", b"%PDF-1.7\n" + b"\0" * 500, blank_pdf(3)[:150]])
def test_broken_documents(data: bytes) -> None:
    assert code(data) == "unreadable"
