"""EXP-8: QIF, its dates and its one currency a file."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from handlers.receipts.currencies import to_minor
from handlers.receipts.exports.ledger import Ledger, Split, State
from handlers.receipts.exports.qif import DateOrder, qif_files
from tests.effort import short
from tests.handlers.receipts.exports.ledgers import any_ledger, ledger_of, shop, small_ledger


def test_exp_8_a_purchase() -> None:
    (file,) = qif_files(ledger_of(shop()))
    assert file.name == "ledger-USD.qif"
    assert file.content.decode() == (
        "!Type:Cash\r\nD04/02/2026\r\nT-26.23\r\nPMiller's Market\r\nLGroceries:Supermarket\r\n"
        "Mfor the week / Q4M8\r\n^\r\n"
    )


@pytest.mark.parametrize(("order", "date"), [("mdy", "04/02/2026"), ("dmy", "02/04/2026"), ("ymd", "2026-04-02")])
def test_exp_8_date_order_is_a_setting(order: str, date: str) -> None:
    (file,) = qif_files(ledger_of(shop()), DateOrder(order))
    assert f"\r\nD{date}\r\n" in file.content.decode()


def test_exp_8_one_currency_a_file() -> None:
    files = {file.name: file.content.decode() for file in qif_files(small_ledger())}
    assert sorted(files) == ["ledger-JPY.qif", "ledger-KWD.qif", "ledger-USD.qif"]
    assert "\r\nT-1200\r\n" in files["ledger-JPY.qif"]
    assert "\r\nT-3.250\r\n" in files["ledger-KWD.qif"]
    assert files["ledger-USD.qif"].count("\r\n^\r\n") == 4


def test_exp_8_a_split_has_its_parts() -> None:
    parts = (Split(2_000, "c2", "food"), Split(623, "c4"))
    text = qif_files(ledger_of(shop(splits=parts)))[0].content.decode()
    assert "\r\nSGroceries:Supermarket\r\nEfood\r\n$-20.00\r\nSFood:Restaurants\r\n$-6.23\r\n^\r\n" in text


@settings(deadline=None, max_examples=short(30, whole=60))
@given(any_ledger())
def test_exp_8_every_record_is_whole_and_amounts_are_the_same(ledger: Ledger) -> None:
    for file in qif_files(ledger):
        currency = file.name[7:10]
        head, *records = file.content.decode().removesuffix("^\r\n").split("\r\n^\r\n")
        records = [head.removeprefix("!Type:Cash\r\n"), *records]
        expected = [one for one in ledger.entries if one.state is State.POSTED and one.currency == currency]
        for record, entry in zip(records, expected, strict=True):
            lines = [line for line in record.split("\r\n") if line]
            assert "".join(line[0] for line in lines if line[0] not in "SE$").rstrip("M") == "DTPL"
            assert -to_minor(lines[1][1:], currency) == entry.amount_minor
            assert sum(to_minor(line[1:], currency) for line in lines if line[0] == "$") in (0, -entry.amount_minor)
