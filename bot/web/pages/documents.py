"""Private documents, `/d/{token}`: a letter or a long text that a channel cannot carry, for 24 hours (rule CONV-2)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from aiohttp import web

from bot.core.clock import Clock
from bot.core.seal import Seal
from bot.web.pages.exports import ExportPage
from bot.web.pages.templates import headers_for
from storage.blobs import blob
from storage.database import Database
from storage.links import follow_link

_SHOWN = {"application/pdf", "image/png", "image/jpeg", "image/webp", "image/gif", "text/plain"}


class DocumentPage:
    """Hands out a stored file to whoever holds its token; a link to an export leads to its page."""

    def __init__(self, database: Database, seal: Seal, clock: Clock, *, exports: ExportPage, demo: bool) -> None:
        self._database, self._seal, self._clock, self._demo = database, seal, clock, demo
        self._exports = exports

    async def show(self, request: web.Request) -> web.Response:
        """Send the file, shown in the browser where that is safe."""
        now, token = self._clock.now(), request.match_info["token"]

        def load(connection: sa.Connection) -> tuple[sa.Row[Any], str] | None:
            found = follow_link(connection, self._seal, kind="d", token=token, now=now)
            if found is None:
                return None
            row = connection.execute(sa.select(blob).where(blob.c.id == found.target)).first()
            return (row, found.name) if row is not None else None

        found = await self._database.read(load)
        if found is None:
            return await self._exports.show(request) or self._exports.gone()
        row, name = found
        kind = row.media_type if row.media_type in _SHOWN else "application/octet-stream"
        place = "inline" if kind in _SHOWN else "attachment"
        headers = {**headers_for(demo=self._demo), "Content-Disposition": f"{place}; filename*=UTF-8''{quote(name)}"}
        return web.Response(body=self._seal.open(row.data), content_type=kind, headers=headers)
