"""Four little vendors that share no line with our fakes: the least that their protocols ask for, with other habits.

They answer with other success codes, leave out what is optional, add what we do not know, speak in chunks, write header
names in lower case, and sign their events by themselves.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode

import aiohttp
from aiohttp import web

from bot.core.clock import FixedClock
from tests.simulation.world import SECRETS, TOKEN

Record = dict[str, Any]


async def chunked(request: web.Request, status: int, record: Any, **headers: str) -> web.StreamResponse:
    """Answer in two chunks, as plain text, with header names in lower case."""
    response = web.StreamResponse(status=status, headers={"content-type": "text/plain", **headers})
    response.enable_chunked_encoding()
    await response.prepare(request)
    data = json.dumps(record).encode()
    await response.write(data[:7])
    await response.write(data[7:])
    await response.write_eof()
    return response


@dataclass
class Strangers:
    """All four behind one address each, and what they know."""

    clock: FixedClock
    ours: str = ""
    urls: dict[str, str] = field(default_factory=dict)
    sms: list[tuple[str, str]] = field(default_factory=list)
    chats: list[tuple[int, str]] = field(default_factory=list)
    sessions: dict[str, Record] = field(default_factory=dict)
    letters: dict[str, Record] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    count: int = 0

    def number(self) -> int:
        """Return the next number."""
        self.count += 1
        return self.count

    def texts(self, who: tuple[str, str]) -> list[str]:
        """Return what a person was sent."""
        if who[0] == "sms":
            return [body for to, body in self.sms if to == who[1]]
        return [text for chat, text in self.chats if str(chat) == who[1]]

    # -- what they are asked ---------------------------------------------------------------------------------------

    async def stripe(self, request: web.Request) -> web.StreamResponse:
        """Make and show sessions; an expanded intent, no list's `has_more`."""
        form = dict(parse_qsl(await request.text()))
        key = request.headers.get("idempotency-key", "")
        match request.method, request.path.strip("/").split("/"):
            case "POST", ["v1", "checkout", "sessions"]:
                if key not in self.keys:
                    self.keys[key] = f"cs_live_b{self.number()}"
                    self.sessions[self.keys[key]] = self._session(self.keys[key], form)
                session = self.sessions[self.keys[key]]
                return await chunked(request, 201, {"id": session["id"], "url": session["url"], "object": "thing"})
            case "POST", ["v1", "checkout", "sessions", id, "expire"]:
                return await chunked(request, 200, {**self.sessions[id], "status": "expired"})
            case "GET", ["v1", "checkout", "sessions", id] if id in self.sessions:
                return await chunked(request, 200, self.sessions[id])
            case "GET", _:
                return await chunked(request, 200, {"data": []})
        return web.Response(status=404)

    def _session(self, id: str, form: dict[str, str]) -> Record:
        amount = int(form["line_items[0][price_data][unit_amount]"])
        metadata = {name[9:-1]: value for name, value in form.items() if name.startswith("metadata[")}
        return {
            "id": id, "url": f"{self.urls['stripe']}/pay/{id}", "status": "open", "payment_status": "unpaid",
            "amount_total": amount, "currency": "usd", "metadata": metadata, "payment_intent": None,
            "client_reference_id": form["client_reference_id"], "created": int(self.clock.now().timestamp()),
        }  # fmt: skip

    async def lob(self, request: web.Request) -> web.StreamResponse:
        """Post letters and show them; lists name their next page as null."""
        match request.method, request.path.strip("/").split("/"):
            case "POST", ["v1", "letters"]:
                form = await request.post()
                key = request.headers["IDEMPOTENCY-KEY"]
                if key not in self.keys:
                    self.keys[key] = f"ltr_{self.number()}abc"
                    self.letters[self.keys[key]] = {
                        "id": self.keys[key], "deleted": False, "send_date": "2026-11-20T18:10:00.000Z",
                        "metadata": {name[9:-1]: v for name, v in form.items() if name.startswith("metadata[")},
                    }  # fmt: skip
                return await chunked(request, 201, {"id": self.keys[key], "future": [1]})
            case "GET", ["v1", "letters"]:
                return await chunked(request, 200, {"data": list(self.letters.values()), "next_url": None})
            case "GET", ["v1", "letters", id] if id in self.letters:
                return await chunked(request, 200, self.letters[id])
        return await chunked(request, 404, {"error": {"message": "no", "status_code": 404, "code": "not_found"}})

    async def twilio(self, request: web.Request) -> web.StreamResponse:
        """Take messages; the list is empty and says so in the fewest words."""
        if request.method == "POST":
            form = parse_qs(await request.text())
            self.sms.append((form["To"][0], form.get("Body", [""])[0]))
            return await chunked(request, 200, {"sid": f"SM{self.number():032x}", "status": "accepted"})
        return await chunked(request, 200, {"messages": []})

    async def telegram(self, request: web.Request) -> web.StreamResponse:
        """Take messages; everything else is true."""
        fields = json.loads(await request.read() or b"{}") if request.can_read_body else {}
        method = request.path.rpartition("/")[2]
        if method == "sendMessage":
            self.chats.append((fields["chat_id"], fields["text"]))
            return await chunked(request, 200, {"ok": True, "result": {"message_id": self.number()}})
        return await chunked(request, 200, {"ok": True, "result": True})

    # -- what they tell us -----------------------------------------------------------------------------------------

    async def say(self, who: tuple[str, str], text: str) -> int:
        """Let a person write; return our answer's status. A reply in the webhook's response is heard, too."""
        if who[0] == "sms":
            fields = {
                "ToCountry": "US", "SmsMessageSid": "x", "Body": text, "From": who[1], "Extra-Field": "",
                "MessageSid": f"SM{self.number():032x}", "AccountSid": SECRETS["twilio_account_sid"], "FromCity": "",
            }  # fmt: skip
            path, body = "/webhooks/twilio/sms", urlencode(fields).encode()
            signed = self.ours + path + "".join(name + fields[name] for name in sorted(fields))
            digest = hmac.digest(SECRETS["twilio_auth_token"].encode(), signed.encode(), "sha1")
            headers = {
                "x-twilio-signature": base64.b64encode(digest).decode(),
                "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
                "i-twilio-idempotency-token": "t",
            }
            return (await self._post(path, body, headers))[0]
        chat = {"id": int(who[1]), "type": "private"}
        message = {"message_id": self.number(), "chat": chat, "from": {"id": chat["id"]}, "text": text}
        body = json.dumps({"message": message, "update_id": self.number()}).encode()
        secret = {"x-telegram-bot-api-secret-token": SECRETS["telegram_webhook_secret"]}
        status, answer = await self._post("/webhooks/telegram", body, secret)
        if answer:
            told = json.loads(answer)
            assert told["method"] == "sendMessage"
            self.chats.append((told["chat_id"], told["text"]))
        return status

    async def pay(self, id: str) -> int:
        """Let a session be paid: an event of another API version, several signatures, spaces, no optional field."""
        session = self.sessions[id]
        session |= {"status": "complete", "payment_status": "paid", "payment_intent": {"id": f"pi_{id}", "object": "x"}}
        event = {
            "type": "checkout.session.completed", "api_version": "2019-01-01", "id": f"evt_{self.number()}",
            "data": {"object": session, "previous_attributes": {}}, "pending_webhooks": 3, "context": None,
        }  # fmt: skip
        body = json.dumps(event, indent=2).encode()
        now = int(self.clock.now().timestamp())
        right = _mac(SECRETS["stripe_webhook_secret"], f"{now}.".encode() + body)
        wrong = _mac("whsec_old", f"{now}.".encode() + body)
        header = {"stripe-signature": f"t={now}, v1={wrong}, v0={right[:9]}, v1={right}"}
        return (await self._post("/webhooks/stripe", body, header))[0]

    async def post_event(self, id: str, name: str) -> int:
        """Let something happen to a letter: time in milliseconds, body without metadata."""
        event = {
            "id": f"evt_{self.number()}", "event_type": {"id": f"letter.{name}", "enabled_for_test": True},
            "body": {"id": id, "object": "letter"}, "reference_id": id, "object": "event",
        }  # fmt: skip
        body = json.dumps(event, separators=(",", ":")).encode()
        now = str(int(self.clock.now().timestamp() * 1000))
        signature = _mac(SECRETS["lob_webhook_secret"], now.encode() + b"." + body)
        return (await self._post("/webhooks/lob", body, {"lob-signature": signature, "lob-signature-timestamp": now}))[
            0
        ]

    async def _post(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.ours + path, data=body, headers=headers) as answer,
        ):
            return answer.status, await answer.read()

    # -- life ------------------------------------------------------------------------------------------------------

    def settings(self) -> dict[str, str]:
        """Return the settings that point our adapters here, each with a slash too many."""
        bases = {name: f"{url}/" for name, url in self.urls.items()}
        return {
            "stripe_api_base": bases["stripe"], "lob_api_base": bases["lob"] + "v1/",
            "telegram_api_base": bases["telegram"], "twilio_api_base": bases["twilio"],
        }  # fmt: skip

    @classmethod
    @asynccontextmanager
    async def open(cls, clock: FixedClock) -> AsyncIterator[Strangers]:
        """Open all four."""
        found = cls(clock)
        runners = []
        handlers: dict[str, Callable[[web.Request], Awaitable[web.StreamResponse]]] = {
            "stripe": found.stripe, "lob": found.lob, "twilio": found.twilio, "telegram": found.telegram,
        }  # fmt: skip
        for name, handler in handlers.items():
            app = web.Application(client_max_size=64 * 2**20)
            app.router.add_route("*", "/{path:.*}", handler)
            runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            found.urls[name] = f"http://localhost:{runner.addresses[0][1]}"
            runners.append(runner)
        try:
            yield found
        finally:
            for runner in runners:
                await runner.cleanup()


def _mac(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


__all__ = ["TOKEN", "Strangers"]
