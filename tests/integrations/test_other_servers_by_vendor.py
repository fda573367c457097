"""Other servers than our fakes for Telegram, Stripe and Lob: same protocols, other habits (rule FAKE-3)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.core.calls.channels import (
    EditTelegram,
    FetchMedia,
    MediaRef,
    SendTelegram,
)
from bot.core.calls.lob import CancelLetter, FindLetter, MailLetter, ReadLetter, VerifyAddress
from bot.core.calls.outcome import Again, Done, Refused, Unknown
from bot.core.calls.people import PostalAddress
from bot.core.calls.stripe import OpenCheckout, RefundPayment
from integrations.lob import LobAdapter
from integrations.media import MediaAdapter, TelegramFiles
from integrations.stripe import StripeAdapter
from integrations.telegram import BotFace, Poller, TelegramAdapter, TelegramUpdate, parse_update, set_up
from tests.integrations.door import SHELF, Answer, Door, look, open_door, perform

JPEG = b"\xff\xd8\xff\xe0 a picture"
OPEN = OpenCheckout(
    "pay_17", 900, "USD", "Letter", "https://e.test/s", "https://e.test/c", 1_795_300_000, {"case": "1"}
)
REFUND = RefundPayment("pi_1", 900, "duplicate", {"refund": "r_1"})
ANA = PostalAddress("Ana Reyes", "500 Howard St", "San Francisco", "CA", "94105")
MAIL = MailLetter("let_1", "pay_1", ANA, ANA, SHELF.put(b"%PDF-1.7", "application/pdf"), certified=False)


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    async with open_door("wire") as opened:
        yield opened


# -- Telegram ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}, "blocked"),
        ({"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}, "gone"),
        ({"ok": False, "description": "Bad Request: something new"}, "bad_request"),
    ],
)
async def test_telegram_a_refusal_under_a_200_is_one_and_never_repeated(
    body: dict[str, Any], code: str, door: Door
) -> None:
    door.answer(200, body)
    outcome = await perform(TelegramAdapter("1:T", base_url=door.url), SendTelegram(5, "hi"))
    assert isinstance(outcome, Refused)
    assert outcome.code == code


async def test_tg_8_retry_after_may_stand_in_the_header_alone(door: Door) -> None:
    door.answer(429, {"ok": False, "error_code": 429}, Retry_After="9")
    outcome = await perform(TelegramAdapter("1:T", base_url=door.url), SendTelegram(5, "hi"))
    assert outcome == Again("rate_limited", timedelta(seconds=9), whole_vendor=False)


@pytest.mark.parametrize("result", [True, {"message_id": 7, "date": 1, "extra": {}}])
async def test_telegram_an_edit_may_answer_with_the_message_or_with_true(result: Any, door: Door) -> None:
    door.answer(200, {"ok": True, "result": result})
    assert await perform(TelegramAdapter("1:T", base_url=door.url), EditTelegram(5, 7, "x")) == Done()


@pytest.mark.parametrize(
    "file_path",
    ["f 1.jpg", "/f 1.jpg", "{door}/file/bot1:T/f 1.jpg", "https://x.example/file/bot1:T/f 1.jpg"],
)
async def test_tg_21_a_file_path_may_be_relative_or_whole_and_is_fetched_at_the_base(
    file_path: str, door: Door
) -> None:
    door.answer(200, {"ok": True, "result": {"file_id": "F", "file_path": file_path.format(door=door.url)}})
    door.answer(200, JPEG)
    adapter = MediaAdapter(telegram=TelegramFiles("1:T", base_url=door.url))
    outcome = await perform(adapter, FetchMedia([MediaRef("telegram", "F")]))
    assert outcome.result.items[0].media_type == "image/jpeg"
    assert door.last["url"] == f"{door.url}/file/bot1:T/f%201.jpg"


@pytest.mark.parametrize(
    "message",
    [
        {"chat": {"id": 5}, "from": {"id": 5}, "message_id": 1, "text": "hi"},
        {"chat": {"id": 5, "type": "private", "new": 1}, "from": {"id": 5, "is_premium": True}, "message_id": 1,
         "date": 1, "text": "hi", "entities": [], "reply_to_message": {}},
        {"chat": {"id": 5}, "from": {"id": 5}, "message_id": 1, "caption": "hi", "photo": [{"file_id": "F"}]},
        {"chat": {"id": 5}, "from": {"id": 5}, "message_id": 1, "caption": "hi", "document": {"file_id": "F"}},
    ],
)  # fmt: skip
def test_hook_3_an_update_with_the_least_and_one_with_more_than_we_know_are_taken(message: dict[str, Any]) -> None:
    update = parse_update(json.dumps({"update_id": 1, "message": message, "brand_new": {}}).encode())
    assert isinstance(update, TelegramUpdate)
    assert (update.user_id, update.text, update.addressed) == (5, "hi", True)


def test_the_largest_picture_is_taken_also_by_its_bytes_alone() -> None:
    sizes = [{"file_id": "small", "file_size": 9}, {"file_id": "large", "file_size": 99}]
    body = {"update_id": 1, "message": {"chat": {"id": 5}, "from": {"id": 5}, "message_id": 1, "photo": sizes}}
    update = parse_update(json.dumps(body).encode())
    assert isinstance(update, TelegramUpdate)
    assert update.media[0].ref == "large"


async def test_tg_11_a_server_that_never_waits_is_not_asked_in_a_circle(door: Door) -> None:
    door.always = Answer(200, {"ok": True, "result": []})
    adapter = TelegramAdapter("1:T", base_url=door.url)
    poller = Poller(adapter, _nothing, wait_seconds=30)
    assert await poller.round() >= 0.5
    await adapter.close()


async def _nothing(update: TelegramUpdate) -> None:
    raise AssertionError("nothing was offered")


async def test_tg_2_the_set_up_hears_a_refusal_under_a_200(door: Door) -> None:
    from bot.core.errors import Misconfigured

    door.always = Answer(200, {"ok": False, "error_code": 401, "description": "Unauthorized"})
    with pytest.raises(Misconfigured, match="TELEGRAM_BOT_TOKEN"):
        await set_up("1:T", BotFace(None, ""), None, base_url=door.url)


# -- Stripe ------------------------------------------------------------------------------------------------------------


def stripe(door: Door) -> StripeAdapter:
    return StripeAdapter("sk_test_1", base_url=door.url)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (400, Refused("status_400", "status_400")),
        (401, Refused("unauthorized", "status_401")),
        (402, Refused("status_402", "status_402")),
        (403, Refused("forbidden", "status_403")),
        (404, Refused("status_404", "status_404")),
        (408, Unknown("status_408")),
        (409, Again("status_409", whole_vendor=False)),
        (429, Again("rate_limited")),
        (500, Unknown("status_500")),
        (502, Unknown("status_502")),
    ],
)
@pytest.mark.parametrize("body", [b"", b"<html>", {}, {"error": {}}], ids=repr)
async def test_str_4_errors_without_stripes_own_body_are_judged_by_their_status(
    status: int, outcome: Any, body: Any, door: Door
) -> None:
    door.answer(status, body)
    got = await perform(stripe(door), OPEN)
    assert type(got) is type(outcome)
    if isinstance(got, Refused):
        assert got.code in (outcome.code, "bad_request")


async def test_stripe_a_session_with_the_least_of_fields_is_read(door: Door) -> None:
    door.answer(201, {"id": "cs_1", "url": "https://pay.example/cs_1", "new": {"deep": []}})
    outcome = await perform(stripe(door), OPEN)
    assert (outcome.result.session_id, outcome.result.status, outcome.result.payment_status) == (
        "cs_1",
        "open",
        "unpaid",
    )


@pytest.mark.parametrize("call", [OPEN, REFUND])
async def test_a_key_that_only_repeats_an_old_failure_is_left_after_a_look(call: Any, door: Door) -> None:
    kept: dict[str, Answer] = {}

    def answer(seen: dict[str, Any]) -> Answer:
        if seen["method"] == "GET":
            return Answer(200, {"object": "list", "data": [], "has_more": False})
        key = seen["headers"]["Idempotency-Key"]
        if key == "row-1":
            return kept.setdefault(key, Answer(500, {"error": {"type": "api_error"}}, {"idempotent-replayed": "true"}))
        return Answer(200, {"id": "made", "object": "x"})

    door.always = answer
    assert isinstance(await perform(stripe(door), call, number=2), Done)
    keys = [seen["headers"].get("Idempotency-Key") for seen in door.requests]
    assert keys == ["row-1", None, "row-1:again"]


async def test_a_key_whose_failure_hid_a_success_finds_it(door: Door) -> None:
    made = {"id": "cs_7", "client_reference_id": "pay_17", "object": "checkout.session"}

    def answer(seen: dict[str, Any]) -> Answer:
        if seen["method"] == "GET":
            return Answer(200, {"object": "list", "data": [made]})
        return Answer(500, {"error": {"type": "api_error"}}, {"Idempotent-Replayed": "true"})

    door.always = answer
    outcome = await perform(stripe(door), OPEN, number=2)
    assert outcome.result.session_id == "cs_7"
    assert sum(seen["method"] == "POST" for seen in door.requests) == 1


async def test_a_replayed_success_is_a_success(door: Door) -> None:
    door.answer(200, {"id": "cs_1", "object": "checkout.session"}, Idempotent_Replayed="true")
    assert isinstance(await perform(stripe(door), OPEN, number=2), Done)


# -- Lob ---------------------------------------------------------------------------------------------------------------


def lob(door: Door) -> LobAdapter:
    return LobAdapter("test_1", base_url=f"{door.url}/v1")


@pytest.mark.parametrize("status", [200, 201, 202])
async def test_lob_any_success_is_one(status: int, door: Door) -> None:
    door.always = Answer(status, {"id": "ltr_1", "deliverability": "deliverable", "deleted": True})
    for call in (MAIL, ReadLetter("ltr_1"), CancelLetter("ltr_1"), VerifyAddress("1 A St", "", "", "", "94103")):
        assert isinstance(await perform(lob(door), call), Done)


@pytest.mark.parametrize("key", ["test_1", "live_1"])
async def test_lob_14_the_mode_is_that_of_the_key_whatever_the_answer_says(key: str, door: Door) -> None:
    door.answer(200, {"id": "ltr_1", "metadata": {}, "mode": "live", "object": "letter"})
    outcome = await perform(LobAdapter(key, base_url=f"{door.url}/v1"), MAIL)
    assert outcome.result.test_mode is key.startswith("test_")


@pytest.mark.parametrize("body", [b"", b"<html>", {"error": "x"}, {"message": "x"}])
async def test_lob_9_a_refusal_without_lobs_body_is_one(body: Any, door: Door) -> None:
    door.answer(422, body)
    assert await perform(lob(door), MAIL) == Refused("status_422", "status_422")


def letter(number: int, letter_id: str) -> dict[str, Any]:
    return {"id": f"ltr_{number}", "metadata": {"letter_id": letter_id}}


async def test_ful_6_a_list_that_ignores_the_filter_is_read_to_its_end(door: Door) -> None:
    pages = [[letter(n, f"other_{n}") for n in range(10)], [letter(n, f"other_{n}") for n in range(10, 15)]]
    pages[1].append(letter(99, "let_1"))

    def answer(seen: dict[str, Any]) -> Answer:
        after = parse_qs(urlsplit(seen["url"]).query).get("after")
        body: dict[str, Any] = {"data": pages[1] if after else pages[0], "object": "list", "count": 10}
        if not after:
            body["next_url"] = f"{door.url}/v1/letters?limit=10&after=abc"
        return Answer(200, body)

    door.always = answer
    outcome = await perform(lob(door), FindLetter("let_1"))
    assert [one.lob_id for one in outcome.result.letters] == ["ltr_99"]


async def test_ful_6_a_list_that_shows_no_ids_is_doubtful_and_means_waiting(door: Door) -> None:
    door.always = Answer(200, {"data": [{"id": "ltr_1"}]})
    assert isinstance(await look(lob(door), MAIL, number=2), Again)
    assert {seen["method"] for seen in door.requests} == {"GET"}


async def test_lob_8_a_moment_in_retry_after_is_obeyed(door: Door) -> None:
    now, later = datetime(2026, 11, 20, 18, tzinfo=UTC), datetime(2026, 11, 20, 18, 0, 40, tzinfo=UTC)
    dates = {"Retry-After": format_datetime(later, usegmt=True), "Date": format_datetime(now, usegmt=True)}
    door.always = Answer(429, b"", dates)
    assert await perform(lob(door), ReadLetter("ltr_1")) == Again("rate_limited", timedelta(seconds=40))
