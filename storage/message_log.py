"""The log of messages: what was sent to whom and what became of it, never what was said (AU-2).

It is the outbox read as a log: a row of it stays for thirteen months, with channel, purpose, the vendor's number and
its last word.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.ids import Ids
from storage.outbox import outbox
from storage.people import address
from storage.work import Work

PAGE = 20
USUAL = timedelta(days=7)
"""How far back is looked when no beginning is named."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Which messages; all of it must hold. `kind` is the purpose: reply, code, notice, nudge, offer."""

    person_id: int | None = None
    channel: str = ""
    kind: str = ""
    state: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def bounded(self, now: datetime) -> Sent:
        """Return the question with a beginning."""
        return self if self.since is not None else replace(self, since=(self.until or now) - USUAL)


def page(work: Work, wanted: Sent, number: int = 1) -> list[sa.Row[Any]]:
    """Return one message more than the page holds when there is another page; the newest first."""
    names = ("id", "person_id", "purpose", "state", "vendor_id", "vendor_state", "error", "at")
    rows = sa.select(*(outbox.c[name] for name in names), address.c.channel)
    rows = rows.select_from(outbox.join(address, address.c.id == outbox.c.address_id))
    found = rows.where(outbox.c.kind == "message", *_conditions(wanted)).order_by(outbox.c.id.desc())
    return work.rows(found.limit(PAGE + 1).offset((number - 1) * PAGE))


def _conditions(wanted: Sent) -> Iterator[sa.ColumnElement[bool]]:
    if wanted.since is not None:
        yield outbox.c.id >= Ids.floor(wanted.since)
    if wanted.until is not None:
        yield outbox.c.id < Ids.floor(wanted.until)
    if wanted.person_id is not None:
        yield address.c.person_id == wanted.person_id
    for column, value in (
        (address.c.channel, wanted.channel), (outbox.c.purpose, wanted.kind), (outbox.c.state, wanted.state),
    ):  # fmt: skip
        if value:
            yield column == value
