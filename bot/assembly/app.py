"""A running Parley: built from settings, started, stopped.

`App.build` makes the parts, `start` takes over what a dead process left and opens the doors, `stop` drains. Tests and
the demo build the same App with another clock or with fakes at the vendors' base URLs.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from aiohttp import web

from bot.assembly import vendors
from bot.assembly.jobs_list import periodic_jobs
from bot.assembly.models import check_models
from bot.assembly.routes import add_routes
from bot.assembly.services import register_services, staff_groups
from bot.core.calls.channels import AnswerCallback, SendTelegram
from bot.core.calls.stars import AnswerCheckout
from bot.core.clock import Clock, SystemClock
from bot.core.errors import Misconfigured
from bot.core.ids import Ids
from bot.core.ports import Adapter, Attempt
from bot.core.seal import Seal, parse_keys
from bot.core.settings import Settings
from bot.engine.dispatch import Dispatcher
from bot.engine.registry import Registry
from bot.web.doors.door import Intake
from bot.web.doors.express import shorten
from bot.web.doors.telegram import TelegramDoor
from bot.web.metrics import Metrics, RequestHandler
from bot.web.pages.about import AboutPage
from bot.web.source import Sources
from integrations.telegram import Poller, TelegramAdapter, TelegramUpdate
from jobs.campaigns import campaigns
from jobs.delivery import Delivery
from jobs.files import StoredFiles
from jobs.pace import Pace
from jobs.periodic import Periodic
from jobs.ticker import Ticker
from storage.database import Database, Writers
from storage.migrate import migrate

NAME_SECONDS = 60.0
"""How soon the bot's name is asked for again when Telegram did not tell it."""
WARM_SECONDS = 0.5
"""How long after the first event patterns are made: its answer is out by then."""
log = logging.getLogger("parley")
OnTurn = Callable[[dict[str, Any]], None]


@dataclass
class App:
    """All parts of one process."""

    settings: Settings
    clock: Clock
    ids: Ids
    seal: Seal
    database: Database
    registry: Registry
    writers: Writers
    dispatcher: Dispatcher
    adapters: list[Adapter]
    delivery: Delivery
    periodic: Periodic
    ticker: Ticker
    metrics: Metrics
    intake: Intake
    telegram: TelegramDoor
    polls: bool = False
    about: AboutPage = field(init=False)
    site: web.Application = field(default_factory=web.Application)
    _hot_doors: dict[str, RequestHandler] = field(default_factory=dict)
    _runner: web.AppRunner | None = None
    _lock: IO[str] | None = None
    _background: set[asyncio.Task[Any]] = field(default_factory=set)

    @classmethod
    def build(cls, settings: Settings, *, clock: Clock | None = None, registry: Registry | None = None) -> App:
        """Make the parts inside a running event loop; raise Misconfigured when a setting stops the start."""
        if not settings.is_demo and registry is None:
            vendors.check_needed(settings)
        clock = clock or SystemClock()
        for warning in check_models(settings, clock.now().date()):
            log.warning(warning)
        ids, seal = Ids(clock), Seal(parse_keys(settings.secret_keys))
        database = Database(settings.database)
        lock = _only_one(database)
        migrate(database)
        if registry is None:
            registry = Registry()
            register_services(registry, settings, at_once=False)
        registry.public_url = settings.public_url.rstrip("/") or f"http://{settings.host}:{settings.port}"
        registry.keyword_mode = settings.twilio_keyword_mode
        metrics = Metrics(flows=registry.flows, clock=clock)
        writers = Writers(database, clock=clock, ids=ids, seal=seal, slices=settings.writer_slices)
        dispatcher = Dispatcher(registry, process_id=ids.next(), on_turn=_both(_log_turn(seal), metrics.turn))
        adapters = vendors.make_adapters(settings)
        adapters.append(vendors.make_bookkeeper(database, writers, clock=clock, ids=ids, keys=settings.secret_keys))
        adapters.append(vendors.make_office(database, writers, clock=clock, ids=ids, settings=settings))
        metrics.watch(adapters)
        delivery = Delivery(
            database=database,
            writers=writers,
            dispatcher=dispatcher,
            adapters=adapters,
            clock=clock,
            ids=ids,
            seal=seal,
            observe=metrics.observe,
            pace=Pace(
                clock,
                segments_per_second=settings.sms_segments_per_second,
                tenant_daily=settings.sms_segments_per_day,
                carriers_cap=campaigns()[settings.sms_campaign].cap,
            ),
        )
        periodic = Periodic([], writers=writers, clock=clock, process_id=dispatcher.process_id)
        ticker = Ticker(
            database=database,
            writers=writers,
            dispatcher=dispatcher,
            delivery=delivery,
            periodic=periodic,
            clock=clock,
            real=SystemClock(),
        )
        intake = Intake(
            writers, dispatcher, delivery.offer, clock,
            count=metrics.count, rejected=metrics.rejected, answered=metrics.answered,
            sources=Sources(settings.trusted_proxies),
        )  # fmt: skip
        metrics.breakers, database.observe = delivery.breakers, metrics.read
        app = cls(
            settings, clock, ids, seal, database, registry, writers, dispatcher, adapters, delivery, periodic, ticker,
            metrics, intake,
            TelegramDoor(intake, secret=settings.telegram_webhook_secret, token=settings.telegram_bot_token,
                         answers=settings.telegram_webhook_replies, spin=lambda call: None,
                         staff_groups=staff_groups(settings)),
        )  # fmt: skip
        for job in periodic_jobs(app, observe=metrics.reconciled):
            periodic.add(job)
        app._lock = lock
        registry.postpone(lambda: app.beside(app._warm()))
        app.polls = not settings.public_url
        app.telegram._spin = app._spin
        app.telegram._group_reply, app.telegram._checkout = app._point_to_private, app._confirm
        app.about, app._hot_doors = add_routes(app)
        return app

    def _spin(self, call: AnswerCallback) -> None:
        """Stop a button's spinner now, beside the outbox: it is worthless a few seconds later."""
        self.beside(self._perform(call))

    def _confirm(self, update: TelegramUpdate) -> None:
        """Answer a purchase in Stars now, beside every queue: Telegram waits ten seconds (TS-2)."""
        self.beside(self._judge(update))

    async def _judge(self, update: TelegramUpdate) -> None:
        from bot.assembly.checkout import confirm

        await self._perform(await confirm(self, update))

    async def _perform(self, call: AnswerCallback | AnswerCheckout | SendTelegram) -> None:
        """Make a call beside the outbox; what becomes of it is nobody's concern."""
        adapter = next((a for a in self.adapters if type(call) in a.calls), None)
        if adapter is not None:
            now = self.clock.now()
            attempt = Attempt("", 1, now, now, StoredFiles(self.database, self.seal, self.ids))
            await adapter.calls[type(call)](call, attempt)

    async def _warm(self) -> None:
        """Make patterns ready beside the turns: a thread that computes takes half of the processor from them."""
        await asyncio.sleep(WARM_SECONDS)
        await asyncio.to_thread(self.registry.warm)

    def beside(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something run until it ends or the app stops."""
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def _point_to_private(self, update: TelegramUpdate) -> SendTelegram | None:
        """Answer in a group with the way to the private chat, in the same topic, and nothing else (rule TG-12)."""
        if update.chat_id is None or not self.telegram.bot_username:
            return None
        link = f"https://t.me/{self.telegram.bot_username}"
        text = self.registry.catalogue.text("engine.group", link=link)
        return SendTelegram(update.chat_id, text, html=False, thread_id=update.thread_id)

    async def start(self, *, listen: bool = True) -> None:
        """Open the doors."""
        self.writers.start()
        await self.ticker.take_over()
        self._runner = web.AppRunner(self.site, access_log=None, shutdown_timeout=5.0)
        await self._runner.setup()
        assert self._runner.server is not None  # noqa: S101
        shorten(self._runner.server, self._hot_doors)
        if listen:
            site = web.TCPSite(self._runner, self.settings.host, self.settings.port, backlog=1024)
            await site.start()
        self.ticker.start()  # after the doors: the scheduler takes a twentieth of the start to import
        self.beside(self._learn_name())
        if self.polls:
            self.poll_telegram()

    async def _learn_name(self) -> None:
        """Ask the bot's name, by which groups address it and the page about us names it."""
        adapter = next((a for a in self.adapters if isinstance(a, TelegramAdapter)), None)
        while adapter is not None and not self.telegram.bot_username:
            me = await adapter.me()
            if me is None or not me[1]:
                await asyncio.sleep(NAME_SECONDS)
                continue
            self.telegram.bot_username = self.about.bot_username = self.registry.bot_username = me[1]

    def poll_telegram(self) -> None:
        """Ask Telegram for updates: the way in where there is no public address (rule TG-11)."""
        adapter = next((a for a in self.adapters if isinstance(a, TelegramAdapter)), None)
        if adapter is None:
            return

        async def accept(update: TelegramUpdate) -> None:
            answer = await self.telegram.take(update)
            if answer is not None:
                await self._perform(answer)

        self.beside(Poller(adapter, accept, bot_username=lambda: self.telegram.bot_username).run())

    @property
    def port(self) -> int:
        """The port it listens on."""
        assert self._runner is not None  # noqa: S101
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Close the doors, finish what is under way, let go of everything."""
        if self._runner:
            await self._runner.cleanup()
        await self.ticker.stop()
        for task in list(self._background):
            task.cancel()
        await self.writers.stop()
        for adapter in self.adapters:
            await adapter.close()
        await self.database.close()
        if self._lock:
            self._lock.close()


def _only_one(database: Database) -> IO[str] | None:
    """Make sure that no other process serves this SQLite file: what is in flight in it is ours alone."""
    if not database.is_sqlite:
        return None
    path = Path(f"{database.path}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = path.open("w")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        handle.close()
        raise Misconfigured("DATABASE_URL", f"another process already serves {database.path}") from error
    handle.write(str(os.getpid()))
    handle.flush()
    return handle


def _both(first: OnTurn, second: OnTurn) -> OnTurn:
    """Tell two of a turn."""

    def note(line: dict[str, Any]) -> None:
        first(line)
        second(line)

    return note


def _log_turn(seal: Seal) -> OnTurn:
    turns = logging.getLogger("parley.turn")

    def note(line: dict[str, Any]) -> None:
        if turns.isEnabledFor(logging.INFO):
            person = seal.digest("log", str(line["person"])).hex()[:12] if line["person"] else None
            turns.info("turn", extra={**line, "person": person, "ms": round(line["ms"], 2)})

    return note
