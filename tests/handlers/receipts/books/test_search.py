"""Search in plain words: what is understood (SEA-1, SEA-2), stable pages (SEA-3), nobody else's (SEA-4)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from handlers.receipts.books.finding import find, sums
from handlers.receipts.books.query import Scene, parse, scene
from handlers.receipts.categories.learning import own_tree
from storage.receipts import accounts, history, receipts, transactions
from storage.receipts.receipts import Draft
from storage.receipts.search import After, Filter
from storage.receipts.transactions import Part
from storage.work import Work
from tests.storage.receipts.kit import ANN, BOB, TODAY, spent

SCENE = Scene(TODAY, {"food": frozenset({1, 2}), "fast food": frozenset({3})}, {"cash": frozenset({9})})
MARCH = {"start": date(2026, 3, 1), "end": date(2026, 4, 1)}
FEBRUARY = {"start": date(2026, 2, 1), "end": date(2026, 3, 1)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("food in march", {**MARCH, "categories": frozenset({1, 2})}),
        ("starbucks", {"words": ("starbuck",)}),
        ("over 50 last month", {**FEBRUARY, "least_milli": 50_001}),
        ("at least $50", {"least_milli": 50_000}),
        (">= 12.50", {"least_milli": 12_500}),
        ("between 20 and 10", {"least_milli": 10_000, "most_milli": 20_000}),
        ("under 1,000.50", {"most_milli": 1_000_499}),
        ("with picture", {"pictured": True}),
        ("without receipt", {"has_receipt": False}),
        ("uncategorised", {"categories": frozenset({0})}),
        ("#work", {"words": ("#work",)}),
        ("cash", {"accounts": frozenset({9})}),
        ("refunds", {"kinds": ("refund",)}),
        ("R7K2", {"code": "R7K2"}),
        ("Did I pay Joe's 12.50?", {"words": ("joe",), "least_milli": 12_500, "most_milli": 12_500}),
        ("fast food this month #Work", {**MARCH, "categories": frozenset({3}), "words": ("#work",)}),
        ("más de 20 el mes pasado", {**FEBRUARY, "least_milli": 20_001}),
        ("since march 1", {"start": date(2026, 3, 1), "end": date(2026, 3, 19)}),
        ("from 2026-03-01 to 2026-03-10", {"start": date(2026, 3, 1), "end": date(2026, 3, 11)}),
        ("7-eleven", {"words": ("7", "eleven")}),
        ("", {}),
        ("the", {}),
        ("%_' OR 1=1 --", {"words": ("or", "1")}),
    ],
)
def test_sea_1_plain_words(text: str, expected: dict[str, Any]) -> None:
    assert parse(text, SCENE).filter == Filter(**expected)


def _found(work: Work, text: str, person_id: int = ANN) -> list[int]:
    named = scene(own_tree(work, person_id, "en"), accounts.of_person(work, person_id), TODAY)
    page = find(work, person_id, parse(text, named).filter, limit=50)
    assert page.count == len(page.rows)
    return [one.amount_minor for one in page.rows]


@pytest.fixture
def ledger(work: Work) -> Work:
    tree = own_tree(work, ANN, "en")
    coffee, food, fun = (tree.by_key(key) for key in ("food.coffee", "food", "fun"))
    cash = accounts.find_or_add(work, ANN, kind="cash")
    for entry in (
        spent(100, merchant="Starbucks", category_id=coffee, tags=("Work",)),
        spent(200, TODAY - timedelta(days=1), "Café Müller", category_id=food, note="with José"),
        spent(-300, TODAY - timedelta(days=2), "Amazon", kind="refund", account_id=cash),
        spent(6000, TODAY - timedelta(days=30), "Ikea", currency="EUR", also="LAMPA svart 2x", pictured=True),
        spent(900, TODAY - timedelta(days=3), "Mixed", parts=(Part(fun, 600), Part(coffee, 300))),
        spent(5000, TODAY - timedelta(days=4), "Kura", currency="JPY", exponent=0),
        spent(70, merchant="Void", state="void"),
    ):
        transactions.add(work, ANN, entry)
    return work


FOUND: list[tuple[str, list[int]]] = [
    ("", [100, 200, -300, 900, 5000, 6000]),
    ("starbucks", [100]),
    ("STARBUCK", [100]),
    ("cafe muller", [200]),
    ("jose", [200]),
    ("lampa", [6000]),
    ("food", [100, 200, 900]),
    ("coffee", [100, 900]),
    ("food starbucks", [100]),
    ("coffee mixed", [900]),
    ("uncategorised", [-300, 5000, 6000]),
    ("#work", [100]),
    ("cash", [-300]),
    ("refunds", [-300]),
    ("between 3 and 59.99", [-300, 900]),
    ("over 59", [5000, 6000]),
    ("last month", [6000]),
    ("with picture", [6000]),
    ("without receipt this month", [100, 200, -300, 900, 5000]),
    ("void", []),
    ("nothing such", []),
    ("R7K2", []),
]


def test_sea_2_what_is_found(ledger: Work) -> None:
    found = {text: _found(ledger, text) for text, _ in FOUND}
    assert found == dict(FOUND)


def test_sea_1_a_code_finds_its_transaction(work: Work) -> None:
    made = receipts.add(work, ANN, Draft(b"{}"))
    history.confirm(work, ANN, made.id, spent(42))
    transactions.add(work, ANN, spent(43))
    wanted = Filter(code=made.code)
    assert [one.amount_minor for one in find(work, ANN, wanted).rows] == [42]
    assert find(work, BOB, wanted) == find(work, BOB, Filter(code="ZZZZ"))


def test_sea_3_sums_are_per_currency(ledger: Work) -> None:
    assert {one.currency: (one.count, one.amount_minor) for one in sums(ledger, ANN, Filter())} == {
        "USD": (4, 900), "EUR": (1, 6000), "JPY": (1, 5000),
    }  # fmt: skip
    march = Filter(**MARCH)  # type: ignore[arg-type]
    assert {one.currency: one.count for one in sums(ledger, ANN, march)} == {"USD": 4, "JPY": 1}


@pytest.mark.parametrize(
    ("wanted", "size"),
    [
        *((Filter(), size) for size in (1, 3, 5)),
        (Filter(words=("joe",)), 3),
        (Filter(categories=frozenset({0})), 3),
    ],
)
def test_sea_3_pages_never_repeat_or_skip(work: Work, wanted: Filter, size: int) -> None:
    made = [transactions.add(work, ANN, spent(n, TODAY - timedelta(days=n // 4))) for n in range(17)]
    seen: list[int] = []
    after: After | None = None
    while True:
        page = find(work, ANN, wanted, after=after, limit=size)
        seen += [one.id for one in page.rows]
        transactions.add(work, ANN, spent(5000, TODAY + timedelta(days=1)))
        after = page.after
        if after is None:
            break
    order = sorted(made, key=lambda one: (-(made.index(one) // 4), one), reverse=True)
    assert seen == order


def test_sea_2_words_follow_every_edit(work: Work) -> None:
    one = transactions.add(work, ANN, spent(1, merchant="Alpha"))
    assert transactions.change(work, ANN, one, spent(1, merchant="Beta"), revision=0)
    assert not transactions.change(work, ANN, one, spent(1, merchant="Gamma"), revision=0)
    assert [len(_found(work, name)) for name in ("alpha", "beta", "gamma")] == [0, 1, 0]
    transactions.remove(work, ANN, one)
    assert _found(work, "beta") == []
