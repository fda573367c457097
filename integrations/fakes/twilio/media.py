"""Media of inbound messages: behind Basic auth on the API host, then a signed link on another host.

The second host is a second port here: to a client that is another origin, so a client that carries its credentials
along is found out; the storage refuses them, as the real one does.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from aiohttp import web

from integrations.fakes.kit import FakeServer
from integrations.fakes.twilio.messages import paged
from integrations.fakes.twilio.refusals import not_found

_LINK_LIFE = timedelta(hours=4)


class Media:
    """The stored files and the host that hands them out."""

    def __init__(self, server: FakeServer, account: str) -> None:
        self._server, self._account = server, account
        self.shelf, self._links = server.book.shelf("media"), server.book.shelf("media_link")
        self.served: list[str] = []
        self._runner: web.AppRunner | None = None
        self.url = ""

    def keep(self, message_sid: str, data: bytes, content_type: str) -> dict[str, Any]:
        """Store one file of a message."""
        sid, now = self._server.make_hex("ME"), format_datetime(self._server.clock.now())
        self._server.attachments.put(sid, data)
        record = {
            "sid": sid,
            "account_sid": self._account,
            "parent_sid": message_sid,
            "content_type": content_type,
            "date_created": now,
            "date_updated": now,
            "uri": f"{self._path(message_sid)}/{sid}.json",
        }
        self.shelf.put(sid, record, kind="media.stored")
        return record

    def _path(self, message_sid: str) -> str:
        return f"/2010-04-01/Accounts/{self._account}/Messages/{message_sid}/Media"

    def address(self, record: dict[str, Any]) -> str:
        """Return the URL that a webhook carries."""
        return f"{self._server.url}{self._path(record['parent_sid'])}/{record['sid']}"

    def find(self, message_sid: str, sid: str) -> dict[str, Any]:
        """Return a file's record; refuse one that is not there or was deleted."""
        found = self.shelf.get(sid)
        if found is None or found["parent_sid"] != message_sid:
            raise not_found(f"{self._path(message_sid)}/{sid}")
        return found

    def page(self, message_sid: str, query: dict[str, str]) -> dict[str, Any]:
        """Return the files of a message."""
        found = [record for record in self.shelf if record["parent_sid"] == message_sid]
        return paged("media_list", found, f"{self._path(message_sid)}.json", query)

    def link(self, record: dict[str, Any]) -> str:
        """Make a link to the storage that works for four hours."""
        token = self._server.make_id("", 32)
        until = (self._server.clock.now() + _LINK_LIFE).isoformat()
        self._links.put(token, {"media": record["sid"], "until": until})
        return f"{self.url}/{token}"

    def delete(self, message_sid: str, sid: str) -> None:
        """Delete a file for good."""
        self.find(message_sid, sid)
        self.shelf.drop(sid, kind="media.deleted")

    # -- the storage host ----------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Open the second port."""
        app = web.Application()
        app.router.add_get("/{token}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._server.host, 0).start()
        self.url = f"http://{self._server.host}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Close the second port."""
        if self._runner:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.Response:
        if "Authorization" in request.headers:
            return web.Response(status=400, text="Only one auth mechanism allowed")
        link = self._links.get(request.match_info["token"])
        if link is None or datetime.fromisoformat(link["until"]) <= self._server.clock.now():
            return web.Response(status=403, text="AccessDenied")
        record = self.shelf.get(link["media"])
        data = self._server.attachments.get(link["media"])
        if record is None or data is None:
            return web.Response(status=404)
        self.served.append(record["sid"])
        return web.Response(body=data, content_type=record["content_type"])
