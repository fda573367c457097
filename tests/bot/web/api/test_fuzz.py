"""Any body and any query at every route: an answer of the known shape, never a 5xx (API-3)."""

from __future__ import annotations

import json
import random
from typing import Any
from urllib.parse import quote

from bot.engine.api import Route
from tests.bot.web.api.kit import Town

TRIES = 200
ODD: list[Any] = [
    None, True, 0, -1, 1.5, 10**13, 2**63, 10**400, "", "0", "-1", "5", "x" * 300, "\u0000", "\ud800", "é",
    "2026-03-18", "9999-12-31", "0001-01-01", "USD", "usd", "expense", "#a b", [], ["a"], [[]], {}, [{}],
    "2026-03-18T00:00:00Z", "NaN", "' OR 1=1 --", "%00", "../..", "=cmd()", "\u202e", "99999999999999999999", "month",
]  # fmt: skip
RAW = [
    b"",
    b"{",
    b"null",
    b"[]",
    b'"a"',
    b"5",
    b"{}{}",
    b"\xff\xfe",
    b'{"a":' * 20,
    b"NaN",
    b'{"date":"\\ud800"}',
    b"\x00",
]


def _body(route: Route, dice: random.Random) -> bytes | None:
    if route.body is None or dice.random() < 0.1:
        return dice.choice(RAW) if dice.random() < 0.5 else None
    names = [*route.body.model_fields, "more"]
    chosen = {name: dice.choice(ODD) for name in dice.sample(names, dice.randint(0, len(names)))}
    if dice.random() < 0.5:
        chosen |= {"date": "2026-03-18", "amount_minor": 5, "currency": "USD", "name": "N", "kind": "expense"}
        chosen = {name: value for name, value in chosen.items() if name in route.body.model_fields}
    return json.dumps(chosen).encode()


def _query(route: Route, dice: random.Random) -> str:
    names = [*(field.alias or name for name, field in route.query.model_fields.items()), "more"]
    chosen = dice.sample(names, dice.randint(0, min(3, len(names))))
    texts = [one for one in map(str, ODD) if one.isprintable() or one == "\u0000"]
    return "&".join(f"{name}={quote(dice.choice(texts), safe='')}" for name in chosen)


async def test_api_3_no_body_and_no_query_breaks_a_route(both: Town) -> None:
    dice, statuses = random.Random(20260318), set()
    both.api._rates._most = 1_000_000
    own = await _own_ids(both)
    for _ in range(TRIES):
        route = dice.choice(both.api._all)
        noun = route.path.split("/")[1]
        named = dice.choice([*own.get(noun, []), "5", "R7K2", "%00abc", "%00", "é", "-1"])
        headers = {"If_Match": dice.choice(["*", '"0"', "x"])}
        if dice.random() < 0.2:
            headers["Idempotency_Key"] = dice.choice(["k", "k2", "a b", "x" * 300])
        path = f"{route.path.replace('{id}', named).replace('{number}', named)}?{_query(route, dice)}"
        got = await both.ask(route.method, path, _body(route, dice), **headers)
        statuses.add(got.status)
        assert got.status < 500, (route, path, got.data)
        if got.status >= 400:
            assert set(got.json["error"]) - {"field"} == {"code", "message", "request_id"}
    assert {200, 204, 400, 404} <= statuses


async def _own_ids(town: Town) -> dict[str, list[str]]:
    """Give Ann something of most kinds."""
    money = {"date": "2026-03-18", "amount_minor": 5, "currency": "USD"}
    made = {
        "transactions": money, "categories": {"name": "Mine"}, "accounts": {"kind": "cash"},
        "rules": {"kind": "text", "pattern": "luna"},
        "budgets": {"period": "week", "currency": "USD", "amount_minor": 5},
    }  # fmt: skip
    return {noun: [(await town.ask("POST", f"/{noun}", body)).json["id"]] for noun, body in made.items()}
