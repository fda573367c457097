"""One inbound SMS at Twilio's door: signature, form, event, empty answer; without the HTTP parser and the commit.

The official validator's time stands beside it; that both give the same verdict is tested with the signatures.
"""

from __future__ import annotations

import base64
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from aiohttp import StreamReader, web
from aiohttp.test_utils import make_mocked_request

from bot.core.clock import SystemClock
from bot.web.doors.door import FloodGate, Intake
from bot.web.doors.twilio import TwilioDoor

ACCOUNT, TOKEN, URL = "AC" + "0" * 32, "bench-token", "https://bench.example.org"
FORM = {
    "ToCountry": "US",
    "ToState": "CA",
    "SmsMessageSid": "SM" + "1" * 32,
    "NumMedia": "0",
    "ToCity": "SAN FRANCISCO",
    "FromZip": "94103",
    "SmsSid": "SM" + "1" * 32,
    "FromState": "CA",
    "SmsStatus": "received",
    "FromCity": "SAN FRANCISCO",
    "Body": "The meter showed time left and the sign was hidden behind a tree",
    "FromCountry": "US",
    "To": "+14155550100",
    "MessagingServiceSid": "MG" + "2" * 32,
    "ToZip": "94103",
    "NumSegments": "1",
    "MessageSid": "SM" + "1" * 32,
    "AccountSid": ACCOUNT,
    "From": "+14155550123",
    "ApiVersion": "2010-04-01",
}


@dataclass(frozen=True, slots=True)
class Inbound:
    """Microseconds a message: our door, and Twilio's own validator for the signature alone."""

    door_us: float
    official_us: float


class _Taken(Intake):
    """An intake that takes at once: what is measured ends where the commit begins."""

    def __init__(self) -> None:
        self.taken, self.flood, self.clock = 0, FloodGate(), SystemClock()

    async def take(self, *args: Any, **kwargs: Any) -> Any:
        self.taken += 1


def signature() -> str:
    """Return the signature of the form as Twilio makes it."""
    text = f"{URL}/webhooks/twilio/sms" + "".join(k + FORM[k] for k in sorted(FORM))
    return base64.b64encode(hmac.digest(TOKEN.encode(), text.encode(), "sha1")).decode()


class _Waiting:
    """A body that is still to be waited for; the request has read it by then."""

    def is_eof(self) -> bool:
        return False


def request() -> web.Request:
    """Return the request as the door gets it, its body read."""
    body = urlencode(FORM).encode()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": str(len(body)),
        "X-Twilio-Signature": signature(),
    }
    mocked = make_mocked_request(
        "POST", "/webhooks/twilio/sms", headers=headers, payload=cast(StreamReader, _Waiting())
    )
    mocked._read_bytes = body
    return mocked


def measure(count: int = 4000) -> Inbound:
    """Take the median over blocks of the time of one message."""
    intake = _Taken()
    door = TwilioDoor(intake, account_sid=ACCOUNT, auth_token=TOKEN, public_url=URL)
    asked = request()

    def once() -> None:
        try:
            door.sms(asked).send(None)
        except StopIteration as end:
            response = cast(web.Response, end.value)
            if response.status != 200:
                raise AssertionError(response.text) from None

    door_us = _median_us(once, count)
    if intake.taken < count:
        raise AssertionError("the door took less than it was given")
    return Inbound(door_us, _official_us(count // 4))


def _official_us(count: int) -> float:
    from twilio.request_validator import RequestValidator

    validator, signed = RequestValidator(TOKEN), signature()
    return _median_us(lambda: validator.validate(f"{URL}/webhooks/twilio/sms", FORM, signed), count)


def _median_us(once: Callable[[], object], count: int, blocks: int = 20) -> float:
    took = []
    for _ in range(blocks):
        started = time.perf_counter()
        for _ in range(count // blocks):
            once()
        took.append((time.perf_counter() - started) / (count // blocks))
    return sorted(took)[blocks // 2] * 1e6
