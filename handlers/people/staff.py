"""What staff may do to persons beside looking: make one of two, and take that back within thirty days (ID-6, ID-7).

Both acts wait for a moment in which neither person has a turn, and tell the operators how they ended. A person who is
staff is merged only with somebody else's approval, as an act of class 4.
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from bot.core.errors import Refusal
from bot.engine.registry import Registry
from bot.engine.staff import Effect, Member, Risk, StaffCommand
from bot.engine.turn import Turn
from handlers.people import linking, merging
from handlers.people.masking import masked
from storage.accounts import holdings, merges
from storage.operators import operator

_PAIR = re.compile(r"(?:person:)?(\d{5,20})\s+(?:into\s+)?(?:person:)?(\d{5,20})", re.IGNORECASE)
_ONE = re.compile(r"(?:person:)?(\d{5,20})", re.IGNORECASE)


def register(registry: Registry) -> None:
    """Register both commands."""
    for name, usage, act, foresee in (
        ("user merge", "/user merge PERSON PERSON", merge, foresee_merge),
        ("user unmerge", "/user unmerge PERSON", part, foresee_part),
    ):
        registry.staff_command(StaffCommand(name, Risk.GRAVE, "person.merge", usage, act, "person", foresee))


def _pair(turn: Turn, argument: str) -> tuple[int, int]:
    """Return (survivor, absorbed) of two ids; raise Refusal for anything else, or what stands against it."""
    match = _PAIR.fullmatch(argument.strip())
    if match is None:
        raise Refusal("people.staff.usage", usage="/user merge PERSON PERSON")
    survivor, absorbed = merging.survivor_first(*(merges.survivor_of(turn.work, int(one)) for one in match.groups()))
    merging.check(turn, survivor, absorbed, by_staff=True)
    return survivor, absorbed


def foresee_merge(turn: Turn, argument: str, member: Member) -> Effect:
    """Say who becomes part of whom, and what moves."""
    survivor, absorbed = _pair(turn, argument)
    what = merging.told(turn, absorbed) or turn.text("people.has.nothing")
    says = (
        f"MERGE person {absorbed} ({_addresses(turn, absorbed)}) into {survivor} ({_addresses(turn, survivor)}): {what}"
    )
    version = f"{holdings.of_person(turn.work, absorbed)} {_addresses(turn, absorbed)} {_addresses(turn, survivor)}"
    staff = turn.row(sa.select(operator.c.id).where(operator.c.person_id.in_((survivor, absorbed))))
    return Effect(says, f"merge {absorbed}", version, needs_second=staff is not None)


def merge(turn: Turn, argument: str, member: Member) -> str:
    """Order the merge."""
    survivor, absorbed = _pair(turn, argument)
    merging.order(turn, survivor, absorbed, key=f"staff:{absorbed}:{turn.inbox_id}", actor=member.name)
    return f"Person {absorbed} is being made part of {survivor}. An alert says how it ended."


def _standing(turn: Turn, argument: str) -> sa.Row[Any]:
    match = _ONE.fullmatch(argument.strip())
    row = merges.of_absorbed(turn.work, int(match[1])) if match is not None else None
    if row is None:
        raise Refusal("people.staff.not_merged")
    if merges.manifest_of(turn.work, row) is None:
        raise Refusal("people.staff.too_late")
    if merges.survivor_of(turn.work, row.survivor_id) != row.survivor_id:
        raise Refusal("people.staff.merged_on", usage=f"/user unmerge {row.survivor_id}")
    return row


def foresee_part(turn: Turn, argument: str, member: Member) -> Effect:
    """Say what goes back."""
    row = _standing(turn, argument)
    manifest = merges.manifest_of(turn.work, row)
    moved = sum(len(keys) for keys in manifest.moved.values()) if manifest is not None else 0
    says = f"UNMERGE person {row.absorbed_id} from {row.survivor_id}, merged {row.at:%Y-%m-%d}: {moved} rows go back"
    return Effect(says, f"unmerge {row.absorbed_id}", f"{row.id} {moved}")


def part(turn: Turn, argument: str, member: Member) -> str:
    """Order the parting."""
    row = _standing(turn, argument)
    merging.order_parting(turn, row.survivor_id, row.absorbed_id, key=f"{row.id}:{turn.inbox_id}", actor=member.name)
    return f"Person {row.absorbed_id} is being parted from {row.survivor_id}. An alert says how it ended."


def _addresses(turn: Turn, person_id: int) -> str:
    shown = [masked(row.channel, turn.work.seal.open(row.handle).decode()) for row in linking.live(turn, person_id)]
    return ", ".join(shown) or "no address"
