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
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import aiohttp

from bot.assembly.app import App
from bot.assembly.connect import connect_telegram, face_of
from bot.assembly.demo_clock import DemoClock, DemoTime, MovableClock
from bot.assembly.demo_programs import PROGRAMS, make_programs, tell_in_chat
from bot.assembly.demo_state import DemoState, is_free
from bot.assembly.serving import until_stopped
from bot.core.clock import SystemClock
from bot.core.errors import Misconfigured, ParleyError
from bot.core.settings import Settings
from bot.engine.registry import Registry
from bot.web.simulator import SAMPLE_WORDS, Simulator, voice_clip
from integrations.fakes.__main__ import make_fake
from integrations.fakes.kit import FakeServer
from storage import operators
from storage.work import Work

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
OPERATOR = "demo"
TICK_SECONDS = 0.05
SEGMENTS_A_SECOND = 10.0
"""Faster than a carrier's one a second: nobody watches a demo for that."""


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
            await _listen(fake, state.port(vendor))
            stack.push_async_callback(fake.stop)
        programs = make_programs(settings, clock, state.folder / "books")
        for name, program in programs.items():
            program.listen(state.port(name))
            stack.push_async_callback(program.stop)
        ports = {vendor: fake.port for vendor, fake in fakes.items()}
        state.keep_ports(ports | {name: program.port for name, program in programs.items()})
        bases = {BASES[vendor]: fake.url + _PATHS.get(vendor, "") for vendor, fake in fakes.items()}
        if "gmail" in fakes and not settings.google_oauth_base:
            bases["google_oauth_base"] = fakes["gmail"].url
        bases |= {PROGRAMS[name]: program.url for name, program in programs.items()}
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
        await stack.enter_async_context(_ticking(fakes))
        hooked = "telegram" in fakes or bool(given.public_url)
        face = await stack.enter_async_context(_beside(_show_face(app, hooked=hooked)))
        yield Demo(settings, state, clock, time, fakes, app, face)


async def _listen(fake: FakeServer, port: int) -> None:
    """Start a fake at the port it had, or at another one when that was taken meanwhile."""
    fake.port = port
    try:
        await fake.start()
    except OSError:
        await fake.stop()
        fake.port = 0
        await fake.start()


async def _start(app: App, settings: Settings) -> None:
    try:
        await app.start()
    except OSError as error:
        await app.stop()
        raise Misconfigured("PORT", f"cannot listen on {settings.host}:{settings.port} ({error.strerror})") from error


async def _tick(fake: FakeServer) -> None:
    """Let a fake's time pass. A fake never waits for another one."""
    while True:
        try:
            await fake.tick()
        except Exception:
            log.exception("a fake's tick failed", extra={"vendor": fake.name})
        await asyncio.sleep(TICK_SECONDS)


@asynccontextmanager
async def _ticking(fakes: dict[str, FakeServer]) -> AsyncIterator[None]:
    """Let all fakes' time pass until the app stops: what they still have to tell waits in their books."""
    tasks = [asyncio.create_task(_tick(fake)) for fake in fakes.values()]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


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


def operator_code(state: DemoState, clock: MovableClock) -> str:
    """Return the code that logs the demo operator in at this moment of the demo's clock."""
    import pyotp

    return pyotp.TOTP(state["operator_secret"]).at(clock.now())


def enroll_operator(work: Work, secret: str) -> None:
    """Make the demo's operator, whom any phone becomes that knows the code, unless there is one."""
    if operators.by_name(work, OPERATOR) is None:
        operators.enroll(work, name=OPERATOR, role="owner", state="open", secret=secret)


async def _set_telegram_webhook(fake: Any, url: str, secret: str) -> None:
    wanted = {"url": url, "secret_token": secret}
    address = f"{fake.url}/bot{fake.token}/setWebhook"
    async with aiohttp.ClientSession() as session, session.post(address, json=wanted) as answer:
        told = cast(dict[str, Any], await answer.json())
    if not told.get("ok"):
        raise Misconfigured("PUBLIC_URL", f"the Telegram fake refuses it: {told.get('description')}")


def _ahead(offset: timedelta) -> str:
    hours = round(offset.total_seconds() / 3600)
    if not hours:
        return ""
    days = f"{hours // 24} days {hours % 24} hours" if hours >= 24 else f"{hours} hours"
    return f" ({days} ahead of your wall clock)"
