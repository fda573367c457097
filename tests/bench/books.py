"""The books at 1,000 and at 100,000 transactions of one person (rules RA-15, PERF-4): p95 and how it grows.

    python -m tests.bench.books [--small 1000] [--large 100000] [--rounds 30]

Both ledgers have the same number of transactions a day (28), so the large one is ten years long. Each line is one
question: how long its first answer took at both sizes, with nothing kept of it; then p95 at both when it is asked again
and again, every second time right after a change of the books, and their ratio. Milliseconds of this thread's own time
(all work is in it, and neighbours on the machine are not).
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from handlers.receipts.books.budgets import standings
from handlers.receipts.books.cache import BookCache
from handlers.receipts.books.finding import find
from handlers.receipts.books.query import parse, scene
from handlers.receipts.books.ranges import ALL, Unit, last_days, period
from handlers.receipts.books.summary import summarise
from handlers.receipts.books.trends import trend
from handlers.receipts.categories.learning import own_tree
from handlers.receipts.categories.tree import Tree
from storage.receipts import accounts, budgets, transactions
from storage.receipts.budgets import Budget
from storage.receipts.search import After
from storage.work import Work
from tests.databases import make_schema
from tests.storage.receipts.kit import ANN, TODAY, open_books, spent

PER_DAY = 28
SHOPS = [f"{first} {second}" for first in ("Blue", "Red", "Luna", "North", "Old", "Rio", "Sun") for second in
         ("Cafe", "Market", "Books", "Garage", "Hotel", "Bakery", "Grill", "Pharmacy", "Cinema", "Tools")]  # fmt: skip
SEARCHES = (
    "", "food in march", "starbucks", "luna cafe", "cafe", "thing", "thing 7",
    "over 50 last month", "between 10 and 20", "with picture",
    "without receipt", "uncategorised", "#work", "cash", "refunds", "groceries over 100", "last year",
)  # fmt: skip
Question = Callable[[], object]


def fill(work: Work, count: int) -> None:
    """Import transactions, the newest of today."""
    tree, chance = own_tree(work, ANN, "en"), random.Random(7)
    ids, cash = [*sorted(tree.ids()), None], accounts.find_or_add(work, ANN, kind="cash")
    for start in range(0, count, 5000):
        entries = []
        for n in range(start, min(start + 5000, count)):
            refund = chance.random() < 0.02
            entries.append(
                spent(
                    chance.randrange(100, 20_000) * (-1 if refund else 1), TODAY - timedelta(days=n // PER_DAY),
                    "Starbucks" if chance.random() < 0.01 else chance.choice(SHOPS),
                    kind="refund" if refund else "expense",
                    category_id=chance.choice(ids), currency="EUR" if chance.random() < 0.05 else "USD",
                    tags=("work",) if chance.random() < 0.02 else (), pictured=chance.random() < 0.3,
                    account_id=cash if chance.random() < 0.2 else None, description=f"thing {chance.randrange(50)}",
                )
            )  # fmt: skip
        transactions.add_all(work, ANN, entries)
    for category in (None, *ids[:4]):
        budgets.put(work, ANN, Budget(category, "month", "USD", 100_000, date(2026, 1, 1), rollover=True))


def questions(work: Work) -> dict[str, Question]:
    """Return everything that is asked of the books."""
    tree, cache = own_tree(work, ANN, "en"), BookCache()
    named = scene(tree, accounts.of_person(work, ANN), TODAY)
    found: dict[str, Question] = {f"summary {unit}": _summary(work, period(unit, TODAY), tree) for unit in Unit}
    found["summary last 90 days"] = lambda: summarise(work, ANN, last_days(90, TODAY), tree)
    found["summary all"] = lambda: summarise(work, ANN, ALL, tree)
    found["trend 12 months"] = lambda: trend(work, ANN, Unit.MONTH, 12, TODAY)
    found["trend 8 weeks"] = lambda: trend(work, ANN, Unit.WEEK, 8, TODAY)
    found["budget check"] = lambda: standings(work, ANN, tree, TODAY)
    for text in SEARCHES:
        wanted = parse(text, named).filter
        found[f"search {text!r}"] = lambda wanted=wanted: find(work, ANN, wanted, limit=10, cache=cache)  # type: ignore[misc]
    deep = After(TODAY - timedelta(days=30), 1 << 62)
    found["search page far down"] = lambda: find(work, ANN, parse("", named).filter, after=deep, limit=10, cache=cache)
    found["add one"] = lambda: transactions.add(work, ANN, spent(1))
    return found


def _summary(work: Work, wanted: object, tree: Tree) -> Question:
    return lambda: summarise(work, ANN, wanted, tree)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Answered:
    """Milliseconds of one question at one size: of its first answer, and p95 of the others."""

    first: float
    p95: float


def measure(folder: Path, count: int, rounds: int) -> dict[str, Answered]:
    """Return the figures of each question on a ledger of this size."""
    url = f"sqlite:///{folder}/{count}.db"
    make_schema(url)
    with open_books(url) as work:
        fill(work, count)
        return {name: _answered(work, question, rounds) for name, question in questions(work).items()}


def _answered(work: Work, question: Question, rounds: int) -> Answered:
    first, times = _timed(question), []
    for n in range(rounds):
        if n % 2:
            transactions.add(work, ANN, spent(n))
        times.append(_timed(question))
    return Answered(first, statistics.quantiles(times, n=20, method="inclusive")[-1])


def _timed(question: Question) -> float:
    started = time.thread_time()
    question()
    return (time.thread_time() - started) * 1000


@dataclass(frozen=True, slots=True)
class Growth:
    """All questions at two sizes."""

    sizes: tuple[int, int]
    small: dict[str, Answered]
    large: dict[str, Answered]

    @property
    def slowest_ms(self) -> float:
        """The largest p95 of the large ledger."""
        return max(one.p95 for one in self.large.values())

    @property
    def slowest_first_ms(self) -> float:
        """The largest first answer of the large ledger."""
        return max(one.first for one in self.large.values())

    @property
    def steepest(self) -> float:
        """How much the p95 grew of the question that grew most."""
        return max(one.p95 / self.small[name].p95 for name, one in self.large.items())

    def __str__(self) -> str:
        small, large = (f"{size:,}" for size in self.sizes)
        lines = [
            f"{'first answer, ms':>50} {'p95, ms':>24}",
            f"{'question':30} {small:>9} {large:>10} {small:>12} {large:>11}   ratio",
        ]
        for name, one in self.small.items():
            other = self.large[name]
            ratio = other.p95 / one.p95
            lines.append(
                f"{name:30} {one.first:9.2f} {other.first:10.2f} {one.p95:12.2f} {other.p95:11.2f} {ratio:7.1f}"
            )
        return "\n".join(lines)


def grow(small: int = 1000, large: int = 100_000, rounds: int = 30) -> Growth:
    """Measure both sizes."""
    with TemporaryDirectory(prefix="parley-books-") as folder:
        few, many = (measure(Path(folder), size, rounds) for size in (small, large))
    return Growth((small, large), few, many)


def main() -> None:
    """Measure both sizes and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=1000)
    parser.add_argument("--large", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    print(grow(options.small, options.large, options.rounds))


if __name__ == "__main__":
    main()
