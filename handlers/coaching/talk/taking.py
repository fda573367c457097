"""Taking a person's words for the coach: counted and paid for before anything is asked (rules CT-1, CT-2, LI-1).

    person:  how do I write the welcome post?
    coach:   (typing; in a private Telegram chat the answer grows)
    coach:   List three concrete benefits with a rhythm, then the house rules. What will members get each week?

What the model must not or cannot answer, the scripted coach answers in the same turn, as if there were no model.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.core.calls.channels import ShowTyping
from bot.core.fold import fold
from bot.engine.turn import Turn
from handlers.coaching.flow import seen as views
from handlers.coaching.flow.asked import Asked, asked
from handlers.coaching.settings import Said
from handlers.coaching.talk import rights
from handlers.coaching.talk.ports import ports_of
from handlers.coaching.talk.settings import JOIN, TalkSettings, settings_of
from storage.coaching import cares, ledger, profiles, talk

TIMER = "coach.turn"
_BURST, _TOLD, _ASKED = "coach_burst", "coach_told", "coach_was_asked"
_MINUTE_US, _LOOP_US = 60_000_000, 120_000_000
_ALIKE, _MOST_KEPT, LOOP = "coach_alike", 12, 5


def answer(turn: Turn, said: Said) -> None:
    """Answer a stored message: ask the model, or let the scripted coach answer at once."""
    settings = settings_of(turn)
    if not _may_ask(turn, settings):
        ports_of(turn).scripted(turn, said)
    elif _is_loop(turn, said.text):
        _once(turn, "loop", turn.work.now_us // _LOOP_US, "coaching.talk.loop")
        turn.silent = True
    elif _is_burst(turn, settings):
        _once(turn, "burst", turn.work.now_us // _MINUTE_US, "coaching.talk.burst")
        turn.silent = True
    else:
        _take(turn, said, settings)


def _take(turn: Turn, said: Said, settings: TalkSettings) -> None:
    work, person_id = turn.work, turn.person.id
    waiting = ledger.open_turn(work, person_id, "waiting")
    if waiting is not None and waiting.project_id == said.project.id:
        _join(turn, said, waiting.id)
        return
    day, most = views.today(turn), rights.messages_today(turn, settings)
    taken = ledger.reserve(
        work, person_id=person_id, project_id=said.project.id, operation=f"{turn.event.source}:{turn.event.key}",
        day=day, nano_usd=settings.worst_nano(work.now.date()), caps=settings.caps(most),
    )  # fmt: skip
    if isinstance(taken, str):
        if taken == "messages":
            _once(turn, "limit", day.toordinal(), "coaching.talk.limit", most=most, at=_reset(turn))
        ports_of(turn).scripted(turn, said)
        return
    if not rights.reserve(turn, taken):
        _give_back(turn, taken, settings)
        _once(turn, "plan", day.toordinal(), "coaching.talk.plan_limit", told=rights.told(turn))
        ports_of(turn).scripted(turn, said)
        return
    _join(turn, said, taken)
    turn.timer(TIMER, f"{TIMER}:{person_id}", turn.now + JOIN)


def _give_back(turn: Turn, turn_id: int, settings: TalkSettings) -> None:
    of = ledger.booked(turn.work, turn.person.id, turn_id)
    if of is not None:
        ledger.settle(turn.work, of, state="released", nano_usd=0, thresholds=settings.thresholds)


def _join(turn: Turn, said: Said, turn_id: int) -> None:
    """Let the message be answered by a turn that waits, and show that somebody is at work."""
    talk.join(turn.work, turn.person.id, said.message_id, turn_id)
    last = asked(turn)
    if last.question or last.category or last.unknown:
        turn.conversation.notes[_ASKED] = last.model_dump(mode="json", exclude_defaults=True)
    chat = turn.event.payload.get("chat_id")
    if turn.channel == "telegram" and isinstance(chat, int):
        turn.call(ShowTyping(chat), limit=timedelta(seconds=5))
    turn.silent = True


def recall(turn: Turn) -> None:
    """Let a turn that answers know what the coach had asked before the messages that it answers."""
    kept = turn.conversation.notes.pop(_ASKED, None)
    turn.work.once(("coaching", "asked", turn.inbox_id), lambda: Asked.model_validate(kept or {}))


def _may_ask(turn: Turn, settings: TalkSettings) -> bool:
    """Tell whether a model may be asked: it is there, neither refused nor abused, the house has not spent its day."""
    if not settings.has_model:
        return False
    profile = profiles.load(turn.work, turn.person.id)
    if profile is not None and not profile.model_allowed:
        return False
    scripted_until = cares.load(turn.work, turn.person.id).scripted_until
    if scripted_until is not None and turn.now < scripted_until:
        return False
    spent, reserved = ledger.spent_today(turn.work)
    return spent + reserved + settings.worst_nano(turn.work.now.date()) <= settings.thresholds[2]


def _is_burst(turn: Turn, settings: TalkSettings) -> bool:
    now, notes = turn.work.now_us, turn.conversation.notes
    lately = [at for at in notes.get(_BURST, ()) if now - at < _MINUTE_US]
    if settings.burst_per_minute and len(lately) >= settings.burst_per_minute:
        return True
    notes[_BURST] = [*lately, now]
    return False


def _is_loop(turn: Turn, text: str) -> bool:
    """Tell whether this is the fifth of near-equal messages within two minutes, as a machine sends them (LI-4)."""
    now, notes = turn.work.now_us, turn.conversation.notes
    words = "".join(one for one in fold(text) if one.isalnum() or one == " ").split()
    alike = hashlib.blake2b(" ".join(words).encode(), digest_size=6).hexdigest()
    lately: list[list[Any]] = [[at, one] for at, one in notes.get(_ALIKE, ()) if now - at < _LOOP_US][-_MOST_KEPT:]
    notes[_ALIKE] = [*lately, [now, alike]]
    return [one for _, one in lately].count(alike) >= LOOP - 1


def _once(turn: Turn, about: str, period: int, key: str, **args: object) -> None:
    """Say something once in a period."""
    told = dict(turn.conversation.notes.get(_TOLD) or {})
    if told.get(about) != period:
        turn.conversation.notes[_TOLD] = {**told, about: period}
        turn.say(key, **args)


def _reset(turn: Turn) -> str:
    """Return when a new local day begins, as the person's clock shows it."""
    zone = ZoneInfo(views.zone(turn))
    midnight = datetime.combine(views.today(turn) + timedelta(days=1), time(), zone)
    return f"{midnight:%H:%M} ({midnight:%Z})"
