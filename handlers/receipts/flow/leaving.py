"""DROP and SAVE where a field is asked for: whoever went to EDIT may leave by the words of the draft (rule 9).

U> edit
B> 1 Amount 2 Store 3 Date 4 Category 5 Note. Example: 1 13.50
U> 3
B> Joe's $12.50. Which day was it? For example: today, Mar 15.
U> drop it
B> Forgotten: Joe's.
"""

from __future__ import annotations

from bot.core.fold import fold
from bot.engine import steps
from bot.engine.turn import Turn
from handlers.receipts.flow.flow import done, see
from handlers.receipts.flow.saving import drop, save

_DROP = frozenset(
    {"drop", "drop it", "drop this", "forget it", "forget this", "discard", "trash it", "never mind", "nevermind"}
)
_SAVE = frozenset({"save", "save it", "just save", "just save it", "ok save", "ok save it"})
_FIELDS = (
    "edit", "amount", "total", "dates", "date", "store", "what", "category", "currency", "note", "duplicate",
)  # fmt: skip


def left(turn: Turn, text: str) -> bool:
    """Drop or save the draft of which a field is asked, when the words say so; False for every other message."""
    top = turn.conversation.top
    word = fold(text).strip(" .!")
    if top is None or top.step not in _FIELDS or word not in _DROP | _SAVE:
        return False
    seen = see(turn)
    if seen is None:
        return False
    if not seen.waits:
        turn.say("receipts.kept", code=seen.row.code)
    elif word in _DROP:
        drop(turn, seen)
    elif not save(turn, seen):
        return False
    steps.follow(turn, done(turn))
    return True
