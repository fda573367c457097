"""Rows to a file and back: the same export again, nothing twice; real tools accept it (EXP-4 to 8, RA-9, CAP-12)."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.core.calls.books import TakeBooks
from handlers.receipts.exports import taking
from handlers.receipts.exports.export_kind import ExportKind, Options, write
from handlers.receipts.exports.ledger import Ledger, State
from handlers.receipts.exports.outside_ids import outside_id, row_of
from handlers.receipts.exports.stored import stored_books
from storage import blobs
from storage.receipts import documents, receipts, rules
from storage.receipts.budgets import Budget as StoredBudget
from storage.receipts.budgets import put as put_budget
from storage.receipts.categories import of_person, plant
from storage.work import Work
from tests.handlers.receipts.exports.chat.shelf import TREE, Books, bring, json_of, open_shelf, take_in

PICTURE = b"\xff\xd8\xff receipt"


@pytest.fixture
async def books(database: str) -> AsyncIterator[Books]:
    async with open_shelf(database) as opened:
        yield opened


def _teach(work: Work, person_id: int) -> None:
    place = of_person(work, person_id)[1].id
    rules.teach(work, person_id, rules.Rule("merchant", "traderjoes", place, tags=("food",)))
    rules.teach(work, person_id, rules.Rule("text", "oat milk", place))
    rules.teach(work, person_id, rules.Rule("alias", "tj", rename="Trader Joe's"))
    put_budget(work, person_id, StoredBudget(place, "month", "USD", 30_000, work.now.date().replace(day=1)))


@pytest.mark.parametrize("planted", [False, True], ids=["nothing there", "default tree there"])
async def test_exp_4_import_into_empty_books_gives_the_same_export(books: Books, planted: bool) -> None:
    dana, eli = books.harness.phone("telegram"), books.harness.phone("telegram", "7:5002")
    person_id = await books.fill(dana)
    await books.run(lambda work: _teach(work, person_id))
    before = await books.ledger(dana)
    assert {len(before.rules), len(before.budgets), len(before.entries)} == {3, 1, 7}
    assert {entry.state for entry in before.entries} >= {State.DRAFT, State.VOID, State.POSTED}
    await eli.say("menu")
    if planted:
        other = await books.person(eli)
        await books.run(lambda work: plant(work, other, (*TREE, TREE[0].__class__("cash", None, "Cash", "transfer"))))
    assert await bring(books, eli, json_of(before)) == (7, 0)
    assert json_of(await books.ledger(eli)) == json_of(before)


async def test_cap_12_the_same_file_twice_brings_nothing(books: Books) -> None:
    dana, eli = books.harness.phone("telegram"), books.harness.phone("telegram", "7:5002")
    await books.fill(dana)
    await eli.say("menu")
    content = json_of(await books.ledger(dana))
    assert await bring(books, dana, content) == (0, 7)
    assert await bring(books, eli, content) == (7, 0)
    assert await bring(books, eli, content) == (0, 7)
    assert json_of(await books.ledger(dana)) == content
    assert json_of(await books.ledger(eli)) == content


async def test_an_import_that_was_killed_goes_on_where_it_was(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handlers.receipts.exports.incoming.PIECE", 2)
    dana, eli = books.harness.phone("telegram"), books.harness.phone("telegram", "7:5002")
    await books.fill(dana)
    await eli.say("menu")
    content, other = json_of(await books.ledger(dana)), await books.person(eli)
    blob_id = books.harness.ids.next()
    await books.run(
        lambda work: blobs.keep(work, blob_id=blob_id, data=content, media_type="application/json", person_id=other)
    )
    _, pieces = take_in(books.harness, TakeBooks(other, blob_id, "USD"), most=3)
    for head, contents in pieces:
        await books.run(lambda work, h=head, c=contents: taking.take(work, other, h, c))
    assert len((await books.ledger(eli)).entries) == 4
    assert await bring(books, eli, content) == (3, 4)
    assert json_of(await books.ledger(eli)) == content


async def test_an_import_into_used_books_keeps_their_names(books: Books) -> None:
    dana, eli = books.harness.phone("telegram"), books.harness.phone("telegram", "7:5002")
    await books.fill(dana)
    other = await books.fill(eli)
    before = await books.ledger(eli)
    await bring(books, eli, json_of(await books.ledger(dana)))
    after = await books.ledger(eli)
    assert set(before.entries) <= set(after.entries)
    assert after.categories == before.categories
    assert len(after.entries) == 14
    with books._look() as work:
        mine = receipts.receipt.c.person_id == other
        codes = [row.code for row in work.rows(sa.select(receipts.receipt.c.code).where(mine))]
    assert len(set(codes)) == 4


async def test_pictures_come_with_the_file_and_go_back(books: Books) -> None:
    dana, eli = books.harness.phone("telegram"), books.harness.phone("telegram", "7:5002")
    person_id = await books.fill(dana)

    def picture(work: Work) -> None:
        blobs.keep(work, blob_id=77, data=PICTURE, media_type="image/jpeg", person_id=person_id)
        document = documents.add(work, person_id, sha256="00", size=len(PICTURE), media_type="image/jpeg", blob_id=77)
        mine = sa.select(receipts.receipt.c.id).where(receipts.receipt.c.person_id == person_id)
        documents.attach(work, person_id, document or 0, receipt_id=work.rows(mine)[0].id)

    await books.run(picture)
    sent = await dana.say("export json")
    content = await books.file(next(one.file for one in sent if one.file))
    await eli.say("menu")
    assert await bring(books, eli, content) == (7, 0)
    sent = await eli.say("export json")
    assert await books.file(next(one.file for one in sent if one.file)) == content


async def test_exp_5_to_8_files_of_stored_books_are_accepted(books: Books, tmp_path: Path) -> None:
    """RA-9 in the real tools."""
    from beancount import loader
    from ofxtools.Parser import OFXTree

    dana = books.harness.phone("telegram")
    await books.fill(dana)
    ledger = await books.ledger(dana)
    kinds = (ExportKind.BEANCOUNT, ExportKind.HLEDGER, ExportKind.OFX)
    made = {kind: list(write(kind, ledger, Options())) for kind in kinds}
    found, errors, _ = loader.load_string(made[ExportKind.BEANCOUNT][0].content.decode(), dedent=False)
    assert errors == []
    assert sum(type(one).__name__ == "Transaction" for one in found) == 6
    path = tmp_path / "ledger.ofx"
    path.write_bytes(made[ExportKind.OFX][0].content)
    tree = OFXTree()
    with path.open("rb") as opened:
        tree.parse(opened)
    assert len(tree.findall(".//STMTTRN")) == 5
    if shutil.which("hledger"):
        journal = tmp_path / "ledger.journal"
        journal.write_bytes(made[ExportKind.HLEDGER][0].content)
        await asyncio.to_thread(
            subprocess.run, ["hledger", "-f", str(journal), "check"], check=True, capture_output=True
        )


async def test_ra_17_another_person_s_ids_are_unknown(books: Books) -> None:
    dana, eli = books.harness.phone("telegram"), books.harness.phone("telegram", "7:5002")
    await books.fill(dana)
    await eli.say("menu")
    other = await books.person(eli)
    names = [entry.id for entry in (await books.ledger(dana)).entries]
    with books._look() as work:
        assert taking.present(work, other, names) == frozenset()
        assert stored_books(work, other).ledger == Ledger()


def test_outside_ids_lead_back_and_sort_as_rows_were_made() -> None:
    ids = [1, 35, 36, 9_223_372_036_854_775_807]
    names = [outside_id("receipt", one) for one in ids]
    assert names == sorted(names)
    assert [row_of("receipt", one) for one in names] == ids
    assert row_of("entry", names[0]) is None
    assert row_of("receipt", "rcp_zzzzzzzzzzzzz") is None
    assert row_of("receipt", "RCP-1") is None


async def test_a_file_with_a_strange_amount_changes_nothing(books: Books) -> None:
    dana = books.harness.phone("telegram")
    await books.fill(dana)
    before = json_of(await books.ledger(dana))
    huge = before.replace(b'"amount_minor":2400', b'"amount_minor":2400000000000000000').replace(b"txn_", b"txx_")
    assert await bring(books, dana, huge) == (0, 0)
    assert json_of(await books.ledger(dana)) == before
