"""RESUME: the word of the engine goes on with a plan that rests, before any parked draft (rule NG-4, C65).

U> pause 2 weeks
B> Paused until 17 March: I send nothing before, and streaks stand still. Then it goes on by itself.
U> resume
B> On with Premium Community (9 %). ...
"""

from __future__ import annotations

from bot.engine.turn import Turn
from handlers.coaching.flow import projects
from handlers.coaching.flow.seen import see
from storage.coaching import projects as stored


def resumed(turn: Turn, argument: str) -> bool:
    """Take RESUME when the newest project rests and none is active; False for all other persons."""
    if turn.conversation.top is not None or see(turn) is not None:
        return False
    newest = next(iter(stored.of_person(turn.work, turn.person.id, 1)), None)
    if newest is None or newest.status != "paused":
        return False
    projects.show_one(turn, newest.code)
    return True
