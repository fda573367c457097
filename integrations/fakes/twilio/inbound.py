"""A message from a handset on its way to the backend: 15 seconds in all, 0 to 5 retries, then given up.

The number's SmsUrl may end in `#rc=5&rp=all` (connection overrides); without it Twilio tries once more, and only when
it could not connect. Then the fallback URL gets its chance. What was given up stays in the message list.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urldefrag, urlencode
from xml.etree import ElementTree

import aiohttp

from integrations.fakes.kit import HOOK_FAULTS, FakeServer
from integrations.fakes.twilio.carrier import Carrier
from integrations.fakes.twilio.messages import Messages
from integrations.fakes.twilio.numbers import Numbers
from integrations.fakes.twilio.signature import sign

_HELD = timedelta(hours=1)
Fields = dict[str, str]


@dataclass(frozen=True, slots=True)
class Policy:
    """How often and after what a request is repeated."""

    retries: int
    after: frozenset[str]

    @classmethod
    def of(cls, url: str) -> Policy:
        """Read the overrides in a URL's fragment."""
        given = parse_qs(urldefrag(url).fragment)
        count = given.get("rc", ["1"])[0]
        after = frozenset(",".join(given.get("rp", ["ct"])).split(","))
        return cls(min(int(count) if count.isdigit() else 1, 5), after)

    def repeats(self, failure: str) -> bool:
        """Tell whether a failure (ct, rt, 4xx, 5xx) is worth another try."""
        return "all" in self.after or failure in self.after


class Inbound:
    """Delivers what handsets send."""

    def __init__(self, server: FakeServer, token: str, numbers: Numbers, messages: Messages, carrier: Carrier) -> None:
        self._server, self._token, self._carrier = server, token, carrier
        self._numbers, self._messages = numbers, messages
        self._late = server.book.shelf("late")
        self._session: aiohttp.ClientSession | None = None
        self.seconds = 15.0

    async def send(self, number: str, fields: Fields) -> bool:
        """Deliver one message; return whether the backend took it. Faults may lose, double or delay it."""
        fault = self._server.faults.take("inbound", HOOK_FAULTS)
        match fault.fault if fault else "":
            case "drop":
                self._server.book.append("inbound.lost", sid=fields["MessageSid"])
                return False
            case "delay" | "reorder" as kind:
                wait = fault.delay if fault and kind == "delay" else _HELD
                due = (self._server.clock.now() + wait).isoformat()
                entry = {"number": number, "fields": fields, "due": due, "held": kind == "reorder"}
                self._late.put(fields["MessageSid"], entry, kind="inbound.late")
                return False
            case "duplicate":
                await self._deliver(number, fields)
            case "bad_signature":
                await self._post(self._url(number), fields, spoil=True)
        taken = await self._deliver(number, fields)
        await self.due(release=True)
        return taken

    def _url(self, number: str) -> str:
        return str((self._numbers.by_number(number) or {}).get("sms_url") or "")

    async def due(self, *, release: bool = False) -> None:
        """Deliver what was held back long enough, or (`release`) what waited to be overtaken."""
        now = self._server.clock.now()
        for entry in self._late:
            if datetime.fromisoformat(entry["due"]) <= now or (release and entry["held"]):
                self._late.drop(entry["fields"]["MessageSid"], kind="inbound.released")
                await self._deliver(entry["number"], entry["fields"])

    async def _deliver(self, number: str, fields: Fields) -> bool:
        record = self._numbers.by_number(number) or {}
        url = record.get("sms_url") or ""
        if not url:
            self._server.book.append("inbound.unrouted", sid=fields["MessageSid"])
            return False
        failure = await self._try(url, fields)
        if failure and record.get("sms_fallback_url"):
            extra = {"ErrorCode": "11200", "ErrorUrl": urldefrag(url).url}
            failure = await self._try(record["sms_fallback_url"], {**fields, **extra})
        kind = "inbound.given_up" if failure else "inbound.delivered"
        self._server.book.append(kind, sid=fields["MessageSid"], failure=failure)
        return not failure

    async def _try(self, url: str, fields: Fields) -> str:
        """Post with retries inside the total time; return an empty text or the last failure."""
        policy, failure = Policy.of(url), ""
        try:
            async with asyncio.timeout(self.seconds):
                for _ in range(policy.retries + 1):
                    failure = await self._post(url, fields)
                    if not failure or not policy.repeats(failure):
                        break
        except TimeoutError:
            return "rt"
        return failure

    async def _post(self, url: str, fields: Fields, *, spoil: bool = False) -> str:
        signature = sign(self._token, url, fields.items())
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "X-Twilio-Signature": signature[::-1] if spoil else signature,
            "I-Twilio-Idempotency-Token": self._server.make_hex(""),
        }
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession()
        address = urldefrag(self._carrier.local(url)).url
        try:
            async with self._session.post(address, data=urlencode(fields).encode(), headers=headers) as answer:
                body, status = await answer.read(), answer.status
        except aiohttp.ClientConnectorError:
            return "ct"
        except (aiohttp.ClientError, OSError):
            return "rt"
        if 200 <= status < 300:
            self._read_twiml(body, fields)
            return ""
        return "4xx" if status < 500 else "5xx"

    def _read_twiml(self, body: bytes, fields: Fields) -> None:
        """Send the messages that the answer asks for; note an answer that is no TwiML."""
        if not body.strip():
            return
        try:
            root = ElementTree.fromstring(body)  # noqa: S314 - our own backend's answer, in tests and demo mode
        except ElementTree.ParseError:
            self._server.book.append("inbound.bad_twiml", code=12100, sid=fields["MessageSid"])
            return
        for verb in root.iter("Message"):
            text = "".join(part.text or "" for part in [verb, *verb.iter("Body")] if part.tag in ("Message", "Body"))
            if text.strip() and not self._messages.opted_out(fields["To"], fields["From"]):
                self._messages.reply(fields["To"], fields["From"], text.strip())

    async def close(self) -> None:
        """Close the connections."""
        if self._session:
            await self._session.close()


def form_of(message: dict[str, Any], media: list[tuple[str, str]], *, service: str | None, kind: str | None) -> Fields:
    """Return the fields of an inbound webhook."""
    fields = {
        "ToCountry": "US",
        "ToState": "",
        "SmsMessageSid": message["sid"],
        "NumMedia": str(len(media)),
        "ToCity": "",
        "FromZip": "",
        "SmsSid": message["sid"],
        "FromState": "CA",
        "SmsStatus": "received",
        "FromCity": "",
        "Body": message["body"],
        "FromCountry": "US",
        "To": message["to"],
        "ToZip": "",
        "NumSegments": message["num_segments"],
        "MessageSid": message["sid"],
        "AccountSid": message["account_sid"],
        "From": message["from"],
        "ApiVersion": "2010-04-01",
    }
    if service:
        fields["MessagingServiceSid"] = service
    if kind:
        fields["OptOutType"] = kind
    for number, (url, content_type) in enumerate(media):
        fields |= {f"MediaUrl{number}": url, f"MediaContentType{number}": content_type}
    return fields
