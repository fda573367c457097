"""The page before a bank's: `/p/{token}` says what linking gives us, and its button opens the vendor's page (BNK-1).

The person agrees here; what was agreed is kept with the linked bank. Nothing of the books stands on the page.
"""

from __future__ import annotations

from aiohttp import web

from bot.core.clock import Clock
from bot.core.seal import Seal
from bot.web.pages.templates import page
from storage.database import Database
from storage.receipts.bank_items import page_behind


class BankPage:
    """Shows an open link and sends the person on to the vendor's page."""

    def __init__(self, database: Database, seal: Seal, clock: Clock, *, demo: bool) -> None:
        self._database, self._seal, self._clock, self._demo = database, seal, clock, demo

    async def show(self, request: web.Request) -> web.Response | None:
        """Show what is agreed to; None when the token is not a bank's."""
        found = await self._found(request)
        return None if found is None else page("bank.html", days=found[1], demo=self._demo)

    async def go(self, request: web.Request) -> web.Response | None:
        """Send the person to the vendor's page; None when the token is not a bank's."""
        found = await self._found(request)
        if found is None:
            return None
        raise web.HTTPSeeOther(found[0])

    async def done(self, request: web.Request) -> web.Response:
        """Thank a person who comes back; the chat says what really happened."""
        text = "You can close this page. Your chat tells you as soon as the bank is linked."
        return page("notice.html", heading="Back to your chat", text=text, demo=self._demo)

    async def _found(self, request: web.Request) -> tuple[str, int] | None:
        token, now = request.match_info["token"], self._clock.now()
        return await self._database.read(lambda c: page_behind(c, self._seal, token, now))
