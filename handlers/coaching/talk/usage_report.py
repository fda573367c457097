"""`/coachusage N`: what the coach's models did and cost in the last N days, to the nano-USD (rule LI-6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from bot.core.model_prices import NANO_PER_USD
from bot.engine.turn import Turn
from storage.coaching import usage
from storage.coaching.usage import ByModel

MOST_DAYS = 90
_KINDS = ("in", "out", "cache read", "written 5 min", "written 1 h")


def report(turn: Turn, argument: str, actor: str) -> str:
    """Return the report of `argument` days, today (UTC) included; one day when nothing is asked."""
    days = int(argument) if argument.isdigit() else 1
    last = turn.now.date()
    first = last - timedelta(days=min(max(days, 1), MOST_DAYS) - 1)
    return "\n".join(_lines(turn, first, last))


def _lines(turn: Turn, first: date, last: date) -> Iterator[str]:
    work = turn.work
    made, turns = usage.by_day_and_model(work, first, last), usage.turns(work, first, last)
    total = sum(one.nano_usd for one in made)
    yield f"{first} to {last} UTC"
    share = f" ({100 * turns.fallback // turns.all}%)" if turns.all else ""
    yield f"turns: {turns.all}, persons: {turns.persons}, fallback: {turns.fallback}{share}"
    mean = f", a turn {usd(total // turns.all)}" if turns.all else ""
    yield f"cost: {usd(total)}{mean}"
    sums = [sum(one.tokens[n] for one in made) for n in range(len(_KINDS))]
    yield "tokens: " + ", ".join(f"{kind} {number}" for kind, number in zip(_KINDS, sums, strict=True))
    prompt = sums[0] + sum(sums[2:])
    yield f"read from the cache: {100 * sums[2] // prompt if prompt else 0}% of prompts"
    yield f"refusals: {sum(one.refusals for one in made)}, usage unknown: {sum(one.unknown for one in made)}"
    yield f"not settled: {turns.unsettled}"
    yield from map(_row, made)
    for who, nano in usage.dearest(work, first, last):
        yield f"person {who}: {usd(nano)}"


def _row(one: ByModel) -> str:
    return f"{one.day} {one.model}: {one.calls} calls, {usd(one.nano_usd)}"


def usd(nano: int) -> str:
    """Return an exact amount in US dollars, without zeros at its end beyond cents."""
    whole, part = divmod(nano, NANO_PER_USD)
    digits = f"{part:09d}".rstrip("0").ljust(2, "0")
    return f"${whole}.{digits}"
