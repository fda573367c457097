"""The answer to words of danger: fixed, with help near the person, and nothing else (rule SF-3, C66).

    U> I don't want to live anymore
    B> I am an automated coach and cannot help with this, but people can, now. Call or text 988, free, day and night.
       In danger: call 911. AGENT reaches our staff. The plan can wait.

No model is asked, no message is counted, no question of the plan is repeated, and nudges rest for a week. What the
person had asked right before is left alone: an answer to it would talk over them.
"""

from __future__ import annotations

from datetime import timedelta

from bot.engine.turn import Turn
from handlers.coaching.safety.crisis import Crisis, crisis
from handlers.coaching.safety.help_lines import Help, Line, country_of, help_in
from storage.coaching import cares

NUDGES_REST = timedelta(days=7)
NOTE = "coach_danger"
"""Where the moment of the last words of danger is kept, as a number that later messages exceed."""


def answered(turn: Turn, text: str, *, guessed: bool) -> bool:
    """Answer words of danger, `guessed` by their odds too; False for all others."""
    found = crisis(text, guessed=guessed)
    if found is None:
        return False
    turn.say(_key(found.kind, found.locale), **_near(turn, found.kind, found.locale))
    cares.pause_nudges(turn.work, turn.person.id, turn.now + NUDGES_REST)
    turn.conversation.notes[NOTE] = turn.work.new_id()
    turn.alert("coach_crisis", key=f"coach_crisis:{turn.person.id}:{turn.inbox_id}", person=turn.person.id)
    turn.silent = True
    return True


def spoke_after(turn: Turn, message_id: int) -> bool:
    """Tell whether the person told of danger after a message of theirs."""
    return int(turn.conversation.notes.get(NOTE, 0)) > message_id


def _key(name: str, locale: str) -> str:
    """Return the key of a text in the language of the words: there may be no catalogue of that language."""
    return f"coaching.safety.{name}{'' if locale == 'en' else f'_{locale}'}"


def _near(turn: Turn, kind: Crisis, locale: str) -> dict[str, str]:
    there = help_in(_country(turn))
    emergency = there.emergency if there else None
    return {
        "line": _line(turn, there, kind, locale),
        "emergency": turn.text(_key("emergency" if emergency else "emergency_unknown", locale), number=emergency),
    }


def _line(turn: Turn, there: Help | None, kind: Crisis, locale: str) -> str:
    if there is None:
        return turn.text(_key("line_unknown", locale))
    line: Line | None = there.abuse if kind is Crisis.ABUSE else there.self_harm
    if line is None:
        return turn.text(_key("line_none", locale))
    return turn.text(_key("line_call_text" if line.takes_texts else "line_call", locale), number=line.number)


def _country(turn: Turn) -> str | None:
    address = turn.address
    number = address.handle if address is not None and address.channel == "sms" else None
    return country_of(number=number, zone=turn.person.zone)
