"""Who may have receipts taken from mail (`receipts.email_import`): asked where mail comes in, and where it is arranged.

A mailbox that is linked rests, and reads on where it stopped when there is a plan for it again; a mail that is sent to
us is not kept, and its person is told once a day.
"""

from __future__ import annotations

from bot.engine.turn import Turn
from storage.receipts.mail import quarantine

FEATURE = "receipts.email_import"


def allows(turn: Turn) -> bool:
    """Tell whether mail is read for this person."""
    return turn.registry.rights.decide(turn, FEATURE).allows


def refused(turn: Turn) -> bool:
    """Say why not and what would allow it; False when it is allowed."""
    found = turn.registry.rights.decide(turn, FEATURE)
    if not found.allows:
        turn.say("mail.not_in_plan", told=found.told)
    return not found.allows


def tell(turn: Turn) -> None:
    """Tell of a mail that was not taken, once a day."""
    if quarantine.claim_message(turn.work, turn.person.id, f"not_in_plan:{turn.now:%Y-%m-%d}"):
        turn.notify("mail.not_in_plan", told=turn.registry.rights.decide(turn, FEATURE).told)
