"""When a message that we start may reach a person: judged when it is sent, not when it is queued (rule SMS-37).

On SMS every proactive message keeps to quiet hours; the zone comes from the person's place, the state of an open case
or the area code. On Telegram nudges and offers do. A person's own quiet hours hold for all of them, on every channel.
Nudges are at most one a day and four a week, and by SMS at most two of a subject while the person keeps silent (rule
SMS-36), and only with consent in words (rule SMS-11). An offer needs that consent on every channel (rule SMS-27).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

from bot.core.quiet import Hours, answers, place_of, place_of_zip, telegram_hours
from storage import addresses, nudges, quiet_time
from storage.appeals import cases
from storage.schema import micros, moment
from storage.switches import switch_value
from storage.work import Work

PER_DAY, PER_WEEK, UNANSWERED = 1, 4, 2
CONSENTS = {"nudge": "nudges", "offer": "offers"}
DAY, WEEK = timedelta(days=1), timedelta(days=7)
HELD = timedelta(hours=1)
PROACTIVE_SMS = "sms.proactive"
"""Held by an operator, or by Twilio's word that the sender is not registered."""


def unwanted(work: Work, row: Any) -> str | None:
    """Return why a nudge or an offer is never sent, or None when it may be."""
    if row.purpose not in CONSENTS or row.person_id is None or not (row.channel == "sms" or row.purpose == "offer"):
        return None
    handle = f"{row.channel}:{work.seal.open(row.handle).decode()}"
    if not addresses.has_consent(work, person_id=row.person_id, kind=CONSENTS[row.purpose], handle=handle):
        return "no consent"
    if row.inbox_id is not None and nudges.unanswered(work, row.person_id, row.inbox_id) >= UNANSWERED:
        return "unanswered"
    return None


def opening(work: Work, row: Any) -> int | None:
    """Return the microsecond at which a proactive message may leave, or None when it may now."""
    if row.channel is None:
        return None
    if row.channel == "sms":
        inbound = moment(row.last_in_at) if row.last_in_at is not None else None
        if row.purpose == "notice" and answers(work.now, inbound):
            return None
        if switch_value(work, PROACTIVE_SMS) == "held":
            return micros(work.now + HELD)
    elif row.purpose not in nudges.PURPOSES:
        return _own(work, row)
    return _released(work, row)


def _own(work: Work, row: Any) -> int | None:
    """Return when a person's own quiet hours end that hold back a notice off SMS, which no other hours do."""
    quiet = quiet_time.span(row.quiet_from, row.quiet_to)
    inbound = moment(row.last_in_at) if row.last_in_at is not None else None
    if quiet is None or answers(work.now, inbound):
        return None
    hours = telegram_hours(row.zone, state=None if row.zone else _state(work, row), opens=time(0), closes=time.max)
    opens = replace(hours, quiet=quiet).next_opening(work.now)
    return micros(opens) if opens is not None and opens > work.now else None


def _released(work: Work, row: Any) -> int | None:
    earliest = work.now
    if row.purpose in nudges.PURPOSES:
        earliest = max(earliest, moment(_free_at(work, row.person_id)))
    hours = _hours(work, row)
    released = hours.release(earliest, str(row.address_id))
    if released is None:
        return micros(work.now + DAY)
    return micros(released) if released > work.now else None


def _hours(work: Work, row: Any) -> Hours:
    """Return a person's hours by the place stated, the state of an open case, or the area code, in this order."""
    quiet = quiet_time.span(row.quiet_from, row.quiet_to)
    if row.channel != "sms":
        return replace(telegram_hours(row.zone, state=None if row.zone else _state(work, row)), quiet=quiet)
    place = str(row.place or "")
    stated = {"zip_code": place} if place_of_zip(place) else {"city": place or None}
    return Hours(place_of(work.seal.open(row.handle).decode(), **stated, state=_state(work, row)), quiet=quiet)


def _state(work: Work, row: Any) -> str | None:
    return cases.open_state(work, row.person_id) if row.person_id is not None else None


def _free_at(work: Work, person_id: int | None) -> int:
    """Return when the next nudge to a person is allowed: one a day, four a week, over all products."""
    if person_id is None:
        return 0
    sent = nudges.sent_at(work, person_id, work.now_us - WEEK // timedelta(microseconds=1))
    allowed = [at + span // timedelta(microseconds=1) for span, at in _limits(sent)]
    return max(allowed, default=0)


def _limits(sent: list[int]) -> list[tuple[timedelta, int]]:
    limits = [(DAY, sent[PER_DAY - 1])] if len(sent) >= PER_DAY else []
    return limits + ([(WEEK, sent[PER_WEEK - 1])] if len(sent) >= PER_WEEK else [])
