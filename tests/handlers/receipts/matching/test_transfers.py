"""Which bank lines are one movement between own accounts (BNK-4): rows of lines and what is made of them."""

from __future__ import annotations

from datetime import date, timedelta

from handlers.receipts.matching.transfers import Movement, pair_movements
from tests.rows import each

DAY = date(2026, 3, 16)
CHECKING, CARD, SAVINGS = 1, 2, 3


def line(id: int, account: int, amount: int, says: str = "nothing", day: int = 0, currency: str = "USD") -> Movement:
    return Movement(id, account, DAY + timedelta(days=day), amount, currency, says)  # type: ignore[arg-type]


OUT, IN = line(1, CHECKING, 300), line(2, SAVINGS, -300)
ROWS = [
    ("both speak of it", [line(1, CHECKING, 300, "transfer"), line(2, CARD, -300, "transfer")], {(1, 2)}, set()),
    ("one speaks, the other is silent", [line(1, CHECKING, 300, "transfer"), IN], {(1, 2)}, set()),
    ("the other way round", [OUT, line(2, CARD, -300, "transfer")], {(1, 2)}, set()),
    ("money that came first", [OUT, line(2, SAVINGS, -300, "transfer", -3)], {(1, 2)}, set()),
    ("both are silent, within two days", [OUT, line(2, SAVINGS, -300, day=2)], {(1, 2)}, set()),
    ("both are silent, later", [OUT, line(2, SAVINGS, -300, day=4)], set(), {(1, 2)}),
    ("five days are the most", [line(1, CHECKING, 300, "transfer"), line(2, CARD, -300, day=6)], set(), set()),
    ("one account", [line(1, CHECKING, 300, "transfer"), line(2, CHECKING, -300, "transfer")], set(), set()),
    ("another amount", [line(1, CHECKING, 300, "transfer"), line(2, CARD, -301, "transfer")], set(), set()),
    ("another currency", [OUT, line(2, SAVINGS, -300, currency="EUR")], set(), set()),
    ("the same direction", [OUT, line(2, SAVINGS, 300)], set(), set()),
    ("a shop took it and a shop gave it back", [line(1, CHECKING, 300, "purchase"), line(2, CARD, -300, "purchase")],
     set(), set()),
    ("wages of the same amount as a silent line", [OUT, line(2, SAVINGS, -300, "purchase")], set(), set()),
    ("wages of the same amount as a transfer", [line(1, CHECKING, 300, "transfer"), line(2, SAVINGS, -300, "purchase")],
     set(), {(1, 2)}),
    ("two of each go in their order", [
        line(1, CHECKING, 300, "transfer"), line(2, CHECKING, 300, "transfer", 1),
        line(3, SAVINGS, -300, "transfer", 1), line(4, SAVINGS, -300, "transfer", 2),
    ], {(1, 3), (2, 4)}, set()),
    ("one went out, two came in", [
        line(1, CHECKING, 300, "transfer"), line(2, SAVINGS, -300), line(3, CARD, -300),
    ], set(), {(1, 2), (1, 3)}),
    ("nothing moved", [line(1, CHECKING, 0, "transfer"), line(2, CARD, 0, "transfer")], set(), set()),
]  # fmt: skip


@each("case, lines, certain, maybe", ROWS)
def test_bnk_4_lines_of_two_own_accounts(
    case: str, lines: list[Movement], certain: set[tuple[int, int]], maybe: set[tuple[int, int]]
) -> None:
    found = pair_movements(lines)
    assert {(one.out.id, one.into.id) for one in found.certain} == certain, case
    assert {(one.out.id, one.into.id) for one in found.maybe} == maybe, case
    assert pair_movements(lines[::-1]) == found or len(lines) > 2


def test_mat_4_a_pair_that_was_taken_apart_is_not_found_again() -> None:
    found = pair_movements([OUT, IN], refused={(1, 2)})
    assert (found.certain, found.maybe) == ((), ())
