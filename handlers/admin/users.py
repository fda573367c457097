"""Persons, for staff: found by a whole number, never by a name; shown masked; notes; suspending and restoring.

> /user find +14155550123
< person 188017 (sms +1*******23)
> /user suspend 188017 three chargebacks in a week
< SUSPEND person 188017: ... Type within 2 minutes: suspend 188017 CODE

A suspended person keeps help, their data, the end of a plan and opt-out (rule RS-2).
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from bot.core.errors import Refusal
from bot.engine.registry import Registry
from bot.engine.staff import Effect, Member, Risk, StaffCommand
from bot.engine.turn import Turn
from storage import addresses, person_notes, whom
from storage.appeals.cases import case
from storage.billing import suspensions
from storage.people import address, person
from storage.schema import moment
from storage.support import bans
from storage.support.tickets import ticket

REASON_LEAST = 10
_CODE = re.compile(r"A-[A-Z0-9]{5}", re.IGNORECASE)
_TICKET = re.compile(r"T-(\d{4,9})", re.IGNORECASE)
_TARGET = "person"


def register(registry: Registry) -> None:
    """Register the commands of this module, and that notes go with their person."""
    rows = (
        StaffCommand("user find", Risk.PERSONAL, "person.find", "/user find NUMBER or CODE", find, _TARGET),
        StaffCommand("user show", Risk.PERSONAL, "person.view", "/user show PERSON", show, _TARGET),
        StaffCommand("user note", Risk.REVERSIBLE, "person.note", "/user note PERSON WORDS", note, _TARGET),
        StaffCommand(
            "user suspend", Risk.GRAVE, "person.suspend", "/user suspend PERSON REASON", suspend, _TARGET,
            foresee=suspend_ahead,
        ),
        StaffCommand("user restore", Risk.REVERSIBLE, "person.suspend", "/user restore PERSON", restore, _TARGET),
    )  # fmt: skip
    for row in rows:
        registry.staff_command(row)
    registry.erasers.append(person_notes.erase)


def masked(handle: str) -> str:
    """Return a handle of which the last two characters are left (rule ADR-6)."""
    own = handle.rpartition(":")[2]
    start = own[:2] if own.startswith("+") else ""
    return start + "*" * max(len(own) - len(start) - 2, 0) + own[-2:]


# -- looking -----------------------------------------------------------------------------------------------------------


def find(turn: Turn, argument: str, member: Member) -> str:
    """Find a person by their whole number, Telegram id, case code, ticket or our own number."""
    wanted = argument.strip()
    found = sorted({one for one in candidates(turn, wanted) if exists(turn, one)})
    turn.audit("person.find", None, actor=member.name, found=len(found))
    return "\n".join(line(turn, one) for one in found) or turn.text("admin.nobody_found")


def line(turn: Turn, person_id: int) -> str:
    """Return a person in one line, their addresses masked."""
    return f"person {person_id} ({_addresses(turn, person_id)})"


def candidates(turn: Turn, wanted: str) -> list[int]:
    """Return whom a whole number may mean; not all of them need be there."""
    work = turn.work
    if match := _TICKET.fullmatch(wanted):
        rows = turn.rows(sa.select(ticket.c.person_id).where(ticket.c.number == int(match[1])))
    elif _CODE.fullmatch(wanted):
        rows = turn.rows(sa.select(case.c.person_id).where(case.c.code == wanted.upper()))
    else:
        bot = turn.address.handle.rpartition(":")[0] if turn.address is not None else ""
        digits = re.sub(r"[^\d+]", "", wanted)
        handles = [f"sms:{digits}", f"sms:+{digits}", f"sms:+1{digits}", f"telegram:{bot}:{wanted}"]
        hashes = [work.seal.digest("address", handle) for handle in handles]
        rows = turn.rows(sa.select(address.c.person_id).where(address.c.hash.in_(hashes)))
    own = [int(wanted)] if wanted.isdigit() and len(wanted) < 20 else []
    return [int(row.person_id) for row in rows if row.person_id is not None] + own


def exists(turn: Turn, person_id: int) -> bool:
    """Tell whether there is a person of that number."""
    return turn.row(sa.select(person.c.id).where(person.c.id == person_id)) is not None


def _addresses(turn: Turn, person_id: int) -> str:
    rows = addresses.of_person(turn.work, person_id)
    return ", ".join(f"{row.channel} {masked(turn.work.seal.open(row.handle).decode())} {row.state}" for row in rows)


def known(turn: Turn, text: str) -> int:
    """Return the id of a person who is there, also by their ticket or case; raise Refusal for anything else."""
    found = whom.meant(turn.work, text)
    if found is None:
        raise Refusal("admin.no_person")
    return found


def show(turn: Turn, argument: str, member: Member) -> str:
    """Show what we know of a person without a name and without a word of theirs; staff's notes are shown."""
    person_id = known(turn, argument.strip())
    row = turn.row(sa.select(person).where(person.c.id == person_id))
    assert row is not None  # noqa: S101 - _person found it
    cases = sa.select(case.c.code, case.c.stage).where(case.c.person_id == person_id)
    tickets = sa.select(ticket.c.number, ticket.c.state).where(ticket.c.person_id == person_id)
    turn.audit("person.view", f"person:{person_id}", actor=member.name)
    state = "SUSPENDED" if suspensions.is_suspended(turn.work, person_id) else "active"
    lines = [
        f"person {person_id}, {state}, {row.locale}, {row.zone or 'no zone'}, since {moment(row.created_at):%Y-%m-%d}",
        f"addresses: {_addresses(turn, person_id) or 'none'}",
        f"cases: {_listed(turn, cases)}",
        f"tickets: {_listed(turn, tickets, 'T-')}",
    ]
    barred = bans.of_person(turn.work, person_id)
    lines += [f"{barred.kind.upper()} {barred.at:%Y-%m-%d} {barred.actor}: {barred.reason}"] if barred else []
    notes = person_notes.newest(turn.work, person_id)
    return "\n".join([*lines, *(f"NOTE {one.at:%Y-%m-%d} {one.actor}: {one.remark}" for one in notes)])


def _listed(turn: Turn, query: sa.Select[Any], start: str = "") -> str:
    rows = turn.rows(query.limit(10))
    found = [tuple(row) for row in rows]
    return ", ".join(f"{start}{name} {state}" for name, state in found) or "none"


# -- acting ------------------------------------------------------------------------------------------------------------


def note(turn: Turn, argument: str, member: Member) -> str:
    """Keep a note about a person, for staff only."""
    number, _, words = argument.partition(" ")
    person_id = known(turn, number)
    if not words.strip():
        raise Refusal("admin.usage", usage="/user note PERSON WORDS")
    person_notes.add(turn.work, person_id, actor=member.name, remark=words.strip()[:1000])
    turn.audit("person.note", f"person:{person_id}", actor=member.name)
    return f"Noted on person {person_id}, for staff only."


def suspend_ahead(turn: Turn, argument: str, member: Member) -> Effect:
    """Tell who would be suspended, and what that leaves them."""
    person_id, _ = _suspended(turn, argument, member)
    left = "what is left to them is help, their data, the end of a plan and opt-out"
    says = f"SUSPEND person {person_id} ({_addresses(turn, person_id)}): {left}."
    return Effect(says, f"suspend {person_id}", f"{person_id}:active")


def _suspended(turn: Turn, argument: str, member: Member) -> tuple[int, str]:
    number, _, reason = argument.partition(" ")
    person_id = known(turn, number)
    if len(" ".join(reason.split())) < REASON_LEAST:
        raise Refusal("admin.reason_missing", least=REASON_LEAST)
    if person_id == member.person_id:
        raise Refusal("admin.not_oneself")
    if suspensions.is_suspended(turn.work, person_id):
        raise Refusal("admin.suspended_already")
    return person_id, reason.strip()


def suspend(turn: Turn, argument: str, member: Member) -> str:
    """Suspend a person's account."""
    person_id, reason = _suspended(turn, argument, member)
    if not suspensions.suspend(turn.work, person_id, reason=reason, actor=member.name):
        raise Refusal("admin.suspended_already")
    return f"Person {person_id} is suspended. /user restore {person_id} undoes it."


def restore(turn: Turn, argument: str, member: Member) -> str:
    """End a person's suspension."""
    person_id = known(turn, argument.strip())
    if not suspensions.lift(turn.work, person_id, actor=member.name):
        raise Refusal("admin.not_suspended")
    return f"Person {person_id} is active again."
