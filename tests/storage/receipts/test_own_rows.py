"""Two persons (RA-17): with the other's ids every function answers as with an unknown one, and changes nothing."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from storage.receipts import (
    accounts,
    bank_items,
    bank_ledger,
    bank_lines,
    bank_pairs,
    bank_transfers,
    bills,
    budgets,
    categories,
    connections,
    digests,
    documents,
    duplicates,
    expiry,
    exports,
    externals,
    history,
    line_items,
    preferences,
    privacy,
    rates,
    readings,
    recategorising,
    receipts,
    reminders,
    replies,
    rules,
    search,
    series,
    sources,
    tokens,
    totals,
    transactions,
)
from storage.receipts.bills import Bill
from storage.receipts.budgets import Budget
from storage.receipts.categories import Seed
from storage.receipts.line_items import Line
from storage.receipts.receipts import Draft
from storage.receipts.search import Filter
from storage.receipts.series import Series
from storage.receipts.totals import Span
from storage.schema import metadata
from storage.work import Work
from tests.storage.receipts.kit import ANN, BOB, NOW, TODAY, rows, spent

UNKNOWN = 987_654_321


def _everything(work: Work) -> str:
    return repr([rows(work, table) for table in privacy.TABLES])


def _anns_books(work: Work) -> dict[str, int]:
    """Fill every table for Ann and return the ids."""
    categories.plant(work, ANN, [Seed("food", None, "Food"), Seed("fun", None, "Fun")])
    food, fun = (one.id for one in categories.of_person(work, ANN))
    page = documents.add(work, ANN, sha256="bb", size=1, media_type="image/png", blob_id=77, perceptual_hash=1)
    assert page
    reading = readings.claim(work, ANN, page, reader="rule", version="1")
    assert reading
    older, newer = (receipts.add(work, ANN, Draft(b"{}", TODAY, None, "USD", 5, "joes")).id for _ in range(2))
    documents.attach(work, ANN, page, receipt_id=older)
    line_items.replace(work, ANN, older, [Line(text="x")])
    moved = history.confirm(work, ANN, older, spent(500, category_id=food, tags=("work",)))
    assert moved
    parts = tuple(transactions.Part(one, 50) for one in (food, fun))
    transactions.add(work, ANN, spent(100, parts=parts))
    rules.teach(work, ANN, rules.Rule("merchant", "joes", food))
    [rule] = rules.of_person(work, ANN)
    account = accounts.find_or_add(work, ANN, kind="card", last4="4421")
    budgets.put(work, ANN, Budget(food, "month", "USD", 100, TODAY))
    [budget] = budgets.of_person(work, ANN)
    budgets.claim_alert(work, ANN, budget.id, start=TODAY, percent=80)
    preferences.put(work, ANN, preferences.Preferences(currency="EUR"))
    third = receipts.add(work, ANN, Draft(b"{}")).id
    duplicates.call_different(work, ANN, third, newer)
    sources.claim(work, ANN, kind="text", provider_id="1")
    export = exports.begin(work, ANN, exports.Wanted("csv"))
    assert export
    exports.made(work, ANN, export, [exports.File(78, "x.csv", "text/csv", 1)], mark_blob=79)
    externals.put(work, ANN, "entry", [externals.Name(moved, "outside")])
    connections.put(work, ANN, "firefly", {"url": "https://money.example.org"})
    tokens.make(work, ANN, name="x", writes=True)
    rates.draw(work, ANN, tokens.of_person(work, ANN)[0].id, a_minute=60)
    replies.keep(work, ANN, "k", replies.Kept(b"", 200, b"{}", {}))
    item = bank_items.add(
        work, ANN, vendor_id="item-1", institution="Demo Bank", token_blob=78, days=90, today=TODAY, consent="bank-1"
    )
    assert item
    bank_items.know_account(work, ANN, item_id=item, vendor_id="acc", account_id=account)
    link = bank_items.ask_link(work, ANN, days=90, expires=NOW)
    stated = [bank_lines.Statement(one, TODAY, 700, "USD", 2) for one in ("tx-1", "tx-2")]
    line, spare = (one.id for one in bank_ledger.arrive(work, ANN, item, stated))
    bank_pairs.decide(work, ANN, line, older, "asked")
    bank_pairs.learn(work, ANN, "jpm", "joes")
    bank_transfers.decide(work, ANN, bank_transfers.Transfer(line, line + 1, "joined", TODAY))
    digests.put(work, ANN, "weekly")
    reminders.put(work, ANN, older, kind="return", day=TODAY)
    again = series.put(work, ANN, Series("joes", "Joe's", "month", "USD", 5, TODAY, "tracked"))
    due = bills.offer(work, ANN, Bill("Verizon", 8412, "USD", TODAY)).id
    return {
        "bill": due, "item": item, "link": link, "line": line, "spare": spare,
        "food": food, "fun": fun, "page": page, "reading": reading, "older": older, "newer": newer, "moved": moved,
        "rule": rule.id, "account": account, "budget": budget.id, "export": export, "series": again,
    }  # fmt: skip


def _as_bob(work: Work, of: dict[str, int]) -> list[object]:
    """Try every function as Bob with these ids and return the answers."""
    span, draft = Span(date(2020, 1, 1), date(2030, 1, 1)), Draft(b"{}")
    expiry.erase_gone(work, BOB, of["older"])
    expiry.erase_unread(work, BOB, of["page"])
    found = search.page(work, BOB, Filter(categories=frozenset({of["food"]})))
    bank_ledger.settle(work, BOB, [of["line"]])
    answers: list[object] = [
        receipts.load(work, BOB, of["older"]),
        receipts.change(work, BOB, of["older"], draft, revision=1),
        receipts.move(work, BOB, of["older"], was=receipts.STATES, to="failed"),
        history.confirm(work, BOB, of["newer"], spent(1)),
        history.edit(work, BOB, of["older"], draft, spent(1), revision=1),
        history.delete(work, BOB, of["older"]),
        history.undo(work, BOB, of["older"]),
        history.newest(work, BOB),
        reminders.put(work, BOB, of["older"], kind="return", day=TODAY),
        reminders.day_of(work, BOB, of["older"], kind="return"),
        reminders.end(work, BOB, of["older"], kind="return"),
        reminders.of_person(work, BOB, TODAY),
        series.load(work, BOB, of["series"]),
        series.of_merchant(work, BOB, "joes"),
        series.tracked(work, BOB),
        bills.load(work, BOB, of["bill"]),
        bills.move(work, BOB, of["bill"], was="offered", to="set"),
        bills.ahead(work, BOB, TODAY, state="offered"),
        digests.load(work, BOB),
        digests.end(work, BOB),
        documents.load(work, BOB, of["page"]),
        documents.attach(work, BOB, of["page"], receipt_id=of["newer"]),
        documents.of_receipt(work, BOB, of["older"]),
        readings.claim(work, BOB, of["page"], reader="claude", version="9"),
        readings.finish(work, BOB, of["reading"], body=b""),
        readings.of_document(work, BOB, of["page"]),
        line_items.replace(work, BOB, of["older"], []),
        line_items.of_receipt(work, BOB, of["older"]),
        duplicates.point_at(work, BOB, of["newer"], of["older"]),
        duplicates.call_different(work, BOB, of["newer"], of["older"]),
        duplicates.pair_is_different(work, BOB, of["newer"], of["older"]),
        transactions.load(work, BOB, of["moved"]),
        transactions.of_receipt(work, BOB, of["older"]),
        transactions.change(work, BOB, of["moved"], spent(1), revision=0),
        transactions.move(work, BOB, of["moved"], was=("posted",), to="void"),
        transactions.remove(work, BOB, of["moved"]),
        transactions.recategorise(work, BOB, [of["moved"]], of["fun"]),
        transactions.recategorise(work, BOB, [of["moved"]], None),
        categories.known(work, BOB, [of["food"]]),
        categories.add(work, BOB, parent_id=of["food"], name="x", kind="expense"),
        categories.rename(work, BOB, of["food"], "x"),
        categories.move_under(work, BOB, of["food"], of["fun"]),
        categories.hide(work, BOB, of["food"]),
        recategorising.is_used(work, BOB, of["food"]),
        recategorising.merge(work, BOB, of["food"], of["fun"]),
        rules.teach(work, BOB, rules.Rule("merchant", "x", of["food"])),
        rules.forget(work, BOB, of["rule"]),
        accounts.rename(work, BOB, of["account"], "x"),
        accounts.sync_balance(work, BOB, of["account"], currency="USD", balance_minor=1),
        budgets.put(work, BOB, Budget(of["food"], "month", "USD", 1, TODAY)),
        budgets.end(work, BOB, of["budget"]),
        budgets.claim_alert(work, BOB, of["budget"], start=TODAY, percent=100),
        found, search.sums(work, BOB, Filter(accounts=frozenset({of["account"]}))),
        totals.by_category(work, BOB, span), totals.months_of(work, BOB, [of["food"]]),
        totals.spent_by_category(work, BOB, span), totals.spent_by_month(work, BOB, span),
        privacy.erase_receipt(work, BOB, of["older"]),
        tokens.of_person(work, BOB), tokens.drop(work, BOB, 1), replies.find(work, BOB, "k"),
        bank_items.load(work, BOB, of["item"]),
        bank_items.move(work, BOB, of["item"], was=bank_items.STATES, to="revoked"),
        bank_items.take_lease(work, BOB, of["item"], 5),
        bank_items.end_lease(work, BOB, of["item"], 5),
        bank_items.ledger_accounts(work, BOB, of["item"]),
        bank_items.load_link(work, BOB, of["link"]),
        bank_items.show_link(work, BOB, of["link"], token="t", url="u", page="p"),
        bank_items.move_link(work, BOB, of["link"], was=bank_items.LINK_STATES, to="linked"),
        bank_lines.load(work, BOB, of["line"]),
        bank_lines.find(work, BOB, ["tx-1"]),
        bank_lines.of_item(work, BOB, of["item"]),
        bank_ledger.withdraw(work, BOB, ["tx-1"]),
        bank_ledger.merge(work, BOB, of["line"], of["older"]),
        bank_ledger.part(work, BOB, of["line"]),
        bank_ledger.forget(work, BOB, of["item"]),
        bank_transfers.of_lines(work, BOB, [of["line"]]), bank_transfers.since(work, BOB, date(2000, 1, 1)),
        bank_pairs.of_line(work, BOB, of["line"]), bank_pairs.settled(work, BOB, [of["older"]]),
        bank_items.name(work, BOB, of["item"], "x"), bank_items.forget_token(work, BOB, of["item"]),
        bank_items.keep_cursor(work, BOB, of["item"], "c"),
    ]  # fmt: skip
    return answers


def test_ra_17_another_persons_ids_are_unknown_ids(work: Work) -> None:
    ids = _anns_books(work)
    before = _everything(work)
    answers = _as_bob(work, ids)
    assert answers == _as_bob(work, dict.fromkeys(ids, UNKNOWN))
    assert not any(answers)
    assert _everything(work) == before


def test_ra_17_exports_names_and_connections_are_one_s_own(work: Work) -> None:
    ids = _anns_books(work)
    exports.lock(work, ANN, ids["export"], "123456")
    before = _everything(work)
    for one in (ids["export"], UNKNOWN):
        assert exports.load(work, BOB, one) is None
        assert not exports.end(work, BOB, one, state="ended")
        assert not exports.made(work, BOB, one, [], mark_blob=80)
        assert exports.take(work, BOB, one, 0, "123456") == "gone"
        exports.lock(work, BOB, one, "654321")
    assert exports.mark_of(work, BOB, "csv") == exports.Mark()
    assert externals.known(work, BOB, "entry", ["outside"]) == {}
    assert externals.shown(work, BOB, "entry", [ids["moved"]]) == {}
    assert connections.load(work, BOB, "firefly") is None
    assert not connections.drop(work, BOB, "firefly")
    assert _everything(work) == before


def test_ra_17_a_transaction_takes_no_category_of_another_person(work: Work) -> None:
    ids = _anns_books(work)
    for entry in (spent(1, category_id=ids["food"]), spent(1, parts=(transactions.Part(ids["food"], 1),))):
        with pytest.raises(ValueError, match="own person"):
            transactions.add(work, BOB, entry)


def test_sec_r7_deleting_a_person_empties_every_table_of_theirs_only(work: Work) -> None:
    _anns_books(work)
    assert [table.name for table in privacy.TABLES if not rows(work, table)] == []
    transactions.add(work, BOB, spent(7))
    assert privacy.erase(work, ANN) == [77]
    left = {table.name for table in privacy.TABLES if rows(work, table)}
    assert left == {"ledger_transaction", "ledger_total", "ledger_word", "ledger_book", "ledger_month"}
    assert privacy.erase(work, BOB) == []
    assert not any(rows(work, table) for table in privacy.TABLES)


def test_sec_r7_the_list_of_tables_is_complete() -> None:
    mine = {name for name in metadata.tables if name.startswith(("ledger_", "receipt", "api_", "bank_"))}
    assert mine == {table.name for table in privacy.TABLES}
    for table in privacy.TABLES:
        for index in table.indexes:
            if index.name == "uq_api_token_hash":
                continue  # a token tells whose it is
            assert next(iter(index.columns)).name == "person_id", index.name


def test_sec_r7_deleting_a_receipt_takes_all_that_was_made_of_it(work: Work) -> None:
    ids = _anns_books(work)
    assert privacy.erase_receipt(work, ANN, ids["older"]) == [77]
    assert receipts.load(work, ANN, ids["older"]) is None
    assert transactions.load(work, ANN, ids["moved"]) is None
    assert readings.of_document(work, ANN, ids["page"]) == []
    assert work.rows(sa.select(history.history)) == []
    assert search.page(work, ANN, Filter(words=("#work",))) == []
