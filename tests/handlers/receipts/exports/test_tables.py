"""EXP-1, EXP-2 and EXP-11: the tables, and no cell that a spreadsheet would run (RA-9)."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.cells import guarded, unguarded
from handlers.receipts.currencies import to_minor
from handlers.receipts.exports.ledger import Ledger
from handlers.receipts.exports.plain_text import clean
from handlers.receipts.exports.tables import COLUMNS, ITEM_COLUMNS, entries_csv, items_csv
from tests.effort import short
from tests.handlers.receipts.exports.ledgers import any_ledger, ledger_of, shop, small_ledger, words

_NUMBERS = {"amount", "tax", "tip", "quantity", "unit_price", "line"}


def _rows(content: bytes, encoding: str = "utf-8") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(encoding), newline=""), strict=True))


def test_exp_1_columns_and_a_row() -> None:
    content = entries_csv(small_ledger()).content
    assert content.startswith(
        b"id,date,merchant,description,category,parent,amount,currency,kind,account,tags,tax,tip,note,"
        b"receipt_code,picture_file,state,updated_at\r\n"
    )
    row = next(row for row in _rows(content) if row["id"] == "rcp_02K1M")
    assert row == {
        "id": "rcp_02K1M",
        "date": "2026-04-02",
        "merchant": "Miller's Market",
        "description": "for the week",
        "category": "Supermarket",
        "parent": "Groceries",
        "amount": "-26.23",
        "currency": "USD",
        "kind": "expense",
        "account": "Visa",
        "tags": "work",
        "tax": "1.13",
        "tip": "0.00",
        "note": "",
        "receipt_code": "Q4M8",
        "picture_file": "2026-04-02_millers-market_Q4M8.jpg; 2026-04-02_millers-market_Q4M8_2.pdf",
        "state": "posted",
        "updated_at": "2026-03-18T17:30:05Z",
    }


@pytest.mark.parametrize(
    ("entry_id", "amount"),
    [("rcp_03", "10.00"), ("rcp_04", "-1200"), ("rcp_05", "-3.250"), ("rcp_06", "2500.00"), ("rcp_10", "-26.23")],
)
def test_exp_1_amounts_have_the_decimals_of_their_currency(entry_id: str, amount: str) -> None:
    assert {row["id"]: row["amount"] for row in _rows(entries_csv(small_ledger()).content)}[entry_id] == amount


def test_exp_1_the_mark_for_excel_is_an_option() -> None:
    plain, marked = entries_csv(small_ledger()).content, entries_csv(small_ledger(), bom=True).content
    assert marked == b"\xef\xbb\xbf" + plain
    assert plain.count(b"\r\n") == plain.count(b"\n")


def test_exp_2_items() -> None:
    rows = _rows(items_csv(small_ledger()).content)
    assert list(rows[0]) == ["receipt_id", "line", "text", "quantity", "unit_price", "amount", "tax", "category"]
    assert [list(row.values()) for row in rows] == [
        ["rcp_02K1M", "1", '\'=HYPERLINK("x")', "1.250", "2.40", "3.00", "0.25", "Groceries > Supermarket"],
        ["rcp_02K1M", "2", "Milk", "", "", "23.23", "", ""],
    ]


@pytest.mark.parametrize("start", [*"=+-@\t\r\n", "＝"])
def test_exp_11_a_formula_becomes_text(start: str) -> None:
    assert guarded(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("text", ["", "a=b", "Joe's", "'quoted'", "5 - 3", "1.50"])
def test_exp_11_other_text_stays(text: str) -> None:
    assert guarded(text) == text


def test_exp_11_our_numbers_stay_numbers() -> None:
    assert b",-26.23,USD," in entries_csv(ledger_of(shop(merchant="-26.23"))).content
    assert b",'-26.23," in entries_csv(ledger_of(shop(merchant="-26.23"))).content


@given(st.one_of(words, st.text("'=+-@\t\r\n ab", max_size=8)))
def test_exp_11_the_guard_can_be_taken_back(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(tuple("=+-@\t\r\n"))


@settings(deadline=None, max_examples=short(30, whole=60))
@given(any_ledger(), st.booleans())
def test_ra_9_exp_1_exp_2_tables_are_free_of_formulas_and_round_trip(ledger: Ledger, bom: bool) -> None:
    encoding = "utf-8-sig" if bom else "utf-8"
    rows = _rows(entries_csv(ledger, bom=bom).content, encoding)
    items = _rows(items_csv(ledger, bom=bom).content, encoding)
    for row in (*rows, *items):
        assert list(row) in (COLUMNS, ITEM_COLUMNS)
        assert [cell for name, cell in row.items() if name not in _NUMBERS and cell.startswith(tuple("=+-@\t\r"))] == []
    for row, entry in zip(rows, ledger.entries, strict=True):
        assert -to_minor(row["amount"], row["currency"]) == entry.amount_minor
        assert to_minor(row["tax"], row["currency"]) == entry.tax_minor
        texts = (entry.id, entry.merchant, entry.description, entry.note)
        assert [unguarded(row[name]) for name in ("id", "merchant", "description", "note")] == list(map(clean, texts))
    told = [(entry.id, clean(item.text)) for entry in ledger.entries for item in entry.items]
    assert [(row["receipt_id"], unguarded(row["text"])) for row in items] == told
