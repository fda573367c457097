"""What a one-time link does: proves an address, ends our mails, signs a person in (rules API-1, EML-14, SEC-R8).

`GET /v/{token}`, `/u/{token}` and `/s/{token}` show a button and change nothing, for mail programs and chats open links
to look at them; the button's POST uses the link up. Signing in leaves a cookie that opens `/me` for half an hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from aiohttp import web

from bot.core.events import Event
from bot.core.seal import Seal
from bot.web.doors.door import Intake
from bot.web.pages.templates import page
from storage import passes
from storage.database import Database, Writers
from storage.work import Work

COOKIE = "parley_session"
OWN_PAGE = "/me"


@dataclass(frozen=True, slots=True)
class _Shown:
    heading: str
    text: str
    button: str
    done: str
    again: str


_SHOWN = {
    "verify": _Shown(
        "Is this your address?", "Digests, held mails and bank notices will also go there.", "Yes, it is mine",
        "Your chat confirms it. You can close this page.", "Say EMAIL ADD and the address in your chat for a new link.",
    ),
    "mails_off": _Shown(
        "End these mails?", "Your chat goes on as it is.", "Write no more mails",
        "No more mails. EMAIL ON in your chat takes that back.", "Say EMAIL OFF in your chat.",
    ),
    "sign_in": _Shown(
        "Sign in", "This link works once and opens your own page for 30 minutes.", "Sign in", "",
        "Say SIGN IN in your chat for a new link.",
    ),
}  # fmt: skip


class PassPages:
    """The pages behind one-time links."""

    def __init__(
        self, intake: Intake, database: Database, writers: Writers, seal: Seal, *, public_url: str, demo: bool
    ) -> None:
        self._intake, self._database, self._writers, self._seal = intake, database, writers, seal
        self._secure, self._demo = urlsplit(public_url).scheme == "https", demo

    async def ask_address(self, request: web.Request) -> web.StreamResponse:
        """Ask whether an address is the person's."""
        return await self._ask(request, "verify")

    async def ask_mails_off(self, request: web.Request) -> web.StreamResponse:
        """Ask whether our mails end."""
        return await self._ask(request, "mails_off")

    async def ask_sign_in(self, request: web.Request) -> web.StreamResponse:
        """Show the button that signs in."""
        return await self._ask(request, "sign_in")

    async def prove_address(self, request: web.Request) -> web.StreamResponse:
        """Have the address proved; the turn uses the link up."""
        return await self._tell(request, "verify", "verified")

    async def end_mails(self, request: web.Request) -> web.StreamResponse:
        """Have our mails end; also what a mail program's own button asks for (RFC 8058)."""
        return await self._tell(request, "mails_off", "mails_off")

    async def sign_in(self, request: web.Request) -> web.StreamResponse:
        """Use the link up and send the browser to the person's page, which its cookie opens."""
        token = request.match_info["token"]

        def enter(work: Work) -> str | None:
            row = passes.redeem(work, "sign_in", token)
            return None if row is None else passes.issue(work, row.person_id, "session", address_id=row.address_id)

        session: str | None = await self._writers.run(enter)
        if session is None:
            return self._gone("sign_in")
        sent = web.Response(status=303, headers={"Location": OWN_PAGE, "Cache-Control": "no-store"})
        sent.set_cookie(
            COOKIE, session, max_age=int(passes.LIVES["session"].total_seconds()), httponly=True, samesite="Strict",
            secure=self._secure, path=OWN_PAGE,
        )  # fmt: skip
        return sent

    async def _tell(self, request: web.Request, kind: str, told: str) -> web.StreamResponse:
        row = await self._found(request, kind)
        if row is None:
            return self._gone(kind)
        event = Event("pass", f"{kind}:{row.hash.hex()}", told, {"token": request.match_info["token"]},
                      person_id=row.person_id)  # fmt: skip
        await self._intake.take(event, key=row.person_id)
        return page("notice.html", heading="Done", text=_SHOWN[kind].done, demo=self._demo)

    async def _ask(self, request: web.Request, kind: str) -> web.StreamResponse:
        if await self._found(request, kind) is None:
            return self._gone(kind)
        shown = _SHOWN[kind]
        return page("pass.html", heading=shown.heading, text=shown.text, button=shown.button, demo=self._demo)

    async def _found(self, request: web.Request, kind: str) -> sa.Row[Any] | None:
        token, now = request.match_info["token"], self._intake.clock.now()
        return await self._database.read(lambda c: passes.find(c, self._seal, kind, token, now))

    def _gone(self, kind: str) -> web.Response:
        text = _SHOWN[kind].again
        return page("notice.html", 410, heading="This link is no longer valid", text=text, demo=self._demo)
