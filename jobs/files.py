"""The blobs of a call: read from the database, new ones kept until the commit that marks the call done."""

from __future__ import annotations

import asyncio

from bot.core.ids import Ids
from bot.core.seal import Seal
from storage import blobs
from storage.database import Database

_LARGE = 1_000_000
"""Bytes from which on a file is opened in a thread, so that nobody waits for it."""


class StoredFiles:
    """Files for one attempt (the port `bot.core.ports.Files`)."""

    def __init__(self, database: Database, seal: Seal, ids: Ids) -> None:
        self._database, self._seal, self._ids = database, seal, ids
        self.fresh: list[tuple[int, bytes, str]] = []

    async def get(self, blob_id: int) -> bytes:
        """Return a blob's bytes; raise KeyError when it is gone."""
        row = await self._database.read(lambda c: blobs.load(c, blob_id))
        if row is None:
            raise KeyError(blob_id)
        if len(row.data) < _LARGE:
            return self._seal.open(row.data)
        return await asyncio.to_thread(self._seal.open, row.data)

    def put(self, data: bytes, media_type: str) -> int:
        """Keep new bytes for the commit of the call, and return their id."""
        blob_id = self._ids.next()
        self.fresh.append((blob_id, data, media_type))
        return blob_id
