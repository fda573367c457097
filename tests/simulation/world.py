"""One town in one process: the real App with its real adapters, and the four fake vendors, on one movable clock.

Nothing happens by itself. `rest` lets everybody act until nobody has anything to do, `advance` moves the clock through
all that falls due. `crash` buries the process with whatever it had in flight and starts the next one on the same
database; the vendors live on.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from aiohttp import web

from bot.assembly.app import App
from bot.assembly.demo_clock import DemoClock, DemoTime
from bot.core.clock import FixedClock
from bot.core.settings import Settings
from bot.engine.registry import Registry
from integrations.fakes.kit import FakeServer
from integrations.fakes.lob import LobFake
from integrations.fakes.stripe import StripeFake
from integrations.fakes.telegram import TelegramFake
from integrations.fakes.telegram.phone import Person
from integrations.fakes.twilio import TwilioFake
from integrations.fakes.twilio.phone import Phone

TOKEN = "7000000001:AAFakeTokenOfTheLocalTelegramServer0"
SECRETS = {
    "secret_keys": base64.urlsafe_b64encode(b"w" * 32).decode(),
    "telegram_bot_token": TOKEN,
    "telegram_webhook_secret": "hook-secret",
    "twilio_account_sid": "AC" + "1" * 32,
    "twilio_auth_token": "2" * 32,
    "twilio_from": "+14155550100",
    "stripe_secret_key": "sk_test_world",
    "stripe_webhook_secret": "whsec_world",
    "lob_api_key": "test_world",
    "lob_webhook_secret": "lob-world",
}
LINK = re.compile(r"https?://\S+/p/(\S+)")
Register = Callable[[Registry], None]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Vendors:
    """The four fakes."""

    stripe: StripeFake
    lob: LobFake
    telegram: TelegramFake
    twilio: TwilioFake

    @property
    def all(self) -> dict[str, FakeServer]:
        """Return them by name."""
        return {"stripe": self.stripe, "lob": self.lob, "telegram": self.telegram, "twilio": self.twilio}

    def bases(self) -> dict[str, str]:
        """Return the settings that point the adapters at them."""
        return {
            "stripe_api_base": self.stripe.url,
            "lob_api_base": self.lob.url + "/v1",
            "telegram_api_base": self.telegram.url,
            "twilio_api_base": self.twilio.url,
        }


def make_vendors(clock: Any, url: str, folder: Path | None = None) -> Vendors:
    """Make the fakes of a server at `url`, with their books in a folder or in memory; none listens yet."""

    def book(name: str) -> Path | None:
        return folder / f"{name}.jsonl" if folder else None

    return Vendors(
        StripeFake(
            clock, book("stripe"), webhook_url=url + "/webhooks/stripe", webhook_secret=SECRETS["stripe_webhook_secret"]
        ),
        LobFake(
            clock,
            book("lob"),
            webhook_url=url + "/webhooks/lob",
            webhook_secret=SECRETS["lob_webhook_secret"],
            strict_pace=False,
        ),
        TelegramFake(clock, book("telegram"), token=TOKEN),
        TwilioFake(
            clock,
            book("twilio"),
            account_sid=SECRETS["twilio_account_sid"],
            auth_token=SECRETS["twilio_auth_token"],
            number=SECRETS["twilio_from"],
            sms_url=url + "/webhooks/twilio/sms#rc=3&rp=all",
            segments_per_second=None,
        ),
    )


async def point_telegram(vendors: Vendors, url: str) -> None:
    """Set the webhook of the Telegram bot."""
    await vendors.telegram._perform(
        "setWebhook",
        _arguments({"url": url + "/webhooks/telegram", "secret_token": SECRETS["telegram_webhook_secret"]}),
    )


def _arguments(values: dict[str, str]) -> Any:
    import orjson

    from integrations.fakes.telegram.arguments import Arguments

    return Arguments.read({}, "application/json", orjson.dumps(values))


@dataclass
class World:
    """The town."""

    register: Register
    database_url: str
    clock: FixedClock
    folder: Path
    vendors: Vendors
    door: socket.socket
    app: App = field(init=False)
    time: DemoTime = field(init=False)
    on_start: Callable[[App], None] = lambda app: None
    deaths: int = 0

    @classmethod
    @asynccontextmanager
    async def open(
        cls, register: Register, database_url: str, clock: FixedClock, folder: Path, **options: Any
    ) -> AsyncIterator[World]:
        """Open a town on a prepared database."""
        door = socket.create_server(("127.0.0.1", 0))
        vendors = cls.vendors_for(clock, f"http://127.0.0.1:{door.getsockname()[1]}")
        world = cls(register, database_url, clock, folder, vendors, door, **options)
        async with contextlib.AsyncExitStack() as stack:
            stack.callback(door.close)
            for fake in vendors.all.values():
                await stack.enter_async_context(fake)
            await point_telegram(vendors, world.url)
            await world.start()
            try:
                yield world
            finally:
                await world.bury()

    @classmethod
    def vendors_for(cls, clock: FixedClock, url: str) -> Vendors:
        """Make the fakes of this town."""
        return make_vendors(clock, url)

    @property
    def url(self) -> str:
        """Where our doors are."""
        return f"http://127.0.0.1:{self.door.getsockname()[1]}"

    def settings(self) -> Settings:
        """Return the settings of a process of this town."""
        values: dict[str, Any] = {
            "parley_mode": "demo",
            "database_url": self.database_url,
            "public_url": self.url,
            "data_dir": self.folder,
            "mail_hold_minutes": 0,
            **SECRETS,
            **self.vendors.bases(),
        }
        return Settings(_env_file=None, **values)

    # -- life of the process ---------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start a process: everything but the ticking."""
        registry = Registry()
        self.register(registry)
        self.app = app = App.build(self.settings(), clock=self.clock, registry=registry)
        _hurry(app)
        self.time = DemoTime(cast(DemoClock, self.clock), app.ticker, self.vendors.all, lambda: app.delivery.performed)
        self.on_start(app)
        app.writers.start()
        await app.ticker.beat()
        await app.ticker.adopt(at_start=True)
        app._runner = web.AppRunner(app.site, access_log=None, shutdown_timeout=0.05)
        await app._runner.setup()
        await web.SockSite(app._runner, self.door.dup()).start()

    async def bury(self) -> None:
        """End the process as SIGKILL does: nothing more is written, nothing more leaves."""
        app = self.app
        left: set[asyncio.Task[Any]] = {*app.delivery._tasks.values(), *app._background}
        left |= {w._task for w in app.writers._writers if w._task is not None}
        for writer in app.writers._writers:
            writer._stopping = True  # whoever outlives the first blow finds nobody to write to
        while left:
            for task in left:
                task.cancel()
            _, left = await asyncio.wait(left, timeout=0.2)
        for writer in app.writers._writers:
            writer._helper.shutdown(wait=True)
            writer._session.close()
        if app._runner:
            await app._runner.cleanup()
        for adapter in app.adapters:
            await adapter.close()
        await app.database.close()
        if app._lock:
            app._lock.close()
        self._forget_process(app)

    def _forget_process(self, app: App) -> None:
        """Let the heartbeat of a buried process be long ago, so that nobody waits fifteen seconds for it."""
        import sqlalchemy as sa

        from storage.processes import process

        engine = app.database.engine()
        with engine.begin() as connection:
            connection.execute(process.update().where(process.c.id == app.dispatcher.process_id).values(beat_at=0))
            connection.execute(sa.text("SELECT 1"))
        engine.dispose()

    async def crash(self) -> None:
        """Kill the process and start the next one."""
        self.deaths += 1
        await self.bury()
        await self.start()

    # -- time ------------------------------------------------------------------------------------------------------

    async def rest(self) -> None:
        """Let everybody act until nobody has anything to do."""
        await self.time._rest()

    async def advance(self, step: timedelta) -> None:
        """Move the clock through all that falls due."""
        await self.time.advance(step)

    # -- people ----------------------------------------------------------------------------------------------------

    def phone(self, number: str = "+14155550123") -> Phone:
        """Return a handset."""
        return self.vendors.twilio.phone(number)

    def person(self, user_id: int = 500_000_001) -> Person:
        """Return a Telegram user."""
        return self.vendors.telegram.person(user_id)

    def pay_all(self, most: int | None = None) -> int:
        """Pay every open session, or the first few; return how many it were."""
        sessions = [s for s in self.vendors.stripe.checkout.shelf if s["status"] == "open"][:most]
        for session in sessions:
            self.vendors.stripe.pay(session["id"])
        return len(sessions)


def _hurry(app: App) -> None:
    """Shorten what is waited for in real time, so that a vendor that never answers costs tenths of a second."""
    for adapter in app.adapters:
        for name in ("_seconds", "_create_seconds", "_file_seconds"):
            if hasattr(adapter, name):
                setattr(adapter, name, 0.4)
