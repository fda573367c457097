"""From exec to listening, the answer of `--help`, and memory at rest, all of the real `main.py` with every service on.

The keys are shapes without an account behind them; nothing is called before a person writes.
"""

from __future__ import annotations

import asyncio
import base64
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

from tests.bench.bot_api import BotApi
from tests.bench.subjects import REPOSITORY, Server, Subject

MAIN = Subject("main.py serve", "main")
SETTLE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds to listening on an empty folder (the schema is made) and on an existing one; seconds of `--help`; MiB."""

    first_seconds: float
    seconds: float
    help_seconds: float
    idle_mib: float


def live_settings(api: BotApi) -> dict[str, str]:
    """Return settings of live mode that name no account."""
    return {
        "PARLEY_MODE": "live",
        "SECRET_KEYS": base64.urlsafe_b64encode(b"b" * 32).decode(),
        "PUBLIC_URL": "https://bench.example.org",
        "LOG_LEVEL": "ERROR",
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "bench",
        "TWILIO_FROM": "+14155550100",
        "TWILIO_API_BASE": api.base,
        "STRIPE_SECRET_KEY": "sk_live_bench",
        "STRIPE_WEBHOOK_SECRET": "whsec_bench",
        "STRIPE_API_BASE": api.base,
        "LOB_API_KEY": "live_bench",
        "LOB_WEBHOOK_SECRET": "bench",
        "LOB_API_BASE": api.base,
        "ANTHROPIC_API_KEY": "bench",
        "ANTHROPIC_BASE_URL": api.base,
    }


async def measure(api: BotApi, *, times: int = 5) -> Start:
    """Start it several times and take the medians."""
    server = Server(MAIN, api, program=("main.py", "serve"))
    settings = live_settings(api)
    try:
        first = await server.start(settings)
        server.stop()
        took = []
        for _ in range(times):
            took.append(await server.start(settings))
            server.stop()
        await server.start(settings)
        await asyncio.sleep(SETTLE_SECONDS)
        idle = server.rss_mib
    finally:
        await server.__aexit__()
    return Start(first, statistics.median(took), statistics.median(_help() for _ in range(times)), idle)


def _help() -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "main.py", "--help"], cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started
