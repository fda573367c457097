"""From many receipts and lines to matches, one to one, and to questions (rules MAT-2 to MAT-4).

Pairs that fit about as well as each other's best are rivals. As many equal receipts as equal lines are matched in
their order (MT-3): whichever is whose, the books are the same. Any other rivalry is the person's to settle (MT-4). What
the person said of a pair is never decided again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from handlers.receipts.matching.likeness import Aliases
from handlers.receipts.matching.pairing import CERTAIN, EARLIEST, LATEST, POSSIBLE, Pair, pair_of
from handlers.receipts.matching.values import Line, Receipt

MARGIN = 8
"""Scores this close are equal: a day more or less does not tell two coffees apart."""


@dataclass(frozen=True, slots=True)
class Question:
    """A line that may be one of these receipts, the likeliest first."""

    line: Line
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Matching:
    """What is certain and what must be asked."""

    matched: tuple[Pair, ...] = ()
    asked: tuple[Question, ...] = ()


def decide(
    receipts: Sequence[Receipt],
    lines: Sequence[Line],
    *,
    refused: Collection[tuple[int, int]] = (),
    aliases: Aliases = (),
) -> Matching:
    """Return what to match and what to ask; `refused` holds pairs (line id, receipt id) that the person settled."""
    pairs = [pair for pair in _candidates(receipts, lines, aliases) if (pair.line.id, pair.receipt.id) not in refused]
    matched: list[Pair] = []
    while certain := _certain(pairs):
        matched += certain
        taken_lines = {pair.line.id for pair in certain}
        taken_receipts = {pair.receipt.id for pair in certain}
        pairs = [p for p in pairs if p.line.id not in taken_lines and p.receipt.id not in taken_receipts]
    return Matching(tuple(matched), _questions(pairs))


def _candidates(receipts: Sequence[Receipt], lines: Sequence[Line], aliases: Aliases) -> Iterable[Pair]:
    """Yield the pairs worth a thought; only receipts of the days around a line are looked at."""
    by_day: dict[date, list[Receipt]] = defaultdict(list)
    for receipt in receipts:
        by_day[receipt.date].append(receipt)
    for line in lines:
        for receipt in _near(by_day, line):
            pair = pair_of(receipt, line, aliases)
            if pair is not None and pair.score >= POSSIBLE:
                yield pair


def _near(by_day: dict[date, list[Receipt]], line: Line) -> Iterable[Receipt]:
    dates = {line.date} if line.authorized is None else {line.date, line.authorized}
    days = {day - timedelta(days=late) for day in dates for late in range(EARLIEST, LATEST + 1)}
    for day in sorted(days):
        yield from by_day.get(day, ())


def _certain(pairs: Sequence[Pair]) -> list[Pair]:
    best_of_line, best_of_receipt = _best(pairs, lambda p: p.line.id), _best(pairs, lambda p: p.receipt.id)
    strong = [
        pair
        for pair in pairs
        if pair.score >= best_of_line[pair.line.id] - MARGIN and pair.score >= best_of_receipt[pair.receipt.id] - MARGIN
    ]
    found: list[Pair] = []
    for rivals in _groups(strong):
        found += _settled(rivals)
    return found


def _best(pairs: Iterable[Pair], whose: Callable[[Pair], int]) -> dict[int, int]:
    best: dict[int, int] = {}
    for pair in pairs:
        key = whose(pair)
        best[key] = max(best.get(key, 0), pair.score)
    return best


def _settled(rivals: list[Pair]) -> list[Pair]:
    """Return the matches among rivals: the only pair, or equal ones in their order; none when they must be asked."""
    if min(pair.score for pair in rivals) < CERTAIN:
        return []
    if len(rivals) == 1:
        return rivals
    receipts = sorted({pair.receipt for pair in rivals}, key=lambda one: (one.date, one.minute, one.id))
    lines = sorted({pair.line for pair in rivals}, key=lambda one: (one.authorized or one.date, one.date, one.id))
    alike = {(p.how, p.line.amount_minor, p.receipt.amount_minor, p.receipt.merchant) for p in rivals}
    known = {(pair.line.id, pair.receipt.id): pair for pair in rivals}
    in_order = [known.get((line.id, receipt.id)) for line, receipt in zip(lines, receipts, strict=False)]
    if len(lines) != len(receipts) or len(alike) != 1:
        return []
    return [pair for pair in in_order if pair is not None] if all(in_order) else []


def _groups(pairs: Iterable[Pair]) -> list[list[Pair]]:
    """Return the pairs in groups that share a line or a receipt, directly or through others."""
    groups: list[list[Pair]] = []
    home: dict[tuple[str, int], list[Pair]] = {}
    for pair in pairs:
        ends = (("line", pair.line.id), ("receipt", pair.receipt.id))
        group = [pair]
        for known in {id(home[end]): home[end] for end in ends if end in home}.values():
            group += known
            groups = [one for one in groups if one is not known]
        groups.append(group)
        for member in group:
            home["line", member.line.id] = home["receipt", member.receipt.id] = group
    return groups


def _questions(pairs: Iterable[Pair]) -> tuple[Question, ...]:
    of_line: dict[int, list[Pair]] = defaultdict(list)
    for pair in pairs:
        of_line[pair.line.id].append(pair)
    return tuple(
        Question(found[0].line, tuple(sorted(found, key=lambda p: (-p.score, p.receipt.date, p.receipt.id))))
        for found in of_line.values()
    )
