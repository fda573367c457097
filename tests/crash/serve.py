"""A server to be killed: the real App with the scripted order, on the clock of the torture's town.

python -m tests.crash.serve     settings from the environment; prints "ready <port>" when its doors are open
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from bot.assembly.app import App
from bot.assembly.serving import run, until_stopped
from bot.core.settings import read_settings
from bot.engine.registry import Registry
from tests.crash.clock import JumpClock
from tests.crash.mutations import MUTATIONS
from tests.crash.orders import register


async def main() -> None:
    """Serve until killed."""
    mutation = os.environ.get("CRASH_MUTATION")
    if mutation:
        MUTATIONS[mutation].apply()
    logging.basicConfig(level=os.environ.get("CRASH_LOG", "CRITICAL"))
    settings = read_settings(_env_file=None, log_level="ERROR")
    registry = Registry()
    register(registry)
    app = App.build(settings, clock=JumpClock(Path(os.environ["CRASH_CLOCK"])), registry=registry)
    await app.start()
    print(f"ready {app.port}", flush=True)
    await until_stopped()
    await app.stop()


if __name__ == "__main__":
    run(main())
