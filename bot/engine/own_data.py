"""Deleting one's own data: shown, confirmed by an explicit word, done after a day (rules UX-10, UX-14, PRIV-7).

    U> DELETE MY DATA
    B> This deletes your answers, photos, letters and messages here, in 24 hours. ... Reply DELETE, or KEEP.
    U> delete
    B> Your data is deleted in 24 hours, number D-4K7QX. Until then KEEP MY DATA stops it.

Services add what is theirs: `registry.erasers` empty their tables, `registry.holds` name what must be settled first,
the word `deleting` offers a copy before, and `leaving` ends what would go on. Who is under 13 is deleted unasked
(ID-12).
"""

from __future__ import annotations

from datetime import timedelta

from pydantic import BaseModel

from bot.core.errors import Mistake
from bot.core.fold import fold, trim
from bot.core.prompts import Answer, Ask, Choice
from bot.engine import steps
from bot.engine.ages import CHILD, is_child
from bot.engine.flow import End, Flow, Next
from bot.engine.registry import Registry
from bot.engine.state import Conversation
from bot.engine.turn import Turn
from storage import erasure

COOL_OFF = timedelta(hours=24)
TIMER = "own_data.delete"
SOON = timedelta(minutes=15)
"""Something ends first that a service has just asked for: a plan, at its vendor."""
_CHILD_NOTE = "own_data.child"
_DELETE = ("delete", "delete it", "delete all")
_LONGEST = 40
_KEEP = frozenset({"keep my data", "keep data", "do not delete my data", "don't delete my data"})


class Nothing(BaseModel):
    """The flow keeps nothing."""


deleting = Flow("own_data", Nothing, version=1, first="sure")


def register(registry: Registry) -> None:
    """Register the word, its question, the word that takes it back, and the day after."""
    registry.add_flow(deleting)
    registry.word("delete")(preview)
    registry.word("text")(kept)
    registry.word(CHILD)(child)
    registry.on(f"timer:{TIMER}")(due)


def preview(turn: Turn, argument: str) -> bool:
    """Show what would be deleted, and ask; False while an answer of the world is waited for."""
    frame = turn.conversation.top
    if frame is not None and frame.call is not None:
        turn.say("engine.still_working")
        return True
    if frame is None or frame.flow != deleting.name:
        steps.open_flow(turn, deleting.name)
        for offer in turn.registry.words.get("deleting", ()):
            offer(turn, argument)
    return True


@deleting.ask("sure", effort=False)
def ask_sure(turn: Turn) -> Ask:
    """Say what goes and what stays."""
    choices = (
        Choice("delete", key="engine.delete_button", words=_DELETE, quiet=True),
        Choice("keep", key="engine.keep_button", words=("keep", "keep it", "no"), quiet=True),
    )
    return Ask("engine.delete_ask", choices=choices, expects=("choice",))


@deleting.take("sure")
def take_sure(turn: Turn, answer: Answer) -> Next:
    """Set the day, once."""
    tapped = turn.event.kind == "button"
    if answer.choice == "delete" and not tapped and trim(fold(answer.text)) not in _DELETE:
        raise Mistake("engine.no_such_choice")
    if answer.choice != "delete":
        turn.say("engine.delete_kept")
        return End()
    number = f"D-{turn.work.ids.code(5)}"
    turn.timer(TIMER, _key(turn), turn.now + COOL_OFF, number=number)
    turn.audit("privacy.delete.confirmed", f"person:{turn.person_id}", number=number)
    turn.say("engine.delete_set", number=number)
    return End()


def child(turn: Turn, argument: str) -> bool:
    """Set the day for somebody who says that they are under 13, once; False, for services drop at once what is theirs.

    A later word of theirs may correct the age until then (ID-12), and staff hear of it.
    """
    if _CHILD_NOTE not in turn.conversation.notes:
        number = f"D-{turn.work.ids.code(5)}"
        turn.conversation.notes[_CHILD_NOTE] = number
        turn.timer(TIMER, _key(turn), turn.now + COOL_OFF, number=number, why=CHILD)
        turn.audit("privacy.delete.child", f"person:{turn.person_id}", number=number)
    return False


def _key(turn: Turn) -> str:
    return f"{TIMER}:{turn.person_id}"


def kept(turn: Turn, text: str) -> bool:
    """Take KEEP MY DATA: nothing is deleted. A child's word for it does not count (ID-12)."""
    if len(text) > _LONGEST or trim(fold(text)) not in _KEEP or is_child(turn):
        return False
    turn.cancel_timers(_key(turn))
    turn.audit("privacy.delete.kept", f"person:{turn.person_id}")
    turn.say("engine.delete_kept")
    return True


def due(turn: Turn) -> None:
    """Delete, unless something is not settled yet: then on the next day."""
    turn.silent = True
    person_id, payload = turn.person.id, turn.event.payload
    if payload.get("why") == CHILD and not is_child(turn):
        turn.conversation.notes.pop(_CHILD_NOTE, None)
        turn.audit("privacy.delete.kept", f"person:{person_id}", why="older than was said")
        return
    asked = [leave(turn, "") for leave in turn.registry.words.get("leaving", ())]
    if any(asked) or any(hold(turn.work, person_id) for hold in turn.registry.holds):
        turn.timer(TIMER, _key(turn), turn.now + (SOON if any(asked) else COOL_OFF), **payload)
        return
    for farewell in turn.registry.farewells:
        farewell(turn, str(payload.get("number") or ""))
    for erase in turn.registry.erasers:
        erase(turn.work, person_id)
    erasure.erase(turn.work, person_id)
    turn.conversation = Conversation(counter=turn.conversation.counter)
    turn.audit("privacy.delete.done", f"person:{person_id}", number=payload.get("number"))
