"""`/me`: a signed-in person's own page, with the files that wait for them, their banks and mailboxes (rule API-1).

The session is a cookie of half an hour that this page alone gets. It leads to what the chat offers too and opens no
more: a file still asks for the code that was texted (receipts rule 10), a bank and Gmail for their own consent.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from aiohttp import web

from bot.core.events import Event
from bot.core.ids import Ids
from bot.core.seal import Seal
from bot.web.doors.door import Intake
from bot.web.pages.exports import ExportPage
from bot.web.pages.passes import COOKIE, OWN_PAGE
from bot.web.pages.templates import page
from storage import passes
from storage.database import Database, Writers
from storage.look import look
from storage.receipts import bank_items, exports
from storage.receipts.mail import consents, mailboxes
from storage.work import Work

_MOST_SHOWN = 40


class OwnPage:
    """A person's own page and its buttons; `gmail` and `bank` say what the operator offers."""

    def __init__(
        self, intake: Intake, database: Database, writers: Writers, seal: Seal, ids: Ids, *, files: ExportPage,
        gmail: bool, bank: bool, demo: bool,
    ) -> None:  # fmt: skip
        self._intake, self._database, self._writers, self._seal, self._ids = intake, database, writers, seal, ids
        self._files, self._gmail, self._bank, self._demo = files, gmail, bank, demo

    async def show(self, request: web.Request) -> web.StreamResponse:
        """Show the page."""
        session = await self._session(request)
        if session is None:
            return self._stranger()
        now, person_id = self._intake.clock.now(), session.person_id

        def read(connection: sa.Connection) -> dict[str, Any]:
            work = look(connection, now, ids=self._ids, seal=self._seal)
            return {
                "files": exports.ready(connection, person_id, now)[:_MOST_SHOWN],
                "banks": [(one.institution, one.state) for one in bank_items.of_person(work, person_id)],
                "mailboxes": [
                    (one.address, one.state) for one in mailboxes.of_person(work, person_id) if one.state != "revoked"
                ],
            }

        found = await self._database.read(read)
        return page("own.html", **found, gmail=self._gmail, bank=self._bank, demo=self._demo)

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Hand a file over to whoever has the session and the code."""
        session = await self._session(request)
        if session is None:
            return self._stranger()
        form = await request.post()
        export_id = str(form.get("export", ""))
        if not export_id.isdecimal() or len(export_id) > 19:
            return self._files.gone()
        return await self._files.hand_over(session.person_id, int(export_id), form)

    async def link_gmail(self, request: web.Request) -> web.StreamResponse:
        """Begin a consent at Google in this browser (EML-10)."""
        session = await self._session(request)
        if session is None or not self._gmail:
            return self._stranger()
        token = self._ids.token()
        await self._writers.run(
            lambda work: consents.begin(work, session.person_id, address_id=session.address_id or 0, link=token),
            key=session.person_id,
        )
        raise web.HTTPSeeOther(f"/g/{token}")

    async def link_bank(self, request: web.Request) -> web.StreamResponse:
        """Lead to the open page of a bank, or have one asked for, which the chat then shows (BNK-1)."""
        session = await self._session(request)
        if session is None or not self._bank:
            return self._stranger()
        now = self._intake.clock.now()
        link = await self._database.read(
            lambda c: bank_items.open_link(look(c, now, ids=self._ids, seal=self._seal), session.person_id)
        )
        if link is not None and link.page:
            raise web.HTTPSeeOther(link.page)
        event = Event("page", f"bank:{self._ids.token()}", "bank", person_id=session.person_id)
        await self._intake.take(event, key=session.person_id)
        return self._notice("Look in your chat", "The link to your bank comes there in a moment.")

    async def sign_out(self, request: web.Request) -> web.StreamResponse:
        """End the session."""
        token = request.cookies.get(COOKIE, "")[:100]

        def end(work: Work) -> object:
            return passes.redeem(work, "session", token)

        await self._writers.run(end)
        sent = self._notice("Signed out", "Say SIGN IN in your chat for a new link.")
        sent.del_cookie(COOKIE, path=OWN_PAGE)
        return sent

    async def _session(self, request: web.Request) -> sa.Row[Any] | None:
        token, now = request.cookies.get(COOKIE, "")[:100], self._intake.clock.now()
        return await self._database.read(lambda c: passes.find(c, self._seal, "session", token, now))

    def _stranger(self) -> web.Response:
        return self._notice("Sign in first", "Say SIGN IN in your chat for a link.", 403)

    def _notice(self, heading: str, text: str, status: int = 200) -> web.Response:
        return page("notice.html", status, heading=heading, text=text, demo=self._demo)
