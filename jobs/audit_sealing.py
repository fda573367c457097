"""Sealing the audit: entries that turns committed get their numbers and hashes, twice a minute and before a check.

Any process may try; who comes second finds the next number taken and leaves. Each step is a small transaction, so
that turns go between.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from storage.audit import chain
from storage.audit.chain import Sealed
from storage.database import Database, Writers

EVERY = timedelta(seconds=30)


class AuditSealing:
    """Extends the chain by what waits."""

    def __init__(self, database: Database, writers: Writers) -> None:
        self._database, self._writers = database, writers

    async def run(self) -> None:
        """Seal what was committed lately."""
        await self.seal()

    async def seal(self, *, after: int | None = None) -> int:
        """Seal what waits, from an id on; return how many entries."""
        count = 0
        while True:
            sealed: Sealed | None = await self._writers.run(partial(chain.seal, after=after))
            if sealed is None:
                return count
            count, after = count + sealed.count, sealed.last

    async def seal_late(self) -> int:
        """Seal whatever was never sealed, however old; return how many entries."""
        count = 0
        while (first := await self._database.read(chain.first_unsealed)) is not None:
            some = await self.seal(after=first - 1)
            if not some:
                break
            count += some
        return count
