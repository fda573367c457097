"""Edits of a person's tree (CAT-3, CAT-4) and what corrections teach (CAT-5 to CAT-7, RA-13)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.receipts.categories import Fault, Tree, decide
from handlers.receipts.categories.learning import (
    change_earlier,
    contradict,
    correct,
    merchant_name,
    own_category,
    own_rules,
    own_tree,
    rename_merchant,
)
from storage.receipts import budgets, categories, recategorising, rules, totals, transactions
from storage.receipts.budgets import Budget
from storage.receipts.categories import Category
from storage.receipts.totals import Span
from storage.receipts.transactions import Part
from storage.work import Work
from tests.storage.receipts.kit import ANN, BOB, TODAY, spent

SMALL = Tree(
    [
        Category(1, 0, "Food", key="food"), Category(2, 1, "Coffee", key="food.coffee"), Category(3, 2, "Beans"),
        Category(4, 0, "Fun"), Category(5, 0, "Café"),
    ]
)  # fmt: skip


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (SMALL.may_add("Tea", 1), None),
        (SMALL.may_add("Arabica", 3), Fault.DEPTH),
        (SMALL.may_add("COFFÉE", 1), Fault.TAKEN),
        (SMALL.may_add("Coffee", 4), None),
        (SMALL.may_add(" ", 0), Fault.NAME),
        (SMALL.may_add("a > b", 0), Fault.NAME),
        (SMALL.may_add("Tea", 99), Fault.UNKNOWN),
        (SMALL.may_rename(4, "cafe"), Fault.TAKEN),
        (SMALL.may_rename(5, "cafe"), None),
        (SMALL.may_move(1, 3), Fault.CYCLE),
        (SMALL.may_move(1, 1), Fault.CYCLE),
        (SMALL.may_move(1, 4), Fault.DEPTH),
        (SMALL.may_move(2, 4), None),
        (SMALL.may_move(9, 4), Fault.UNKNOWN),
        (SMALL.may_merge(1, 4), Fault.CHILDREN),
        (SMALL.may_merge(3, None), None),
        (SMALL.may_merge(3, 99), Fault.UNKNOWN),
        (SMALL.may_delete(1, used=True), Fault.SYSTEM),
        (SMALL.may_delete(3, used=True), None),
    ],
)
def test_cat_4_edits_of_the_tree(fault: Fault | None, expected: Fault | None) -> None:
    assert fault is expected


def test_cat_4_a_tree_holds_at_most_200() -> None:
    full = Tree(Category(n, 0, f"n{n}") for n in range(1, 201))
    assert full.may_add("one more", 0) is Fault.TOO_MANY


@given(st.lists(st.tuples(st.integers(1, 12), st.integers(0, 12)), max_size=40))
def test_cat_4_allowed_moves_never_make_a_cycle_or_a_deep_tree(moves: list[tuple[int, int]]) -> None:
    parents = dict.fromkeys(range(1, 13), 0)
    for one, parent in moves:
        tree = Tree(Category(n, p, f"n{n}") for n, p in parents.items())
        if tree.may_move(one, parent) is None:
            parents[one] = parent
    tree = Tree(Category(n, p, f"n{n}") for n, p in parents.items())
    for one in parents:
        path = tree.path(one)
        assert path[0].parent_id == 0
        assert len(path) <= 3


def test_cat_3_the_default_tree_is_copied_once_in_the_persons_language(work: Work) -> None:
    mine = own_tree(work, ANN, "es")
    assert mine.named("Comida > Café")
    assert len(own_tree(work, ANN, "en").ids()) == len(mine.ids())
    theirs = own_tree(work, BOB, "en")
    assert theirs.named("Food > Coffee")
    assert not mine.ids() & theirs.ids()


def test_a_deleted_default_category_falls_back_to_its_parent(work: Work) -> None:
    tree = own_tree(work, ANN, "en")
    coffee, food = tree.by_key("food.coffee"), tree.by_key("food")
    assert coffee
    assert own_category(tree, decide("Starbucks")) == coffee
    assert recategorising.merge(work, ANN, coffee, None)
    assert own_category(own_tree(work, ANN, "en"), decide("Starbucks")) == food


def test_cat_4_storage_keeps_sibling_names_unique(work: Work) -> None:
    one = categories.add(work, ANN, parent_id=0, name="Boats", kind="expense")
    assert one
    assert categories.add(work, ANN, parent_id=0, name="BOATS", kind="expense") is None
    other = categories.add(work, ANN, parent_id=0, name="Ships", kind="expense")
    assert other
    assert not categories.rename(work, ANN, other, "boats")
    assert categories.rename(work, ANN, one, "Böats")
    assert categories.move_under(work, ANN, other, one)
    assert not categories.move_under(work, ANN, other, 12345)
    assert categories.hide(work, ANN, other)
    assert [(c.name, c.hidden) for c in categories.of_person(work, ANN)] == [("Böats", False), ("Ships", True)]


def test_cat_4_deleting_moves_everything_and_ends_budgets(work: Work) -> None:
    tree = own_tree(work, ANN, "en")
    bars, fun = tree.by_key("food.bars"), tree.by_key("fun")
    assert bars
    assert fun
    transactions.add(work, ANN, spent(500, category_id=bars))
    transactions.add(work, ANN, spent(900, parts=(Part(bars, 600), Part(fun, 300))))
    rules.teach(work, ANN, rules.Rule("merchant", "pub", bars))
    budgets.put(work, ANN, Budget(bars, "month", "USD", 100, TODAY))
    assert recategorising.is_used(work, ANN, bars)
    assert recategorising.merge(work, ANN, bars, fun)
    assert not recategorising.is_used(work, ANN, bars)
    span = Span(TODAY, TODAY + timedelta(days=1))
    assert {row.category_id: row.amount_minor for row in totals.by_category(work, ANN, span)} == {fun: 1400}
    whole = Span(TODAY.replace(day=1), TODAY.replace(day=1, month=TODAY.month + 1))
    assert {row.category_id: row.amount_minor for row in totals.by_category(work, ANN, whole)} == {fun: 1400}
    taught = rules.of_pattern(work, ANN, "merchant", "pub")
    assert taught is not None
    assert taught.category_id == fun
    assert budgets.of_person(work, ANN) == []


def test_cat_5_ra_13_correct_once_and_the_next_one_is_right(work: Work) -> None:
    tree = own_tree(work, ANN, "en")
    books, gifts = tree.by_key("shopping.books"), tree.by_key("shopping.gifts")
    earlier = [
        transactions.add(work, ANN, spent(100 + n, TODAY - timedelta(days=n), "Luna", category_id=gifts))
        for n in (1, 2)
    ]
    newest = transactions.add(work, ANN, spent(100, merchant="Luna", category_id=gifts))
    done = correct(work, ANN, newest, category_id=books, merchant_key="luna")
    assert done.done
    assert done.earlier == tuple(earlier)
    again = decide("Luna", rules=own_rules(work, ANN, "luna"), merchant_key="luna")
    assert (again.category, again.reason.kind) == (books, "merchant_rule")
    assert change_earlier(work, ANN, done.earlier, books) == 2
    assert {row.category_id for row in transactions.of_merchant(work, ANN, "luna")} == {books}
    [rule] = rules.of_person(work, ANN)
    assert rules.forget(work, ANN, rule.id)
    assert decide("Luna", rules=own_rules(work, ANN, "luna"), merchant_key="luna").category is None


def test_cat_6_the_latest_wins_until_corrections_contradict(work: Work) -> None:
    tree = own_tree(work, ANN, "en")
    books, gifts = tree.by_key("shopping.books"), tree.by_key("shopping.gifts")
    seen = []
    for choice in (books, gifts, books):
        one = transactions.add(work, ANN, spent(100, merchant="Luna"))
        assert correct(work, ANN, one, category_id=choice, merchant_key="luna").done
        found = decide("Luna", rules=own_rules(work, ANN, "luna"), merchant_key="luna")
        seen.append((found.category, found.is_asked))
    assert seen == [(books, False), (gifts, False), (None, True)]
    for _ in range(10):
        transactions.add(work, ANN, spent(100, merchant="Luna"))
    assert not decide("Luna", rules=own_rules(work, ANN, "luna"), merchant_key="luna").is_asked


@pytest.mark.parametrize(
    ("lessons", "expected"),
    [
        ([1, 2, 1], True),
        ([1, 1, 2], True),
        ([1, 2], False),
        ([1, 1, 1], False),
        ([1, 2, 3], False),
        ([1, None, 1], True),
    ],
)
def test_cat_6_three_changes_among_two_categories(lessons: list[int | None], expected: bool) -> None:
    assert contradict(lessons) is expected


def test_cat_7_a_renamed_merchant_is_called_so_again(work: Work) -> None:
    assert rename_merchant(work, ANN, "sqblue", "Blue Door")
    assert merchant_name(work, ANN, "sqblue", "SQ *BLUE") == "Blue Door"
    assert merchant_name(work, BOB, "sqblue", "SQ *BLUE") == "SQ *BLUE"
