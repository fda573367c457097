"""Facts about vendors that several places rely on, each held in one spot (VEN-12, STR-*, LOB-11, TWI-*, TGV-*)."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.assembly.services import register_services
from bot.core.calls.channels import AnswerCallback, Button, EditTelegram, SendTelegram
from bot.core.calls.outcome import Done
from bot.core.calls.stripe import ExpireCheckout, OpenCheckout, RefundPayment
from bot.core.settings import Settings
from bot.engine.deliverability import RANKS
from bot.engine.registry import Registry
from bot.engine.render.telegram import CAPTION_LIMIT, TEXT_LIMIT, render_telegram
from bot.web.doors.vendors import lob_event
from bot.web.metrics import LETTERS
from integrations.signatures import verify_twilio
from integrations.stripe import StripeAdapter
from integrations.telegram import replies
from integrations.telegram.replies import ALLOWED_UPDATES
from integrations.telegram.updates import TelegramUpdate, read_update
from tests.integrations.door import Answer, attempt, open_door
from tests.rows import each

ROOT = Path(__file__).parents[2]
HEAVY = ("stripe", "twilio", "telegram", "anthropic", "typst", "alembic", "hypothesis")
OPEN = OpenCheckout("pay_1", 900, "USD", "Letter", "https://e.test/s", "https://e.test/c", 1_795_300_000, {"case": "1"})


@pytest.fixture(scope="module")
def registry() -> Registry:
    made = Registry()
    register_services(made, Settings(_env_file=None, parley_mode="demo"))
    return made


@pytest.mark.parametrize("first", ["import main; from bot.assembly.cli import main", "import bot.assembly.app"])
def test_ven_12_no_sdk_is_loaded_before_its_first_use(first: str) -> None:
    code = f"{first}; import sys; print([name for name in {HEAVY} if name in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert ended.stdout.strip() == "[]"


# -- Stripe ------------------------------------------------------------------------------------------------------------


async def test_str_1_no_object_of_the_sdk_leaves_the_adapter() -> None:
    async with open_door("stripe") as door:
        door.always = Answer(200, {"id": "cs_1", "metadata": {"case": "1"}, "payment_intent": {"id": "pi_1"}})
        adapter = StripeAdapter("sk_test_1", base_url=door.url)
        outcome = await adapter.calls[OpenCheckout](OPEN, attempt())
        await adapter.close()
    assert isinstance(outcome, Done)
    values = [getattr(outcome.result, field.name) for field in dataclasses.fields(outcome.result)]
    assert {type(value).__module__ for value in values} == {"builtins"}
    assert type(outcome.result.metadata) is dict


@pytest.mark.parametrize("call", [OPEN, RefundPayment("pi_1", 900, "duplicate", {}), ExpireCheckout("cs_1")])
async def test_str_2_every_creating_request_bears_the_rows_key(call: Any) -> None:
    async with open_door("stripe") as door:
        door.always = Answer(200, {"id": "x_1"})
        adapter = StripeAdapter("sk_test_1", base_url=door.url)
        for _ in range(2):
            await adapter.calls[type(call)](call, attempt(key="call:17"))
        await adapter.close()
    keys = [seen["headers"]["Idempotency-Key"] for seen in door.requests if seen["method"] == "POST"]
    assert len(keys) == 2
    assert all(key.startswith("call:17") for key in keys)
    assert keys[0] == keys[1]


def test_str_14_every_event_of_one_off_payments_is_handled(registry: Registry) -> None:
    handled = {name.removeprefix("stripe:") for name in registry.handlers if name.startswith("stripe:")}
    wanted = {
        "checkout.session.completed", "checkout.session.expired", "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed", "charge.refunded", "refund.updated", "refund.failed",
        "charge.dispute.created", "charge.dispute.closed",
    }  # fmt: skip
    assert wanted <= handled
    assert not [name for name in handled if name.startswith(("invoice.", "customer."))], "subscriptions come later"


# -- Lob ---------------------------------------------------------------------------------------------------------------


@each("family", ["letter", "letter.certified"])
@each("name", LETTERS)
def test_lob_11_every_event_of_a_letter_is_taken_under_its_own_name(family: str, name: str) -> None:
    raw = {
        "id": "evt_1", "event_type": {"id": f"{family}.{name}"}, "body": {"id": "ltr_1"}, "reference_id": "ltr_1",
        "date_created": "2026-11-20T18:00:00Z",
    }  # fmt: skip
    event = lob_event(raw)
    assert event is not None
    assert event.kind == f"{family}.{name}"
    assert event.payload == {"object": {"id": "ltr_1"}, "reference_id": "ltr_1", "date_created": raw["date_created"]}


# -- Twilio ------------------------------------------------------------------------------------------------------------


def test_twi_5_every_status_of_a_message_has_its_rank() -> None:
    known = {
        "queued", "sending", "sent", "failed", "delivered", "undelivered", "accepted", "scheduled", "read",
        "partially_delivered", "canceled",
    }  # fmt: skip
    assert set(RANKS) == known
    assert RANKS["queued"] < RANKS["sending"] < RANKS["sent"] < RANKS["delivered"]
    assert RANKS["delivered"] == RANKS["undelivered"] == RANKS["failed"]


def test_twi_7_a_missing_header_is_a_refusal_and_no_error() -> None:
    assert verify_twilio(b"a=1", {}, "token", "https://x.example/") is False
    assert verify_twilio(b"a=1", {"X-Twilio-Signature": ""}, "token", "https://x.example/") is False


def test_twi_1_no_sdk_stands_on_the_path_of_a_message() -> None:
    for path in (ROOT / "integrations" / "twilio").rglob("*.py"):
        assert not re.search(r"^\s*(?:from|import) twilio\b", path.read_text("utf-8"), re.M), path.name


# -- Telegram ----------------------------------------------------------------------------------------------------------


def test_tgv_3_what_is_too_long_is_split_or_cut_before_it_leaves() -> None:
    long = "word " * 3000
    parts = list(render_telegram(5, long, labels=["Yes"] * 8, datas=["zzzz:0"] * 8, link=None, files=[]))
    assert len(parts) > 1
    assert all(len(part.text.encode("utf-16-le")) // 2 <= TEXT_LIMIT for part in parts)
    buttons = [button for row in parts[-1].buttons for button in row]
    assert len(buttons) == 8
    assert all(len((button.data or "").encode()) <= 64 for button in buttons)
    assert all(len(row) <= 8 for row in parts[-1].buttons)
    assert not any(part.buttons for part in parts[:-1])
    assert len(replies.callback_answer(AnswerCallback("q", "x" * 999))["text"]) == 200
    assert CAPTION_LIMIT == 1024


def test_tgv_6_an_unknown_kind_is_kept_with_its_content_and_ignored() -> None:
    raw = {"update_id": 4, "brand_new_kind": {"deep": [1]}}
    update = read_update(raw)
    assert isinstance(update, TelegramUpdate)
    assert (update.kind, update.raw, update.addressed) == ("other", raw, False)


def test_tgv_7_the_kinds_of_updates_are_listed_so_that_no_default_decides() -> None:
    assert {"message", "callback_query", "my_chat_member", "pre_checkout_query"} <= set(ALLOWED_UPDATES)


def test_tgv_9_no_list_that_needs_a_business_account_is_sent() -> None:
    for path in (ROOT / "integrations" / "telegram").rglob("*.py"):
        assert "hecklist" not in path.read_text("utf-8")


@pytest.mark.parametrize(
    "fields",
    [
        replies.message(SendTelegram(5, "x", buttons=[[Button("Go", url="https://e.test")]])),
        replies.edit(EditTelegram(5, 7, "x"))[1],
    ],
)
def test_tg_24_link_previews_are_off(fields: dict[str, Any]) -> None:
    assert fields["link_preview_options"] == {"is_disabled": True}
