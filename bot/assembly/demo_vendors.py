"""The vendors of the demo: a built-in fake for each that has no `*_BASE`, and settings for those who were given none.

The fakes speak the vendors' protocols at local ports, keep their books in the data folder and post to our real doors.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import aiohttp

from bot.assembly.demo_clock import MovableClock
from bot.assembly.demo_state import DemoState, is_free
from bot.core.clock import SystemClock
from bot.core.errors import Misconfigured
from bot.core.settings import Settings
from bot.web.simulator import SAMPLE_WORDS, voice_clip
from integrations.fakes.__main__ import make_fake
from integrations.fakes.kit import FakeServer

BASES = {
    "telegram": "telegram_api_base",
    "twilio": "twilio_api_base",
    "stripe": "stripe_api_base",
    "razorpay": "razorpay_api_base",
    "lob": "lob_api_base",
    "claude": "anthropic_base_url",
    "speech": "speech_api_base",
    "gmail": "gmail_api_base",
    "plaid": "plaid_api_base",
    "google_vision": "google_vision_api_base",
}
"""Vendor to the setting that replaces its built-in fake."""

_PATHS = {"lob": "/v1"}
_OWN = (
    "secret_keys",
    "telegram_bot_token",
    "telegram_webhook_secret",
    "twilio_account_sid",
    "twilio_auth_token",
    "twilio_from",
    "stripe_secret_key",
    "stripe_webhook_secret",
    "razorpay_key_id",
    "razorpay_key_secret",
    "razorpay_webhook_secret",
    "lob_api_key",
    "lob_webhook_secret",
    "inbound_mail_secret",
    "plaid_client_id",
    "plaid_secret",
)
MAIL_DOMAIN = "in.parley.example"
_MODEL_KEYS = {
    "claude": "anthropic_api_key",
    "speech": "speech_api_key",
    "google_vision": "google_vision_api_key",
}
log = logging.getLogger("parley.demo")
TICK_SECONDS = 0.05
SEGMENTS_A_SECOND = 10.0
"""Faster than a carrier's one a second: nobody watches a demo for that."""


def complete(settings: Settings, state: DemoState) -> Settings:
    """Fill in what is not set: keys of the demo's own, a free port, the public address."""
    changes: dict[str, Any] = {name: state[name] for name in _OWN if not getattr(settings, name)}
    for vendor, key in _MODEL_KEYS.items():
        if not getattr(settings, key) and not getattr(settings, BASES[vendor]):
            changes[key] = state[key]
    if not settings.port:
        changes["port"] = state.reserve_port()
    elif not is_free(settings.port):
        raise Misconfigured("PORT", f"{settings.port} is taken by another program; set PORT to another number")
    if not settings.inbound_mail_domain:
        changes["inbound_mail_domain"] = MAIL_DOMAIN
    if not settings.gmail_api_base and not settings.google_client_id:
        changes |= {"google_client_id": "parley-demo", "google_client_secret": state["google_client_secret"]}
    if "sms_segments_per_second" not in settings.model_fields_set:
        changes["sms_segments_per_second"] = SEGMENTS_A_SECOND
    full = settings.model_copy(update=changes)
    return full if full.public_url else full.model_copy(update={"public_url": local_url(full)})


def local_url(settings: Settings) -> str:
    """Return where this server is reached on this machine."""
    host = "127.0.0.1" if settings.host in ("", "0.0.0.0", "::") else settings.host  # noqa: S104 - compared only
    return f"http://{host}:{settings.port}"


def make_fakes(settings: Settings, state: DemoState, clock: MovableClock) -> dict[str, FakeServer]:
    """Make a fake for every vendor whose base is not set; none of them listens yet."""
    local, public = local_url(settings), settings.public_url.rstrip("/")
    options: dict[str, Callable[[], dict[str, Any]]] = {
        "telegram": lambda: {"token": settings.telegram_bot_token},
        "twilio": lambda: {
            "account_sid": settings.twilio_account_sid,
            "auth_token": settings.twilio_auth_token,
            "number": settings.twilio_from if settings.twilio_from.startswith("+") else state["twilio_from"],
            **({"service_sid": settings.twilio_from} if settings.twilio_from.startswith("MG") else {}),
            "keyword_mode": settings.twilio_keyword_mode,
            "sms_url": public + "/webhooks/twilio/sms",
            "segments_per_second": SEGMENTS_A_SECOND,
        },
        "stripe": lambda: {
            "webhook_url": local + "/webhooks/stripe",
            "webhook_secret": settings.stripe_webhook_secret,
            "api_key": settings.stripe_secret_key,
            "public_url": public,
        },
        "razorpay": lambda: {
            "webhook_url": local + "/webhooks/razorpay",
            "webhook_secret": settings.razorpay_webhook_secret,
            "key_id": settings.razorpay_key_id,
            "key_secret": settings.razorpay_key_secret,
            "public_url": public,
        },
        "lob": lambda: {
            "webhook_url": local + "/webhooks/lob",
            "webhook_secret": settings.lob_webhook_secret,
            "api_key": settings.lob_api_key,
        },
        "claude": lambda: {"api_key": settings.anthropic_api_key},
        "speech": dict,
        "gmail": lambda: {
            "client_id": settings.google_client_id,
            "client_secret": settings.google_client_secret,
        },
        "google_vision": lambda: {"api_key": settings.google_vision_api_key},
        "plaid": lambda: {"client_id": settings.plaid_client_id, "secret": settings.plaid_secret},
    }
    books: Path = state.folder / "books"
    return {
        vendor: make_fake(vendor, cast(SystemClock, clock), books / f"{vendor}.jsonl", 0, **make())
        for vendor, make in options.items()
        if not getattr(settings, BASES[vendor])
    }


def addresses(fakes: dict[str, FakeServer], settings: Settings) -> dict[str, str]:
    """Return the settings that point the adapters at fakes which listen."""
    bases = {BASES[vendor]: fake.url + _PATHS.get(vendor, "") for vendor, fake in fakes.items()}
    if "gmail" in fakes and not settings.google_oauth_base:
        bases["google_oauth_base"] = fakes["gmail"].url
    return bases


async def connect(fakes: dict[str, FakeServer], settings: Settings) -> None:
    """Tell the fakes where our doors are, as `main.py connect` tells the real vendors."""
    local, public = local_url(settings), settings.public_url.rstrip("/")
    if fake := cast(Any, fakes.get("telegram")):
        fake.webhook.rewrite = (public, local)
        await _set_telegram_webhook(fake, f"{public}/webhooks/telegram", settings.telegram_webhook_secret)
    if fake := cast(Any, fakes.get("twilio")):
        fake.rewrite(public, local)
        number, url = fake.numbers.by_number(fake.number), f"{public}/webhooks/twilio/sms"
        if number["sms_url"] != url:
            fake.numbers.shelf.patch(number["sid"], {"sms_url": url}, kind="number.changed")
    if fake := cast(Any, fakes.get("plaid")):
        fake.rewrite = (public, local)
    if (fake := cast(Any, fakes.get("speech"))) and not len(fake.book.shelf("clip")):
        fake.teach(voice_clip(SAMPLE_WORDS), SAMPLE_WORDS)


async def _set_telegram_webhook(fake: Any, url: str, secret: str) -> None:
    wanted = {"url": url, "secret_token": secret}
    address = f"{fake.url}/bot{fake.token}/setWebhook"
    async with aiohttp.ClientSession() as session, session.post(address, json=wanted) as answer:
        told = cast(dict[str, Any], await answer.json())
    if not told.get("ok"):
        raise Misconfigured("PUBLIC_URL", f"the Telegram fake refuses it: {told.get('description')}")


async def listen(fake: FakeServer, port: int) -> None:
    """Start a fake at the port it had, or at another one when that was taken meanwhile."""
    fake.port = port
    try:
        await fake.start()
    except OSError:
        await fake.stop()
        fake.port = 0
        await fake.start()


async def _tick(fake: FakeServer) -> None:
    """Let a fake's time pass. A fake never waits for another one."""
    while True:
        try:
            await fake.tick()
        except Exception:
            log.exception("a fake's tick failed", extra={"vendor": fake.name})
        await asyncio.sleep(TICK_SECONDS)


@asynccontextmanager
async def ticking(fakes: dict[str, FakeServer]) -> AsyncIterator[None]:
    """Let all fakes' time pass until the app stops: what they still have to tell waits in their books."""
    tasks = [asyncio.create_task(_tick(fake)) for fake in fakes.values()]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
