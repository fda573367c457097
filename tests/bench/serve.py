"""Serves the benchmark's conversation with the settings of the environment: `python -m tests.bench.serve`."""

from __future__ import annotations

import base64
import sys
from pathlib import Path

import bot.engine
from bot.assembly.app import App
from bot.assembly.serving import run, until_stopped
from bot.core.settings import read_settings
from bot.engine.registry import Registry
from tests.bench.conversation import register


async def main() -> None:
    """Serve until stopped; `--api` sends every reply by the Bot API."""
    key = base64.urlsafe_b64encode(b"b" * 32).decode()
    settings = read_settings(secret_keys=key, log_level="ERROR", telegram_webhook_replies="--api" not in sys.argv)
    registry = Registry()
    registry.add_texts(Path(bot.engine.__file__).parent / "texts")
    register(registry)
    app = App.build(settings, registry=registry)
    app.polls = False
    await app.start()
    await until_stopped()
    await app.stop()


if __name__ == "__main__":
    run(main())
