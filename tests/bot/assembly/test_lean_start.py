"""A server at rest holds what listens and delivers; the rest is loaded when it is first wanted."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

from tests.docs.pages import ROOT

SERVED = """
import asyncio, json, sys
from integrations.authorities import import_aiohttp
from bot.core.settings import read_settings

import_aiohttp()

async def main():
    from bot.assembly.app import App
    app = App.build(read_settings(port=0))
    await app.start()
    at_rest = sorted(sys.modules)
    app.registry.complete()
    print(json.dumps([at_rest, sorted(set(sys.modules) - set(at_rest))]))
    await app.stop()

asyncio.run(main())
"""
ON = ("APPEALS", "RECEIPTS", "COACHING", "BILLING", "SUPPORT", "QUOTES", "CAMPAIGNS")
SETTINGS = {
    "PARLEY_MODE": "live",
    "SECRET_KEYS": base64.urlsafe_b64encode(b"k" * 32).decode(),
    "PUBLIC_URL": "https://parley.example",
    "LOG_LEVEL": "ERROR",
    "TELEGRAM_BOT_TOKEN": "1:token",
    "TELEGRAM_WEBHOOK_SECRET": "secret",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "token",
    "TWILIO_FROM": "+14155550100",
    "STRIPE_SECRET_KEY": "sk_live_none",
    "STRIPE_WEBHOOK_SECRET": "whsec_none",
    "LOB_API_KEY": "live_none",
    "LOB_WEBHOOK_SECRET": "secret",
    "ANTHROPIC_API_KEY": "none",
    **{f"{vendor}_API_BASE": "http://127.0.0.1:9" for vendor in ("TELEGRAM", "TWILIO", "STRIPE", "LOB")},
    **{f"{service}_ENABLED": "true" for service in ON},
}
SERVICES = {f"handlers.{service.lower()}" for service in ON} | {"handlers.people", "handlers.reports"}
NOT_AT_REST = SERVICES | {
    "PIL", "alembic", "anthropic", "bot.web.scrape", "cv2", "httpx", "jobs.retention", "numpy", "onnxruntime",
    "prometheus_client", "sqlalchemy.orm", "stripe", "telegram", "twilio", "typst",
}  # fmt: skip


def test_perf_a_server_at_rest_has_loaded_neither_services_nor_libraries_of_vendors(tmp_path: Path) -> None:
    env = {**SETTINGS, "DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    served = subprocess.run([sys.executable, "-c", SERVED], cwd=tmp_path, env=env, check=True, capture_output=True)
    at_rest, brought = map(set, json.loads(served.stdout.splitlines()[-1]))
    assert NOT_AT_REST & at_rest == set()
    assert brought >= SERVICES
