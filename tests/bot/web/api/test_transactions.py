"""The ledger over the API: every filter of SEA-5, pages that neither repeat nor skip (API-5), changes by the rules."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from handlers.receipts.categories.tree import Tree
from storage.receipts import accounts, categories, history, receipts, rules, search, transactions
from storage.receipts.receipts import Draft
from storage.receipts.transactions import Entry
from storage.work import Work
from tests.bot.web.api.kit import ANN, BOB, Got, Town

DAY = date(2026, 3, 1)
JOES: dict[str, Any] = {"merchant": "Joe's", "merchant_key": "joes"}


def _named(work: Work) -> dict[str, int]:
    tree = Tree(categories.of_person(work, ANN))
    found = {key: tree.by_key(key) for key in ("food", "food.coffee", "fun")}
    return {key: one for key, one in found.items() if one is not None}


def _book(work: Work) -> dict[str, str]:
    """Make a small ledger and return names for ids, by name of the entry."""
    of, card = _named(work), accounts.find_or_add(work, ANN, kind="card", last4="4421")
    receipt = receipts.add(work, ANN, Draft(b'{"currency":{"value":"USD"}}', DAY, None, "USD", 1000)).id
    made = {
        "coffee": Entry(DAY, 450, "USD", category_id=of["food.coffee"], tags=("work",), account_id=card, **JOES),
        "lunch": Entry(DAY + timedelta(days=1), 2000, "USD", category_id=of["food"], description="a long lunch"),
        "film": Entry(DAY + timedelta(days=2), 1500, "EUR", category_id=of["fun"], state="pending"),
        "back": Entry(DAY + timedelta(days=3), -2000, "USD", kind="refund", merchant="Zara", merchant_key="zara"),
        "pay": Entry(DAY + timedelta(days=4), -210_000, "USD", kind="income"),
        "yen": Entry(DAY + timedelta(days=5), 2400, "JPY", exponent=0, note="Kura sushi"),
        "void": Entry(DAY + timedelta(days=6), 99, "USD", state="void"),
    }
    ids = {name: transactions.add(work, ANN, one) for name, one in made.items()}
    ids["bought"] = history.confirm(work, ANN, receipt, Entry(DAY + timedelta(days=7), 1000, "USD")) or 0
    transactions.add(work, BOB, Entry(DAY, 450, "USD", **JOES))
    return {str(one): name for name, one in ids.items()} | {"card": str(card)} | {k: str(v) for k, v in of.items()}


ALL = "bought yen pay back film lunch coffee"
FILTERS = {
    "": ALL,
    "account={card}": "coffee",
    "account=5": "",
    "category={food}": "lunch coffee",
    "category={food.coffee}": "coffee",
    "category={fun},{food.coffee}": "film coffee",
    "category=0": "bought yen pay back",
    "category=5": "",
    "merchant=JOE%27S": "coffee",
    "text=sushi": "yen",
    "text=LONG%20lunch": "lunch",
    "kind=refund": "back",
    "kind=refund&kind=income": "pay back",
    "tag=work": "coffee",
    "tag=%23work": "coffee",
    "from=2026-03-05": "bought yen pay",
    "to=2026-03-03": "lunch coffee",
    "from=2026-03-02&to=2026-03-04": "film lunch",
    "min=2000": "yen pay back lunch",
    "min=2000&max=2000": "back lunch",
    "max=999&currency=USD": "coffee",
    "min=2400&currency=JPY": "yen",
    "min=2401&currency=JPY": "",
    "currency=EUR": "film",
    "state=pending": "film",
    "state=void": "void",
    "has_receipt=true": "bought",
    "has_receipt=false&kind=expense": "yen film lunch coffee",
    "category={food}&text=lunch&min=1&max=9999&currency=USD&kind=expense&from=2026-03-01&to=2026-04-01": "lunch",
}


def _names(got: Got, of: dict[str, str]) -> str:
    assert got.status == 200, got.json
    return " ".join(of[one["id"]] for one in got.json["data"])


async def test_sea_5_every_filter_finds_what_it_names(both: Town) -> None:
    of = await both.write(_book)
    for filters, expected in FILTERS.items():
        query = filters
        for name in ("card", "food.coffee", "food", "fun"):
            query = query.replace(f"{{{name}}}", of[name])
        both.clock.advance(timedelta(seconds=1))
        got = await both.ask("GET", f"/transactions?{query}&limit=100")
        assert _names(got, of) == expected, filters


NO_FILTERS = [
    "kind=gift",
    "state=gone",
    "from=yesterday",
    "to=2026-02-30",
    "min=-1",
    "min=1.5",
    "currency=usd",
    "text=!!",
    "has_receipt=perhaps",
    "account=abc",
    "category=-1",
    "cursor=zzz",
    "cursor=",
    "cursor=é",
]


async def test_sea_5_what_is_no_filter_is_refused(town: Town) -> None:
    for query in NO_FILTERS:
        refused = await town.ask("GET", f"/transactions?{query}")
        assert (refused.status, refused.json["error"]["field"]) == (400, query.partition("=")[0]), query


async def test_sea_5_sums_of_all_that_match_come_when_asked_for(town: Town) -> None:
    await town.write(_book)
    got = await town.ask("GET", "/transactions?sums=true&limit=1")
    assert len(got.json["data"]) == 1
    assert got.json["sums"] == [
        {"currency": "EUR", "count": 1, "amount_minor": 1500},
        {"currency": "JPY", "count": 1, "amount_minor": 2400},
        {"currency": "USD", "count": 5, "amount_minor": 450 + 2000 - 2000 - 210_000 + 1000},
    ]
    assert (await town.ask("GET", "/transactions")).json["sums"] is None


async def _pages(town: Town, path: str, between: Any = None) -> list[list[str]]:
    pages: list[list[str]] = []
    cursor = ""
    while True:
        got = (await town.ask("GET", f"{path}{cursor}")).json
        pages.append([one["id"] for one in got["data"]])
        if got["next"] is None:
            return pages
        cursor = f"&cursor={got['next']}"
        if between is not None:
            await between()


@pytest.mark.parametrize("limit", [1, 3, 100])
async def test_api_5_pages_neither_repeat_nor_skip(town: Town, limit: int) -> None:
    count = 205 if limit == 100 else 7
    entries = [Entry(DAY, n + 1, "USD") for n in range(count)]
    ids = await town.write(lambda work: transactions.add_all(work, ANN, entries))

    async def more() -> None:
        await town.write(lambda work: transactions.add(work, ANN, Entry(DAY + timedelta(days=9), 1, "USD")))

    pages = await _pages(town, f"/transactions?limit={limit}", more)
    assert [one for page in pages for one in page] == [str(one) for one in sorted(ids, reverse=True)]
    assert {len(page) for page in pages[:-1]} == {limit}


async def test_api_5_a_full_last_page_has_no_next(town: Town) -> None:
    entries = [Entry(DAY, 1, "USD")] * search.LARGEST_PAGE
    await town.write(lambda work: transactions.add_all(work, ANN, entries))
    got = (await town.ask("GET", "/transactions?limit=100")).json
    assert (len(got["data"]), got["next"]) == (100, None)


async def test_api_5_amounts_are_integers_and_ids_text(town: Town) -> None:
    body = {"date": "2026-03-18", "amount_minor": 3250, "currency": "KWD", "merchant": "COSTA", "time": "09:05"}
    made = (await town.ask("POST", "/transactions", body)).json
    assert (made["amount_minor"], made["currency"], made["time"]) == (3250, "KWD", "09:05")
    assert isinstance(made["id"], str)
    [stored] = await town.write(lambda work: transactions.load_all(work, ANN, [int(made["id"])]))
    assert (stored.exponent, stored.minute, stored.merchant, stored.merchant_key) == (3, 545, "Costa", "costa")


async def test_cat_1_a_new_transaction_is_sorted_like_a_typed_one(town: Town) -> None:
    body = {"date": "2026-03-18", "amount_minor": 450, "currency": "USD", "merchant": "STARBUCKS #44"}
    of = await town.write(_named)
    assert (await town.ask("POST", "/transactions", body)).json["category_id"] == str(of["food.coffee"])
    assert (await town.ask("POST", "/transactions", {**body, "category_id": None})).json["category_id"] is None
    told = {**body, "category_id": str(of["fun"])}
    assert (await town.ask("POST", "/transactions", told)).json["category_id"] == str(of["fun"])


async def test_cat_5_a_category_that_is_changed_teaches_the_rule(town: Town) -> None:
    of = await town.write(_named)
    body = {"date": "2026-03-18", "amount_minor": 450, "currency": "USD", "merchant": "Luna"}
    made = await town.ask("POST", "/transactions", body)
    change = {"category_id": str(of["fun"])}
    assert (await town.ask("PATCH", made.headers["Location"], change, If_Match='"0"')).status == 200
    [rule] = await town.write(lambda work: rules.of_person(work, ANN))
    assert (rule.kind, rule.pattern, rule.category_id) == ("merchant", "luna", of["fun"])
    assert (await town.ask("POST", "/transactions", body)).json["category_id"] == str(of["fun"])


async def test_a_patch_changes_what_it_names_and_nothing_else(both: Town) -> None:
    of = await both.write(_named)
    body = {
        "date": "2026-03-18", "time": "10:00", "amount_minor": 1000, "currency": "USD", "merchant": "Luna",
        "note": "n", "tags": ["a"], "description": "d",
        "parts": [{"amount_minor": 600, "category_id": str(of["food"])}, {"amount_minor": 400}],
    }  # fmt: skip
    made = (await both.ask("POST", "/transactions", body)).json
    at = f"/transactions/{made['id']}"
    same = (await both.ask("PATCH", at, {"note": None}, If_Match="*")).json
    assert same == {**made, "note": None, "revision": 1}
    refused = await both.ask("PATCH", at, {"amount_minor": 900}, If_Match="*")
    assert (refused.status, refused.json["error"]["field"]) == (422, "parts")
    one = (await both.ask("PATCH", at, {"category_id": str(of["fun"])}, If_Match="*")).json
    assert (one["parts"], one["category_id"]) == ([], str(of["fun"]))
    for name in ("date", "amount_minor", "currency", "kind", "state", "tags", "parts"):
        empty = await both.ask("PATCH", at, {name: None}, If_Match="*")
        assert (empty.status, empty.json["error"]["field"]) == (400, name)
    void = (await both.ask("PATCH", at, {"state": "void", "currency": "JPY", "merchant": None}, If_Match="*")).json
    assert (void["state"], void["currency"], void["merchant"]) == ("void", "JPY", None)
    assert (await both.ask("GET", "/transactions")).json["data"] == []


async def test_what_belongs_to_a_receipt_is_changed_there(town: Town) -> None:
    of = await town.write(_book)
    bought = next(one for one, name in of.items() if name == "bought")
    for name, value in (("amount_minor", 1), ("date", "2026-01-01"), ("merchant", "X"), ("currency", "EUR")):
        refused = await town.ask("PATCH", f"/transactions/{bought}", {name: value}, If_Match="*")
        assert (refused.status, refused.code, refused.json["error"]["field"]) == (409, "linked", name)
    assert (await town.ask("DELETE", f"/transactions/{bought}")).code == "linked"
    assert (await town.ask("PATCH", f"/transactions/{bought}", {"tags": ["x"]}, If_Match="*")).status == 200


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"amount_minor": -5, "kind": "expense"}, "amount_minor"),
    ({"amount_minor": 5, "kind": "refund"}, "amount_minor"),
    ({"amount_minor": 5, "kind": "income"}, "amount_minor"),
    ({"amount_minor": 10**13 + 1}, "amount_minor"),
    ({"amount_minor": 10**30}, "amount_minor"),
    ({"amount_minor": 1.5}, "amount_minor"),
    ({"amount_minor": True}, "amount_minor"),
    ({"currency": "XXY"}, "currency"),
    ({"date": "2026-02-30"}, "date"),
    ({"date": "1026-02-03"}, "date"),
    ({"time": "24:00"}, "time"),
    ({"merchant": "a\u0000b"}, "merchant"),
    ({"merchant": "a\u202eb"}, "merchant"),
    ({"merchant": "x" * 61}, "merchant"),
    ({"merchant": "!!!"}, "merchant"),
    ({"note": "x" * 1001}, "note"),
    ({"tags": ["a b"]}, "tags.0"),
    ({"tags": ["a"] * 21}, "tags"),
    ({"category_id": "7"}, "category_id"),
    ({"category_id": "99999999999999999999"}, "category_id"),
    ({"account_id": "7"}, "account_id"),
    ({"parts": [{"amount_minor": 1}]}, "parts"),
    ({"parts": [{"amount_minor": 450, "category_id": "7"}]}, "parts"),
]


async def test_what_is_wrong_is_told_by_its_field(town: Town) -> None:
    for change, field in WRONG:
        body = {"date": "2026-03-18", "amount_minor": 450, "currency": "USD", **change}
        refused = await town.ask("POST", "/transactions", body)
        assert refused.status in (400, 422), change
        assert refused.json["error"]["field"] == field, change
    assert (await town.ask("GET", "/transactions")).json["data"] == []
