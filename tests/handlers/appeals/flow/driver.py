"""A person who reads each question and answers it, in any city and for any reason, to the pay link.

await drive(phone, Person(city="Boston"))
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.engine.phone import Message, Phone
from tests.handlers.appeals.flow.world import act

MOST_ANSWERS = 90
NUMBERS = {
    "San Francisco": "900000417", "Oakland": "10000417", "Sacramento": "010000417", "New York": "1400000417",
    "Boston": "800004171", "Washington DC": "600004171", "Atlanta": "1000000417", "Las Vegas": "10000417",
}  # fmt: skip
"""The cities to which letters go, each with a made-up number in its shape."""


@dataclass(frozen=True)
class Person:
    """What somebody answers; `also` maps a part of a question to another answer."""

    city: str = "San Francisco"
    issued: str = "11/16"
    violation: str = "other"
    ground: str = "something else"
    words: str = "The meter was dead and I could not pay there."
    said: str = "it did not work"
    name: str = "Dana Reyes"
    address: str = "1 Example Way Apt 4, San Francisco CA 94110"
    place: str = "1200 Valencia St"
    plate: str = "8ABC123 CA"
    caption: str = "meter screen, Nov 16 2:05pm"
    photos: bool = False
    also: Mapping[str, str] = field(default_factory=dict)

    def answers(self) -> list[tuple[str, str]]:
        """Return answers by what a question holds, the more particular first."""
        paper = "[photo]" if self.photos else "skip"
        return [
            *self.also.items(),
            ("Which city gave", self.city),
            ("Reply OK or name the city", "ok"),
            ("exactly as printed", "ok"),
            ("Is it the citation number", "ok"),
            ("What is the citation number", NUMBERS.get(self.city, "900000417")),
            ("Do you mean", "ok"),
            ("What issue date", self.issued),
            ("Which fits?", "1"),
            ("Does the ticket name", "2"),
            ("What is it for?", self.violation),
            ("violation code", "22500(e)"),
            ("2 of 6: your reason", self.ground),
            ("More reasons. What happened?", self.ground),
            ("SKIP means no letter", "[photo]"),
            ("What does it show", self.caption),
            ("What does each show", self.caption),
            ("Anything else?", "done"),
            ("3 of 6: proof", paper),
            ("Next:", paper),
            ("4 of 6: your words", self.words),
            ("How should I print it?", "1"),
            ("where was the car?", self.place),
            ("which plate", self.plate),
            (r"Line \d+ of", "ok"),
            ("registered owner", "1"),
            ("full name as on the registration", self.name),
            ("too long for the envelope", self.name[:40].rsplit(" ", 1)[0]),
            ("Where should the city answer you", self.address),
            ("Reply OK", "ok"),
            ("daytime phone", "415-555-0100"),
            ("6 of 6: send", "2"),
            ("Which mail?", "2"),
            ("to sign", self.name),
            ("Or SKIP", self.said),
        ]


async def drive(phone: Phone, person: Person, *, until: str = "Pay (until", begin: str = "ticket") -> list[Message]:
    """Answer every question until the words of `until` come; raise AssertionError when a question is not known."""
    answers = person.answers()
    shown = await act(phone, begin)
    for _ in range(MOST_ANSWERS):
        text = phone.last.text
        if until in text:
            return shown
        reply = next((answer for part, answer in answers if re.search(part, text)), None)
        assert reply is not None, f"no answer to: {text}"
        shown = await act(phone, reply)
    raise AssertionError(f"still asked: {phone.last.text}")
