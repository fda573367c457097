"""The doors of Twilio's API: Basic auth, the resources, and the handsets behind them."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.core.clock import Clock
from integrations.fakes.kit import FakeServer, Recorder, reply
from integrations.fakes.twilio.carrier import Carrier
from integrations.fakes.twilio.doors import Doors
from integrations.fakes.twilio.inbound import Inbound, form_of
from integrations.fakes.twilio.keywords import Mode, Words, recognise
from integrations.fakes.twilio.media import Media
from integrations.fakes.twilio.messages import Messages, shown
from integrations.fakes.twilio.numbers import Numbers
from integrations.fakes.twilio.phone import Phone
from integrations.fakes.twilio.refusals import Refused, not_found

ACCOUNT_SID = "AC" + "0" * 31 + "1"
AUTH_TOKEN = "auth-token-of-the-local-twilio-server"  # noqa: S105 - opens nothing but this fake
SERVICE_SID = "MG" + "0" * 31 + "1"
NUMBER = "+15005550001"
_ACCOUNT = "/2010-04-01/Accounts/{account}"

_Handle = Callable[[web.Request], Awaitable[web.Response]]


class _Recorder(Recorder):
    """Leaves out the fetching of media bytes, which the contract does not describe."""

    def record(self, request: web.BaseRequest, body: bytes, operation: str) -> None:
        if operation != "media_bytes":
            super().record(request, body, operation)


class TwilioFake(FakeServer):
    """One Twilio account. `phone(number)` is a person's handset."""

    def __init__(
        self,
        clock: Clock,
        book_path: Path | None = None,
        port: int = 0,
        *,
        account_sid: str = ACCOUNT_SID,
        auth_token: str = AUTH_TOKEN,
        number: str = NUMBER,
        service_sid: str = SERVICE_SID,
        keyword_mode: str = "default",
        words: Words | None = None,
        sms_url: str = "",
        segments_per_second: float | None = 1.0,
        recordings_path: Path | None = None,
        **options: Any,
    ) -> None:
        super().__init__("twilio", clock, book_path, port, recordings_path=recordings_path, **options)
        self._recorder = _Recorder("twilio", recordings_path)
        self.account_sid, self.auth_token, self.number, self.service_sid = account_sid, auth_token, number, service_sid
        self.keyword_mode, self.words = Mode(keyword_mode), words or Words()
        self.carrier = Carrier(self, auth_token, segments_per_second)
        self.messages = Messages(self, account_sid, service_sid, self.carrier)
        self.numbers, self.media = Numbers(self, account_sid), Media(self, account_sid)
        self.inbound = Inbound(self, auth_token, self.numbers, self.messages, self.carrier)
        self.handsets = self.book.shelf("handset")
        self.numbers.own(number, sms_url)
        self._add_routes()
        Doors(self)

    def phone(self, number: str, to: str | None = None) -> Phone:
        """Return the handset with that number."""
        return Phone(self, number, to or self.number)

    def rewrite(self, public: str, local: str) -> None:
        """Reach URLs that begin with `public` at `local`; signatures stay those of the public URL."""
        self.carrier.rewrite = (public.rstrip("/"), local.rstrip("/"))

    # -- handsets ------------------------------------------------------------------------------------------------

    async def receive(self, sender: str, to: str, body: str, media: list[tuple[bytes, str]]) -> str:
        """Take a message from a handset: act on keywords, then call the backend; return the sid."""
        message = self.messages.receive(sender, to, body, len(media))
        kind = self._act_on_keyword(sender, to, body) if not media else None
        files = [self.media.keep(message["sid"], data, content_type) for data, content_type in media]
        addresses = [(self.media.address(record), record["content_type"]) for record in files]
        advanced = self.keyword_mode is Mode.ADVANCED
        service = self.service_sid if advanced else None
        fields = form_of(message, addresses, service=service, kind=kind if advanced else None)
        await self.inbound.send(to, fields)
        await self.tick()
        return str(message["sid"])

    def _act_on_keyword(self, sender: str, to: str, body: str) -> str | None:
        if self.keyword_mode is Mode.SELF:
            return None
        words = self.words if self.keyword_mode is Mode.ADVANCED else Words()
        opted_out = self.messages.opted_out(to, sender)
        keyword = recognise(body, number=to, opted_out=opted_out, words=words)
        if keyword is None:
            return None
        if keyword.kind == "STOP":
            self.messages.block(to, sender)
        elif keyword.kind == "START":
            self.messages.unblock(to, sender)
        if keyword.answer:
            self.messages.reply(to, sender, keyword.answer)
        return keyword.kind

    # -- the API -------------------------------------------------------------------------------------------------

    def _add_routes(self) -> None:
        messages, numbers = f"{_ACCOUNT}/Messages", f"{_ACCOUNT}/IncomingPhoneNumbers"
        media = messages + "/{message}/Media"
        routes: tuple[tuple[str, str, str, _Handle], ...] = (
            ("POST", f"{messages}.json", "CreateMessage", self._create),
            ("GET", f"{messages}.json", "ListMessage", self._list),
            ("GET", media + ".json", "ListMedia", self._list_media),
            ("GET", media + "/{sid}.json", "FetchMedia", self._fetch_media),
            ("DELETE", media + "/{sid}.json", "DeleteMedia", self._delete_media),
            ("DELETE", media + "/{sid}", "DeleteMedia", self._delete_media),
            ("GET", media + "/{sid}", "media_bytes", self._media_bytes),
            ("GET", messages + "/{sid}.json", "FetchMessage", self._fetch),
            ("POST", messages + "/{sid}.json", "UpdateMessage", self._update),
            ("DELETE", messages + "/{sid}.json", "DeleteMessage", self._delete),
            ("GET", f"{numbers}.json", "ListIncomingPhoneNumber", self._list_numbers),
            ("GET", numbers + "/{sid}.json", "FetchIncomingPhoneNumber", self._fetch_number),
            ("POST", numbers + "/{sid}.json", "UpdateIncomingPhoneNumber", self._update_number),
        )
        for method, path, name, handle in routes:
            self.operation(method, path, name, self._guarded(handle))
        self.operation("*", "/2010-04-01/{rest:.*}", "unknown", self._guarded(self._nothing))

    def _guarded(self, handle: _Handle) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def guarded(request: web.Request) -> web.StreamResponse:
            try:
                self._check_access(request)
                return await handle(request)
            except Refused as refused:
                self.book.append("refused", code=refused.code, path=request.path)
                headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if refused.status == 401 else None
                return reply(refused.answer(), refused.status, headers)

        return guarded

    def _check_access(self, request: web.Request) -> None:
        scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
        given = f"{self.account_sid}:{self.auth_token}"
        if scheme.lower() != "basic" or encoded != base64.b64encode(given.encode()).decode():
            raise Refused(401, 20003, "Authenticate")
        if request.match_info.get("account", self.account_sid) != self.account_sid:
            raise not_found(request.path)

    def trouble(self, request: web.Request, status: int, retry_after: float | None = None) -> web.Response:
        """Answer a fault as Twilio does: gateways in HTML, too many calls as 20429."""
        if status in (502, 504):
            return web.Response(text="<html><body>Bad Gateway</body></html>", status=status, content_type="text/html")
        headers = {} if retry_after is None else {"Retry-After": str(int(retry_after))}
        if status == 429:
            return reply(Refused(429, 20429, "Too Many Requests").answer(), 429, headers)
        return reply(Refused(status, 20500, "An internal server error has occurred").answer(), status, headers)

    async def _create(self, request: web.Request) -> web.Response:
        return reply(self.messages.create(await self.form(request)), 201)

    async def _list(self, request: web.Request) -> web.Response:
        return reply(self.messages.page(dict(request.query)))

    async def _fetch(self, request: web.Request) -> web.Response:
        return reply(shown(self.messages.find(request.match_info["sid"])))

    async def _update(self, request: web.Request) -> web.Response:
        return reply(self.messages.change(request.match_info["sid"], await self.form(request)))

    async def _delete(self, request: web.Request) -> web.Response:
        self.messages.delete(request.match_info["sid"])
        return web.Response(status=204)

    async def _list_media(self, request: web.Request) -> web.Response:
        return reply(self.media.page(request.match_info["message"], dict(request.query)))

    async def _fetch_media(self, request: web.Request) -> web.Response:
        return reply(self.media.find(request.match_info["message"], request.match_info["sid"]))

    async def _delete_media(self, request: web.Request) -> web.Response:
        self.media.delete(request.match_info["message"], request.match_info["sid"])
        return web.Response(status=204)

    async def _media_bytes(self, request: web.Request) -> web.Response:
        record = self.media.find(request.match_info["message"], request.match_info["sid"])
        return web.Response(status=307, headers={"Location": self.media.link(record)})

    async def _list_numbers(self, request: web.Request) -> web.Response:
        return reply(self.numbers.page(dict(request.query)))

    async def _fetch_number(self, request: web.Request) -> web.Response:
        return reply(self.numbers.find(request.match_info["sid"]))

    async def _update_number(self, request: web.Request) -> web.Response:
        return reply(self.numbers.change(request.match_info["sid"], await self.form(request)))

    async def _nothing(self, request: web.Request) -> web.Response:
        raise not_found(request.path)

    # -- life ----------------------------------------------------------------------------------------------------

    async def due(self) -> None:
        """Move messages along and deliver what was held back."""
        self.carrier.due()
        await self.inbound.due()

    async def start(self) -> None:
        """Listen on both ports: the API's and the media storage's."""
        await super().start()
        await self.media.start()

    async def stop(self) -> None:
        """Close both ports."""
        await self.inbound.close()
        await self.media.stop()
        await super().stop()
