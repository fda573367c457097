"""Deletes what is past its life among the receipts, once a day: rows, files, search words (rule SEC-R7).

Each receipt goes in a transaction of its own, so that nobody waits for it. Drafts that wait are not the business of
this job: their person is told first (`handlers.receipts.later.waiting`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa

from bot.core.clock import Clock
from storage.database import Database, Writers
from storage.receipts import expired
from storage.work import Work

BATCH = 500
Search = Callable[[sa.Connection, datetime, int], list[sa.Row[Any]]]
Erase = Callable[[Work, int, int], None]


class ReceiptRetention:
    """Obeys the lives of receipts and their files."""

    def __init__(self, database: Database, writers: Writers, clock: Clock) -> None:
        self._database, self._writers, self._clock = database, writers, clock

    async def run(self) -> None:
        """Delete what is past its life."""
        if not await self._database.read(expired.any_file):
            return
        from storage.receipts import expiry

        await self._empty(expired.gone, expiry.erase_gone)
        await self._empty(expired.unread, expiry.erase_unread)

    async def _empty(self, search: Search, erase: Erase) -> None:
        while True:
            now = self._clock.now()
            rows = await self._database.read(lambda c: search(c, now, BATCH))  # noqa: B023 - read before the next turn
            for row in rows:
                await self._writers.run(partial(_erase, erase, row.person_id, row.id), key=row.person_id)
            if len(rows) < BATCH:
                return


def _erase(erase: Erase, person_id: int, row_id: int, work: Work) -> None:
    erase(work, person_id, row_id)
