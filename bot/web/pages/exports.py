"""The page of an export, behind a private link: it asks for the code that the bot texted, then gives each file once.

The link alone opens nothing (receipts rule 10: a second factor on SMS). Five wrong codes end it. Files are
attachments of a type that no browser runs (MED-8).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from aiohttp import web

from bot.core.clock import Clock
from bot.core.seal import Seal
from bot.web.pages.templates import headers_for, page
from storage import blobs
from storage.database import Database, Writers
from storage.links import follow_link
from storage.receipts import exports
from storage.receipts.exports import File

_TYPES = frozenset({"application/json", "application/zip", "text/csv", "text/plain", "application/x-ofx"})
_MOST_DIGITS = 12


class ExportPage:
    """Asks for the code, and hands out files."""

    def __init__(self, database: Database, writers: Writers, seal: Seal, clock: Clock, *, demo: bool) -> None:
        self._database, self._writers, self._seal, self._clock, self._demo = database, writers, seal, clock, demo

    async def _found(self, token: str) -> tuple[sa.Row[Any], list[File]] | None:
        now = self._clock.now()

        def load(connection: sa.Connection) -> tuple[sa.Row[Any], list[File]] | None:
            link = follow_link(connection, self._seal, kind="d", token=token, now=now)
            if link is None or link.person_id is None:
                return None
            files = exports.files(connection, link.person_id, link.target)
            return (link, files) if any(not one.taken for one in files) else None

        return await self._database.read(load)

    async def show(self, request: web.Request) -> web.Response | None:
        """Ask for the code; None when the link leads to no export."""
        found = await self._found(request.match_info["token"])
        return None if found is None else self._ask(found[1])

    async def take(self, request: web.Request) -> web.Response:
        """Judge the code and send the file."""
        found = await self._found(request.match_info["token"])
        if found is None:
            return self.gone()
        return await self.hand_over(found[0].person_id, found[0].target, await request.post())

    async def hand_over(self, person_id: int, export_id: int, form: Mapping[str, object]) -> web.Response:
        """Judge a code for a file of this person and send it."""
        files = await self._database.read(lambda connection: exports.files(connection, person_id, export_id))
        code = "".join(one for one in str(form.get("code", ""))[:40] if one.isdigit())[:_MOST_DIGITS]
        wanted = next((one for one in files if str(one.seq) == str(form.get("file", "0")) and not one.taken), None)
        if wanted is None:
            return self.gone()
        seq = wanted.seq
        verdict = await self._writers.run(
            lambda work: exports.take(work, person_id, export_id, seq, code), key=person_id
        )
        if verdict == "right":
            return await self._send(wanted)
        return self._ask(files, wrong=True) if verdict == "wrong" else self.gone()

    async def _send(self, file: File) -> web.Response:
        row = await self._database.read(lambda connection: blobs.load(connection, file.blob_id))
        if row is None:
            return self.gone()
        content = await asyncio.to_thread(self._seal.open, row.data)
        kind = file.media_type.partition(";")[0]
        headers = {
            **headers_for(demo=self._demo), "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}"
        }  # fmt: skip
        return web.Response(
            body=content, content_type=kind if kind in _TYPES else "application/octet-stream", headers=headers
        )

    def _ask(self, files: list[File], *, wrong: bool = False) -> web.Response:
        waiting = [one for one in files if not one.taken]
        return page("export.html", 403 if wrong else 200, files=waiting, wrong=wrong, demo=self._demo)

    def gone(self) -> web.Response:
        """Say that there is nothing here any more."""
        text = "Go back to your chat and ask for it again."
        return page("notice.html", 404, heading="This link is no longer valid", text=text, demo=self._demo)
