"""Several receipts on one picture: parted where it is clear, asked about or left whole else (OCR-9, PR-45)."""

from __future__ import annotations

from datetime import date
from time import process_time
from typing import Any

from bot.core.calls.reading import PrintedLine, PrintedPage
from handlers.receipts.reading import Context, Question, read_as_one, read_receipt, receipts_on
from tests.handlers.receipts.drawn.score import labels_of, records_of
from tests.handlers.receipts.score import page_of
from tests.rows import each

CONTEXT = Context(date(2026, 3, 18), "USD")
SHELL = (
    "SHELL",
    "12 Oak Street",
    "03/15/2026 08:10",
    "PUMP 4 UNLEADED",
    "GALLONS 11.204",
    "TOTAL $38.75",
    "VISA 38.75",
    "THANK YOU",
)
CAFE = (
    "LUNA CAFE",
    "8 Elm Avenue",
    "03/16/2026 09:30",
    "COFFEE 4.00",
    "BAGEL 5.50",
    "TAX 0.50",
    "TOTAL $10.00",
    "THANK YOU",
)
BOOKS = (
    "HARBOR BOOKS",
    "1 Quay Road",
    "03/17/2026 17:05",
    "NOVEL 12.00",
    "CARD 3.00",
    "TAX 1.20",
    "TOTAL $16.20",
    "THANK YOU",
)


def block(lines: tuple[str, ...], x: int = 0, y: int = 0, lean: float = 0.0) -> list[PrintedLine]:
    """Return lines of print that begin at a place; `lean` is how far they slide to the right for a pixel down."""
    made = []
    for at, text in enumerate(lines):
        top = y + 30 * at
        left = round(x + lean * top)
        right = left + 11 * len(text)
        made.append(PrintedLine(text, 980, (left, top, right, top, right, top + 20, left, top + 20)))
    return made


def page(*blocks: list[PrintedLine]) -> PrintedPage:
    """Return a picture of blocks of print."""
    return PrintedPage(1600, 1200, [line for one in blocks for line in one], "ocr")


def totals(parts: list[PrintedPage]) -> list[int]:
    """Return the total of each part."""
    readings = [read_receipt([part], CONTEXT) for part in parts]
    return [reading.total.value for reading in readings if reading.total]


CLEAR = {
    "side by side": (page(block(SHELL), block(CAFE, 400)), [3875, 1000]),
    "one below the other": (page(block(SHELL), block(CAFE, 20, 400)), [3875, 1000]),
    "askew": (page(block(SHELL, lean=0.08), block(CAFE, 330, lean=0.08)), [3875, 1000]),
    "three in a row": (page(block(SHELL), block(CAFE, 400), block(BOOKS, 800)), [3875, 1000, 1620]),
    "two above one": (page(block(SHELL), block(CAFE, 400), block(BOOKS, 100, 420)), [3875, 1620, 1000]),
    "the same shop twice, side by side": (
        page(block(CAFE), block((*CAFE[:3], "SOUP 7.00", "BREAD 1.00", "TAX 0.50", "TOTAL $8.50", "THANK YOU"), 400)),
        [1000, 850],
    ),
}


@each("picture, wanted", CLEAR.values())
def test_pr_45_receipts_that_lie_apart_are_read_apart(picture: PrintedPage, wanted: list[int]) -> None:
    assert totals(receipts_on(picture, CONTEXT)) == wanted


SLIP = (
    "SHELL",
    "12 Oak Street",
    "03/15/2026 08:12",
    "VISA ****4421",
    "APPROVED 118822",
    "TOTAL $38.75",
    "CUSTOMER COPY",
    "THANK YOU",
)
TIPPED = (
    "LUNA CAFE",
    "03/16/2026 09:40",
    "CARD ****4421",
    "APPROVED 1188",
    "TIP 2.00",
    "TOTAL $12.00",
    "CUSTOMER COPY",
    "THANK YOU",
)
UNCLEAR: dict[str, PrintedPage] = {
    "a bill and its card slip": page(block(SHELL), block(SLIP, 0, 420)),
    "a bill and its slip with a tip": page(block(CAFE), block(TIPPED, 0, 420)),
    "the same receipt twice": page(block(CAFE), block(CAFE, 400)),
    "no merchant on the second": page(
        block(SHELL), block(("4.00", "5.50", "0.50", "9.00", "1.00", "2.00", "2.50", "TOTAL 10.00"), 400)
    ),
    "no total on the second": page(block(SHELL), block((*CAFE[:6], "THANK YOU", "COME AGAIN"), 400)),
    "a coupon below": page(block(SHELL), block(("SAVE $5.00", "NEXT VISIT", "VALID 04/15/2026", *"ABCDE"), 0, 420)),
    "touching": page(block(SHELL), block(CAFE, 0, 240)),
    "a text layer": PrintedPage(1600, 1200, [*block(SHELL), *block(CAFE, 400)], "text"),
}


@each("picture", UNCLEAR.values())
def test_ocr_9_what_may_be_one_purchase_stays_one_page(picture: PrintedPage) -> None:
    assert receipts_on(picture, CONTEXT) == [picture]


def test_ocr_9_two_that_cannot_be_parted_are_asked_about() -> None:
    longer = (*CAFE, "THANK YOU", "COME AGAIN SOON", "WWW LUNA")
    reading = read_receipt([page(block(longer), block(longer, 420))], CONTEXT)
    assert Question.SEVERAL in reading.questions


def test_ocr_9_where_only_one_draft_can_be_made_it_is_asked() -> None:
    below = page(block(SHELL), block(CAFE, 20, 400))
    reading = read_as_one([below], CONTEXT)
    assert (reading.receipts_seen, Question.SEVERAL in reading.questions) == (2, True)
    assert Question.SEVERAL not in read_as_one([page(block(SHELL))], CONTEXT).questions


def test_ocr_9_a_picture_full_of_scattered_totals_costs_little() -> None:
    words = ("SHOP", "TOTAL $9.00", "03/15/2026", "COFFEE 4.00")
    blocks = [block((words[at % 4],), 300 * (at % 20), 100 * (at // 20)) for at in range(400)]
    crowd = page(*blocks)
    begun = process_time()
    receipts_on(crowd, CONTEXT)
    assert process_time() - begun < 1.5


def test_ocr_9_no_single_drawn_receipt_is_parted_or_asked_about() -> None:
    pages = [page_of(record) for record in records_of()]
    assert [at for at, one in enumerate(pages) if len(receipts_on(one, CONTEXT)) > 1] == []


def _beside(first: dict[str, Any], second: dict[str, Any]) -> PrintedPage:
    right = max(max(box[0::2]) for box, _, _ in first["lines"]) + 45
    moved = [[[v + (0 if at % 2 else right) for at, v in enumerate(box)], *rest] for box, *rest in second["lines"]]
    return page_of({"lines": [*first["lines"], *moved]})


def test_ocr_9_pairs_of_drawn_receipts_are_parted_rightly_or_not_at_all() -> None:
    labels, records = labels_of(), records_of(["states"])
    right = 0
    for first, second in zip(records[0::2], records[1::2], strict=True):
        parts = receipts_on(_beside(first, second), CONTEXT)
        if len(parts) == 1:
            continue
        wanted = [round(float(labels[one["file"]]["total"]) * 100) for one in (first, second)]
        assert totals(parts) == wanted, (first["file"], second["file"])
        right += 1
    assert right >= 11
