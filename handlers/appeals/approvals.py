"""The check and the approval: one frozen version of the letter for every OK (rules ST-3, ST-5, ST-6, REG-5).

Recipient, sender, record version and the file's hash are copied into the version, and the letter is printed from
exactly these. An edit voids the approval and opens the next version.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from bot.core.calls.people import PostalAddress
from bot.core.calls.workshop import TypesetPages
from bot.core.errors import Permanent
from bot.engine.turn import Turn
from handlers.appeals import gating, records, reminders
from handlers.appeals.case_files import case_row, own_case, sealed, sealed_address
from handlers.appeals.facts import Facts
from handlers.appeals.gates import Refusal
from handlers.appeals.opening import save_facts
from handlers.appeals.stages import move, stage_of
from storage.appeals import drafts


def to_review(turn: Turn, case_id: int) -> None:
    """Move a case whose slots are filled to the check, with the version of the draft that is checked (ST-3)."""
    _open_version(turn, case_id)
    move(turn, case_id, "review", trigger="user")


def _open_version(turn: Turn, case_id: int) -> int:
    """Return the version that is not approved yet, making one when there is none."""
    newest = drafts.newest(turn.work, case_id)
    if newest is not None and newest.approved_at is None:
        return int(newest.id)
    return drafts.add(turn.work, case_id, facts=own_case(turn, case_id).facts)


def approve(
    turn: Turn,
    case_id: int,
    facts: Facts,
    typeset: TypesetPages,
    to: PostalAddress,
    *,
    document: Mapping[str, Any] | None = None,
) -> int | Refusal:
    """Freeze the letter that the person approved and return its draft id, or the gate that refuses (ST-5).

    `document` is the composed letter, which the guard reads again before the claim (LET-7).
    """
    refusal = gating.judge(turn, facts, when="final")
    city, sender = records.city_of(turn.work, facts.city_id), facts.sender
    if refusal is not None:
        return refusal
    if sender is None or city is None:
        raise Permanent("a letter without sender or city was approved")
    save_facts(turn, case_id, facts)
    if stage_of(turn, case_id) == "intake":
        to_review(turn, case_id)
    draft_id, work = _open_version(turn, case_id), turn.work
    frozen = drafts.approve(
        work,
        draft_id,
        facts=sealed(work, facts),
        document=work.seal.seal(orjson.dumps(dict(document))) if document is not None else None,
        recipient=sealed_address(work, to),
        sender=sealed_address(work, sender),
        record_version=city.version,
        mailing_version=city.mailing_version,
        mail_class=facts.mail.value,
        pdf=typeset.pdf,
        pdf_sha256=typeset.sha256,
        pages=typeset.pages,
        approved_at=turn.now,
        approved_by=turn.inbox_id,
    )
    if not frozen:
        raise Permanent("this version was approved before")
    move(turn, case_id, "ready", trigger="user")
    reminders.before_mail_by(turn, case_id)
    return draft_id


def back_to_review(turn: Turn, case_id: int, *, trigger: str, reason: str | None = None) -> None:
    """Void the approval of a ready case and open its next version (ST-6)."""
    drafts.void(turn.work, case_id)
    drafts.add(turn.work, case_id, facts=case_row(turn, case_id).facts)
    move(turn, case_id, "review", trigger=trigger, reason=reason)
    turn.cancel_timers(f"mail_by:{case_id}:")
