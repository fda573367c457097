"""`serve`: one process, from its settings to its last row.

The event loop is uvloop where it is available; the collector's thresholds are raised because a turn makes many small
objects that live as long as their batch.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal

from bot.assembly.app import App
from bot.assembly.logs import set_up_logs
from bot.core.settings import Settings, read_settings


def run_server(**overrides: object) -> None:
    """Serve until SIGTERM or SIGINT."""
    settings = read_settings(**overrides)
    set_up_logs(settings.log_level)
    run(serve_live(settings) if not settings.is_demo else _demo(settings))


async def _demo(settings: Settings) -> None:
    from bot.assembly.demo import serve_demo

    await serve_demo(settings)


def run(main: object) -> None:
    """Run a coroutine to its end on uvloop."""
    import uvloop

    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)  # type: ignore[arg-type]


async def serve_live(settings: Settings) -> None:
    """Serve with the real vendors."""
    from bot.assembly.connect import show_face

    app = App.build(settings)
    await app.start()
    gc.collect()  # what the start left behind is used again by the day's first jobs
    gc.freeze()
    if settings.telegram_enabled:
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
