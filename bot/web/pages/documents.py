"""Private documents, `/d/{token}`: a letter or a long text that a channel cannot carry, for 24 hours (rule CONV-2)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from aiohttp import web

from bot.core.clock import Clock
from bot.core.seal import Seal
from bot.web.pages.templates import headers_for, page
from storage.blobs import blob
from storage.database import Database
from storage.links import follow_link

_SHOWN = {"application/pdf", "image/png", "image/jpeg", "image/webp", "image/gif", "text/plain"}


class DocumentPage:
    """Hands out a stored file to whoever holds its token."""

    def __init__(self, database: Database, seal: Seal, clock: Clock, *, demo: bool) -> None:
        self._database, self._seal, self._clock, self._demo = database, seal, clock, demo

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
            text = "Go back to your chat and ask for it again."
            return page("notice.html", 404, heading="This link is no longer valid", text=text, demo=self._demo)
        row, name = found
        kind = row.media_type if row.media_type in _SHOWN else "application/octet-stream"
        place = "inline" if kind in _SHOWN else "attachment"
        headers = {**headers_for(demo=self._demo), "Content-Disposition": f"{place}; filename*=UTF-8''{quote(name)}"}
        return web.Response(body=self._seal.open(row.data), content_type=kind, headers=headers)
