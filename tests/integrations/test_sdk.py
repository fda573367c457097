"""An SDK brings no HTTP client that we do not use, and hides none from others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from integrations.sdk import load

ROOT = Path(__file__).resolve().parents[2]
OPENED = """
import asyncio, sys
from integrations.stripe import StripeAdapter

async def main():
    adapter = StripeAdapter("sk_test_x")
    await adapter._client()
    print(sorted({"requests", "httpx", "anyio"} & set(sys.modules)))
    await adapter.close()
    import requests
    print(requests.__name__)

asyncio.run(main())
"""


def test_stripe_is_opened_without_the_clients_that_it_is_not_used_with() -> None:
    done = subprocess.run([sys.executable, "-c", OPENED], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", "requests"]


async def test_what_was_hidden_is_there_again_although_the_import_failed() -> None:
    with pytest.raises(ImportError):
        await load("no_such_sdk", without=("colorsys_of_nobody", "colorsys"))
    import colorsys

    assert colorsys.rgb_to_hsv(0, 0, 0) == (0.0, 0.0, 0)
    assert "colorsys_of_nobody" not in sys.modules
