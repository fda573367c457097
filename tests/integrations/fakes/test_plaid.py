"""The Plaid fake refuses what Plaid would (CON-6); what it does well is seen through the adapter, a folder up."""

from __future__ import annotations

from typing import Any

import aiohttp

from bot.core.clock import FixedClock
from integrations.fakes.plaid import PlaidFake


async def test_con_6_the_fake_refuses_what_plaid_would(clock: FixedClock) -> None:
    fake = PlaidFake(clock, client_id="client", secret="secret")
    keys = {"client_id": "client", "secret": "secret"}
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("/transactions/sync", {"access_token": "x"}, "INVALID_API_KEYS"),
        ("/transactions/sync", keys, "MISSING_FIELDS"),
        ("/transactions/sync", {**keys, "access_token": "x", "page": 1}, "UNKNOWN_FIELDS"),
        ("/transactions/sync", {**keys, "access_token": "x", "count": 501}, "INVALID_FIELD"),
        ("/transactions/sync", {**keys, "access_token": "x"}, "INVALID_ACCESS_TOKEN"),
        ("/item/public_token/exchange", {**keys, "public_token": "x"}, "INVALID_PUBLIC_TOKEN"),
    ]
    async with fake, aiohttp.ClientSession() as session:
        for path, body, code in wrong:
            async with session.post(fake.url + path, json=body) as answer:
                assert (answer.status, (await answer.json())["error_code"]) == (400, code)
