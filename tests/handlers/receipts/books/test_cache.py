"""What is kept of a search is what the ledger holds, after every kind of change (PERF-3); so do pages (RA-15)."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from handlers.receipts.books.cache import BookCache, months_of
from handlers.receipts.books.finding import Page, find, sums
from handlers.receipts.categories.learning import own_tree
from storage.receipts import book, privacy, recategorising, search, transactions
from storage.receipts.search import After, Filter
from storage.work import Work
from tests.storage.receipts.kit import ANN, BOB, NOW, TODAY, at, spent

FIRST = date(2025, 11, 3)


def _filters(food: int) -> list[Filter]:
    return [
        Filter(words=("joe",)), Filter(words=("joe", "#work")), Filter(least_milli=300, most_milli=700),
        Filter(pictured=True), Filter(categories=frozenset({0, food})), Filter(states=("void",)),
        Filter(words=("luna",), start=date(2025, 12, 10), end=date(2026, 2, 10)), Filter(words=("nowhere",)),
        Filter(start=date(2026, 1, 1), has_receipt=False),
    ]  # fmt: skip


def _watched(monkeypatch: pytest.MonkeyPatch, name: str) -> list[Filter]:
    """Return the filters with which a function of `search` is asked from now on."""
    asked, read = list[Filter](), getattr(search, name)

    def watched(work: Work, person_id: int, wanted: Filter, **more: Any) -> Any:
        asked.append(wanted)
        return read(work, person_id, wanted, **more)

    monkeypatch.setattr(search, name, watched)
    return asked


def _change(work: Work, chance: Random, made: list[int], food: int) -> None:
    day = FIRST + timedelta(days=chance.randrange(130))
    entry = spent(
        chance.randrange(-100, 100), day, chance.choice(["Joe's", "Luna"]), pictured=chance.random() < 0.5,
        tags=("work",) if chance.random() < 0.3 else (), category_id=chance.choice([None, food]),
        currency=chance.choice(["USD", "EUR"]),
    )  # fmt: skip
    one = chance.choice(made) if made else None
    match chance.randrange(5) if one else 0:
        case 0 | 1:
            made.append(transactions.add(work, ANN, entry))
        case 2:
            stored = transactions.load(work, ANN, one or 0)
            assert stored
            assert transactions.change(work, ANN, stored.id, entry, revision=stored.revision)
        case 3:
            transactions.move(work, ANN, one or 0, was=("posted", "pending"), to="void")
        case _:
            transactions.remove(work, ANN, one or 0)
            made.remove(one or 0)


@pytest.mark.parametrize("seed", [1, 2])
def test_perf_3_kept_months_are_the_ledgers_after_any_change(work: Work, seed: int) -> None:
    food, chance, cache, made = own_tree(work, ANN, "en").by_key("food"), Random(seed), BookCache(), list[int]()
    assert food
    for _ in range(25):
        _change(work, chance, made, food)
        for wanted in chance.sample(_filters(food), 3):
            assert cache.months(work, ANN, wanted) == months_of(work, ANN, wanted)
    assert sums(work, ANN, Filter(pictured=True), cache=cache) == sums(work, ANN, Filter(pictured=True))


def test_perf_3_only_the_months_that_changed_are_summed_again(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = _watched(monkeypatch, "month_sums")
    transactions.add_all(work, ANN, [spent(n, FIRST + timedelta(days=7 * n)) for n in range(15)])
    cache, wanted = BookCache(), Filter(words=("joe",))
    cache.months(work, ANN, wanted)
    cache.months(work, ANN, wanted)
    transactions.add(work, ANN, spent(99, date(2026, 1, 9)))
    cache.months(work, ANN, wanted)
    assert [(one.start, one.end) for one in asked] == [(None, None), (date(2026, 1, 1), date(2026, 2, 1))]


def test_perf_3_a_merged_category_is_counted_anew_in_void_rows_too(work: Work) -> None:
    tree, cache = own_tree(work, ANN, "en"), BookCache()
    food, fun = tree.by_key("food"), tree.by_key("fun")
    assert food
    assert fun
    wanted = Filter(categories=frozenset({fun}), states=("void",))
    transactions.add(work, ANN, spent(5, category_id=food, state="void"))
    assert sums(work, ANN, wanted, cache=cache) == ()
    recategorising.merge(work, ANN, food, fun)
    assert [one.count for one in sums(work, ANN, wanted, cache=cache)] == [1]


def test_perf_3_erased_books_never_come_back_to_an_old_revision(work: Work) -> None:
    for n in range(5):
        transactions.add(work, ANN, spent(n))
    before = book.revision(work, ANN)
    privacy.erase(work, ANN)
    later = at(work, NOW + timedelta(seconds=1))
    transactions.add(later, ANN, spent(1))
    assert book.revision(later, ANN) > before


def test_perf_3_nobody_sees_what_is_kept_of_another(work: Work) -> None:
    cache, wanted = BookCache(), Filter(words=("joe",))
    transactions.add(work, ANN, spent(5))
    assert sums(work, ANN, wanted, cache=cache)
    assert sums(work, BOB, wanted, cache=cache) == ()


def _pages(work: Work, wanted: Filter, size: int, cache: BookCache) -> list[int]:
    found, after = list[int](), None
    while True:
        page: Page = find(work, ANN, wanted, after=after, limit=size, cache=cache)
        found += [one.id for one in page.rows]
        after = page.after
        if after is None:
            return found


@pytest.mark.parametrize("size", [1, 4, 50])
def test_ra_15_pages_by_their_months_are_the_rows_of_one_long_read(work: Work, size: int) -> None:
    days = [FIRST + timedelta(days=n * n % 131) for n in range(40)]
    transactions.add_all(work, ANN, [spent(n, day, "Joe's" if n % 3 else "Luna") for n, day in enumerate(days)])
    cache = BookCache()
    for wanted in (
        Filter(words=("luna",)), Filter(least_milli=50, most_milli=300), Filter(words=("luna",), end=date(2026, 1, 20)),
        Filter(words=("joe",), start=date(2025, 12, 5), end=date(2026, 2, 3)), Filter(words=("none",)),
    ):  # fmt: skip
        assert _pages(work, wanted, size, cache) == search.page(work, ANN, wanted, limit=100)


def test_ra_15_a_page_reads_no_further_than_its_months(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = _watched(monkeypatch, "page")
    transactions.add_all(work, ANN, [spent(n, FIRST + timedelta(days=7 * n), "Luna") for n in range(20)])
    rare = Filter(words=("luna",))
    find(work, ANN, rare, limit=3)
    find(work, ANN, rare, after=After(date(2026, 1, 20), 0), limit=1)
    find(work, ANN, Filter(words=("none",)), limit=3)
    months = [(one.start, one.end) for one in asked]
    assert months == [(date(2026, 2, 1), date(2026, 4, 1)), (date(2025, 12, 1), date(2026, 2, 1))]
    assert date(2026, 4, 1) > TODAY
