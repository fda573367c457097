"""Compose the letter: confirmed facts and the person's own words, put into the frame of `data/letter.toml`.

The result is the document of `TypesetLetter`: plain values in the order of rule LET-5, every text literal. Pure: equal
facts give an equal document. The frame holds no disclaimer, brand, price or advice.
"""

from __future__ import annotations

import re
import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from bot.core.calls.people import PostalAddress
from handlers.appeals.letter_facts import Exhibit, LetterFacts
from handlers.appeals.statement import LONGEST, SHORTEST

NAME_ON_ENVELOPE = 40
MOST_EXHIBITS = 10
CAPTION_LONGEST = 200

Document = dict[str, Any]

_FRAME = Path(__file__).with_name("data") / "letter.toml"
# In the contact block, the subject line or the grounds: what a city asks for is stated once.
_STANDS_ELSEWHERE = {"name", "address", "citation", "issued", "plate", "place", "dispute"}
_OPTIONAL_FIELDS = {"meter_address", "meter_number"}


class UnfinishedLetter(Exception):
    """The facts do not make a letter yet; `problems` lists codes such as `missing:telephone`."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(", ".join(problems))
        self.problems = problems


@cache
def _frame() -> Document:
    return tomllib.loads(_FRAME.read_text("utf-8"))


def compose(facts: LetterFacts) -> Document:
    """Return the letter's document; raise UnfinishedLetter when a required slot is empty or a limit is passed."""
    if found := problems(facts):
        raise UnfinishedLetter(found)
    frame = _frame()
    return {
        "contact": [facts.signer.name, *_street(facts.sender)],
        "date": long_date(facts.ordered_on),
        "agency": address_block(facts.recipient),
        "re": _subject(facts),
        "salutation": frame["salutation"],
        "opening": opening(facts.city_id, facts.state, facts.level),
        "grounds_lead": frame["grounds_lead_one" if len(facts.grounds) == 1 else "grounds_lead_many"],
        "grounds": [{"title": g.title, "details": [list(pair) for pair in g.details]} for g in facts.grounds],
        "statement_lead": frame["statement_lead"],
        "statement": [part.strip("\n") for part in re.split(r"\n\s*\n", facts.statement.strip())],
        "translation": frame["translated_es"] if facts.translated_from == "es" else "",
        "fields_lead": frame["fields_lead"],
        "fields": [[frame["labels"][n], value] for n, value in _fields(facts) if value and n not in _STANDS_ELSEWHERE],
        "exhibits_lead": frame["exhibits_lead"],
        "exhibits": [_exhibit(n, exhibit) for n, exhibit in enumerate(facts.exhibits)],
        "request": frame["request"],
        "closing": frame["closing"],
        "signature": _signature(facts),
        "citation": facts.citation,
        "demo": facts.demo,
    }


def problems(facts: LetterFacts) -> tuple[str, ...]:
    """Name what keeps the facts from being a letter: `missing:<slot>`, `too_many_exhibits`, `caption_too_long`, ..."""
    needed = {
        "recipient": facts.recipient.name and facts.recipient.address_line1,
        "address": facts.sender.address_line1,
        "name": facts.signer.name,
        "citation": facts.citation,
        "plate": facts.plate and facts.plate_state,
        "place": facts.place,
        "grounds": facts.grounds,
        "role": facts.signer.role in _frame()["roles"],
    }
    found = [
        f"missing:{slot}" for slot, value in needed.items() if not (value.strip() if type(value) is str else value)
    ]
    found += [f"missing:{n}" for n, v in _fields(facts) if not v and n not in _OPTIONAL_FIELDS and n not in needed]
    if not SHORTEST <= len(facts.statement.strip()) <= LONGEST:
        found.append("statement_length")
    if len(facts.exhibits) > MOST_EXHIBITS:
        found.append("too_many_exhibits")
    if any(len(_caption(exhibit)) > CAPTION_LONGEST for exhibit in facts.exhibits):
        found.append("caption_too_long")
    return tuple(dict.fromkeys(found))


def fields_asked(enclosures: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the fields that these `letter_text` enclosures want stated, each once."""
    fields = _frame()["fields"]
    return tuple(dict.fromkeys(name for one in enclosures for name in fields.get(one, fields["default"])))


def detail_label(ground_id: str, question_id: str) -> str:
    """Return the words that head an answer to a ground's question in print; raise KeyError when there are none."""
    label: str = _frame()["details"][ground_id][question_id]
    return label


def opening(city_id: str, state: str, level: int = 1) -> str:
    """Return the opening line, which names the review in the city's own term."""
    openings = _frame()["openings"]
    for key in (city_id, state, "default"):
        line: str | None = openings.get(key, {}).get(str(level))
        if line:
            return line
    raise UnfinishedLetter((f"missing:opening:{level}",))


def long_date(day: date) -> str:
    """Write a date as an American letter does: November 19, 2026."""
    return f"{day:%B} {day.day}, {day.year}"


def address_block(address: PostalAddress) -> list[str]:
    """Return an address as lines, as it stands on the envelope."""
    lines = [address.name, address.company, *_street(address)]
    return [line for line in lines if line]


def needs_envelope_name(name: str) -> bool:
    """Tell whether a name is too long for the envelope (LET-9); the letter keeps the full name."""
    return len(name) > NAME_ON_ENVELOPE


def exhibit_letter(number: int) -> str:
    """Return A for exhibit 0, B for 1, and so on."""
    return chr(ord("A") + number)


def _street(address: PostalAddress) -> list[str]:
    lines = [address.address_line1, address.address_line2, f"{address.city}, {address.state} {address.zip}"]
    return [line for line in lines if line]


def _subject(facts: LetterFacts) -> str:
    plate = f"{facts.plate_state} {facts.plate}"
    return f"Citation {facts.citation}, issued {long_date(facts.issued)}, plate {plate}, {facts.place}"


def _fields(facts: LetterFacts) -> list[tuple[str, str]]:
    values = dict(facts.stated) | _frame()["fixed"] | {
        "name": facts.signer.name,
        "address": ", ".join(_street(facts.sender)),
        "citation": facts.citation,
        "issued": long_date(facts.issued),
        "place": facts.place,
        "plate": f"{facts.plate_state} {facts.plate}",
        "dispute": "; ".join(ground.title for ground in facts.grounds),
    }  # fmt: skip
    return [(name, values.get(name, "").strip()) for name in fields_asked(facts.enclosures)]


def _caption(exhibit: Exhibit) -> str:
    return ", ".join(part.strip() for part in (exhibit.caption, exhibit.taken) if part.strip())


def _exhibit(number: int, exhibit: Exhibit) -> Document:
    return {
        "letter": exhibit_letter(number),
        "caption": _caption(exhibit),
        "blobs": list(exhibit.prints),
        "whole_page": exhibit.whole_page,
    }


def _signature(facts: LetterFacts) -> Document:
    frame, signer = _frame(), facts.signer
    line = frame["signed"].format(name=signer.name, date=long_date(signer.signed_on))
    return {"name": signer.name, "role": frame["roles"][signer.role], "line": line, "blob": signer.picture}
