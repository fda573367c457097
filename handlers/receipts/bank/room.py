"""How many of a person's banks are read: as many as they may have, the others rest with all that is known (LG-9, A36).

    U> BANK
    B> Demo Bank: Checking ..0042. Synced Mar 18 09:00. Other Bank rests: Basic plan: bank connections: 1. ...
    U> BANK KEEP 2
    B> Other Bank is read from now on. Demo Bank rests; its lines stay in your books.

Nothing is deleted and no job runs: who may read more again, reads on where each bank was left. Those that are read are
the ones that the person chose, newest choice first, then those that they used last.
"""

from __future__ import annotations

from datetime import datetime

from bot.engine.rights import Decision
from bot.engine.turn import Turn
from storage.receipts import bank_items
from storage.receipts.bank_items import Item

FEATURE = "receipts.bank_sync"
_CHOSEN = "banks_kept"
"""Under this note stand the banks that a person chose, the last choice first."""


def read_ones(turn: Turn) -> list[Item]:
    """Return the banks that are read, oldest first."""
    items = bank_items.of_person(turn.work, turn.person.id)
    most = _most(turn.registry.rights.decide(turn, FEATURE))
    if most is None or len(items) <= most:
        return items
    chosen: list[int] = turn.conversation.notes.get(_CHOSEN, [])
    ranked = sorted(items, key=lambda one: (-_place(chosen, one.id), _used(one), one.id), reverse=True)
    kept = {one.id for one in ranked[:most]}
    return [one for one in items if one.id in kept]


def is_read(turn: Turn, item_id: int) -> bool:
    """Tell whether a bank is read at the moment."""
    return any(one.id == item_id for one in read_ones(turn))


def has_room(turn: Turn) -> bool:
    """Tell whether one more bank may be linked; asked in the turn that keeps it."""
    most = _most(turn.registry.rights.decide(turn, FEATURE))
    return most is None or len(bank_items.of_person(turn.work, turn.person.id)) < most


def told(turn: Turn) -> str:
    """Say what a person may have, and what would allow more."""
    return turn.registry.rights.decide(turn, FEATURE).told


def keep(turn: Turn, item: Item) -> list[Item]:
    """Let a bank be read in place of another; return those that rest then."""
    chosen: list[int] = turn.conversation.notes.get(_CHOSEN, [])
    turn.conversation.notes[_CHOSEN] = [item.id, *(one for one in chosen if one != item.id)]
    kept = {one.id for one in read_ones(turn)}
    return [one for one in bank_items.of_person(turn.work, turn.person.id) if one.id not in kept]


def _most(found: Decision) -> int | None:
    return None if found.value is None else int(found.value or 0)


def _place(chosen: list[int], item_id: int) -> int:
    return chosen.index(item_id) if item_id in chosen else len(chosen)


def _used(item: Item) -> datetime:
    """Return when the person last used a bank: asked for it to be read, or linked it."""
    return max(item.linked_at, item.asked_at or item.linked_at)
