"""What a coached person says of their age: minors are reminded of a guardian, and no child is coached (rule SF-4).

    U> I'm 15
    B> Thanks for saying so. We can plan together, but taking payments, and setting prices, needs a parent ...

The age is noted where every service looks (`bot.engine.ages`), which refuses a child from then on. What a child told
the coach goes at once; the rest is deleted after a day (ID-12).
"""

from __future__ import annotations

from bot.engine import ages
from bot.engine.turn import Turn
from storage.coaching import cares


def heard(turn: Turn, text: str) -> bool:
    """Take a message that states an age under 18; False for all others."""
    age = ages.keep(turn, text)
    if age is None or refused(turn, ""):
        return age is not None
    if ages.may_pay(turn):
        cares.set_age_band(turn.work, turn.person.id, None)
        return False
    ages.close(turn)
    turn.say("coaching.safety.minor")
    return True


def mind(turn: Turn, argument: str) -> bool:
    """Note that a person is a minor; False, for other services have their say too."""
    cares.set_age_band(turn.work, turn.person.id, "minor")
    return False


def refused(turn: Turn, argument: str) -> bool:
    """Refuse a child, also one that opens the coach by a button; False for everybody else."""
    if not ages.is_child(turn):
        return False
    ages.refuse(turn, "coaching.safety.child")
    turn.silent = True
    return True
