"""The routes of the simulator: the page and its files, the phones, the pay page, the post, the clock, what happens.

All of them exist in demo mode only. The fakes' control doors are passed through, so that one origin suffices.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import orjson
from aiohttp import web

from bot.core.clock import Clock
from bot.web.simulator.clip import SAMPLE_WORDS, voice_clip
from bot.web.simulator.paper import page_count, page_picture
from bot.web.simulator.receipt import sample_receipt
from bot.web.simulator.ticket import SAMPLE_NUMBER, sample_ticket
from bot.web.simulator.wire import WATCHED, marks, rows_after
from integrations.fakes.kit import FakeServer
from integrations.signatures import mail_signature

_STATIC = Path(__file__).parent / "static"
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self' blob:; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
_HEADERS = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}
_PASSED = ("Content-Type", "Location", "Content-Disposition")
_CHANNELS = {"telegram": "telegram", "sms": "twilio"}
LARGEST_UPLOAD = 64 * 2**20
_SAMPLE_ZONE = ZoneInfo("America/Los_Angeles")
WATCH_SECONDS, BEAT_SECONDS = 0.08, 15.0

Advance = Callable[[timedelta], Awaitable[datetime]]


class Simulator:
    """Adds the simulator to the server.

    `advance` moves the one clock and plays what falls due; `code` tells the demo operator's login of the moment.
    """

    def __init__(
        self,
        app: web.Application,
        *,
        fakes: Mapping[str, FakeServer],
        clock: Clock,
        advance: Advance,
        public_url: str,
        code: Callable[[], str] = str,
        mail_secret: str = "",
    ) -> None:
        self._code, self._mail_secret = code, mail_secret
        self._fakes, self._clock, self._advance, self._public_url = fakes, clock, advance, public_url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None
        self._closing = asyncio.Event()
        self._receipts = count()
        self._add_routes(app)
        app.on_shutdown.append(self._close_streams)
        app.on_cleanup.append(self._close_session)

    def _add_routes(self, app: web.Application) -> None:
        get, post = app.router.add_get, app.router.add_post
        get("/", self.page)
        get("/demo/static/{name}", self.static)
        get("/demo/setting", self.setting)
        get("/demo/operator", self.operator)
        get("/demo/events", self.events)
        get("/demo/wire", self.wire)
        get("/demo/clock", self.show_clock)
        post("/demo/clock", self.move_clock)
        post("/demo/voice", self.voice)
        post("/demo/ticket", self.ticket)
        post("/demo/mail", self.mail)
        post("/demo/receipt", self.receipt)
        get("/demo/phone/{channel}/{who}/{rest:.+}", self.phone)
        post("/demo/phone/{channel}/{who}/{rest:.+}", self.phone)
        get("/demo/letters", self.letters)
        get("/demo/letters/{id}.pdf", self.letter)
        get("/demo/letters/{id}/{page}.png", self.paper)
        post("/demo/letters/{id}/{event}", self.post)
        get("/c/pay/{session}", self.checkout)
        post("/c/pay/{session}/{choice}", self.checkout)
        get("/l/{link}", self.payment_link)
        post("/l/{link}", self.payment_link)

    # -- the page --------------------------------------------------------------------------------------------------

    async def page(self, request: web.Request) -> web.Response:
        """Show the simulator."""
        return _file("index.html")

    async def static(self, request: web.Request) -> web.Response:
        """Send one of its files."""
        name = request.match_info["name"]
        known = {path.name for path in _STATIC.iterdir()}
        if name not in known:
            raise web.HTTPNotFound
        return _file(name)

    async def setting(self, request: web.Request) -> web.Response:
        """Tell the page where it is: which vendors are built in, our number, our address."""
        twilio: Any = self._fakes.get("twilio")
        telegram: Any = self._fakes.get("telegram")
        return _json(
            {
                "now": self._clock.now(),
                "public_url": self._public_url,
                "vendors": sorted(self._fakes),
                "number": twilio.number if twilio else None,
                "bot": telegram.chats.bot["username"] if telegram else None,
                "sample_words": SAMPLE_WORDS,
            }
        )

    async def operator(self, request: web.Request) -> web.Response:
        """Tell the code that logs the demo operator in now; there is nothing to protect in a demo."""
        return _json({"code": self._code()})

    # -- what happens ----------------------------------------------------------------------------------------------

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Stream the marks of the vendors' books whenever one of them grew, and the time."""
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await stream.prepare(request)
        told: tuple[Any, ...] = ()
        idle = 0.0
        while not self._closing.is_set():
            seen = self._seen()
            if seen != told or idle >= BEAT_SECONDS:
                told, idle = seen, 0.0
                body = {"marks": marks(self._fakes), "now": self._clock.now()}
                await stream.write(b"data: " + orjson.dumps(body) + b"\n\n")
            await asyncio.sleep(WATCH_SECONDS)
            idle += WATCH_SECONDS
        return stream

    def _seen(self) -> tuple[Any, ...]:
        offset = getattr(self._clock, "offset", timedelta())
        telegram: Any = self._fakes.get("telegram")
        typing = tuple(sorted(telegram.sending.actions)) if telegram else ()
        return (*marks(self._fakes).values(), offset, typing)

    async def wire(self, request: web.Request) -> web.Response:
        """Show what went over the wire lately, oldest first."""
        after = {vendor: _whole(request.query.get(vendor)) for vendor in WATCHED}
        return _json({"rows": rows_after(self._fakes, after), "marks": marks(self._fakes)})

    # -- the clock -------------------------------------------------------------------------------------------------

    async def show_clock(self, request: web.Request) -> web.Response:
        """Tell the time."""
        return _json({"now": self._clock.now()})

    async def move_clock(self, request: web.Request) -> web.Response:
        """Move the clock by `advance_seconds` and answer with the new time once all that fell due has happened."""
        try:
            seconds = float(orjson.loads(await request.read())["advance_seconds"])
            now = await self._advance(timedelta(seconds=seconds))
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, OverflowError) as error:
            return _json({"error": f'send {{"advance_seconds": n}} with n >= 0 ({error})'}, 400)
        return _json({"now": now})

    # -- the phones ------------------------------------------------------------------------------------------------

    async def phone(self, request: web.Request) -> web.StreamResponse:
        """Pass a phone's door through: `/demo/phone/sms/+1415.../say`, `/demo/phone/telegram/5001/chat?after=0`."""
        where = request.match_info
        vendor = _CHANNELS.get(where["channel"], "")
        return await self._pass(request, vendor, f"/_phone/{where['who']}/{where['rest']}")

    async def voice(self, request: web.Request) -> web.Response:
        """Make a voice clip of the words in the body, and teach the built-in speech service what it says."""
        words = " ".join((await request.text()).split())[:600] or SAMPLE_WORDS
        clip = voice_clip(words)
        speech: Any = self._fakes.get("speech")
        if speech:
            speech.teach(clip, words)
        return web.Response(body=clip, content_type="audio/ogg")

    async def ticket(self, request: web.Request) -> web.Response:
        """Make a photo of a ticket with the number in the body, and teach the built-in model what it shows."""
        number = (await request.text()).strip() or SAMPLE_NUMBER
        issued = self._clock.now().astimezone(_SAMPLE_ZONE).date() - timedelta(days=4)
        made = await asyncio.to_thread(sample_ticket, issued, number)
        model: Any = self._fakes.get("claude")
        if model:
            model.teach(made.photo, made.lines, [made.fields])
        return web.Response(body=made.photo, content_type="image/jpeg")

    async def mail(self, request: web.Request) -> web.Response:
        """Hand the raw mail of the body to our own door, as the mail server of the address `to` would.

        It writes its verdict on top: `verdict` is `pass` unless the query says `fail`.
        """
        to, moment = request.query.get("to", ""), int(self._clock.now().timestamp())
        verdict = "fail" if request.query.get("verdict") == "fail" else "pass"
        hop = to.rpartition("@")[2].encode("ascii", "ignore") or b"nobody"
        body = b"Authentication-Results: " + hop + b"; dmarc=" + verdict.encode() + b"\r\n" + await _read(request)
        headers = {
            "Mail-Timestamp": str(moment), "Mail-Recipients": to, "Content-Type": "message/rfc822",
            "Mail-Signature": mail_signature(body, to, self._mail_secret, moment),
        }  # fmt: skip
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=120))
        door = request.url.origin() / "webhooks/mail"
        async with self._session.post(door, data=io.BytesIO(body), headers=headers) as answer:
            return web.Response(status=answer.status, text=await answer.text())

    async def receipt(self, request: web.Request) -> web.Response:
        """Make a photo of a receipt of yesterday; each one is of another purchase."""
        bought = self._clock.now().astimezone(_SAMPLE_ZONE).date() - timedelta(days=1)
        made = await asyncio.to_thread(sample_receipt, bought, next(self._receipts))
        vision: Any = self._fakes.get("google_vision")
        if vision:
            vision.teach(made.photo, made.lines)
        return web.Response(body=made.photo, content_type="image/jpeg")

    # -- the post and the pay page ---------------------------------------------------------------------------------

    async def letters(self, request: web.Request) -> web.StreamResponse:
        """List the printed letters, newest first."""
        status, body, _ = await self._ask("lob", "GET", "/_desk")
        return _json({"letters": orjson.loads(body)["letters"][::-1]}, status)

    async def letter(self, request: web.Request) -> web.StreamResponse:
        """Send a letter's PDF."""
        return await self._pass(request, "lob", f"/_desk/letters/{request.match_info['id']}.pdf")

    async def paper(self, request: web.Request) -> web.Response:
        """Send a picture of one page of a letter."""
        where = request.match_info
        status, data, _ = await self._ask("lob", "GET", f"/_desk/letters/{where['id']}.pdf")
        number = _whole(where["page"])
        if status != 200 or not 1 <= number <= await asyncio.to_thread(page_count, data):
            raise web.HTTPNotFound
        picture = await asyncio.to_thread(page_picture, data, number)
        return web.Response(body=picture, content_type="image/png", headers={"Cache-Control": "max-age=3600"})

    async def post(self, request: web.Request) -> web.StreamResponse:
        """Let an event of the post happen to a letter: in_transit, delivered, returned_to_sender, ..."""
        where = request.match_info
        return await self._pass(request, "lob", f"/_desk/letters/{where['id']}/{where['event']}")

    async def checkout(self, request: web.Request) -> web.StreamResponse:
        """Show the checkout's page and take its buttons."""
        return await self._pass(request, "stripe", request.path)

    async def payment_link(self, request: web.Request) -> web.StreamResponse:
        """Show the page of a payment link in rupees and take its button."""
        return await self._pass(request, "razorpay", request.path)

    # -- passing through -------------------------------------------------------------------------------------------

    async def _pass(self, request: web.Request, vendor: str, path: str) -> web.Response:
        body = await _read(request) if request.can_read_body else None
        headers = {name: request.headers[name] for name in ("Content-Type",) if name in request.headers}
        target = path + (f"?{request.query_string}" if request.query_string else "")
        status, data, told = await self._ask(vendor, request.method, target, body, headers)
        kept = {name: told[name] for name in _PASSED if name in told}
        if kept.get("Location", "").startswith(self._public_url + "/"):
            kept["Location"] = kept["Location"].removeprefix(self._public_url)
        return web.Response(body=data, status=status, headers={**kept, **_HEADERS})

    async def _ask(
        self, vendor: str, method: str, target: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes, Mapping[str, str]]:
        fake = self._fakes.get(vendor)
        if fake is None:
            raise web.HTTPNotFound(text=f"{vendor or 'this vendor'} is not built in here: its *_BASE is set")
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=120))
        more: dict[str, Any] = {"headers": headers, "allow_redirects": False}
        asked = self._session.request(method, fake.url + target, data=body and io.BytesIO(body), **more)
        async with asked as answer:
            return answer.status, await answer.read(), answer.headers

    async def _close_streams(self, _: web.Application) -> None:
        self._closing.set()
        await asyncio.sleep(2 * WATCH_SECONDS)

    async def _close_session(self, _: web.Application) -> None:
        if self._session:
            await self._session.close()


async def _read(request: web.Request) -> bytes:
    """Read an upload; photos are larger than the server's usual cap for bodies."""
    parts, size = [], 0
    async for part in request.content.iter_chunked(2**16):
        size += len(part)
        if size > LARGEST_UPLOAD:
            raise web.HTTPRequestEntityTooLarge(LARGEST_UPLOAD, size)
        parts.append(part)
    return b"".join(parts)


def _file(name: str) -> web.Response:
    path = _STATIC / name
    kind = _TYPES[path.suffix]
    headers = {**_HEADERS, "Content-Security-Policy": _POLICY}
    return web.Response(body=path.read_bytes(), content_type=kind, charset="utf-8", headers=headers)


def _json(data: Any, status: int = 200) -> web.Response:
    body = orjson.dumps(data, option=orjson.OPT_UTC_Z)
    return web.Response(
        body=body, status=status, content_type="application/json", headers={"Cache-Control": "no-store"}
    )


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0
