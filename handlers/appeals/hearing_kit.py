"""HEARING KIT: a case on paper for whoever goes to a hearing, with the letter that was sent (`appeals.hearing_kit`).

    U> hearing kit
    B> Your hearing kit for case A-K7Q2M is being made.
    B> [hearing-kit-A-K7Q2M.pdf] [your-letter.pdf]

It holds what the person gave and what the city publishes, and nothing else: facts, dates, their own words, the
exhibits, the city's ways with the last day. It advises nothing and promises nothing (UPL-3).
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.core.calls import Done
from bot.core.calls.workshop import TypesetPages, TypesetSheet
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.appeals import identity, records
from handlers.appeals.case_files import facts_of
from handlers.appeals.city import City
from handlers.appeals.facts import Facts
from handlers.appeals.letter import long_date
from handlers.appeals.next_level import next_level
from handlers.appeals.settings import settings_of
from handlers.appeals.usability import Mode
from handlers.appeals.ways import ways
from storage import blobs
from storage.appeals import cases, drafts, letters

FEATURE = "appeals.hearing_kit"
THEN = "appeals.hearing_kit"
_WORDS = re.compile(r"/?(?:(?:my|the|a) )?hearing ?kit(?: (?:for )?(?:case )?(?P<code>A-[A-HJKMNP-Z2-9]{5}))?", re.I)
_LONGEST = 4000
"""So much of the person's words fits one field of the press."""


def is_included(turn: Turn) -> bool:
    """Tell whether a plan of the person's has it, so that it is worth a choice of its own."""
    return turn.registry.rights.decide(turn, FEATURE).value is True


def heard(turn: Turn, text: str) -> bool:
    """Take HEARING KIT, with the code of a case."""
    found = _WORDS.fullmatch(" ".join(text.split()).rstrip(".!?"))
    if found is None or turn.person_id is None:
        return False
    right = turn.registry.rights.decide(turn, FEATURE)
    if not right.allows:
        turn.say("appeals.kit.not_in_plan", told=right.told)
    else:
        _for(turn, (found["code"] or "").upper())
    return True


def _for(turn: Turn, code: str) -> None:
    rows = [row for row in cases.of_person(turn.work, turn.person.id) if code in ("", row.code)]
    row = next((row for row in rows if _letter(turn, row) is not None), None)
    if row is None:
        turn.say("appeals.kit.none")
    else:
        make(turn, row)


def _letter(turn: Turn, row: sa.Row[Any]) -> sa.Row[Any] | None:
    """Return the version of the letter that was approved; without one there is nothing to bring."""
    found = drafts.newest(turn.work, row.id)
    return found if found is not None and found.approved_at is not None else None


def make(turn: Turn, row: sa.Row[Any]) -> None:
    """Have the kit of a case typeset, for whoever shows that the case is theirs."""
    if identity.must_prove(turn):
        identity.ask_proof(turn)
        return
    draft = _letter(turn, row)
    if draft is None:
        turn.say("appeals.kit.none")
        return
    context = {"code": row.code, "letter": draft.pdf}
    turn.call(TypesetSheet(_paper(turn, row, facts_of(turn.work, draft))), then=THEN, context=context, typing=True)
    turn.say("appeals.kit.making", code=row.code)


def made(turn: Turn) -> None:
    """Hand the kit over, and the letter as long as it is kept."""
    outcome, context = outcome_of(turn), turn.event.payload["context"]
    turn.purpose = "reply"
    if not isinstance(outcome, Done) or not isinstance(outcome.result, TypesetPages):
        turn.say("appeals.kit.failed", code=context["code"])
        turn.alert("document_failed", key=f"document_failed:{turn.event.key}")
        return
    turn.show(outcome.result.pdf, f"hearing-kit-{context['code']}.pdf")
    if context["letter"] is not None and blobs.media_type_of(turn.work, int(context["letter"])):
        letter = ((int(context["letter"]), "your-letter.pdf"),)
        turn.notify("appeals.kit.letter", purpose="reply", files=letter)  # its own message: a text shows one file
    turn.say("appeals.kit.made", code=context["code"])


# -- the paper ---------------------------------------------------------------------------------------------------------


def _paper(turn: Turn, row: sa.Row[Any], facts: Facts) -> dict[str, Any]:
    city = records.city_of(turn.work, row.city_id)
    shown = [(f"{one.letter}  {one.caption}".strip(), one.taken_at) for one in facts.exhibits]
    return {
        "title": _say(turn, "title"),
        "seller": [city.name if city else row.code, _say(turn, "case", code=row.code)],
        "buyer_lead": _say(turn, "for"),
        "buyer": [facts.signer_name] if facts.signer_name else [],
        "facts": [[_say(turn, f"fact.{name}"), value] for name, value in _facts(turn, row, facts) if value],
        "columns": [_say(turn, "exhibits"), _say(turn, "taken")],
        "rows": [list(one) for one in shown] or [[_say(turn, "no_exhibits"), ""]],
        "sums": [],
        "notes": [note[:_LONGEST] for note in _notes(turn, row, facts, city) if note],
        "demo": settings_of(turn.registry).mode is Mode.DEMO,
    }


def _facts(turn: Turn, row: sa.Row[Any], facts: Facts) -> list[tuple[str, str]]:
    ahead = next_level(turn, row, row.decided_on)
    plate = " ".join(filter(None, (facts.plate_state, facts.plate)))
    return [
        ("citation", facts.number or ""),
        ("issued", _long(facts.issue_date)),
        ("plate", plate),
        ("place", facts.place or ""),
        ("decided", _long(row.decided_on)),
        ("next", ahead.name if ahead else ""),
        ("last", _long(ahead.last) if ahead else ""),
        ("cost", ahead.cost if ahead else ""),
    ]


def _notes(turn: Turn, row: sa.Row[Any], facts: Facts, city: City | None) -> list[str]:
    zone = ZoneInfo(city.timezone if city else "America/New_York")
    letter = next(iter(letters.of_case(turn.work, row.id)), None)
    posted, arrived = (letter.accepted_at, letter.delivered_at) if letter is not None else (None, None)
    routes = "; ".join(ways(turn, city))
    return [
        _say(turn, "posted", day=long_date(posted.astimezone(zone).date())) if posted else "",
        _say(turn, "arrived", day=long_date(arrived.astimezone(zone).date())) if arrived else "",
        _say(turn, "words", words=facts.statement or facts.statement_raw or ""),
        _say(turn, "ways", ways=routes) if routes else "",
        _say(turn, "bring"),
        _say(turn, "no_advice"),
    ]


def _long(day: date | None) -> str:
    return "" if day is None else long_date(day)


def _say(turn: Turn, key: str, **args: object) -> str:
    return turn.text(f"appeals.kit.paper.{key}", **args)
