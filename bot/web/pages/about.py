"""`/about`: how to know that a message is from us, and what we never ask (rule SMS-33).

Texts about parking tickets with pay links are a known pattern of fraud; this page names our number, our address and
our manners, so that a person can check a message against it.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import web

from bot.web.pages.templates import page


class AboutPage:
    """Shows the numbers, the domain, and what we never ask. `bot_username` is asked when the page is shown."""

    def __init__(self, *, public_url: str, sender: str, telegram: bool, demo: bool) -> None:
        self._domain = urlsplit(public_url).netloc or public_url
        self._sender = sender if sender.startswith("+") else ""
        self._telegram, self._demo = telegram, demo
        self.bot_username = ""

    async def show(self, request: web.Request) -> web.Response:
        """Show the page."""
        return page(
            "about.html",
            domain=self._domain,
            sender=_spaced(self._sender),
            telegram=self._telegram,
            bot=self.bot_username,
            demo=self._demo,
        )


def _spaced(number: str) -> str:
    """Write a North American number as people read it: +1 415 555 0100."""
    if number.startswith("+1") and len(number) == 12:
        return f"+1 {number[2:5]} {number[5:8]} {number[8:]}"
    return number
