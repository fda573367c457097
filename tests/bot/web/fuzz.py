"""Signing what a vendor would sign, and counting what a server stored."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any

import sqlalchemy as sa

from integrations.signatures import parse_form
from storage.schema import metadata
from tests.simulation.world import SECRETS, World

STORED = ("inbox", "outbox", "person", "address", "conversation", "transcript", "timer")


async def stored(world: World) -> dict[str, int]:
    """Return how many rows each table holds that a webhook could write to."""

    def count(connection: sa.Connection) -> dict[str, int]:
        tables = {name: metadata.tables[name] for name in STORED}
        return {
            n: connection.execute(sa.select(sa.func.count()).select_from(t)).scalar_one() for n, t in tables.items()
        }

    return await world.app.database.read(count)


def signed(world: World, path: str, body: bytes, *, late: int = 0) -> dict[str, str]:
    """Return the headers that make a body genuine at a door, if it was signed so many seconds ago (or ahead)."""
    now = int(world.clock.now().timestamp()) - late
    match path:
        case "/webhooks/telegram":
            return {"X-Telegram-Bot-Api-Secret-Token": SECRETS["telegram_webhook_secret"]}
        case "/webhooks/stripe":
            return {"Stripe-Signature": f"t={now},v1={_hmac(SECRETS['stripe_webhook_secret'], now, body)}"}
        case "/webhooks/lob":
            signature = _hmac(SECRETS["lob_webhook_secret"], now, body)
            return {"Lob-Signature": signature, "Lob-Signature-Timestamp": str(now)}
        case _:
            tail = "".join(name + value for name, value in sorted(set(parse_form(body))))
            text = (world.url + path + tail).encode("utf-8", "replace")
            digest = hmac.digest(SECRETS["twilio_auth_token"].encode(), text, "sha1")
            return {"X-Twilio-Signature": base64.b64encode(digest).decode()}


def _hmac(secret: str, now: int, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest()


DOORS = (
    "/webhooks/telegram",
    "/webhooks/twilio/sms",
    "/webhooks/twilio/status",
    "/webhooks/stripe",
    "/webhooks/lob",
)
Json = Any
