"""Demo mode: the whole of Parley in one process, with a built-in fake for every vendor that has no `*_BASE`.

The adapters are the real ones, pointed at the fakes; the fakes post to the real routes. Everything is kept in the data
folder: keys, the vendors' books, the clock's offset, the database. A live key stops the start (rule OPS-5).
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import importlib
import logging
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bot.assembly.app import App
from bot.assembly.connect import connect_telegram, face_of
from bot.assembly.demo_clock import DemoClock, DemoTime, MovableClock
from bot.assembly.demo_programs import PROGRAMS, make_programs, tell_in_chat
from bot.assembly.demo_state import DemoState
from bot.assembly.demo_vendors import BASES, addresses, complete, connect, listen, local_url, make_fakes, ticking
from bot.assembly.serving import until_stopped
from bot.core.errors import Misconfigured, ParleyError
from bot.core.settings import Settings
from bot.engine.registry import Registry
from bot.web.simulator import Simulator
from integrations.fakes.kit import FakeServer
from storage import operators
from storage.work import Work

log = logging.getLogger("parley.demo")
OPERATOR = "demo"


@dataclass(slots=True)
class Demo:
    """A running demo."""

    settings: Settings
    state: DemoState
    clock: MovableClock
    time: DemoTime
    fakes: dict[str, FakeServer]
    app: App
    face: asyncio.Task[None]
    """Ends when Telegram shows our commands."""

    @property
    def url(self) -> str:
        """Where the simulator is."""
        return local_url(self.settings)

    @classmethod
    @asynccontextmanager
    async def open(
        cls, settings: Settings, *, registry: Registry | None = None, clock: MovableClock | None = None
    ) -> AsyncIterator[Demo]:
        """Start the fakes and the app, and stop them in the end; raise Misconfigured when something is in the way.

        Without a `clock` of the caller's, the demo's own runs on and is kept in the data folder.
        """
        state = DemoState(settings.data_dir)
        try:
            async with _running(state, settings, registry, clock or DemoClock(state.folder / "clock.json")) as demo:
                yield demo
        finally:
            state.close()

    def banner(self) -> str:
        """Return what is printed at the start."""
        outside = [vendor for vendor in BASES if vendor not in self.fakes]
        honest = (
            f"Not built in, but at an address of yours: {', '.join(outside)}. The rest are local fakes."
            if outside
            else "Every vendor is a local fake: no message, payment or letter leaves this computer."
        )
        return BANNER.format(
            honest=honest,
            url=self.url,
            code=operator_code(self.state, self.clock),
            operator=self.state.operator_file,
            data=self.settings.data_dir,
            now=self.clock.now().strftime("%Y-%m-%d %H:%M UTC"),
            ahead=_ahead(getattr(self.clock, "offset", timedelta())),
            python=_python(),
        )


BANNER = """
  PARLEY DEMO. {honest}

  Simulator    {url}/
  Operator     in a Telegram phone there: /login {code}    (secret: {operator})
  Data         {data}/    (delete the folder to begin again)
  Clock        {now}{ahead}
  Try next     {python} main.py chat --as sms

  Ctrl+C stops it; the next start finds everything again.
"""


def _python() -> str:
    """Return this interpreter as a newcomer types it: the checkout's own has what other ones lack."""
    here, own = Path.cwd(), Path(sys.executable)
    return str(own.relative_to(here)) if own.is_relative_to(here) else str(own)


async def serve_demo(settings: Settings) -> None:
    """Serve the demo until it is stopped. Unless asked for, no log of turns or of a busy laptop buries the banner."""
    if "log_level" not in settings.model_fields_set:
        logging.getLogger("parley").setLevel(logging.WARNING)
        for name in ("parley.turn", "parley.statements"):
            logging.getLogger(name).setLevel(logging.ERROR)
    async with Demo.open(settings) as demo:
        print(demo.banner(), flush=True)
        await until_stopped()


@asynccontextmanager
async def _running(
    state: DemoState, settings: Settings, registry: Registry | None, clock: MovableClock
) -> AsyncIterator[Demo]:
    given, settings = settings, complete(settings, state)
    fakes = make_fakes(settings, state, clock)
    async with contextlib.AsyncExitStack() as stack:
        for vendor, fake in fakes.items():
            await listen(fake, state.port(vendor))
            stack.push_async_callback(fake.stop)
        programs = make_programs(settings, clock, state.folder / "books")
        for name, program in programs.items():
            program.listen(state.port(name))
            stack.push_async_callback(program.stop)
        ports = {vendor: fake.port for vendor, fake in fakes.items()}
        state.keep_ports(ports | {name: program.port for name, program in programs.items()})
        bases = addresses(fakes, settings) | {PROGRAMS[name]: program.url for name, program in programs.items()}
        settings = settings.model_copy(update=bases)
        app = App.build(settings, clock=clock, registry=registry)
        app.registry.postpone(partial(tell_in_chat, app.registry, programs))
        app.polls = "telegram" not in fakes and not given.public_url
        time = DemoTime(clock, app.ticker, fakes, lambda: app.delivery.performed)
        Simulator(
            app.site,
            fakes=fakes,
            clock=clock,
            advance=time.advance,
            public_url=settings.public_url,
            code=lambda: operator_code(state, clock),
            mail_secret=settings.inbound_mail_secret,
        )
        await _start(app, settings)
        state.release_port()
        stack.push_async_callback(app.stop)
        await connect(fakes, settings)
        await app.writers.run(lambda work: enroll_operator(work, state.write_operator()))
        await stack.enter_async_context(ticking(fakes))
        hooked = "telegram" in fakes or bool(given.public_url)
        face = await stack.enter_async_context(_beside(_show_face(app, hooked=hooked)))
        yield Demo(settings, state, clock, time, fakes, app, face)


async def _start(app: App, settings: Settings) -> None:
    try:
        await app.start()
    except OSError as error:
        await app.stop()
        raise Misconfigured("PORT", f"cannot listen on {settings.host}:{settings.port} ({error.strerror})") from error


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[asyncio.Task[None]]:
    """Do something while the demo already serves."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _show_face(app: App, *, hooked: bool) -> None:
    """Set the bot's commands by scope and its way in, as a live start does; the library takes a moment to load.

    A server of somebody else's that refuses our plain address is asked for updates instead.
    """
    settings, catalogue = app.settings, app.registry.catalogue
    if not (settings.telegram_enabled and catalogue.has("face.description.telegram")):
        return
    hook = f"{settings.public_url.rstrip('/')}/webhooks/telegram" if hooked else None
    face = dataclasses.replace(face_of(settings, catalogue), webhook_url=hook)
    await asyncio.to_thread(importlib.import_module, "telegram")
    try:
        await connect_telegram(settings, catalogue, app.database, app.writers, face=face)
    except ParleyError as error:
        log.warning("Telegram was not set up: %s", error)
        if hooked:
            app.poll_telegram()


def operator_code(state: DemoState, clock: MovableClock) -> str:
    """Return the code that logs the demo operator in at this moment of the demo's clock."""
    import pyotp

    return pyotp.TOTP(state["operator_secret"]).at(clock.now())


def enroll_operator(work: Work, secret: str) -> None:
    """Make the demo's operator, whom any phone becomes that knows the code, unless there is one."""
    if operators.by_name(work, OPERATOR) is None:
        operators.enroll(work, name=OPERATOR, role="owner", state="open", secret=secret)


def _ahead(offset: timedelta) -> str:
    hours = round(offset.total_seconds() / 3600)
    if not hours:
        return ""
    days = f"{hours // 24} days {hours % 24} hours" if hours >= 24 else f"{hours} hours"
    return f" ({days} ahead of your wall clock)"
