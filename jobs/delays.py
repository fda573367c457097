"""Telling a person, once, that something they wait for is delayed and not lost (rule VEN-5)."""

from __future__ import annotations

from datetime import timedelta

from bot.core.calls.lob import MailLetter
from bot.core.calls.stripe import OpenCheckout, RefundPayment
from bot.core.events import Event

AWAITED = (OpenCheckout, MailLetter, RefundPayment)
"""Calls whose answer a person waits for outside the open step; a flow's own calls have their own limits and words."""

AFTER = timedelta(minutes=2)


def delayed(call: object, *, row: int, person_id: int | None, waited: timedelta) -> Event | None:
    """Return the event that lets the person know, when it is time for it; its key makes it happen once a row."""
    if person_id is None or waited < AFTER or not isinstance(call, AWAITED):
        return None
    return Event("delivery", f"delayed:{row}", "delayed", {"call": type(call).__name__}, person_id=person_id)
