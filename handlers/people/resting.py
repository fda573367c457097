"""More addresses than the plan has: those beyond it only read, nothing is deleted, the person chooses (LG-9).

    U> 12.50 lunch                                 (from a third address, on the free plan)
    B> This address only reads now. Free plan: linked addresses: 2. Basic gives 4, see PLANS. LINK KEEP uses it in
       place of Telegram *** 4711.
    U> LINK KEEP
    B> This address is used from now on; Telegram *** 4711 only reads.

Those that were used last go on unless something else is said. What they may see, rights over one's own data, an
opt-out, our staff and the way to another plan work everywhere; services tell which words those are (`reads`). The guard
looks at what the snapshot has, and asks for rights only where a person has several addresses.
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from bot.engine.registry import Registry
from bot.engine.rights import Reason
from bot.engine.turn import Turn
from bot.engine.vocabulary import Word, match_word
from handlers.people import linking

NOTE, SEVERAL = "people.kept", "people.several"
_KEEP = re.compile(r"/?link keep(?: this)?", re.I)
_OWN = re.compile(r"/?(?:un)?link\b.*|/?my ?(?:audit|trail).*|keep (?:my )?data|\d{3} ?\d{3}", re.I)
_WORDS = frozenset(
    {Word.OPTIONS, Word.AGENT, Word.STATUS, Word.HELP, Word.START, Word.STOP, Word.LANGUAGE, Word.LANGUAGE_ES}
    | {Word.LANGUAGE_EN, Word.PRIVACY, Word.EXPORT, Word.DELETE, Word.SETTINGS, Word.CANCEL_PLAN, Word.MORE}
    | {Word.TERMS, Word.PAYSUPPORT}
)
_FLOWS = frozenset({"own_data", "people_unlink", "people_link"})
_COUNTS = (Reason.PLAN, Reason.DEFAULT, Reason.TRIAL, Reason.OVERRIDE, Reason.DENIED)
"""Where one of these decides, a number of addresses is meant; a suspension or an error rests nothing."""


def register(registry: Registry) -> None:
    """Register the guard and the choice."""
    registry.guards.append(guard)
    registry.word("text")(heard)
    registry.word("reads")(reads)
    registry.word("resting")(tell)


def guard(turn: Turn) -> bool:
    """Keep a message from changing anything at an address that only reads."""
    if not _has_several(turn) or turn.address is None:
        return False
    rows = linking.live(turn, turn.person.id)
    most = _most(turn)
    if most is None or len(rows) <= most:
        turn.conversation.notes.pop(NOTE, None)
        return False
    kept = _kept(turn, rows, most)
    if turn.address.id in kept or _may_pass(turn):
        return False
    told = turn.registry.rights.decide(turn, linking.FEATURE).told
    turn.say("people.rest.told", told=told, address=linking.shown_address(turn, kept[-1]))
    turn.silent = True
    return True


def _has_several(turn: Turn) -> bool:
    talk = turn.conversation
    return len(talk.greeted) > 1 or SEVERAL in talk.notes


def _most(turn: Turn) -> int | None:
    found = turn.registry.rights.decide(turn, linking.FEATURE)
    return max(1, int(found.value or 0)) if found.reason in _COUNTS and found.value is not None else None


def _kept(turn: Turn, rows: list[sa.Row[Any]], most: int) -> list[int]:
    """Return the addresses that go on: the chosen, then those used last. What is found first stands until chosen anew.

    It is kept, for else a message that was refused would make its address the one used last.
    """
    chosen: list[int] = turn.conversation.notes.get(NOTE, [])
    place = {one: n for n, one in enumerate(chosen)}
    ranked = sorted(rows, key=lambda row: (place.get(row.id, len(place)), -(row.last_in_at or 0), -row.id))
    kept = [int(row.id) for row in ranked[:most]]
    turn.conversation.notes[NOTE] = kept
    return kept


def _may_pass(turn: Turn) -> bool:
    """Tell whether a message only reads, or uses a right that no plan limits."""
    text, top = turn.event.text.strip(), turn.conversation.top
    if top is not None and top.flow in _FLOWS:
        return True
    said = match_word(text, turn.locale, channel=turn.channel)
    if said is not None and said.word in _WORDS:
        return True
    return any(only_reads(turn, text) for only_reads in turn.registry.words.get("reads", ()))


def reads(turn: Turn, text: str) -> bool:
    """Tell whether words are about addresses and one's own data, or a command of staff, which its gate judges."""
    first = text[1:].partition(" ")[0].lower() if text.startswith("/") else ""
    is_staffs = bool(first) and any(name.partition(" ")[0] == first for name in turn.registry.staff)
    return is_staffs or _OWN.fullmatch(text) is not None


def tell(turn: Turn, argument: str) -> bool:
    """Add to MY PLAN which addresses only read; False, for other things rest too."""
    rows, most = linking.live(turn, turn.person.id), _most(turn)
    if most is not None and len(rows) > most:
        kept = _kept(turn, rows, most)
        rest = ", ".join(linking.shown_address(turn, row.id) for row in rows if row.id not in kept)
        turn.say("people.rest.some", address=rest)
    return False


def heard(turn: Turn, text: str) -> bool:
    """Take LINK KEEP: the address it comes from is used, in place of the one that was used longest ago."""
    if _KEEP.fullmatch(" ".join(text.split()).rstrip(".!")) is None or turn.address is None:
        return False
    rows, most, here = linking.live(turn, turn.person.id), _most(turn), turn.address.id
    if most is None or len(rows) <= most:
        turn.say("people.rest.none")
        return True
    before = _kept(turn, rows, most)
    turn.conversation.notes[NOTE] = [here, *(one for one in before if one != here)][:most]
    rests = [one for one in before if one not in turn.conversation.notes[NOTE]]
    turn.audit("person.address.kept", f"person:{turn.person_id}", address=here, rests=rests)
    if rests:
        turn.say("people.rest.kept", address=linking.shown_address(turn, rests[0]))
    else:
        turn.say("people.rest.used")
    return True
