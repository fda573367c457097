"""Two persons (RA-17): every route answers another person's id exactly as one that nobody has, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from bot.engine.api import Route
from handlers.receipts.fields import Fields, Value
from storage import blobs
from storage.receipts import (
    accounts,
    budgets,
    categories,
    documents,
    exports,
    history,
    privacy,
    receipts,
    rules,
    transactions,
)
from storage.receipts.budgets import Budget
from storage.receipts.exports import File, Wanted
from storage.receipts.transactions import Entry
from storage.work import Work
from tests.bot.web.api.kit import ANN, BOB, Got, Town
from tests.storage.receipts.kit import rows

UNKNOWN = "987654321"
DAY = date(2026, 3, 2)


def _anns(work: Work) -> dict[str, str]:
    """Give Ann something of every kind, and return its ids."""
    food = next(one.id for one in categories.of_person(work, ANN) if one.key == "food")
    fields = Fields(Value("USD"), total=Value(500), merchant=Value("Luna"), date=Value(DAY))
    waiting, booked = (receipts.add(work, ANN, fields.as_draft()) for _ in range(2))
    moved = history.confirm(work, ANN, booked.id, Entry(DAY, 500, "USD", category_id=food))
    blobs.keep(work, blob_id=77, data=b"picture", media_type="image/png", person_id=ANN)
    page = documents.add(work, ANN, sha256="aa", size=7, media_type="image/png", blob_id=77)
    assert page is not None
    documents.attach(work, ANN, page, receipt_id=waiting.id)
    account = accounts.find_or_add(work, ANN, kind="card", last4="4421")
    alone = transactions.add(work, ANN, Entry(DAY, 7, "USD", account_id=account))
    rules.teach(work, ANN, rules.Rule("merchant", "luna", food))
    export = exports.begin(work, ANN, Wanted("csv")) or 0
    exports.made(work, ANN, export, [File(77, "a.csv", "text/csv", 7)], mark_blob=None)
    budgets.put(work, ANN, Budget(food, "month", "USD", 100, DAY))
    return {
        "waiting": str(waiting.id), "code": waiting.code, "booked": str(booked.id), "moved": str(moved),
        "export": str(export),
        "alone": str(alone), "category": str(food), "account": str(account),
        "rule": str(rules.of_person(work, ANN)[0].id), "budget": str(budgets.of_person(work, ANN)[0].id),
    }  # fmt: skip


NOUNS = {
    "receipts": ("waiting", "code", "booked"), "transactions": ("moved", "alone"), "categories": ("category",),
    "exports": ("export",), "rules": ("rule",), "budgets": ("budget",), "accounts": ("account",),
}  # fmt: skip
BODIES: dict[str, list[dict[str, Any]]] = {
    "/receipts/{id}": [{"note": "x"}, {}],
    "/transactions/{id}": [{"note": "x"}, {"category_id": None}],
    "/categories/{id}": [{"name": "Stolen"}, {"hidden": True}, {"parent_id": None}],
    "/accounts/{id}": [{"name": "Stolen"}],
    "/budgets/{id}": [{"amount_minor": 1}, {}],
}
_MONEY = {"date": "2026-03-01", "amount_minor": 5, "currency": "USD"}
REFERENCES: list[tuple[str, str, Any]] = [
    ("POST", "/transactions", {**_MONEY, "category_id": "{category}"}),
    ("POST", "/transactions", {**_MONEY, "account_id": "{account}"}),
    ("POST", "/transactions", {**_MONEY, "parts": [{"amount_minor": 5, "category_id": "{category}"}]}),
    ("POST", "/categories", {"name": "Under", "parent_id": "{category}"}),
    ("POST", "/rules", {"kind": "merchant", "pattern": "luna", "category_id": "{category}"}),
    ("POST", "/budgets", {"period": "week", "currency": "USD", "amount_minor": 5, "category_id": "{category}"}),
    ("GET", "/transactions?category={category}&sums=true", None),
    ("GET", "/transactions?account={account}&sums=true", None),
    ("GET", "/trends?category={category}", None),
    ("DELETE", "/categories/{own}?into={category}", None),
    ("PATCH", "/categories/{own}", {"parent_id": "{category}"}),
    ("PATCH", "/transactions/{mine}", {"category_id": "{category}"}),
    ("PATCH", "/transactions/{mine}", {"account_id": "{account}"}),
    ("PATCH", "/receipts/{draft}", {"category_id": "{category}"}),
]


def _filled(value: Any, ids: dict[str, str]) -> Any:
    match value:
        case str():
            for name, one in ids.items():
                value = value.replace(f"{{{name}}}", one)
            return value
        case dict():
            return {name: _filled(one, ids) for name, one in value.items()}
        case list():
            return [_filled(one, ids) for one in value]
        case _:
            return value


def _asked(routes: list[Route]) -> Iterator[tuple[Route, Any]]:
    for route in routes:
        if "{id}" in route.path:
            bodies = BODIES[route.path] if route.body is not None else [None]
            yield from ((route, body) for body in bodies)


def _same(first: Got, second: Got) -> bool:
    """Compare two answers in all but the id of the request and the second."""
    left, right = ({**one.headers, "Date": "", "X-Request-ID": ""} for one in (first, second))
    bodies = [one.data.replace(one.headers["X-Request-ID"].encode(), b"") for one in (first, second)]
    return (first.status, left, bodies[0]) == (second.status, right, bodies[1])


async def _everything(town: Town) -> str:
    return str(await town.write(lambda work: repr([rows(work, table) for table in privacy.TABLES])))


@pytest.fixture
async def theirs(town: Town, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setattr(town.api._rates, "_most", 1_000_000)
    found: dict[str, str] = await town.write(_anns)
    await town.ask("GET", "/rules", who=BOB)  # notes the last use, once for all that follows
    await town.rest()
    return found


async def test_ra_17_every_route_answers_anothers_id_like_an_unknown_one(town: Town, theirs: dict[str, str]) -> None:
    before, tried = await _everything(town), 0
    for route, body in _asked(town.api._all):
        for name in NOUNS[route.path.split("/")[1]]:
            answers = [
                await town.ask(
                    route.method, route.path.replace("{id}", one).replace("{number}", "1"), body, who=BOB, If_Match="*"
                )
                for one in (theirs[name], "Z2Z2" if name == "code" else UNKNOWN)
            ]
            assert _same(*answers), (route.method, route.path, name)
            assert answers[0].status == 404, (route.method, route.path, name)
            tried += 1
    assert tried >= 30
    assert await _everything(town) == before


async def test_ra_17_what_names_anothers_id_answers_as_for_an_unknown_one(town: Town, theirs: dict[str, str]) -> None:
    def bobs(work: Work) -> dict[str, str]:
        own = categories.add(work, BOB, parent_id=0, name="Own", kind="expense")
        mine = transactions.add(work, BOB, Entry(DAY, 9, "USD", category_id=own))
        draft = receipts.add(work, BOB, Fields(Value("USD"), total=Value(5)).as_draft())
        return {"own": str(own), "mine": str(mine), "draft": str(draft.id)}

    own = await town.write(bobs)
    before = await _everything(town)
    for method, path, body in REFERENCES:
        answers = [
            await town.ask(method, _filled(path, ids | own), _filled(body, ids | own), who=BOB, If_Match="*")
            for ids in (theirs, dict.fromkeys(theirs, UNKNOWN))
        ]
        assert _same(*answers), (method, path, answers[0].json)
        assert answers[0].status == (200 if method == "GET" else 400), (method, path, answers[0].json)
    assert await _everything(town) == before


async def test_ra_17_lists_show_nothing_of_another(town: Town, theirs: dict[str, str]) -> None:
    for path in ("/receipts", "/transactions", "/rules", "/accounts", "/budgets"):
        assert (await town.ask("GET", path, who=BOB)).json["data"] == []
        assert (await town.ask("GET", path)).json["data"] != []
    assert (await town.ask("GET", "/summaries?range=all", who=BOB)).json["currencies"] == []
    cursor = (await town.ask("GET", "/transactions?limit=1")).json["next"]
    assert (await town.ask("GET", f"/transactions?cursor={cursor}", who=BOB)).json["data"] == []
