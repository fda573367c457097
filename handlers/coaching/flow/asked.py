"""What the coach said last, kept with the conversation: the question that a bare "ok" or "2" would answer."""

from __future__ import annotations

from pydantic import BaseModel, Field

from bot.engine.turn import Turn
from storage import transcript

NOTE = "coach"


class Asked(BaseModel):
    """`question` names the proposals that wait for a yes, `category` the decision that was asked for, with its options.

    `menu` are the numbered ways on that were offered; `unknown` counts texts in a row that nobody understood; `turn` is
    the inbound event that was answered.
    """

    question: int = 0
    picking: bool = False
    category: str = ""
    options: list[str] = Field(default_factory=list)
    menu: list[str] = Field(default_factory=list)
    unknown: int = 0
    turn: int = 0


def asked(turn: Turn) -> Asked:
    """Return what the coach asked before this turn; nothing when somebody else has spoken since (PP-2)."""
    return turn.work.once(("coaching", "asked", turn.inbox_id), lambda: _asked(turn))


def _asked(turn: Turn) -> Asked:
    raw = turn.conversation.notes.get(NOTE)
    if raw is None:
        return Asked()
    found = Asked.model_validate(raw)
    if transcript.heard_since(turn.work, turn.person.id, found.turn, before=turn.inbox_id):
        return Asked()
    return found


def note(turn: Turn, now: Asked) -> None:
    """Remember what was asked in this turn."""
    now.turn = turn.inbox_id
    turn.conversation.notes[NOTE] = now.model_dump(mode="json", exclude_defaults=True)


def update(turn: Turn, **values: object) -> None:
    """Remember more of what is asked in this very turn; what an earlier turn asked is over."""
    asked(turn)  # read before it is written over
    raw = turn.conversation.notes.get(NOTE)
    before = Asked.model_validate(raw) if raw else Asked()
    base = before if before.turn == turn.inbox_id else Asked()
    note(turn, base.model_copy(update=values))
