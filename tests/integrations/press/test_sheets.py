"""Business documents: what is on the page, equal bytes, and what is refused."""

from __future__ import annotations

import io
from typing import Any

import pypdf
import pytest

from bot.core.calls import Done, Outcome, Refused
from bot.core.calls.workshop import TypesetSheet
from bot.core.ports import Attempt
from integrations.press import Press
from tests.integrations.press.test_press import NOW, Shelf


def sheet(**changes: Any) -> dict[str, Any]:
    return {
        "title": "Quote Q-1001", "seller": ["Parley", "12 Mill Road"], "buyer_lead": "For", "buyer": ["Asha Rao"],
        "facts": [["Date", "Nov 21, 2026"], ["Version", "1"]], "columns": ["Item", "Quantity", "Unit", "Amount"],
        "rows": [["Box 300 x 200 x 150 mm, 3-ply B", "1,000", "12.00", "12,000.00"]],
        "sums": [["Subtotal", "12,000.00"], ["Total INR", "12,600.00"]], "notes": ["Valid to Nov 28, 2026."],
        "demo": True,
    } | changes  # fmt: skip


async def typeset(document: dict[str, Any]) -> tuple[Outcome, bytes]:
    shelf = Shelf()
    outcome = await Press().typeset_sheet(TypesetSheet(document), Attempt("k", 1, NOW, NOW, shelf))
    return outcome, shelf.blobs[outcome.result.pdf][0] if isinstance(outcome, Done) else b""


async def test_a_sheet_shows_everything_and_equal_sheets_are_equal_bytes() -> None:
    first, pdf = await typeset(sheet())
    assert isinstance(first, Done), first
    text = " ".join(pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())
    for part in ("Quote Q-1001", "12 Mill Road", "Asha Rao", "300 x 200 x 150", "12,600.00", "Valid to", "D E M O"):
        assert part in text
    assert first.result.pages == 1
    assert pdf == (await typeset(sheet()))[1]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"rows": [["a", "b"]]}, "bad_document"),
        ({"seller": []}, "bad_document"),
        ({"buyer": ["\u05d0\u05d1"]}, "unsupported_script"),
    ],
)
async def test_what_cannot_be_printed_is_refused(changes: dict[str, Any], code: str) -> None:
    outcome, _ = await typeset(sheet(**changes))
    assert isinstance(outcome, Refused)
    assert outcome.code == code


async def test_markup_in_a_name_is_printed_as_it_stands() -> None:
    _, pdf = await typeset(sheet(buyer=["#panic() *Rao* $x$"], demo=False))
    text = pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    assert "#panic() *Rao* $x$" in text
    assert "D E M O" not in text


async def test_py_9_the_evidence_of_a_long_talk_goes_over_many_pages() -> None:
    rows = [["Customer: " + "the meter on Mission was broken " * 10, "2026-11-21 10:00"]] * 260
    outcome, pdf = await typeset(sheet(columns=["What happened", "When"], rows=rows, sums=[], notes=[], buyer=[]))
    assert isinstance(outcome, Done), outcome
    assert 10 < outcome.result.pages <= 50
    assert len(pypdf.PdfReader(io.BytesIO(pdf)).pages) == outcome.result.pages
