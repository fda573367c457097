"""Which two bank lines are one movement between a person's own accounts: pure rules from values to pairs (BNK-4).

The amounts are opposite and of one currency, the accounts are two, and at most five days lie between them: banks take
their time. Names decide how sure that is. A line that speaks of a transfer pulls a silent one along; a line that names
a shop or wages is never half of a transfer unless its person says so. Rivals are settled like those of receipts: as
many as there are on both sides go in their order, anything else is the person's to settle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

Says = Literal["transfer", "nothing", "purchase"]
"""What bank and vendor say of a line: it is moved money; nothing; something was bought or earned."""

DAYS, SILENT_DAYS = 5, 2
"""How far apart the two dates may lie, and how far when neither line speaks of a transfer."""


@dataclass(frozen=True, slots=True)
class Movement:
    """A bank line as these rules see it; a positive amount went out."""

    id: int
    account_id: int
    date: date
    amount_minor: int
    currency: str
    says: Says = "nothing"


@dataclass(frozen=True, slots=True)
class Moved:
    """What went out of one account and came into another."""

    out: Movement
    into: Movement


@dataclass(frozen=True, slots=True)
class Movements:
    """What is certain, and what a person must be asked."""

    certain: tuple[Moved, ...] = ()
    maybe: tuple[Moved, ...] = ()


def pair_movements(lines: Sequence[Movement], *, refused: Collection[tuple[int, int]] = ()) -> Movements:
    """Return the pairs; `refused` holds pairs (out, in) of ids that the person took apart."""
    groups: dict[tuple[str, int], list[Movement]] = defaultdict(list)
    for line in lines:
        if line.amount_minor:
            groups[line.currency, abs(line.amount_minor)].append(line)
    certain: list[Moved] = []
    maybe: list[Moved] = []
    for group in groups.values():
        found = _of_amount(group, refused)
        certain += found.certain
        maybe += found.maybe
    return Movements(tuple(certain), tuple(maybe))


def _of_amount(group: Sequence[Movement], refused: Collection[tuple[int, int]]) -> Movements:
    possible = [
        Moved(out, into)
        for out in group if out.amount_minor > 0
        for into in group if into.amount_minor < 0 and (out.id, into.id) not in refused
    ]  # fmt: skip
    sure = [pair for pair in possible if _is_sure(pair)]
    certain = _in_order(sure)
    taken = {line.id for pair in certain for line in (pair.out, pair.into)}
    left = [pair for pair in possible if _may_be(pair) and not {pair.out.id, pair.into.id} & taken]
    return Movements(tuple(certain), tuple(left))


def _is_sure(pair: Moved) -> bool:
    says = {pair.out.says, pair.into.says}
    days = DAYS if "transfer" in says else SILENT_DAYS
    return "purchase" not in says and _two_accounts(pair) and _apart(pair) <= days


def _may_be(pair: Moved) -> bool:
    says = {pair.out.says, pair.into.says}
    return (says == {"nothing"} or "transfer" in says) and _two_accounts(pair) and _apart(pair) <= DAYS


def _two_accounts(pair: Moved) -> bool:
    return pair.out.account_id != pair.into.account_id


def _apart(pair: Moved) -> int:
    return abs((pair.into.date - pair.out.date).days)


def _in_order(pairs: Sequence[Moved]) -> list[Moved]:
    """Return one pair for each line, in the order of their days; none where the sides are not equally many."""
    outs, ins = _side(pair.out for pair in pairs), _side(pair.into for pair in pairs)
    known = {(pair.out.id, pair.into.id): pair for pair in pairs}
    if len(outs) != len(ins):
        return []
    found = [known.get((out.id, into.id)) for out, into in zip(outs, ins, strict=True)]
    return [pair for pair in found if pair is not None] if all(found) else []


def _side(lines: Iterable[Movement]) -> list[Movement]:
    return sorted(set(lines), key=lambda one: (one.date, one.id))
