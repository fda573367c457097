"""A card or account number that somebody typed is masked before anything is kept of it, and answered by a warning.

    U> 4242 4242 4242 4242
    B> Please never send card or account numbers here: I kept the last four digits only. You pay on a secure page.

Steps that ask for a long number (of a citation: `number`, `number_meant`) take it as it is (PY-10, PRIV-5). So are our
own ids, by which staff name persons and payments: one in ten passes for a card, and no card begins as they do.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from bot.core.ids import Ids
from bot.core.masking import mask
from bot.engine.turn import Turn

LEAST_DIGITS = 13
WORDS = 3
"""A message with fewer letters than this beside the number said nothing else."""
_NUMBER_STEP = "number"
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
"""No id of ours is older."""


def masked(turn: Turn) -> bool:
    """Mask such numbers in this message; True when that was all of it."""
    text = turn.event.text
    if len(text) < LEAST_DIGITS or sum(map(str.isdigit, text)) < LEAST_DIGITS:
        return False
    if turn.event.kind != "text" or _is_asked(turn):
        return False
    found = mask(text, except_fitting=lambda number: _is_id(turn, number))
    if not found.count:
        return False
    turn.event = replace(turn.event, payload={**turn.event.payload, "text": found.text})
    turn.say("engine.card_masked")
    return sum(one.isalpha() for one in found.text) < WORDS


def _is_asked(turn: Turn) -> bool:
    frame = turn.conversation.top
    return frame is not None and frame.step.startswith(_NUMBER_STEP)


def _is_id(turn: Turn, number: str) -> bool:
    """Tell whether a number may be an id that we made by now."""
    is_plain = number.isascii() and number.isdigit() and not number.startswith("0") and len(number) < 20
    return is_plain and Ids.floor(_FIRST) <= int(number) < Ids.floor(turn.now + timedelta(days=1))
