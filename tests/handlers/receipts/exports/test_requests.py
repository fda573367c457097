"""EXP-9 and EXP-10: what is sent to Firefly III and to Actual."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings

from handlers.receipts.currencies import to_minor
from handlers.receipts.exports.actual import actual_file, actual_requests
from handlers.receipts.exports.firefly import FireflyStep, FoundGroup, firefly_steps
from handlers.receipts.exports.http_request import HttpRequest
from handlers.receipts.exports.ledger import Ledger, Picture, Split, State
from tests.effort import short
from tests.handlers.receipts.exports.ledgers import any_ledger, ledger_of, shop, small_ledger

SPLIT = (Split(2_000, "c2", "food"), Split(623, "c4"))


def _parts(request: HttpRequest) -> list[dict[str, Any]]:
    assert request.json is not None
    parts: list[dict[str, Any]] = json.loads(json.dumps(request.json["transactions"]))
    return parts


def _step(**changes: object) -> FireflyStep:
    (step,) = firefly_steps(ledger_of(shop(**changes)))
    return step


def test_exp_9_a_purchase_is_a_withdrawal() -> None:
    request = _step(note="two bags").store
    assert (request.method, request.path) == ("POST", "/api/v1/transactions")
    assert request.json is not None
    assert request.json["error_if_duplicate_hash"] is True
    assert "group_title" not in request.json
    assert _parts(request) == [
        {
            "type": "withdrawal",
            "date": "2026-04-02",
            "amount": "26.23",
            "currency_code": "USD",
            "description": "for the week",
            "source_name": "Visa",
            "destination_name": "Miller's Market",
            "category_name": "Groceries > Supermarket",
            "tags": ["work"],
            "notes": "two bags",
            "external_id": "rcp_02K1M",
            "internal_reference": "Q4M8",
        }
    ]


def test_exp_9_money_back_is_a_deposit_from_the_shop() -> None:
    (part,) = _parts(_step(amount_minor=-1_000).store)
    assert (part["type"], part["amount"]) == ("deposit", "10.00")
    assert (part["source_name"], part["destination_name"]) == ("Miller's Market", "Visa")


def test_exp_9_a_split_is_several_entries_of_one_group() -> None:
    request = _step(splits=SPLIT).store
    assert request.json is not None
    assert request.json["group_title"] == "food"
    assert [(part["amount"], part["category_name"], part["external_id"]) for part in _parts(request)] == [
        ("20.00", "Groceries > Supermarket", "rcp_02K1M"),
        ("6.23", "Food > Restaurants", "rcp_02K1M"),
    ]


def test_exp_9_parts_of_both_signs_go_as_a_whole() -> None:
    (part,) = _parts(_step(splits=(Split(2_723, "c4"), Split(-100, "c2"))).store)
    assert (part["amount"], part["category_name"]) == ("26.23", "Food > Restaurants")


def test_exp_9_what_is_there_already_is_updated() -> None:
    step = _step(splits=SPLIT)
    assert step.find.query == {"query": 'external_id_is:"rcp_02K1M"'}
    request = step.update(FoundGroup("71", ("501",)))
    assert (request.method, request.path) == ("PUT", "/api/v1/transactions/71")
    assert [part.get("transaction_journal_id") for part in _parts(request)] == ["501", None]
    assert len(_parts(_step().update(FoundGroup("71", ("501", "502"))))) == 1


def test_exp_9_a_picture_goes_in_two_calls_without_the_transaction() -> None:
    picture = Picture("p1", "image/jpeg")
    step = _step(pictures=(picture,))
    announced, uploaded = step.announce(picture, "501"), step.upload(picture, "9")
    assert announced.json == {
        "filename": "2026-04-02_millers-market_Q4M8.jpg",
        "attachable_type": "TransactionJournal",
        "attachable_id": "501",
        "title": "2026-04-02_millers-market_Q4M8.jpg",
    }
    assert (announced.path, announced.method) == ("/api/v1/attachments", "POST")
    assert (uploaded.path, uploaded.method, uploaded.picture) == ("/api/v1/attachments/9/upload", "POST", picture)


@pytest.mark.parametrize(
    "change", [{"state": State.DRAFT}, {"state": State.PENDING}, {"state": State.VOID}, {"amount_minor": 0}]
)
def test_exp_9_what_firefly_cannot_take_is_not_sent(change: dict[str, object]) -> None:
    assert firefly_steps(ledger_of(shop(**change))) == ()


@settings(deadline=None, max_examples=short(30, whole=60))
@given(any_ledger())
def test_exp_9_any_ledger_gives_positive_amounts_that_add_up(ledger: Ledger) -> None:
    for step in firefly_steps(ledger):
        parts = _parts(step.store)
        amounts = [to_minor(part["amount"], part["currency_code"]) for part in parts]
        assert min(amounts) > 0
        assert sum(amounts) == abs(step.entry.amount_minor)
        assert all(part["description"] and part["source_name"] and part["destination_name"] for part in parts)
        assert {part["external_id"] for part in parts} == {step.entry.id}


def test_exp_10_the_import_file() -> None:
    ledger = ledger_of(
        shop(splits=SPLIT), shop(id="r2", amount_minor=-1_000), shop(id="r3", currency="JPY", amount_minor=1_200)
    )
    accounts = json.loads(actual_file(ledger, lambda _: "https://example.org/p/x").content)["accounts"]
    assert [(one["account"], one["currency"], len(one["transactions"])) for one in accounts] == [
        ("Visa", "JPY", 1),
        ("Visa", "USD", 2),
    ]
    yen, (returned, bought) = accounts[0]["transactions"], accounts[1]["transactions"]
    assert yen[0]["amount"] == -1_200
    assert (bought["imported_id"], bought["amount"], bought["payee_name"]) == (
        "rcp_02K1M",
        -2_623,
        "Miller's Market",
    )
    assert [(part["amount"], part["notes"]) for part in bought["subtransactions"]] == [
        (-2_000, "food"),
        (-623, "Food > Restaurants"),
    ]
    assert bought["notes"].endswith(" / #work / Q4M8 / https://example.org/p/x")
    assert (returned["imported_id"], returned["amount"]) == ("r2", 1_000)


def test_exp_10_through_a_wrapper() -> None:
    ledger = ledger_of(shop(), shop(id="r2", account_id="a2"))
    (request,) = actual_requests(ledger, "budget/1", {("a1", "USD"): "acc 1"}, categories={"c2": "cat-9"})
    assert (request.method, request.path) == ("POST", "/v1/budgets/budget%2F1/accounts/acc%201/transactions/import")
    (transaction,) = _parts(request)
    assert (transaction["imported_id"], transaction["category"], transaction["amount"]) == (
        "rcp_02K1M",
        "cat-9",
        -2_623,
    )


@settings(deadline=None, max_examples=short(30, whole=60))
@given(any_ledger())
def test_exp_10_amounts_are_integers_and_parts_add_up(ledger: Ledger) -> None:
    accounts = json.loads(actual_file(ledger).content)["accounts"]
    sent = {one["imported_id"]: one for account in accounts for one in account["transactions"]}
    assert {key: one["amount"] for key, one in sent.items()} == {
        entry.id: -entry.amount_minor for entry in ledger.entries if entry.state is State.POSTED
    }
    for one in sent.values():
        assert sum(part["amount"] for part in one.get("subtransactions", [one])) == one["amount"]


def test_small_ledger_leaves_drafts_pending_and_void_out() -> None:
    sent = json.loads(actual_file(small_ledger()).content)["accounts"]
    assert sum(len(account["transactions"]) for account in sent) == 6 == len(firefly_steps(small_ledger()))
