"""Connecting Gmail in a browser: from the chat's link to Google's page, and back (rules EML-10, SEC-R8).

`GET /g/{token}` arms the consent with a fresh `state`, a verifier and a cookie, and sends the browser on;
`GET /oauth/gmail` takes it back. Only the browser that began may finish, once, within ten minutes: everything else is
refused and audited, and the code that came with it is not used.
"""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from aiohttp import web

from bot.core.clock import Clock
from bot.core.events import Event
from bot.web.doors.door import Intake
from bot.web.pages.templates import page
from integrations.gmail import authorise_url
from storage.database import Writers
from storage.receipts.mail import consents

COOKIE = "parley_consent"
STATE_BYTES = 32
_AGAIN = "Go back to your chat and say CONNECT GMAIL for a new link."


class GmailPages:
    """The two ends of a consent. `base` is a local stand-in for Google, empty for Google itself."""

    def __init__(
        self, intake: Intake, *, writers: Writers, clock: Clock, client_id: str, public_url: str, base: str, demo: bool
    ) -> None:
        self._intake, self._writers, self._clock = intake, writers, clock
        self._client_id, self._public_url, self._base, self._demo = client_id, public_url.rstrip("/"), base, demo

    async def begin(self, request: web.Request) -> web.StreamResponse:
        """Send the browser to Google."""
        state, cookie, verifier = (secrets.token_urlsafe(STATE_BYTES) for _ in range(3))
        token = request.match_info["token"]
        armed: bool = await self._writers.run(
            lambda work: consents.open_link(work, token, state=state, cookie=cookie, verifier=verifier)
        )
        if not armed or not self._client_id:
            return self._notice(410, "This link is no longer valid", _AGAIN)
        url = authorise_url(
            base=self._base, client_id=self._client_id, redirect_uri=f"{self._public_url}/oauth/gmail", state=state,
            verifier=verifier,
        )  # fmt: skip
        headers = {"Location": url, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        sent = web.Response(status=303, headers=headers)
        sent.set_cookie(
            COOKIE, cookie, max_age=int(consents.LIFE.total_seconds()), httponly=True, samesite="Lax",
            secure=urlsplit(self._public_url).scheme == "https", path="/oauth/gmail",
        )  # fmt: skip
        return sent

    async def back(self, request: web.Request) -> web.StreamResponse:
        """Take the browser back from Google."""
        state, cookie = request.query.get("state", "")[:200], request.cookies.get(COOKIE, "")[:200]
        redeemed: consents.Redeemed | None = await self._writers.run(lambda work: consents.redeem(work, state, cookie))
        if redeemed is None:
            self._intake.rejected("gmail", "state")
            return self._notice(403, "This did not begin here", _AGAIN)
        code = request.query.get("code", "")[:2000]
        payload = {"code": code, "verifier": redeemed.verifier} if code else {"error": "denied"}
        event = Event("gmail", f"consent:{redeemed.id}", "granted", payload, person_id=redeemed.person_id)
        await self._intake.take(event, key=redeemed.person_id)
        text = "You can close this page. Your chat tells you how it went."
        return self._notice(200, "Back to your chat", text)

    def _notice(self, status: int, heading: str, text: str) -> web.Response:
        return page("notice.html", status, heading=heading, text=text, demo=self._demo)
