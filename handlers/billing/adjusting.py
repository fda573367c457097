"""What is left to a person of each quota, for staff, and the correction of what was counted: /quota show and adjust.

> /quota show 188017
< receipts.read: 9 used of 65
<   991204 goodwill: 0 of 50, until 2026-12-05
> /quota adjust 188017 receipts.read -3 three photos were read twice
< receipts.read of 188017: 6 used of 65.
"""

from __future__ import annotations

import re
from functools import partial

from bot.core.errors import Refusal
from bot.engine.registry import Registry
from bot.engine.staff import Member, Risk, StaffCommand
from bot.engine.turn import Turn
from handlers.billing import reading
from handlers.billing.catalogue import Catalogue
from handlers.billing.granting import known_person
from handlers.billing.overriding import REASON_LEAST
from handlers.billing.resolver import Snapshot, resolve
from storage import person_notes
from storage.billing import corrections

USAGE_SHOW, USAGE_ADJUST = "/quota show PERSON", "/quota adjust PERSON FEATURE +N|-N REASON: so many more or fewer used"
MOST = 10_000
_ASKED = re.compile(r"(\d{1,19}|[TA]-\w{4,9})\s+(\S{1,40})\s+([+-]\d{1,5})\s+(\S.*)", re.DOTALL | re.IGNORECASE)


def register(registry: Registry, catalogue: Catalogue) -> None:
    """Register both rows."""
    looks, corrects = partial(show, catalogue=catalogue), partial(adjust, catalogue=catalogue)
    registry.staff_command(StaffCommand("quota show", Risk.PERSONAL, "sub.view", USAGE_SHOW, looks, "quota"))
    row = StaffCommand("quota adjust", Risk.REVERSIBLE, "grant.revoke", USAGE_ADJUST, corrects, "quota")
    registry.staff_command(row)


def show(turn: Turn, argument: str, member: Member, *, catalogue: Catalogue) -> str:
    """Show what a person may use of each quota, what else they were given, and by which numbers."""
    person_id = known_person(turn, argument.strip())
    turn.audit("quota.view", f"person:{person_id}", actor=member.name)
    of = reading.of_person(turn.work, person_id, catalogue)
    lines = []
    for key, feature in catalogue.features.items():
        if feature.kind == "quota":
            lines += [_line(turn, of, key), *_given(of, key)]
    return "\n".join([*lines, *_overrides(of)])


def _line(turn: Turn, of: Snapshot, key: str) -> str:
    found = resolve(of, key, turn.now)
    used = sum(one.taken for one in of.grants if one.feature == key and one.is_live(turn.now))
    return f"{key}: {used} used of {'unlimited' if found.value is None else found.value} ({found.reason.value.lower()})"


def _given(of: Snapshot, key: str) -> list[str]:
    return [
        f"  {one.id} {one.source}: {one.taken} of {'unlimited' if one.unlimited else one.amount}"
        f", until {one.expires_at:%Y-%m-%d}"
        for one in of.grants
        if one.feature == key and one.source != "plan"
    ]


def _overrides(of: Snapshot) -> list[str]:
    return [
        f"{one.id} override: {one.operation} {'unlimited' if one.unlimited else one.amount or ''} {one.feature}"
        f", until {one.expires_at:%Y-%m-%d}".replace("  ", " ")
        for one in of.overrides
    ]


def adjust(turn: Turn, argument: str, member: Member, *, catalogue: Catalogue) -> str:
    """Count more or fewer as used in what runs now; what is set aside just now stays."""
    found = _ASKED.fullmatch(argument.strip())
    feature = catalogue.features.get(found[2].lower()) if found else None
    if found is None or feature is None or feature.kind != "quota":
        raise Refusal("billing.give.usage", usage=USAGE_ADJUST)
    person_id, key, more = known_person(turn, found[1]), found[2].lower(), int(found[3])
    reason = " ".join(found[4].split())
    if len(reason) < REASON_LEAST:
        raise Refusal("billing.give.reason")
    if person_id == member.person_id:
        raise Refusal("billing.give.oneself")
    operation = f"staff:{turn.inbox_id}"
    if not 0 < abs(more) <= MOST or not corrections.correct(turn.work, person_id, key, more, operation_id=operation):
        raise Refusal("billing.give.no_room")
    turn.audit("quota.adjust", f"person:{person_id}", actor=member.name, feature=key, more=more)
    person_notes.add(turn.work, person_id, actor=member.name, remark=f"counted {more:+} {key}: {reason}")
    return f"{person_id}, {_line(turn, reading.of_person(turn.work, person_id, catalogue), key)}."
