"""Categories, rules, accounts, budgets, summaries, trends and receipts over the API (API-2, PERF-3, DRF-2, MED-8)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from handlers.receipts.api import summaries
from handlers.receipts.fields import Fields, Value
from storage import blobs
from storage.receipts import categories, documents, history, receipts, transactions
from storage.receipts.transactions import Entry
from storage.work import Work
from tests.bot.web.api.kit import ANN, BOB, Town

DAY = date(2026, 3, 2)


async def _id_of(town: Town, key: str) -> str:
    found: str = await town.write(
        lambda work: next(str(one.id) for one in categories.of_person(work, ANN) if one.key == key)
    )
    return found


# -- categories ----------------------------------------------------------------------------------------------------


async def test_cat_4_the_tree_is_edited_by_its_rules(town: Town) -> None:
    food, fun = await _id_of(town, "food"), await _id_of(town, "fun")
    made = await town.ask("POST", "/categories", {"name": "Snacks", "parent_id": food})
    assert (made.status, made.json["path"], made.json["kind"]) == (201, "Food > Snacks", "expense")
    at = made.headers["Location"]
    assert (await town.ask("GET", at)).json == made.json
    deeper = (await town.ask("POST", "/categories", {"name": "Nuts", "parent_id": made.json["id"]})).json
    cases: list[tuple[str, str, Any, int, str | None]] = [
        ("POST", "/categories", {"name": "snacks", "parent_id": food}, 409, "name"),
        ("POST", "/categories", {"name": "A > B"}, 400, "name"),
        ("POST", "/categories", {"name": "Salted", "parent_id": deeper["id"]}, 422, "parent_id"),
        ("POST", "/categories", {"name": "Pay", "parent_id": food, "kind": "income"}, 422, "kind"),
        ("PATCH", f"/categories/{food}", {"parent_id": deeper["id"]}, 422, "parent_id"),
        ("DELETE", f"/categories/{food}", None, 409, None),
    ]
    for method, path, body, status, field in cases:
        refused = await town.ask(method, path, body)
        assert (refused.status, refused.json["error"].get("field")) == (status, field), (path, refused.json)
    change = {"name": "Bites", "parent_id": fun, "hidden": True}
    moved = (await town.ask("PATCH", at, change)).json
    assert (moved["path"], moved["hidden"]) == ("Fun > Bites", True)
    root = (await town.ask("PATCH", at, {"parent_id": None})).json
    assert (root["path"], root["parent_id"]) == ("Bites", None)


async def test_cat_4_deleting_a_used_category_says_where_its_transactions_go(town: Town) -> None:
    coffee, food = await _id_of(town, "food.coffee"), await _id_of(town, "food")
    one = await town.write(lambda work: transactions.add(work, ANN, Entry(DAY, 5, "USD", category_id=int(coffee))))
    refused = await town.ask("DELETE", f"/categories/{coffee}")
    assert (refused.status, refused.code, refused.json["error"]["field"]) == (409, "in_use", "into")
    assert (await town.ask("DELETE", f"/categories/{coffee}?into={coffee}")).status == 422
    assert (await town.ask("DELETE", f"/categories/{coffee}?into={food}")).status == 204
    assert (await town.ask("GET", f"/transactions/{one}")).json["category_id"] == food
    assert (await town.ask("GET", f"/categories/{coffee}")).status == 404


async def test_api_5_the_tree_comes_in_pages_in_its_order(town: Town) -> None:
    whole = (await town.ask("GET", "/categories?limit=100")).json
    assert whole["next"] is None
    found, cursor = [], ""
    while True:
        page = (await town.ask("GET", f"/categories?limit=30{cursor}")).json
        found += page["data"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == whole["data"]


# -- rules, accounts, budgets --------------------------------------------------------------------------------------


async def test_cat_5_rules_are_taught_listed_and_forgotten(town: Town) -> None:
    fun = await _id_of(town, "fun")
    made = await town.ask("POST", "/rules", {"kind": "merchant", "pattern": "LUNA Ltd", "category_id": fun})
    assert (made.status, made.json["pattern"], made.json["learnt"]) == (201, "luna", False)
    again = await town.ask("POST", "/rules", {"kind": "merchant", "pattern": "Luna"})
    assert (again.json["id"], again.json["category_id"]) == (made.json["id"], None)
    alias = await town.ask("POST", "/rules", {"kind": "alias", "pattern": "SQ *LUNA", "rename": "Luna Cafe"})
    assert alias.json["rename"] == "Luna Cafe"
    body = {"date": "2026-03-18", "amount_minor": 450, "currency": "USD", "merchant": "LUNA"}
    assert (await town.ask("POST", "/transactions", body)).json["merchant"] == "Luna Cafe"
    assert (await town.ask("POST", "/rules", {"kind": "alias", "pattern": "x"})).status == 422
    assert [one["id"] for one in (await town.ask("GET", "/rules")).json["data"]] == [made.json["id"], alias.json["id"]]
    assert (await town.ask("DELETE", alias.headers["Location"])).status == 204
    assert (await town.ask("DELETE", alias.headers["Location"])).status == 404


async def test_accounts_are_one_for_kind_and_digits(town: Town) -> None:
    made = await town.ask("POST", "/accounts", {"kind": "card", "last4": "4421", "name": "Visa"})
    again = await town.ask("POST", "/accounts", {"kind": "card", "last4": "4421"})
    assert (made.status, again.status, again.json) == (201, 200, made.json)
    assert made.json["balance_minor"] is None
    named = await town.ask("PATCH", made.headers["Location"], {"name": "Blue card"})
    assert (named.json["name"], named.json["last4"]) == ("Blue card", "4421")
    whole = await town.ask("POST", "/accounts", {"kind": "card", "last4": "4111111111111111"})
    assert (whole.status, whole.json["error"]["field"]) == (400, "last4")


async def test_sum_6_budgets_say_how_they_stand(town: Town) -> None:
    food, coffee = await _id_of(town, "food"), await _id_of(town, "food.coffee")
    await town.write(lambda work: transactions.add(work, ANN, Entry(DAY, 7999, "USD", category_id=int(coffee))))
    body = {"category_id": food, "period": "month", "currency": "USD", "amount_minor": 10_000}
    made = await town.ask("POST", "/budgets", body)
    assert made.status == 201
    assert (made.json["spent_minor"], made.json["limit_minor"]) == (7999, 10_000)
    assert (made.json["start"], made.json["end"]) == ("2026-03-01", "2026-04-01")
    again = await town.ask("POST", "/budgets", {**body, "amount_minor": 20_000})
    assert (again.status, again.json["id"], again.json["amount_minor"]) == (200, made.json["id"], 20_000)
    at = made.headers["Location"]
    assert (await town.ask("PATCH", at, {"rollover": True})).json["amount_minor"] == 20_000
    for wrong in (0, -1):
        assert (await town.ask("PATCH", at, {"amount_minor": wrong})).json["error"]["field"] == "amount_minor"
    assert (await town.ask("DELETE", at)).status == 204
    assert (await town.ask("GET", "/budgets")).json["data"] == []


# -- summaries and trends ------------------------------------------------------------------------------------------


async def test_sum_3_a_summary_says_what_the_books_say(town: Town) -> None:
    coffee, food = await _id_of(town, "food.coffee"), await _id_of(town, "food")
    await town.write(
        lambda work: transactions.add_all(
            work,
            ANN,
            [
                Entry(DAY, 1000, "USD", category_id=int(coffee)),
                Entry(DAY, -250, "USD", kind="refund"),
                Entry(DAY, 500, "EUR", state="pending"),
                Entry(date(2026, 2, 27), 300, "USD"),
            ],
        )
    )
    got = (await town.ask("GET", "/summaries?range=march")).json
    assert (got["start"], got["end"], got["unit"]) == ("2026-03-01", "2026-04-01", "month")
    euro, dollar = sorted(got["currencies"], key=lambda one: one["currency"])
    assert (dollar["spent_minor"], dollar["refunds_minor"], dollar["previous_minor"]) == (750, -250, 300)
    assert (euro["spent_minor"], euro["pending_minor"]) == (500, 500)
    assert dollar["biggest"]["amount_minor"] == 1000
    assert [(one["category_id"], one["name"]) for one in dollar["shares"]] == [(food, "Food"), (None, None)]
    assert sum(one["percent"] for one in dollar["shares"]) == 100
    same = (await town.ask("GET", "/summaries?from=2026-03-01&to=2026-04-01")).json["currencies"]
    assert [one["spent_minor"] for one in same] == [one["spent_minor"] for one in got["currencies"]]


@pytest.mark.parametrize("query", ["range=soon", "range=march&from=2026-01-01", "from=2026-03-02&to=2026-03-02"])
async def test_sum_1_words_that_name_no_range_are_refused(town: Town, query: str) -> None:
    refused = await town.ask("GET", f"/summaries?{query}")
    assert (refused.status, refused.json["error"]["field"]) == (400, "to" if "to=" in query else "range")


async def test_perf_3_a_summary_is_made_once_for_a_revision_and_never_shown_after_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    real: Any = vars(summaries)["summarise"]

    def counted(*args: Any) -> Any:
        made.append(args)
        return real(*args)

    monkeypatch.setattr(summaries, "summarise", counted)
    body = {"date": "2026-03-18", "amount_minor": 450, "currency": "USD"}

    async def spent(who: int = ANN) -> list[int]:
        return [one["spent_minor"] for one in (await town.ask("GET", "/summaries", who=who)).json["currencies"]]

    assert [await spent(), await spent(), await spent(BOB)] == [[], [], []]
    assert len(made) == 2
    first = (await town.ask("POST", "/transactions", body)).json
    assert [await spent(), await spent()] == [[450], [450]]
    assert len(made) == 3
    await town.ask("PATCH", f"/transactions/{first['id']}", {"amount_minor": 500}, If_Match="*")
    assert await spent() == [500]
    await town.ask("DELETE", f"/transactions/{first['id']}")
    assert [await spent(), await spent(BOB)] == [[], []]


async def test_sm_8_a_trend_lists_every_period(town: Town) -> None:
    await town.write(lambda work: transactions.add(work, ANN, Entry(DAY, 700, "USD")))
    got = (await town.ask("GET", "/trends?unit=month&count=12")).json
    assert len(got["data"]) == 12
    assert got["data"][-1] == {"start": "2026-03-01", "end": "2026-04-01", "spent_minor": {"USD": 700}}
    assert (await town.ask("GET", "/trends?category=0&count=1")).json["data"][0]["spent_minor"] == {"USD": 700}
    fun = await _id_of(town, "fun")
    assert (await town.ask("GET", f"/trends?category={fun}&count=1")).json["data"][0]["spent_minor"] == {}
    assert (await town.ask("GET", "/trends?count=121")).json["error"]["field"] == "count"


# -- receipts ------------------------------------------------------------------------------------------------------


def _draft(work: Work, **values: Any) -> dict[str, Any]:
    fields = Fields(Value("USD"), merchant=Value("Luna"), date=Value(DAY), total=Value(1250)).but(**values)
    row = receipts.add(work, ANN, fields.as_draft())
    return {"id": str(row.id), "code": row.code}


async def test_drf_2_a_draft_is_confirmed_once(both: Town) -> None:
    made = await both.write(_draft)
    waiting = (await both.ask("GET", "/receipts?state=draft")).json["data"]
    assert [one["id"] for one in waiting] == [made["id"]]
    assert (await both.ask("GET", "/summaries")).json["waiting"] == [
        {"currency": "USD", "count": 1, "amount_minor": 1250}
    ]
    first = await both.ask("POST", f"/receipts/{made['code']}/confirm")
    again = await both.ask("POST", f"/receipts/{made['id']}/confirm")
    assert (first.status, first.json["state"], again.json) == (200, "confirmed", first.json)
    [booked] = (await both.ask("GET", "/transactions")).json["data"]
    assert (booked["id"], booked["receipt_id"]) == (first.json["transaction_id"], made["id"])
    assert (booked["amount_minor"], booked["merchant"], booked["date"]) == (1250, "Luna", "2026-03-02")


async def test_drf_7_a_confirmed_receipt_changes_with_its_transaction(town: Town) -> None:
    made = await town.write(_draft)
    done = await town.ask("POST", f"/receipts/{made['id']}/confirm")
    change = {"total_minor": 1350, "merchant": "JOE'S DELI", "date": "2026-03-01", "note": "n", "tags": ["work"]}
    changed = await town.ask("PATCH", f"/receipts/{made['id']}", change, If_Match=done.headers["Etag"])
    assert (changed.status, changed.json["total_minor"], changed.json["merchant"]) == (200, 1350, "Joe's Deli")
    [booked] = (await town.ask("GET", "/transactions")).json["data"]
    assert (booked["amount_minor"], booked["merchant"], booked["date"]) == (1350, "Joe's Deli", "2026-03-01")
    stale = await town.ask("PATCH", f"/receipts/{made['id']}", {"note": "x"}, If_Match=done.headers["Etag"])
    assert (stale.status, stale.code) == (409, "stale")
    refused = await town.ask("PATCH", f"/receipts/{made['id']}", {"total_minor": None}, If_Match="*")
    assert (refused.status, refused.json["error"]["field"]) == (422, "total_minor")


async def test_drf_6_a_receipt_that_is_deleted_leaves_the_books_and_can_come_back(town: Town) -> None:
    made = await town.write(_draft)
    await town.ask("POST", f"/receipts/{made['id']}/confirm")
    assert (await town.ask("DELETE", f"/receipts/{made['id']}", If_Match='"0"')).status == 409
    assert (await town.ask("DELETE", f"/receipts/{made['id']}")).status == 204
    assert (await town.ask("GET", "/transactions")).json["data"] == []
    assert (await town.ask("POST", f"/receipts/{made['id']}/confirm")).code == "closed"
    assert await town.write(lambda work: history.undo(work, ANN, int(made["id"]))) == "delete"
    assert len((await town.ask("GET", "/transactions")).json["data"]) == 1


async def test_a_draft_without_a_total_waits_for_one(town: Town) -> None:
    made = await town.write(lambda work: _draft(work, total=None, questions=("amount",)))
    refused = await town.ask("POST", f"/receipts/{made['id']}/confirm")
    assert (refused.status, refused.code, refused.json["error"]["field"]) == (422, "incomplete", "total_minor")
    told = await town.ask("PATCH", f"/receipts/{made['id']}", {"total_minor": 99}, If_Match="*")
    assert told.json["questions"] == []
    assert (await town.ask("POST", f"/receipts/{made['id']}/confirm")).json["state"] == "confirmed"


async def test_api_5_receipts_come_newest_first_in_pages(town: Town) -> None:
    made = [(await town.write(_draft))["id"] for _ in range(5)]
    await town.ask("DELETE", f"/receipts/{made[1]}")
    found, cursor = [], ""
    for _ in range(3):
        page = (await town.ask("GET", f"/receipts?limit=2{cursor}")).json
        found += [one["id"] for one in page["data"]]
        cursor = f"&cursor={page['next']}"
    assert (found, page["next"]) == (made[::-1], None)
    kept = (await town.ask("GET", "/receipts?state=rejected")).json["data"]
    assert [one["id"] for one in kept] == [made[1]]


async def test_med_8_a_picture_is_saved_and_never_shown(town: Town) -> None:
    made = await town.write(_draft)

    def with_page(work: Work) -> None:
        blobs.keep(work, blob_id=7, data=b"<script>", media_type="image/png", person_id=ANN)
        page = documents.add(work, ANN, sha256="aa", size=8, media_type="image/png", blob_id=7)
        assert page is not None
        documents.attach(work, ANN, page, receipt_id=int(made["id"]))

    assert (await town.ask("GET", f"/receipts/{made['id']}/picture")).status == 404
    await town.write(with_page)
    got = await town.ask("GET", f"/receipts/{made['id']}/picture")
    assert (got.status, got.data, got.headers["Content-Type"]) == (200, b"<script>", "image/png")
    assert got.headers["Content-Disposition"] == f'attachment; filename="{made["code"]}-1.png"'
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert (await town.ask("GET", f"/receipts/{made['id']}/picture?page=2")).status == 404
    assert (await town.ask("GET", f"/receipts/{made['id']}/picture", who=BOB)).status == 404
