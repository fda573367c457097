"""EXPORT in the chat: kinds, ranges, new ones, questions, files on Telegram, links and codes on SMS."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from bot.core.calls import Again, Outcome, Refused
from bot.core.calls.books import MakeExport
from bot.engine.harness import Harness
from handlers.receipts.exports import starting
from handlers.receipts.exports.words import Request, parse
from storage.blobs import blob
from storage.receipts import exports, transactions
from storage.receipts.exports import Wanted
from storage.receipts.ledger import transaction
from storage.receipts.transactions import entry_of
from storage.work import Work
from tests.handlers.receipts.exports.chat import shelf
from tests.handlers.receipts.exports.chat.shelf import Books, open_shelf

TODAY = date(2026, 3, 18)


@pytest.fixture
async def books(database: str) -> AsyncIterator[Books]:
    async with open_shelf(database) as opened:
        yield opened


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("csv march", Wanted("csv", date(2026, 3, 1), date(2026, 4, 1))),
        ("beancount new", Wanted("beancount", fresh=True)),
        ("hledger", Wanted("hledger")),
        ("ofx last month", Wanted("ofx", date(2026, 2, 1), date(2026, 3, 1))),
        ("qif 2025", Wanted("qif", date(2025, 1, 1), date(2026, 1, 1))),
        ("json all", Wanted("json")),
        ("zip for march 2025", Wanted("zip", date(2025, 3, 1), date(2025, 4, 1))),
        ("spreadsheet please", Wanted("csv")),
    ],
)
def test_what_follows_export_is_read(text: str, wanted: Wanted) -> None:
    assert parse(text, TODAY) == Request(wanted)


@pytest.mark.parametrize(("text", "strange"), [("csv sometimes", "sometimes"), ("frobnicate", "frobnicate")])
def test_a_word_that_says_nothing_is_named(text: str, strange: str) -> None:
    assert parse(text, TODAY) == Request(strange=strange)


async def test_exp_1_a_file_comes_on_telegram(books: Books) -> None:
    dana = books.harness.phone("telegram")
    await books.fill(dana)
    sent = await dana.say("EXPORT CSV MARCH")
    document = next(one for one in sent if one.file)
    rows = list(csv.DictReader(io.StringIO((await books.file(document.file)).decode(), newline="")))
    assert document.filename == "transactions.csv"
    assert [(row["date"], row["amount"], row["state"]) for row in rows] == [
        ("2026-03-01", "-10.00", "posted"), ("2026-03-15", "-26.23", "posted"), ("2026-03-17", "-4.50", "draft"),
    ]  # fmt: skip
    dana.expect("CSV: 3 entries, Mar 1 2026 - Mar 17 2026, spent $40.73.")


async def test_sec_r7_its_file_goes_after_a_day(books: Books) -> None:
    dana = books.harness.phone("telegram")
    await books.fill(dana)
    sent = await dana.say("export ofx")
    assert books.harness.calls[-1].person_id == await books.person(dana)
    assert any(one.file for one in sent)


async def test_export_alone_asks_which_and_all_data_stays_a_right(books: Books) -> None:
    sam = books.harness.phone("sms")
    await books.fill(sam)
    await sam.say("export")
    sam.expect("Which file of your books?", "1 CSV", "All my data")
    await sam.say("all my data")
    sam.expect("I told our staff.")
    await sam.say("export my data")
    sam.expect("I told our staff.")
    await sam.say("export")
    await sam.say("qif")
    assert "importing it twice doubles" in sam.screen


async def test_a_large_file_is_told_first(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "ASK_ABOVE", 2)
    dana = books.harness.phone("telegram")
    await books.fill(dana)
    await dana.say("EXPORT JSON")
    dana.expect("JSON: 7 entries, Jan 30 2026 - Mar 17 2026", "¥2,400", "Send the file?")
    await dana.tap("No")
    dana.expect("no file")
    await dana.say("/export json")
    sent = await dana.say("yes")
    assert [one.filename for one in sent if one.file] == ["ledger.json"]


async def test_exp_4_new_is_what_changed_and_keeps_its_id(books: Books) -> None:
    """RA-9: `new` after a correction gives the same id once."""
    dana = books.harness.phone("telegram")
    person_id = await books.fill(dana)
    before = {entry.merchant: entry.id for entry in (await books.ledger(dana)).entries}
    await dana.say("export csv")
    await dana.say("export csv new")
    dana.expect("Nothing new since your last CSV export.")

    def correct(work: Work) -> None:
        row = transactions.load_all(work, person_id, _ids(work, person_id))[0]
        transactions.change(work, person_id, row.id, replace(entry_of(row), amount_minor=1), revision=row.revision)

    await books.run(correct)
    sent = await dana.say("export csv new")
    rows = list(csv.DictReader(io.StringIO((await books.file(sent[0].file)).decode(), newline="")))
    assert [(row["id"], row["amount"]) for row in rows] == [(before["Void"], "-0.01")]
    dana.expect("1 of them were corrected")
    await dana.say("export csv new")
    dana.expect("Nothing new")
    await dana.say("export items new")
    assert dana.last.text.startswith("Items: 7 entries")


def _ids(work: Work, person_id: int) -> list[int]:
    t = transaction
    return [row.id for row in work.rows(sa.select(t.c.id).where(t.c.person_id == person_id).order_by(t.c.date))]


async def test_ra_17_two_persons_see_their_own(books: Books) -> None:
    dana, eli = books.harness.phone("telegram"), books.harness.phone("telegram", "7:5002")
    await books.fill(dana)
    await eli.say("menu")
    await eli.say("export csv")
    eli.expect("There is nothing to export")


async def test_a_second_export_of_a_kind_waits_for_the_first(books: Books) -> None:
    dana = books.harness.phone("telegram")
    await books.fill(dana)
    held: list[MakeExport] = []

    def hold(call: MakeExport, harness: Harness) -> Outcome:
        held.append(call)
        return Again("busy", timedelta(minutes=1)) if len(held) == 1 else shelf.make(call, harness)

    books.harness.world[MakeExport] = hold
    await dana.say("export csv")
    await dana.say("export csv")
    dana.expect("is being made")
    sent = await books.harness.wait(timedelta(minutes=2), dana)
    assert [one.filename for one in sent if one.file] == ["transactions.csv"]
    assert any("large" in one.text for one in sent)
    sent = await dana.say("export csv")
    assert any(one.file for one in sent)


async def test_a_kill_between_file_and_mark_loses_nothing(books: Books) -> None:
    """What was made and not handed over is made again; the mark is as it was."""
    dana = books.harness.phone("telegram")
    person_id = await books.fill(dana)
    tries: list[MakeExport] = []

    def die_once(call: MakeExport, harness: Harness) -> Outcome:
        tries.append(call)
        made = shelf.make(call, harness)
        if len(tries) == 1:
            harness.files.clear()
            return Again("killed", timedelta(seconds=1))
        return made

    books.harness.world[MakeExport] = die_once
    await dana.say("export csv new")
    with books._look() as work:
        assert exports.mark_of(work, person_id, "csv").revision == 0
    sent = await books.harness.wait(timedelta(seconds=2), dana)
    assert [one.filename for one in sent if one.file] == ["transactions.csv"]
    with books._look() as work:
        assert exports.mark_of(work, person_id, "csv").revision == 1


async def test_a_repeated_message_and_a_restart_change_nothing(books: Books) -> None:
    books.harness.redeliver = books.harness.restart = True
    dana = books.harness.phone("telegram")
    await books.fill(dana)
    sent = await dana.say("export csv new")
    assert [one.filename for one in sent if one.file] == ["transactions.csv"]


@pytest.mark.parametrize(("code", "told"), [("too_large", "too much for one export"), ("gave_up", "could not be made")])
async def test_trouble_is_told(books: Books, code: str, told: str) -> None:
    dana = books.harness.phone("telegram")
    await books.fill(dana)
    books.harness.world[MakeExport] = lambda call, harness: Refused(code)
    await dana.say("export zip")
    dana.expect(told)
    books.harness.world[MakeExport] = shelf.make
    assert any(one.file for one in await dana.say("export zip"))


async def test_on_sms_a_link_and_a_code(books: Books) -> None:
    sam = books.harness.phone("sms")
    person_id = await books.fill(sam)
    sent = await sam.say("export csv march")
    link, code = sent
    assert "http://localhost/d/" in link.text
    assert link.file is None
    digits = "".join(one for one in code.text if one.isdigit())
    assert len(digits) == 6
    assert digits not in link.text
    export_id = books.harness.calls[-1].export_id
    assert await books.run(lambda work: exports.take(work, person_id, export_id, 0, "0000000")) == "wrong"
    assert await books.run(lambda work: exports.take(work, person_id + 1, export_id, 0, digits)) == "gone"
    assert await books.run(lambda work: exports.take(work, person_id, export_id, 0, digits)) == "right"
    assert await books.run(lambda work: exports.take(work, person_id, export_id, 0, digits)) == "gone"


async def test_wrong_codes_end_the_page(books: Books) -> None:
    sam = books.harness.phone("sms")
    person_id = await books.fill(sam)
    _, code = await sam.say("export csv march")
    digits = "".join(one for one in code.text if one.isdigit())
    export_id = books.harness.calls[-1].export_id
    verdicts = [await books.run(lambda work: exports.take(work, person_id, export_id, 0, "1")) for _ in range(5)]
    assert verdicts == ["wrong"] * 4 + ["locked"]
    assert await books.run(lambda work: exports.take(work, person_id, export_id, 0, digits)) == "locked"
    assert await books.harness.database.read(lambda c: exports.files(c, person_id, export_id)) == []


async def test_exp_12_a_copy_is_offered_before_deletion(books: Books) -> None:
    dana = books.harness.phone("telegram")
    await dana.say("delete my data")
    assert "EXPORT JSON" not in dana.screen
    await dana.tap("Keep")
    await books.fill(dana)
    await dana.say("delete my data")
    dana.expect("EXPORT JSON sends you a copy")
    sent = await dana.say("EXPORT JSON")
    assert any(one.filename == "ledger.json" for one in sent)
    dana.expect("This deletes")


async def test_files_left_over_have_a_date(books: Books) -> None:
    rows = await books.harness.database.read(lambda c: c.execute(sa.select(blob.c.id)).all())
    assert rows == []
