"""How long things are kept, as a table, and the job that obeys it (chat rules 9, appeals rules 4.2).

Bodies are blanked or deleted in small transactions, so that nobody waits for them. Money and mailing rows stay for
seven years without contents; a suppression for ten, as its hash.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from bot.core.clock import Clock
from bot.core.ids import Ids
from jobs.audit_sealing import AuditSealing
from storage.alerts import alert
from storage.appeals.cases import case
from storage.appeals.drafts import draft
from storage.appeals.evidence import evidence
from storage.appeals.letters import letter
from storage.audit import segments
from storage.blobs import blob
from storage.coaching.model_calls import model_call
from storage.coaching.tasks import event as task_event
from storage.database import Database, Writers
from storage.inbox import inbox
from storage.links import link
from storage.outbox import outbox
from storage.people import consent, suppression, usage
from storage.processes import periodic
from storage.receipts import replies, tokens
from storage.receipts.bank_items import bank_item
from storage.receipts.documents import document
from storage.receipts.mail.mailboxes import mailbox
from storage.schema import micros
from storage.timers import timer
from storage.transcript import transcript
from storage.work import Work

BATCH = 500
MONTH, YEAR = timedelta(days=30), timedelta(days=365)
LIVING = ("intake", "review", "ready", "awaiting_payment", "paid", "paid_blocked", "submitted", "returned")
ENDED = ("closed", "refunded", "abandoned", "withdrawn", "informed")
_OVER = ("done", "dropped", "sent", "answered", "cancelled", "expired", "unknown")


@dataclass(frozen=True, slots=True)
class Keeping:
    """What is kept how long: `old` says which rows are past it, `blank` what is emptied.

    Without `blank` the row is deleted. A column that must hold something gets a sealed empty object.
    """

    name: str
    life: timedelta
    table: sa.Table
    old: Callable[[datetime], sa.ColumnElement[bool]]
    blank: tuple[str, ...] | None = None


def _by_id(table: sa.Table) -> Callable[[datetime], sa.ColumnElement[bool]]:
    return lambda before: table.c.id < Ids.floor(before)


def _in_boxes(table: sa.Table) -> Callable[[datetime], sa.ColumnElement[bool]]:
    return lambda before: sa.and_(table.c.id < Ids.floor(before), table.c.body.is_not(None), table.c.state.in_(_OVER))


def _loose(before: datetime) -> sa.ColumnElement[bool]:
    """Files of nobody's record: no evidence, letter, receipt, task or mailbox has them, no case is under way."""
    attached = sa.or_(
        sa.exists().where(document.c.person_id == blob.c.person_id, document.c.blob_id == blob.c.id),
        sa.exists().where(evidence.c.blob == blob.c.id),
        sa.exists().where(task_event.c.person_id == blob.c.person_id, task_event.c.evidence == blob.c.id),
        sa.exists().where(draft.c.pdf == blob.c.id),
        sa.exists().where(bank_item.c.person_id == blob.c.person_id, bank_item.c.token_blob == blob.c.id),
        sa.exists().where(case.c.person_id == blob.c.person_id, case.c.stage.in_(LIVING)),
        sa.exists().where(mailbox.c.person_id == blob.c.person_id, mailbox.c.secret_blob == blob.c.id),
    )
    return sa.and_(blob.c.id < Ids.floor(before), ~attached)


def _source_media(before: datetime) -> sa.ColumnElement[bool]:
    """Evidence of letters delivered, or cases ended, that long ago."""
    delivered = sa.exists().where(letter.c.case_id == evidence.c.case_id, letter.c.delivered_at < before)
    ended = sa.exists().where(case.c.id == evidence.c.case_id, case.c.stage.in_(ENDED), case.c.stage_at < before)
    return sa.exists().where(evidence.c.blob == blob.c.id).where(sa.or_(delivered, ended))


def _mailed(before: datetime) -> sa.ColumnElement[bool]:
    return sa.exists().where(draft.c.pdf == blob.c.id, letter.c.draft_id == draft.c.id, letter.c.accepted_at < before)


def _documents(before: datetime) -> sa.ColumnElement[bool]:
    old = sa.exists().where(letter.c.draft_id == draft.c.id, letter.c.accepted_at < before)
    return sa.and_(draft.c.document.is_not(None), old)


def _ended(before: datetime) -> sa.ColumnElement[bool]:
    """Cases closed so long ago whose words are still there."""
    return sa.and_(case.c.stage.in_((*ENDED, "decided")), case.c.stage_at < before, case.c.number_hash.is_not(None))


def _drafts_of_ended(before: datetime) -> sa.ColumnElement[bool]:
    """Their drafts; they go first, for the case's own mark tells which are left."""
    return sa.and_(
        draft.c.recipient.is_not(None), sa.exists().where(case.c.id == draft.c.case_id).where(_ended(before))
    )


def _spoken(before: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(transcript.c.id < Ids.floor(before), transcript.c.body.is_not(None))


def _over(table: sa.Table) -> Callable[[datetime], sa.ColumnElement[bool]]:
    return lambda before: sa.and_(table.c.id < Ids.floor(before), table.c.state.in_(_OVER))


def _fired(before: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(timer.c.state != "set", timer.c.due_at < micros(before))


def _counted(before: datetime) -> sa.ColumnElement[bool]:
    hours, at = usage.c.kind.like("%hour"), micros(before)
    by_day = sa.and_(~hours, usage.c.period < at // 86_400_000_000)
    return sa.or_(by_day, sa.and_(hours, usage.c.period < at // 3_600_000_000))


KEYS = timedelta(days=400)
AUDIT_LIFE = 7 * YEAR
PERIODS = timedelta(days=3)
"""Long enough to tell when daily work last succeeded; quick work leaves thousands of rows a day."""
DRAFT_WORDS = ("facts", "document", "recipient", "sender")
TABLE: tuple[Keeping, ...] = (
    Keeping("loose files", MONTH, blob, _loose),
    Keeping("files with a date", timedelta(), blob, lambda now: blob.c.delete_after < now),
    Keeping("source media", MONTH, blob, _source_media),
    Keeping("letter files", 2 * YEAR, blob, _mailed),
    Keeping("letter texts", 2 * YEAR, draft, _documents, ("document",)),
    Keeping("drafts of ended cases", 2 * YEAR, draft, _drafts_of_ended, DRAFT_WORDS),
    Keeping("ended cases", 2 * YEAR, case, _ended, ("facts", "number", "number_hash", "return_state")),
    Keeping("transcripts", YEAR, transcript, _spoken, ("body",)),
    Keeping("inbox bodies", MONTH, inbox, _in_boxes(inbox), ("body",)),
    Keeping("outbox bodies", MONTH, outbox, _in_boxes(outbox), ("body",)),
    Keeping("inbox keys", KEYS, inbox, _over(inbox)),
    Keeping("outbox keys", KEYS, outbox, _over(outbox)),
    Keeping("timers", MONTH, timer, _fired),
    Keeping("periods", PERIODS, periodic, lambda before: periodic.c.at < micros(before)),
    Keeping("links", YEAR, link, lambda before: link.c.expires_at < before),
    Keeping("alerts", KEYS, alert, _by_id(alert)),
    Keeping("answers of the API", replies.LIFE, replies.reply, lambda before: replies.reply.c.at < before),
    Keeping("tokens that expired", MONTH, tokens.token, lambda before: tokens.token.c.expires_at < before),
    Keeping("ended consent", YEAR, consent, lambda before: consent.c.ended_at < before),
    Keeping("suppressions", 10 * YEAR, suppression, lambda before: suppression.c.at < before),
    Keeping("counts", KEYS, usage, _counted),
    Keeping("model calls", 2 * YEAR, model_call, _by_id(model_call)),
)
"""Consent that did not end stays while its person does; money and mailing rows stay as they are, without contents."""


class Retention:
    """Obeys the table, once a day."""

    def __init__(self, database: Database, writers: Writers, clock: Clock) -> None:
        self._database, self._writers, self._clock = database, writers, clock

    async def run(self) -> None:
        """Blank and delete what is past its life."""
        for keeping in TABLE:
            await self.obey(keeping)
        await self.end_audit()

    async def end_audit(self) -> int:
        """Close the months of the audit that are seven years old, and empty what is closed (AU-5)."""
        await AuditSealing(self._database, self._writers).seal_late()
        before = (self._clock.now() - AUDIT_LIFE).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        await self._writers.run(partial(segments.close, before=before))
        dropped = 0
        while some := await self._writers.run(segments.drop):
            dropped += some
        return dropped

    async def obey(self, keeping: Keeping) -> int:
        """Obey one line of the table; return how many rows it touched. The search runs outside every transaction."""
        touched, before = 0, self._clock.now() - keeping.life
        search = sa.select(*keeping.table.primary_key.columns).where(keeping.old(before)).limit(BATCH)
        while True:
            rows = await self._database.read(lambda c: list(c.execute(search)))
            if rows:
                await self._writers.run(partial(_empty, keeping=keeping, rows=rows))
            touched += len(rows)
            if len(rows) < BATCH:
                return touched


def _empty(work: Work, keeping: Keeping, rows: list[sa.Row[Any]]) -> None:
    table = keeping.table
    for row in rows:
        one = sa.and_(*(column == value for column, value in zip(table.primary_key.columns, row, strict=True)))
        if keeping.blank is None:
            work.claim(table.delete().where(one))
        else:
            empty = {name: None if table.c[name].nullable else work.seal.seal(b"{}") for name in keeping.blank}
            work.claim(table.update().where(one).values(empty))
