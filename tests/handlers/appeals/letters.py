"""Facts of letters for tests; nobody real lives or parks here."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from bot.core.calls.people import PostalAddress
from handlers.appeals.letter_facts import Exhibit, LetterFacts, PickedGround, Signer

STATEMENT = (
    "I got to the meter around 2, and the screen said FAIL. I tried two cards and quarters. I had to pick up my kid, "
    "so I left. When I came back at 2:30 there was a ticket."
)
DANA = PostalAddress("Dana Reyes", "1 Example Way", "San Francisco", "CA", "94110", address_line2="Apt 4")
SFMTA = PostalAddress(
    "SFMTA Customer Service Center", "11 South Van Ness Avenue", "San Francisco", "CA", "94103", "Attn: Citation Review"
)
METER = PickedGround("Meter or pay station did not work", (("What the meter showed", "screen said FAIL"),))


def facts(**changes: Any) -> LetterFacts:
    """Return the facts of the specification's San Francisco letter, with changes."""
    usual = LetterFacts(
        city_id="us-ca-san_francisco",
        state="CA",
        recipient=SFMTA,
        sender=DANA,
        signer=Signer("Dana Reyes", "registered_owner", date(2026, 11, 18)),
        ordered_on=date(2026, 11, 19),
        citation="900000417",
        issued=date(2026, 11, 16),
        plate_state="CA",
        plate="8ABC123",
        place="400 block of Valencia Street",
        grounds=(METER,),
        statement=STATEMENT,
        exhibits=(Exhibit("meter screen", (1,), "Nov 16 2:05pm"), Exhibit("ticket, front", (2,))),
        enclosures=("sf-form-fields",),
    )
    return replace(usual, **changes)
