"""The books at 1,000 and at 100,000 transactions of one person (rules RA-15, PERF-4): p95 and how it grows.

    python -m tests.bench.books [--small 1000] [--large 100000] [--rounds 30]

Both ledgers have the same number of transactions a day (28), so the large one is ten years long. Each line is one
question, asked again and again without any cache: p95 at both sizes in milliseconds of this
thread's own time (all work is in it, and neighbours on the machine are not), and their ratio.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from handlers.receipts.books.budgets import standings
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
    "", "food in march", "starbucks", "luna cafe", "cafe", "over 50 last month", "between 10 and 20", "with picture",
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
    tree = own_tree(work, ANN, "en")
    named = scene(tree, accounts.of_person(work, ANN), TODAY)
    found: dict[str, Question] = {f"summary {unit}": _summary(work, period(unit, TODAY), tree) for unit in Unit}
    found["summary last 90 days"] = lambda: summarise(work, ANN, last_days(90, TODAY), tree)
    found["summary all"] = lambda: summarise(work, ANN, ALL, tree)
    found["trend 12 months"] = lambda: trend(work, ANN, Unit.MONTH, 12, TODAY)
    found["trend 8 weeks"] = lambda: trend(work, ANN, Unit.WEEK, 8, TODAY)
    found["budget check"] = lambda: standings(work, ANN, tree, TODAY)
    for text in SEARCHES:
        wanted = parse(text, named).filter
        found[f"search {text!r}"] = lambda wanted=wanted: find(work, ANN, wanted, limit=10)  # type: ignore[misc]
    deep = After(TODAY - timedelta(days=30), 1 << 62)
    found["search page far down"] = lambda: find(work, ANN, parse("", named).filter, after=deep, limit=10)
    found["add one"] = lambda: transactions.add(work, ANN, spent(1))
    return found


def _summary(work: Work, wanted: object, tree: Tree) -> Question:
    return lambda: summarise(work, ANN, wanted, tree)  # type: ignore[arg-type]


def p95(question: Question, rounds: int) -> float:
    """Return the 95th percentile of so many rounds in milliseconds."""
    question()
    times = []
    for _ in range(rounds):
        started = time.thread_time()
        question()
        times.append((time.thread_time() - started) * 1000)
    return statistics.quantiles(times, n=20, method="inclusive")[-1]


def measure(folder: Path, count: int, rounds: int) -> dict[str, float]:
    """Return the p95 of each question on a ledger of this size, with the seconds of its import."""
    url = f"sqlite:///{folder}/{count}.db"
    make_schema(url)
    with open_books(url) as work:
        started = time.thread_time()
        fill(work, count)
        imported = {"(import, seconds)": time.thread_time() - started}
        return imported | {name: p95(question, rounds) for name, question in questions(work).items()}


def main() -> None:
    """Measure both sizes and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=1000)
    parser.add_argument("--large", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=30)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        small = measure(Path(folder), options.small, options.rounds)
        large = measure(Path(folder), options.large, options.rounds)
    print(f"{'question':32} {options.small:>9,} {options.large:>9,}   ratio")
    for name, figure in small.items():
        print(f"{name:32} {figure:9.2f} {large[name]:9.2f} {large[name] / figure:7.1f}")


if __name__ == "__main__":
    main()
