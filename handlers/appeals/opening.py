"""Opening a case and keeping its facts (rules ST-1, ST-2, ST-7, ST-25, ST-27, CONV-9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa

from bot.core.errors import Permanent
from bot.engine.turn import Turn
from handlers.appeals import gating, reminders
from handlers.appeals.case_files import own_case, sealed
from handlers.appeals.deadlines import MailClass
from handlers.appeals.facts import Facts
from handlers.appeals.stages import BEFORE_PAYMENT, move, stage_of
from storage.appeals import cases, evidence, status_log
from storage.work import Work


@dataclass(frozen=True, slots=True)
class OpenedCase:
    """A case that was opened, or the one that already stands for the same ticket (`existing`)."""

    case_id: int
    code: str
    existing: bool
    stage: str = "intake"


def open_case(turn: Turn, facts: Facts) -> OpenedCase:
    """Open a case for a ticket, or return this person's one for the same city, number and level (CONV-9).

    Without a number the person's unnumbered case of the city is taken up again. A case that was abandoned comes back
    to the intake (ST-27). One that was mailed is returned as it is: its status is to be shown (NUM-9).
    """
    work = turn.work
    found = _same(turn, facts)
    if found is not None:
        if found.stage == "abandoned":
            move(turn, found.id, "intake", trigger="user")
        return OpenedCase(found.id, found.code, True, stage_of(turn, found.id))
    case_id = cases.add(
        work,
        person_id=turn.person.id,
        stage="intake",
        level=facts.level,
        parent_id=facts.parent_case,
        facts=sealed(work, facts),
        **_columns(turn, facts),
    )
    rule = "ST-22" if facts.parent_case else "ST-1"
    status_log.note(work, case_id, axis="stage", was=None, now="intake", actor="user", rule=rule, cause=turn.inbox_id)
    reminders.idle(turn, case_id)
    row = own_case(turn, case_id)
    return OpenedCase(case_id, row.code, False)


def save_facts(turn: Turn, case_id: int, facts: Facts) -> OpenedCase:
    """Keep the facts of a case; return the case that now stands for the ticket.

    That is another one (`existing`) when the number that was just given belongs to another case of this person: the
    unnumbered one at hand is then dropped. An informed case returns to the intake (ST-25).
    """
    row = own_case(turn, case_id)
    other = _same(turn, facts) if facts.number else None
    if other is not None and other.id != case_id:
        if row.stage in BEFORE_PAYMENT:
            reminders.stop(turn, case_id)
            move(turn, case_id, "withdrawn", trigger="engine", reason="same_ticket")
        return OpenedCase(other.id, other.code, True, other.stage)
    if row.stage in ("informed", "abandoned"):
        move(turn, case_id, "intake", trigger="user")
    elif row.stage not in BEFORE_PAYMENT:
        raise Permanent(f"the facts of a case in {row.stage} do not change")
    cases.change(turn.work, case_id, facts=sealed(turn.work, facts), touched_at=turn.now, **_columns(turn, facts))
    _keep_evidence(turn.work, case_id, facts)
    reminders.idle(turn, case_id)
    return OpenedCase(case_id, row.code, False, stage_of(turn, case_id))


def informed(turn: Turn, case_id: int, reason: str) -> None:
    """End the letter path of a case with a gate's reason code, or with `free_route` (ST-2, ST-7)."""
    move(turn, case_id, "informed", trigger="user" if reason == "free_route" else "engine", reason=reason)
    reminders.stop(turn, case_id)


def _same(turn: Turn, facts: Facts) -> sa.Row[Any] | None:
    if facts.city_id is None:
        return None
    if facts.number is None:
        return cases.unnumbered(turn.work, person_id=turn.person.id, city_id=facts.city_id)
    return cases.same_ticket(
        turn.work, person_id=turn.person.id, city_id=facts.city_id, number=facts.number, level=facts.level
    )


def _columns(turn: Turn, facts: Facts) -> dict[str, Any]:
    """Return the columns that are kept beside the sealed facts, for look-ups and reminders."""
    work = turn.work
    dates = gating.plan_of(turn, facts)
    by = {entry.mail_class: entry.mail_by for entry in dates.classes} if dates else {}
    return {
        "city_id": facts.city_id,
        "record_version": facts.record_version,
        "number": work.seal.seal(facts.number.encode()) if facts.number else None,
        "number_hash": cases.number_hash(work, facts.number),
        "number_status": facts.number_status,
        "deadline": dates.deadline if dates else None,
        "rule_id": dates.rule_id if dates else None,
        "mail_by_standard": by.get(MailClass.STANDARD),
        "mail_by_certified": by.get(MailClass.CERTIFIED),
        "return_state": facts.state if facts.country == "US" else None,
    }


def _keep_evidence(work: Work, case_id: int, facts: Facts) -> None:
    items: list[Mapping[str, Any]] = [
        {
            "kind": item.kind,
            "checklist_item": item.checklist_item,
            "blob": item.original,
            "sha256": item.sha256,
            "media_type": item.media_type,
            "size": item.size,
            "words": work.seal.seal(orjson.dumps([item.caption, item.taken_at])),
            "letter": item.letter,
            "included": item.included,
        }
        for item in facts.evidence
    ]
    evidence.replace(work, case_id, items)
