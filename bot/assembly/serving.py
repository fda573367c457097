"""`serve`: one process, from its settings to its last row.

The event loop is uvloop where it is available; the collector's thresholds are raised because the start and every turn
make many small objects that live long. The app is imported when they are, and aiohttp is told to read no authorities.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal

from bot.assembly.logs import set_up_logs
from bot.core.settings import Settings, read_settings
from integrations.authorities import import_aiohttp


def run_server(**overrides: object) -> None:
    """Serve until SIGTERM or SIGINT."""
    _collect_rarely()
    settings = read_settings(**overrides)
    set_up_logs(settings.log_level)
    import_aiohttp()
    run(serve_live(settings) if not settings.is_demo else _demo(settings))


async def _demo(settings: Settings) -> None:
    from bot.assembly.demo import serve_demo

    await serve_demo(settings)


def run(main: object) -> None:
    """Run a coroutine to its end on uvloop."""
    import uvloop

    gc.freeze()
    _collect_rarely()
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)  # type: ignore[arg-type]


def _collect_rarely() -> None:
    gc.set_threshold(50_000, 20, 20)


async def serve_live(settings: Settings) -> None:
    """Serve with the real vendors."""
    from bot.assembly.app import App

    app = App.build(settings)
    await app.start()
    gc.collect()  # what the start left behind is used again by the day's first jobs
    gc.freeze()
    if settings.telegram_enabled:
        from bot.assembly.connect import show_face

        app.beside(show_face(app.settings, app.registry.catalogue, app.database, app.writers))
    await until_stopped()
    await app.stop()


async def until_stopped() -> None:
    """Wait for SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    await stop.wait()
