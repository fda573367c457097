"""A barrage at the webhook doors: `python -m tests.bot.web.barrage --requests 250000` (rule FAKE-4).

Half of the requests are not genuine: any bytes, and bodies of the vendors with signatures that almost fit. They must be
refused with 4xx and change nothing. The other half is signed as the vendor would sign it, over bodies spoilt in every
way that a program can spoil them: they may be taken or refused, but never end in 5xx.
"""

from __future__ import annotations

import argparse
import asyncio
import copy
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp

from bot.core.clock import FixedClock
from tests.bot.web.fuzz import DOORS, signed, stored
from tests.conftest import FRIDAY
from tests.crash.orders import register
from tests.databases import prepared_database
from tests.simulation.world import World

AT_ONCE = 32
FORM = "application/x-www-form-urlencoded"
SENDER = {"id": 5, "is_bot": False, "first_name": "Ann", "language_code": "en"}
CHAT = {"id": 5, "type": "private"}
MESSAGE = {"message_id": 7, "date": 1, "chat": CHAT, "from": SENDER}
PHOTO = [{"file_id": "F", "file_unique_id": "U", "width": 90, "height": 60, "file_size": 900}]
TEMPLATES: dict[str, list[dict[str, Any]]] = {
    "/webhooks/telegram": [
        {"update_id": 1, "message": {**MESSAGE, "text": "order ann"}},
        {"update_id": 1, "message": {**MESSAGE, "photo": PHOTO, "caption": "car", "media_group_id": "9"}},
        {"update_id": 1, "message": {**MESSAGE, "contact": {"phone_number": "1415", "user_id": 5}}},
        {"update_id": 1, "edited_message": {**MESSAGE, "text": "order bob"}},
        {"update_id": 1, "callback_query": {"id": "q", "from": SENDER, "message": MESSAGE, "data": "1:0"}},
        {
            "update_id": 1,
            "my_chat_member": {"chat": CHAT, "from": SENDER, "date": 1, "new_chat_member": {"status": "kicked"}},
        },
        {
            "update_id": 1,
            "pre_checkout_query": {
                "id": "q", "from": SENDER, "currency": "XTR", "total_amount": 5, "invoice_payload": "p",
            },
        },
    ],
    "/webhooks/stripe": [
        {
            "id": "evt_1", "object": "event", "created": 1, "type": kind,
            "data": {
                "object": {
                    "id": "cs_1", "payment_status": "paid", "amount_total": 900, "currency": "usd",
                    "status": "complete", "payment_intent": "pi_1", "client_reference_id": "1",
                    "metadata": {"payment_id": "1", "intake_id": "2"},
                }
            },
        }
        for kind in ("checkout.session.completed", "charge.refunded", "refund.updated", "charge.dispute.created", "x.y")
    ],
    "/webhooks/lob": [
        {
            "id": "evt_1", "event_type": {"id": kind}, "reference_id": "ltr_1", "date_created": "2026-11-20T18:00:00Z",
            "body": {"id": "ltr_1", "metadata": {"letter_id": "1"}, "tracking_events": [{"name": "In Transit"}]},
        }
        for kind in ("letter.delivered", "letter.failed", "letter.returned_to_sender", "letter.certified.issue", "z")
    ],
    "/webhooks/twilio/sms": [
        {"MessageSid": "SM1", "From": "+14155550123", "To": "+14155550100", "Body": "order ann", "NumMedia": "0"},
        {"MessageSid": "SM1", "From": "+14155550123", "Body": "", "NumMedia": "1", "MediaUrl0": "http://x/1"},
    ],
    "/webhooks/twilio/status": [{"MessageSid": "SM1", "MessageStatus": "failed", "ErrorCode": "30003"}],
}  # fmt: skip
JUNK: list[Any] = [
    None, True, -1, 0, 2**63, -(2**80), 1e308, "", "\0", "\ud83d\ude00" * 40, "a" * 5000, [], {}, [[]], {"id": None},
    "\u202e", "'; DROP TABLE inbox", "../../etc/passwd", "{{7*7}}", "9" * 400, "1e9", "+1", "\x7f", "<script>",
]  # fmt: skip


@dataclass
class Toll:
    """What the doors did."""

    forged: int = 0
    genuine: int = 0
    accepted: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    changed: bool = False
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def is_clean(self) -> bool:
        """Whether every promise was kept."""
        return not self.accepted and not self.broken and not self.changed

    def lines(self) -> list[str]:
        """Return what happened, each zero with the bound that it proves (95 %)."""
        return [
            f"{len(self.accepted)} of {self.forged} forged requests accepted (fewer than 1 in {self.forged // 3 or 1})",
            f"{len(self.broken)} of {self.forged + self.genuine} requests ended in 5xx "
            f"(fewer than 1 in {(self.forged + self.genuine) // 3 or 1})",
            f"forged requests changed {'something' if self.changed else 'nothing'}",
            f"answers: {dict(sorted(self.statuses.items()))}",
        ]


# -- bodies ------------------------------------------------------------------------------------------------------------


def a_body(rng: random.Random, path: str) -> bytes:
    """Return a body for a door: a vendor's own, mostly spoilt."""
    thing = copy.deepcopy(rng.choice(TEMPLATES[path]))
    _number(rng, thing)
    if rng.random() < 0.2:
        return rng.randbytes(rng.randrange(400))
    for _ in range(rng.randrange(4)):
        _spoil(rng, thing)
    body = _form(thing) if "twilio" in path else json.dumps(thing).encode("utf-8", "replace")
    return rng.choice(_DAMAGES)(rng, body) if rng.random() < 0.3 else body


def _number(rng: random.Random, thing: dict[str, Any]) -> None:
    for name in ("update_id", "id", "MessageSid"):
        if name in thing:
            fresh = rng.getrandbits(60)
            thing[name] = fresh if name == "update_id" else f"{thing[name]}{fresh}"


def _spoil(rng: random.Random, thing: Any) -> None:
    """Change one place of an object, anywhere in it."""
    while isinstance(thing, dict | list) and thing:
        keys = list(thing) if isinstance(thing, dict) else list(range(len(thing)))
        key = rng.choice(keys)
        below = thing[key]
        if isinstance(below, dict | list) and below and rng.random() < 0.7:
            thing = below
            continue
        match rng.randrange(4):
            case 0:
                del thing[key]
            case 1 if isinstance(thing, dict):
                thing[f"{key}x"] = below
            case _:
                thing[key] = copy.deepcopy(rng.choice(JUNK))
        return


def _form(fields: dict[str, Any]) -> bytes:
    pairs = [(str(name), v if isinstance(v, str) else json.dumps(v)) for name, v in fields.items()]
    return urlencode([(n.encode("utf-8", "replace"), v.encode("utf-8", "replace")) for n, v in pairs]).encode()


_DAMAGES: list[Callable[[random.Random, bytes], bytes]] = [
    lambda rng, body: body[: rng.randrange(len(body) + 1)],
    lambda rng, body: body + rng.randbytes(3),
    lambda rng, body: bytes(b ^ (rng.random() < 0.02) * 64 for b in body),
    lambda rng, body: b"\xef\xbb\xbf" + body,
    lambda rng, body: b"[" * rng.choice([10, 3000]),
    lambda rng, body: body.replace(b":", b": NaN,", 1),
    lambda rng, body: body.replace(b"=", b"%", 1),
    lambda rng, body: b"",
    lambda rng, body: b"[" + body + b"]",
    lambda rng, body: body.decode("utf-8", "replace").encode("utf-16"),
]


# -- signatures --------------------------------------------------------------------------------------------------------


def forged(rng: random.Random, world: World, path: str, body: bytes) -> dict[str, str]:
    """Return headers that almost make a body genuine."""
    right = signed(world, path, body)
    name = rng.choice(list(right))
    value = right[name]
    match rng.randrange(8):
        case 0:
            return {}
        case 1:
            return {**right, name: ""}
        case 2:
            return {**right, name: value[:-1]}
        case 3:
            return {**right, name: value[:-1] + ("A" if value[-1:] != "A" else "B")}
        case 4 if "telegram" not in path:
            return signed(world, path, body + b"x")
        case 5 if path == "/webhooks/stripe":
            return {name: value.replace("v1=", "v0=")}
        case 5 if path == "/webhooks/lob":
            return {**right, "Lob-Signature-Timestamp": str(int(right["Lob-Signature-Timestamp"]) - 301)}
        case 5 if "twilio" in path:
            return {**right, "X-Twilio-Webhooks-Signature-Settings": "algorithm=none"}
        case 6:
            return {f"X-{name}": value}
        case _:
            return {**right, name: value[::-1] if value != value[::-1] else "x"}


# -- the run -----------------------------------------------------------------------------------------------------------


class Barrage:
    """One run against one server."""

    def __init__(self, world: World, *, seed: int) -> None:
        self._world, self._random, self.toll = world, random.Random(seed), Toll()

    async def run(self, requests: int) -> Toll:
        """Forge half of the requests, then sign the other half."""
        connector = aiohttp.TCPConnector(limit=AT_ONCE)
        async with aiohttp.ClientSession(connector=connector) as session:
            before = await stored(self._world)
            await self._many(session, requests // 2, self._forge)
            self.toll.changed = await stored(self._world) != before
            await self._many(session, requests - requests // 2, self._sign)
        return self.toll

    async def _many(self, session: aiohttp.ClientSession, count: int, one: Callable[..., Any]) -> None:
        left = iter(range(count))

        async def some() -> None:
            for _ in left:
                await one(session)

        await asyncio.gather(*(some() for _ in range(AT_ONCE)))

    async def _forge(self, session: aiohttp.ClientSession) -> None:
        path = self._random.choice(DOORS)
        body = a_body(self._random, path)
        status = await self._post(session, path, body, forged(self._random, self._world, path, body))
        self.toll.forged += 1
        if status < 400:
            self.toll.accepted.append(f"{status} {path} {body[:300]!r}")

    async def _sign(self, session: aiohttp.ClientSession) -> None:
        path = self._random.choice(DOORS)
        body = a_body(self._random, path)
        await self._post(session, path, body, signed(self._world, path, body))
        self.toll.genuine += 1

    async def _post(self, session: aiohttp.ClientSession, path: str, body: bytes, headers: dict[str, str]) -> int:
        kind = FORM if "twilio" in path else "application/json"
        try:
            sending = session.post(
                self._world.url + path, data=BytesIO(body), headers={"Content-Type": kind, **headers}
            )
            async with sending as answer:
                await answer.read()
                status = answer.status
        except aiohttp.ClientOSError:  # refused before all of a large body was read
            status = 413
        self.toll.statuses[status] += 1
        if status >= 500:
            self.toll.broken.append(f"{status} {path} {body[:300]!r}")
        return status


async def barrage(kind: str, *, requests: int, seed: int) -> Toll:
    """Run against a server on one kind of database."""
    with tempfile.TemporaryDirectory() as name, prepared_database(kind, Path(name)) as url:
        async with World.open(register, url, FixedClock(FRIDAY), Path(name)) as world:
            return await Barrage(world, seed=seed).run(requests)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; 1 when a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.bot.web.barrage")
    parser.add_argument("--requests", type=int, default=250_000)
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args(arguments)
    clean = True
    kinds = ["sqlite", "postgres"] if options.database == "both" else [options.database]
    for kind in kinds:
        print(f"{kind}: {options.requests // len(kinds)} requests, seed {options.seed}", flush=True)
        started = time.monotonic()
        toll = asyncio.run(barrage(kind, requests=options.requests // len(kinds), seed=options.seed))
        for problem in [*toll.accepted[:10], *toll.broken[:10]]:
            print(f"  BROKEN {problem}")
        for line in toll.lines():
            print(f"  {line}")
        print(f"  {time.monotonic() - started:.0f} s", flush=True)
        clean = clean and toll.is_clean
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
