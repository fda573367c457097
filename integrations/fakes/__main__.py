"""Start fake vendors as one process: `python -m integrations.fakes --stripe 4001 --lob 4002 --data var/fakes`.

Each fake keeps its book in the data folder (`stripe.jsonl` ...) and goes on with it after a restart. Port 0 takes a
free one. A line of JSON with the URLs is printed when all of them listen. All share one clock, which any fake's
`POST /_clock` moves forward; `--clock-offset` starts it ahead.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import signal
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.core.clock import SystemClock
from integrations.fakes.kit import FakeServer

FAKES = {
    "stripe": "StripeFake",
    "razorpay": "RazorpayFake",
    "lob": "LobFake",
    "telegram": "TelegramFake",
    "twilio": "TwilioFake",
    "claude": "ClaudeFake",
    "speech": "SpeechFake",
    "gmail": "GmailFake",
    "plaid": "PlaidFake",
    "google_vision": "GoogleVisionFake",
    "firefly": "FireflyFake",
    "actual": "ActualFake",
}
"""Vendor to class name in `integrations.fakes.<vendor>`, called as `Class(clock, book_path, port, **settings)`."""

_WEBHOOK = {"stripe": "webhook_url", "razorpay": "webhook_url", "lob": "webhook_url", "twilio": "sms_url"}
_SECRET = {
    "stripe": "webhook_secret",
    "razorpay": "webhook_secret",
    "lob": "webhook_secret",
    "twilio": "auth_token",
    "telegram": "token",
}
"""How each fake calls the address of its events and the secret that signs them."""


def make_fake(vendor: str, clock: SystemClock, book_path: Path | None, port: int, **settings: Any) -> FakeServer:
    """Import one vendor's fake and make it; raise LookupError when there is no such fake."""
    module = importlib.import_module(f"integrations.fakes.{vendor}")
    made = getattr(module, FAKES[vendor])(clock, book_path, port, **settings)
    assert isinstance(made, FakeServer)  # noqa: S101 - the contract of the table above
    return made


def read_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m integrations.fakes", description="Fake vendors with books on disk."
    )
    for vendor in FAKES:
        parser.add_argument(f"--{vendor}", type=int, metavar="PORT", help=f"start the fake {vendor} on this port")
    for vendor in _WEBHOOK:
        parser.add_argument(f"--{vendor}-webhook", metavar="URL", help="where its events go")
    for vendor in _SECRET:
        parser.add_argument(f"--{vendor}-secret", metavar="SECRET", help="the secret (or token) it shares with us")
    parser.add_argument("--data", type=Path, help="folder of the books; without it they are kept in memory")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--clock-offset", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--tick", type=float, default=0.05, metavar="SECONDS", help="real time between two ticks")
    return parser.parse_args(arguments)


def _settings(options: argparse.Namespace, vendor: str) -> dict[str, Any]:
    given = {
        _WEBHOOK.get(vendor, ""): getattr(options, f"{vendor}_webhook", None),
        _SECRET.get(vendor, ""): getattr(options, f"{vendor}_secret", None),
    }
    return {"host": options.host, **{name: value for name, value in given.items() if value is not None}}


async def run(options: argparse.Namespace) -> None:
    """Start the chosen fakes and keep them until SIGTERM or SIGINT."""
    clock = SystemClock(timedelta(seconds=options.clock_offset))
    chosen = [vendor for vendor in FAKES if getattr(options, vendor) is not None]
    fakes: dict[str, FakeServer] = {}
    for vendor in chosen:
        path = options.data / f"{vendor}.jsonl" if options.data else None
        fakes[vendor] = make_fake(vendor, clock, path, getattr(options, vendor), **_settings(options, vendor))
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    try:
        for fake in fakes.values():
            await fake.start()
            fake.run_in_background(options.tick)
        print(json.dumps({vendor: fake.url for vendor, fake in fakes.items()}), flush=True)
        await stop.wait()
    finally:
        for fake in fakes.values():
            await fake.stop()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    options = read_arguments(sys.argv[1:] if arguments is None else arguments)
    if all(getattr(options, vendor) is None for vendor in FAKES):
        raise SystemExit("name at least one fake, for example --stripe 0")
    asyncio.run(run(options))


if __name__ == "__main__":
    main()
