"""Files in the chat: shown before they are brought in, tables with their columns, each way of trouble told (CAP-12)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.calls import Outcome, Refused
from bot.core.calls.books import ReadBooks, TakeBooks
from bot.engine.harness import Harness
from bot.engine.phone import Phone
from handlers.receipts.exports import taking
from handlers.receipts.exports.ledger import Kind, Ledger
from handlers.receipts.exports.table_file import TableFileError, Understanding, read_table
from handlers.receipts.exports.tables import entries_csv
from integrations.media.kinds import kind_of
from storage.blobs import blob
from tests.handlers.receipts.exports.chat.shelf import Books, json_of, open_shelf, take_in
from tests.handlers.receipts.exports.ledgers import small_ledger

BANK = (
    b"Account 1234;;;\r\nPosting Date;Description;Debit;Credit\r\n"
    b"15/03/2026;COFFEE HOUSE;4,50;\r\n16/03/2026;SALARY;;2.000,00\r\n15/03/2026;COFFEE HOUSE;4,50;\r\nTotal;;;\r\n"
)
CARD = (
    b"Date,Payee,Amount\n03/04/2026,Corner Shop,12.00\n03/15/2026,Return Shoes refund,-20.00\n"
    b"03/16/2026,Bus,2.75\n03/17/2026,Cafe,3\n"
)


@pytest.fixture
async def books(database: str) -> AsyncIterator[Books]:
    async with open_shelf(database) as opened:
        waiting: list[TakeBooks] = []

        def take(call: TakeBooks, harness: Harness) -> Outcome:
            outcome, _ = take_in(harness, call)
            waiting.append(call)
            return outcome

        opened.harness.world[TakeBooks] = take
        opened.waiting = waiting  # type: ignore[attr-defined]
        yield opened


async def send(phone: Phone, content: bytes, media_type: str = "text/csv") -> str:
    """Send a file and return what came back."""
    start = len(phone.messages)
    await phone.photo(content, media_type=media_type)
    return "\n".join(one.text for one in phone.messages[start:])


async def test_a_file_of_ours_is_shown_then_taken(books: Books) -> None:
    dana, eli = books.harness.phone("telegram"), books.harness.phone("telegram", "7:5002")
    await books.fill(dana)
    content = json_of(await books.ledger(dana))
    assert "All 7 entries of this file are in your books already." in await send(dana, content, "application/json")
    told = await send(eli, content, "application/json")
    assert "7 entries, Jan 30 2026 - Mar 17 2026" in told
    assert "Reply OK to import" in told
    await eli.say("ok")
    eli.expect("Imported: 7 new, 0 were there.")
    (call,) = books.waiting  # type: ignore[attr-defined]
    assert call.person_id == await books.person(eli)
    assert await books.harness.database.read(lambda c: c.execute(sa.select(blob.c.id)).all()) == []


async def test_import_asks_for_the_file_and_no_leaves(books: Books) -> None:
    dana = books.harness.phone("telegram")
    await books.fill(dana)
    await dana.say("IMPORT")
    dana.expect("Send the file")
    await dana.say("what")
    dana.expect("Send the file")
    assert "AMOUNT = a heading" in await send(dana, CARD)
    await dana.say("no")
    dana.expect("nothing is imported")


async def test_a_table_is_shown_and_corrected(books: Books) -> None:
    dana = books.harness.phone("telegram")
    await books.fill(dana)
    told = await send(dana, CARD)
    assert "I read date = Date, merchant = Payee, amount = Amount. First: Mar 4 2026, Corner Shop, $12.00." in told
    assert "spent $17.75, in $20.00" in told
    await dana.say("flip")
    dana.expect("in $17.75")
    await dana.say("days first")
    dana.expect("First: Apr 3 2026")
    await dana.say("merchant = Amount")
    dana.expect("merchant = Amount")
    await dana.say("amount = nowhere")
    dana.expect("I did not understand")


@pytest.mark.parametrize(
    "code", ["damaged", "foreign", "newer", "too_large", "unreadable", "no_columns", "gone", "other"]
)
async def test_each_trouble_with_a_file_is_told(books: Books, code: str) -> None:
    dana = books.harness.phone("telegram")
    await books.fill(dana)
    books.harness.world[ReadBooks] = lambda call, harness: Refused(code)
    told = await send(dana, b"{}", "application/json")
    key = code if code != "other" else "failed"
    assert books.harness.registry.catalogue.text(f"receipts.import.{key}", "en", "telegram") in told
    await dana.say("menu")


@pytest.mark.parametrize(
    ("content", "code"),
    [(b'{"schema":"parley.ledger","version":9,"ledger":{}}', "newer"), (b'{"schema":"x"}', "foreign"),
     (b"{", "damaged"), (b"a,b\n1,2\n", "no_columns"), (b"one\ntwo\n", "unreadable"), (b"a,b\n\0,2\n", "unreadable")],
)  # fmt: skip
async def test_what_cannot_be_read_has_its_own_words(books: Books, content: bytes, code: str) -> None:
    dana = books.harness.phone("telegram")
    await books.fill(dana)
    told = await send(dana, content)
    assert books.harness.registry.catalogue.text(f"receipts.import.{code}", "en", "telegram") in told


# -- tables --------------------------------------------------------------------------------------------------------


def read(content: bytes, **known: Any) -> Any:
    return read_table(content, Ledger(), "EUR", Understanding(**known))


def test_cap_12_a_bank_s_table_with_letterhead_debits_and_credits() -> None:
    table = read(BANK)
    assert [(one.date, one.merchant, one.amount_minor, one.kind) for one in table.ledger.entries] == [
        (date(2026, 3, 15), "COFFEE HOUSE", 450, Kind.EXPENSE),
        (date(2026, 3, 15), "COFFEE HOUSE", 450, Kind.EXPENSE),
        (date(2026, 3, 16), "SALARY", -200_000, Kind.INCOME),
    ]
    assert (table.refused, table.understood.date_order) == (1, "dmy")


def test_cap_12_ids_are_of_the_content_so_that_the_same_table_twice_is_one() -> None:
    first, second = read(BANK), read(BANK)
    assert [one.id for one in first.ledger.entries] == [one.id for one in second.ledger.entries]
    assert len({one.id for one in first.ledger.entries}) == 3


def test_our_own_table_comes_back_with_its_ids_and_signs() -> None:
    ledger = small_ledger()
    table = read_table(entries_csv(ledger, bom=True).content, ledger.with_entries(()), "USD", Understanding())
    back = {one.id: one for one in table.ledger.entries}
    for one in ledger.entries:
        same = back[one.id]
        assert (same.date, same.amount_minor, same.currency) == (one.date, one.amount_minor, one.currency)
        assert same.kind is one.kind
    assert {one.category_id for one in back.values()} >= {"c2"}


@pytest.mark.parametrize(
    ("cell", "minor"),
    [("1,234.50", 123450), ("1.234,50", 123450), ("-12.5", -1250), ("(3.00)", -300), ("$ 7", 700), ("7.00-", -700),
     ("1 000,00", 100000), ("12.00 CR", 1200), ("EUR 5.00", 500), ("-$5.00", -500)],
)  # fmt: skip
def test_amounts_as_banks_write_them(cell: str, minor: int) -> None:
    content = f"date;merchant;amount\n2026-01-02;x;{cell}\n".encode()
    (entry,) = read(content, columns={"date": 0, "merchant": 1, "amount": 2}, flipped=True).ledger.entries
    assert entry.amount_minor == minor


def test_a_table_without_dates_is_refused() -> None:
    with pytest.raises(TableFileError, match="no_columns"):
        read(b"name,amount\nx,1.00\n")


# -- what files are ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [(b'{"schema":"parley.ledger"', None, "application/json"), (b'{"x":1}', "a.json", "application/json"),
     (b'{"x":1}', "a.txt", None), (CARD, "card.CSV", "text/csv"), (CARD, None, None), (CARD, "card.exe", None),
     (b"MZ\x90\x00,\n,\n", "a.csv", None), (b"just words", "a.csv", None), (b"", "a.csv", None),
     (b"\xff\xd8\xff", "a.csv", "image/jpeg")],
)  # fmt: skip
def test_med_1_data_files_are_known_by_content_and_name(content: bytes, name: str | None, kind: str | None) -> None:
    assert kind_of(content, "text/csv", name) == kind


def test_texts_of_strangers_are_cut() -> None:
    entry = small_ledger().entries[0]
    long = replace(entry, merchant="x" * 5_000, note="y" * 50_000, tags=tuple(map(str, range(99))))
    cut = taking._bounded(long)
    assert (len(cut.merchant), len(cut.note), len(cut.tags)) == (200, 2_000, 20)
