"""A letter at the printer, made by the real press and sent with the real adapter."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.assembly.demo import Demo
from bot.core.calls import Done
from bot.core.calls.lob import MailLetter
from bot.core.calls.people import PostalAddress
from bot.core.calls.workshop import TypesetLetter
from bot.core.ports import Attempt

DOCUMENT: dict[str, Any] = {
    "contact": ["Dana Reyes", "1450 Valencia St, Apt 4", "San Francisco, CA 94110"],
    "date": "November 21, 2026",
    "agency": ["SFMTA Customer Service Center", "11 South Van Ness Avenue", "San Francisco, CA 94103"],
    "re": "Citation 912345678",
    "salutation": "To whom it may concern:",
    "opening": "I request an initial administrative review of the citation named above.",
    "grounds_lead": "My reasons:",
    "grounds": [{"title": "The sign could not be seen", "details": [["What hid it", "A tree"]]}],
    "statement": [
        "I parked on the north side of Valencia Street at 2 p.m. The street-cleaning sign stands behind a tree whose "
        "branches cover it. I looked for signs in both directions and saw none."
    ],
    "request": "I ask that you dismiss this citation.",
    "closing": "Sincerely,",
    "signature": {"name": "Dana Reyes", "line": "Signed electronically by Dana Reyes"},
    "citation": "912345678",
    "demo": True,
}
CITY = PostalAddress("SFMTA Customer Service Center", "11 S Van Ness Ave", "San Francisco", "CA", "94103-1226")
DANA = PostalAddress("Dana Reyes", "1450 Valencia St", "San Francisco", "CA", "94110", address_line2="Apt 4")


class Desk:
    """The files of a call, in memory."""

    def __init__(self) -> None:
        self.kept: dict[int, bytes] = {}

    async def get(self, blob_id: int) -> bytes:
        return self.kept[blob_id]

    def put(self, data: bytes, media_type: str) -> int:
        self.kept[len(self.kept) + 1] = data
        return len(self.kept)


async def print_letter(demo: Demo) -> str:
    """Typeset a letter and hand it to the printer; return the printer's id."""
    files, now = Desk(), datetime.now(UTC)
    attempt = Attempt("letter:1", 1, now, now, files)
    calls = {call: adapter for adapter in demo.app.adapters for call in adapter.calls}
    made = await calls[TypesetLetter].calls[TypesetLetter](TypesetLetter(document=DOCUMENT), attempt)
    assert isinstance(made, Done), made
    mail = MailLetter(letter_id="l1", payment_id="p1", to=CITY, sender=DANA, file=made.result.pdf, certified=True)
    posted = await calls[MailLetter].calls[MailLetter](mail, attempt)
    assert isinstance(posted, Done), posted
    return str(posted.result.lob_id)
