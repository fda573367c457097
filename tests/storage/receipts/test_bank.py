"""Bank lines and the ledger: one row counts for each living line, whatever happens (BNK-3, MAT-3, MAT-4, MT-*)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.receipts import bank_items, bank_ledger, bank_lines, bank_pairs, history, receipts, totals, transactions
from storage.receipts.bank_lines import Statement
from storage.receipts.ledger import transaction
from storage.receipts.receipts import Draft
from storage.receipts.totals import Span
from storage.receipts.transactions import Part, Transaction, entry_of
from storage.work import Work
from tests.databases import prepared_database
from tests.storage.receipts.kit import ANN, BOB, NOW, TODAY, at, open_books, spent

ALL = Span(date(2020, 1, 1), date(2030, 1, 1))
ITEM = 5


def stated(vendor_id: str, amount_minor: int, **values: Any) -> Statement:
    return Statement(**{"date": TODAY, "currency": "USD", "exponent": 2, "name": vendor_id, **values,
                        "vendor_id": vendor_id, "amount_minor": amount_minor})  # fmt: skip


def arrive(work: Work, *lines: Statement) -> list[int]:
    return [line.id for line in bank_ledger.arrive(work, ANN, ITEM, lines)]


def confirmed(work: Work, amount_minor: int, **values: Any) -> int:
    cash_back = values.pop("cash_back", None)
    draft = Draft(b"{}", TODAY, None, values.get("currency", "USD"), amount_minor, "joes")
    made = receipts.add(work, ANN, draft).id
    history.confirm(work, ANN, made, spent(amount_minor, **values), cash_back=cash_back)
    return int(made)


def of_line(work: Work, line_id: int) -> list[Transaction]:
    found = work.rows(sa.select(transaction.c.id).where(transaction.c.bank_line_id == line_id))
    return transactions.load_all(work, ANN, [row.id for row in found])


def spending(work: Work) -> int:
    return _spent(work, "USD")


def _spent(work: Work, currency: str) -> int:
    found = totals.spent_by_category(work, ANN, ALL)
    return sum(amount for (one, _), amount in found.items() if one == currency)


def only(work: Work, line_id: int) -> Transaction:
    [row] = of_line(work, line_id)
    return row


# -- lines alone -------------------------------------------------------------------------------------------------------


def test_mt_8_the_same_line_three_times_is_one(work: Work) -> None:
    one = stated("a", 500)
    assert len(arrive(work, one, one)) == 1
    assert arrive(work, one) == []
    assert arrive(work, one) == []
    assert spending(work) == 500


def test_bnk_3_a_posted_line_goes_on_with_its_pending_one(work: Work) -> None:
    [line] = arrive(work, stated("p", 4000, pending=True))
    row = only(work, line)
    transactions.change(work, ANN, row.id, replace(entry_of(row), note="team", tags=("work",)), revision=row.revision)
    assert arrive(work, stated("q", 4800, replaces="p")) == []
    bank_ledger.withdraw(work, ANN, ["p"])
    after = only(work, line)
    assert (after.id, after.amount_minor, after.state, after.note, after.tags) == (
        row.id, 4800, "posted", "team", ("work",),
    )  # fmt: skip
    arrive(work, stated("p", 4000, pending=True))
    assert spending(work) == 4800, "the pending one comes late and counts no more"


def test_bnk_3_a_posted_line_brings_back_a_pending_one_that_was_removed_before(work: Work) -> None:
    [line] = arrive(work, stated("p", 4000, pending=True))
    bank_ledger.withdraw(work, ANN, ["p"])
    assert spending(work) == 0
    arrive(work, stated("q", 4800, replaces="p"))
    assert (only(work, line).amount_minor, spending(work)) == (4800, 4800)


def test_bnk_3_pending_and_posted_in_one_loop_count_once(work: Work) -> None:
    arrive(work, stated("p", 4000, pending=True), stated("q", 4800, replaces="p"))
    arrive(work, stated("p", 4000, pending=True))
    assert spending(work) == 4800


def test_bnk_3_removed_voids(work: Work) -> None:
    [line] = arrive(work, stated("a", 500))
    assert [one.id for one in bank_ledger.withdraw(work, ANN, ["a", "unknown"])] == [line]
    assert (only(work, line).state, spending(work)) == ("void", 0)
    assert bank_ledger.withdraw(work, ANN, ["a"]) == []
    arrive(work, stated("a", 500))
    assert spending(work) == 500


def test_bnk_3_modified_updates_what_the_person_did_not_edit(work: Work) -> None:
    [line] = arrive(work, stated("a", 500, merchant="JPM", merchant_key="jpm"))
    row = only(work, line)
    edited = replace(entry_of(row), merchant="Luna", merchant_key="luna")
    transactions.change(work, ANN, row.id, edited, revision=row.revision)
    arrive(work, stated("a", 650, date=TODAY - timedelta(days=1), merchant="JPM INC", merchant_key="jpm"))
    after = only(work, line)
    assert (after.merchant, after.amount_minor, after.date) == ("Luna", 650, TODAY - timedelta(days=1))


def test_bnk_3_a_row_that_the_person_voided_stays_void(work: Work) -> None:
    [line] = arrive(work, stated("p", 500, pending=True))
    transactions.move(work, ANN, only(work, line).id, was=("pending",), to="void")
    arrive(work, stated("q", 500, replaces="p"))
    assert (only(work, line).state, spending(work)) == ("void", 0)


def test_lines_are_their_persons_own(work: Work) -> None:
    arrive(work, stated("a", 500))
    assert len(bank_ledger.arrive(work, BOB, ITEM, [stated("a", 500)])) == 1
    assert bank_lines.find(work, BOB, ["a"])["a"].id != bank_lines.find(work, ANN, ["a"])["a"].id


# -- matched -----------------------------------------------------------------------------------------------------------


def test_mat_3_a_match_counts_once_with_the_banks_amount_and_the_receipts_words(work: Work) -> None:
    parts = (Part(None, 3000), Part(None, 1000))
    receipt = confirmed(work, 4000, note="with Ana", tags=("work",), pictured=True, parts=parts)
    [line] = arrive(work, stated("a", 4800, merchant="LUNA 0412", account_id=77))
    assert spending(work) == 8800
    assert bank_ledger.merge(work, ANN, line, receipt)
    row = only(work, line)
    assert (row.amount_minor, row.merchant, row.note, row.pictured, row.account_id) == (
        4800, "Joe's", "with Ana", True, 77,
    )  # fmt: skip
    assert [one.amount_minor for one in row.parts] == [3600, 1200]
    assert spending(work) == 4800
    assert not bank_ledger.merge(work, ANN, line, receipt), "once"


@pytest.mark.parametrize("first", ["line", "receipt"])
def test_mat_4_taking_a_match_apart_restores_both(work: Work, first: str) -> None:
    if first == "line":
        [line], receipt = arrive(work, stated("a", 4800)), confirmed(work, 4000, category_id=None)
    else:
        receipt, [line] = confirmed(work, 4000, category_id=None), arrive(work, stated("a", 4800))
    before = [replace(one, id=0, revision=0) for one in _ledger(work)]
    assert bank_ledger.merge(work, ANN, line, receipt)
    assert bank_ledger.part(work, ANN, line) == receipt
    after = [replace(one, id=0, revision=0) for one in _ledger(work)]
    assert sorted(map(str, after)) == sorted(map(str, before))
    assert bank_ledger.part(work, ANN, line) is None


def _ledger(work: Work) -> list[Transaction]:
    ids = [row.id for row in work.rows(sa.select(transaction.c.id).where(transaction.c.person_id == ANN))]
    return transactions.load_all(work, ANN, ids)


def test_mat_4_what_the_person_edited_meanwhile_survives_the_parting(work: Work) -> None:
    receipt, [line] = confirmed(work, 4000), arrive(work, stated("a", 4800))
    bank_ledger.merge(work, ANN, line, receipt)
    row = only(work, line)
    transactions.change(work, ANN, row.id, replace(entry_of(row), note="later"), revision=row.revision)
    bank_ledger.part(work, ANN, line)
    [stored] = transactions.of_receipt(work, ANN, receipt)
    assert (stored.amount_minor, stored.note) == (4000, "later")


def test_mt_5_a_hold_is_void_and_the_posted_line_matches(work: Work) -> None:
    receipt = confirmed(work, 4177)
    [line] = arrive(work, stated("hold", 100, pending=True))
    arrive(work, stated("fuel", 4177, replaces="hold"))
    bank_ledger.withdraw(work, ANN, ["hold"])
    assert bank_ledger.merge(work, ANN, line, receipt)
    assert spending(work) == 4177


def test_mt_6_a_line_that_goes_leaves_its_receipt_and_the_spending(work: Work) -> None:
    receipt, [line] = confirmed(work, 500), arrive(work, stated("a", 500))
    bank_ledger.merge(work, ANN, line, receipt)
    bank_pairs.decide(work, ANN, line, receipt, "matched")
    bank_ledger.withdraw(work, ANN, ["a"])
    [stored] = transactions.of_receipt(work, ANN, receipt)
    assert (stored.bank_line_id, stored.state, spending(work)) == (None, "posted", 500)
    assert bank_lines.of_receipt(work, ANN, receipt) is None
    assert bank_pairs.matched_since(work, ANN, NOW - timedelta(days=1)) == []


def test_bnk_3_the_posted_line_keeps_the_match(work: Work) -> None:
    receipt, [line] = confirmed(work, 4000), arrive(work, stated("p", 4000, pending=True))
    bank_ledger.merge(work, ANN, line, receipt)
    bank_pairs.decide(work, ANN, line, receipt, "matched")
    arrive(work, stated("q", 4800, replaces="p"))
    bank_ledger.withdraw(work, ANN, ["p"])
    assert (only(work, line).receipt_id, spending(work)) == (receipt, 4800)
    bank_ledger.part(work, ANN, line)
    [stored] = transactions.of_receipt(work, ANN, receipt)
    assert (stored.amount_minor, spending(work)) == (4000, 8800)


def test_mt_7_the_banks_amount_counts_in_the_banks_currency(work: Work) -> None:
    receipt, [line] = confirmed(work, 1800, currency="EUR"), arrive(work, stated("a", 1962))
    bank_ledger.merge(work, ANN, line, receipt)
    assert (only(work, line).currency, spending(work)) == ("USD", 1962)
    assert _spent(work, "EUR") == 0
    bank_ledger.part(work, ANN, line)
    assert _spent(work, "EUR") == 1800


def test_sm_6_cash_back_stays_a_transfer(work: Work) -> None:
    receipt = confirmed(work, 2623, cash_back=spent(2000, kind="transfer"))
    [line] = arrive(work, stated("a", 4623))
    bank_ledger.merge(work, ANN, line, receipt, cash_back_minor=2000)
    assert spending(work) == 2623
    assert sorted(one.amount_minor for one in transactions.of_receipt(work, ANN, receipt)) == [2000, 2623]


@pytest.mark.parametrize("act", ["delete", "undo"])
def test_mat_3_a_receipt_that_leaves_gives_the_line_back_and_undo_joins_them_again(work: Work, act: str) -> None:
    receipt, [line] = confirmed(work, 4000), arrive(work, stated("a", 4800))
    bank_ledger.merge(work, ANN, line, receipt)
    if act == "undo":
        assert history.undo(work, ANN, receipt) == "confirm"
    else:
        assert history.delete(work, ANN, receipt)
    assert (only(work, line).receipt_id, spending(work)) == (None, 4800)
    if act == "delete":
        assert history.undo(work, ANN, receipt) == "delete"
        assert (only(work, line).receipt_id, spending(work)) == (receipt, 4800)
        bank_ledger.part(work, ANN, line)
        assert spending(work) == 8800


def test_mat_3_editing_a_matched_receipt_keeps_match_and_amount(work: Work) -> None:
    receipt, [line] = confirmed(work, 4000), arrive(work, stated("a", 4800))
    bank_ledger.merge(work, ANN, line, receipt)
    row = receipts.load(work, ANN, receipt)
    assert row is not None
    draft = Draft(b"{}", TODAY, None, "USD", 4100, "joes")
    assert history.edit(work, ANN, receipt, draft, spent(4100, note="edited"), revision=row.revision)
    assert (only(work, line).note, spending(work)) == ("edited", 4800)
    bank_ledger.part(work, ANN, line)
    assert spending(work) == 4100 + 4800


def test_mat_4_undo_does_not_join_what_the_person_parted(work: Work) -> None:
    receipt, [line] = confirmed(work, 4000), arrive(work, stated("a", 4800))
    bank_ledger.merge(work, ANN, line, receipt)
    history.delete(work, ANN, receipt)
    bank_pairs.decide(work, ANN, line, receipt, "no")
    history.undo(work, ANN, receipt)
    assert (only(work, line).receipt_id, spending(work)) == (None, 8800)


def test_mat_4_the_persons_verdict_is_final(work: Work) -> None:
    receipt, [line] = confirmed(work, 500), arrive(work, stated("a", 500))
    assert bank_pairs.decide(work, ANN, line, receipt, "asked")
    assert bank_pairs.decide(work, ANN, line, receipt, "no")
    assert not bank_pairs.decide(work, ANN, line, receipt, "matched")
    assert bank_pairs.settled(work, ANN, [receipt]) == {(line, receipt)}
    assert bank_pairs.asked(work, ANN) == []
    assert bank_pairs.decide(work, ANN, line, receipt, "yes")
    assert bank_pairs.settled(work, ANN, [receipt]) == set()


def test_bnk_6_forgetting_a_bank_keeps_receipts(work: Work) -> None:
    receipt, lines = confirmed(work, 500), arrive(work, stated("a", 500), stated("b", 900))
    bank_ledger.merge(work, ANN, lines[0], receipt)
    assert bank_ledger.forget(work, ANN, ITEM) == 2
    assert (spending(work), bank_lines.of_item(work, ANN, ITEM)) == (500, [])


def test_bnk_2_one_sync_at_a_time_and_only_its_holder_ends_it(work: Work) -> None:
    item = bank_items.add(
        work, ANN, vendor_id="v", institution="Bank", token_blob=1, days=90, today=TODAY, consent="bank-1"
    )
    assert item
    assert bank_items.take_lease(work, ANN, item, 7)
    assert not bank_items.take_lease(work, ANN, item, 8)
    noted = bank_items.load(work, ANN, item)
    assert noted is not None
    assert noted.is_wanted
    assert not bank_items.end_lease(work, ANN, item, 8)
    late = at(work, NOW + bank_items.LEASE)
    assert bank_items.take_lease(late, ANN, item, 9)
    assert not bank_items.end_lease(late, ANN, item, 7), "what an old holder brings counts no more"
    assert bank_items.end_lease(late, ANN, item, 9)


def test_sec_r8_a_vendors_id_is_one_persons(work: Work) -> None:
    assert bank_items.refer(work, ANN, kind="item", vendor_id="v", target=1)
    assert not bank_items.refer(work, BOB, kind="item", vendor_id="v", target=2)
    assert bank_items.whose(work, kind="link", vendor_id="v") is None
    found = bank_items.whose(work, kind="item", vendor_id="v")
    assert found is not None
    assert tuple(found) == (ANN, 1)


# -- whatever happens --------------------------------------------------------------------------------------------------

_STEP = st.tuples(
    st.sampled_from(["add", "post", "remove", "merge", "part", "refuse", "edit", "delete", "undo", "receipt"]),
    st.integers(0, 3),
    st.integers(1, 9),
)


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Work]:
    with prepared_database("sqlite", tmp_path_factory.mktemp("bank")) as url, open_books(url) as work:
        yield work


@given(steps=st.lists(_STEP, max_size=14))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_mat_3_one_row_counts_for_each_living_line_whatever_happens(books: Work, steps: list[Any]) -> None:
    books._session.savepoint()
    books._claimed = True
    try:
        _play(books, steps)
    finally:
        books.undo()


def _play(work: Work, steps: list[tuple[str, int, int]]) -> None:
    slips = [confirmed(work, 100 * n) for n in (3, 4)]
    alive: dict[str, int] = {}
    for n, (act, which, amount) in enumerate(steps):
        _step(work, act, slips, alive, which, 100 * amount, n)
        _check(work, alive)


def _step(work: Work, act: str, slips: list[int], alive: dict[str, int], which: int, amount: int, n: int) -> None:
    key, slip = f"line{which}", slips[which % len(slips)]
    line = bank_lines.find(work, ANN, [key]).get(key)
    match act:
        case "add":
            arrive(work, stated(key, amount, pending=bool(which % 2)))
            if line is None or line.state != "replaced":
                alive[key] = amount
        case "post":
            arrive(work, stated(f"posted{n}", amount, replaces=key))
            bank_ledger.withdraw(work, ANN, [key])
            alive.pop(key, None)
            alive[f"posted{n}"] = amount
        case "remove":
            bank_ledger.withdraw(work, ANN, [key])
            alive.pop(key, None)
        case "receipt":
            slips.append(confirmed(work, amount))
        case "edit":
            row = receipts.load(work, ANN, slip)
            if row is not None:
                history.edit(work, ANN, slip, Draft(b"{}", TODAY), spent(amount), revision=row.revision)
        case "delete":
            history.delete(work, ANN, slip)
        case "undo":
            history.undo(work, ANN, slip)
        case _ if line is not None and line.is_alive:
            _judge(work, act, line.id, slip)


def _judge(work: Work, act: str, line_id: int, slip: int) -> None:
    if act == "merge":
        bank_ledger.merge(work, ANN, line_id, slip)
    elif act == "part":
        bank_ledger.part(work, ANN, line_id)
    else:
        bank_pairs.decide(work, ANN, line_id, slip, "no")
        bank_ledger.settle(work, ANN, [line_id])


def _check(work: Work, alive: dict[str, int]) -> None:
    """Hold the ledger against what the bank says: one row each, with the bank's amount; none for what is gone."""
    known = bank_lines.find(work, ANN, alive)
    assert set(known) == set(alive)
    for key, line in known.items():
        [row] = of_line(work, line.id)
        assert (row.amount_minor, row.state != "void") == (alive[key], True)
        assert row.receipt_id == line.receipt_id
    linked = {row.bank_line_id for row in _ledger(work) if row.bank_line_id and row.state != "void"}
    assert linked == {line.id for line in known.values()}
    assert len([one for one in known.values() if one.receipt_id]) == len(
        {one.receipt_id for one in known.values() if one.receipt_id}
    )
