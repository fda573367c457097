"""Every request that an adapter makes, against the vendors' own descriptions of their interfaces (CON-1, CON-2, CON-4).

Each operation is performed once at a door that records it; the checker of the specification folder then reads the
recording. Without that folder the checks are skipped by name. The last tests spoil every field on purpose: a contract
check that cannot turn red is none.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.core.calls.channels import (
    AnswerCallback,
    Button,
    DeleteTelegram,
    DiscardMedia,
    EditTelegram,
    FetchMedia,
    FindSms,
    ListInboundSms,
    MediaRef,
    SendSms,
    SendTelegram,
    ShowDraft,
    ShowTyping,
)
from bot.core.calls.groups import OpenTopic, PinMessage, PostInTopic, React, RenameTopic
from bot.core.calls.lob import CancelLetter, FindLetter, MailLetter, ReadLetter, VerifyAddress
from bot.core.calls.people import PostalAddress
from bot.core.calls.plaid import (
    ExchangeBankToken,
    OpenBankLink,
    ReadBankKey,
    ReadBankLink,
    RemoveBank,
    SyncBank,
)
from bot.core.calls.promotions import MakePromotion
from bot.core.calls.reading import ReadReceipt
from bot.core.calls.stars import (
    AnswerCheckout,
    EditStarSubscription,
    ListStars,
    MakeInvoiceLink,
    RefundStars,
    SendInvoice,
)
from bot.core.calls.stripe import (
    ExpireCheckout,
    FindCheckouts,
    FindRefunds,
    ListStripeEvents,
    OpenCheckout,
    ReadCheckout,
    RefundPayment,
)
from bot.core.calls.subscriptions import (
    ChangePlan,
    EndAtPeriodEnd,
    EndNow,
    FindPlanOfPayment,
    FindPlanPayments,
    KeepRenewing,
    ListPlanInvoices,
    ListSubscriptions,
    MoveTrialEnd,
    OpenPlanCheckout,
    OpenPortal,
    PlanPrice,
    PreviewChange,
    ReadSubscription,
    ReleaseSchedule,
    ScheduleChange,
)
from bot.core.calls.workshop import AskModel, ReadText
from integrations.claude import ClaudeAdapter
from integrations.lob import LobAdapter
from integrations.media import MediaAdapter, TelegramFiles
from integrations.plaid import PlaidAdapter
from integrations.stripe import StripeAdapter
from integrations.telegram import BotFace, Poller, TelegramAdapter, drift, set_up, webhook_reply
from integrations.telegram.setup import CommandList
from integrations.twilio import TwilioAdapter, TwilioMedia
from tests.integrations.door import Answer, Door, Shelf, attempt, open_door
from tests.integrations.photos import photo_of_a_page
from tests.integrations.spoiling import renamed, retyped
from tests.recordings import CHECKER, contract_checker

Check = Callable[[dict[str, Any]], list[str]]

needs_contracts = pytest.mark.skipif(
    not CHECKER.exists(), reason="the specification folder is not beside this checkout"
)

ACCOUNT, SERVICE, NUMBER, PERSON = "AC" + "0" * 32, "MG" + "1" * 32, "+15005550001", "+15005550006"
MEDIA_PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages/MM{'2' * 32}/Media/ME{'3' * 32}"
TOKEN = "123456:TEST-token"
SHELF = Shelf()
BANK_TOKEN = SHELF.put(b"access-sandbox-1", "application/x-bank-token")
PDF = SHELF.put(b"%PDF-1.7", "application/pdf")
PICTURE = SHELF.put(b"\x89PNG\r\n\x1a\n", "image/png")
PHOTO = SHELF.put(photo_of_a_page(), "image/jpeg")
AGENCY = PostalAddress("Citation Review", "11 South Van Ness Ave", "San Francisco", "CA", "94103", company="SFMTA")
ANA = PostalAddress("Ana Reyes", "500 Howard St", "San Francisco", "CA", "94105", address_line2="Apt 4")
BUTTONS = [[Button("Pay", url="https://parley.example/p/1"), Button("No", data="p1:no")]]
FACE = BotFace(
    webhook_url="https://parley.example/webhooks/telegram",
    webhook_secret="s3cret_-A",
    commands=[CommandList("all_private_chats", "es", [("start", "Empezar")])],
    descriptions={"es": "Multas"},
    short_descriptions={"": "Parking tickets"},
)


@pytest.fixture
def check() -> Check:
    checked: Check = contract_checker().check
    return checked


async def perform_all(adapter: Any, calls: list[Any]) -> None:
    assert {type(call) for call in calls} >= set(adapter.calls), "CON-2: an operation is missing here"
    for call in calls:
        await adapter.calls[type(call)](call, attempt(files=SHELF))
    await adapter.close()


BASIC = PlanPrice("parley:basic:1:month:USD:900", "Basic", 900, "USD", "month")
PRO = PlanPrice("parley:pro:1:month:USD:2900", "Pro", 2900, "USD", "month")
PLANS = [
    OpenPlanCheckout("1", BASIC, "https://e.test/s", "https://e.test/c", 1_795_300_000, {"purchase_id": "1"}, 14),
    OpenPlanCheckout(
        "2", BASIC, "https://e.test/s", "https://e.test/c", 1_795_300_000, {"purchase_id": "2"}, 0, "cus_1", "promo_1"
    ),
    ReadSubscription("sub_1"),
    ListSubscriptions(),
    ListSubscriptions(ended=True),
    PreviewChange("sub_1", "si_1", PRO, 1_795_000_000),
    ChangePlan("sub_1", "si_1", PRO, 1_795_000_000, "sub_sched_1"),
    ScheduleChange("sub_1", BASIC),
    ScheduleChange("sub_1", BASIC, "sub_sched_1"),
    ReleaseSchedule("sub_sched_1"),
    EndAtPeriodEnd("sub_1", "sub_sched_1"),
    KeepRenewing("sub_1"),
    EndNow("sub_1"),
    FindPlanPayments("sub_1"),
    ListPlanInvoices("sub_1"),
    FindPlanOfPayment("pi_1"),
    MoveTrialEnd("sub_1", 1_795_900_000),
    OpenPortal("cus_1", "https://e.test/paid", "payment_method_update"),
    OpenPortal("cus_1", "https://e.test/paid"),
]


async def stripe(door: Door) -> None:
    metadata = {"case": "c_1"}
    calls = [
        OpenCheckout("pay_1", 3900, "USD", "Letter", "https://e.test/s", "https://e.test/c", 1_795_300_000, metadata),
        OpenCheckout("pay_2", 900, "USD", "L", "https://e.test/s", "https://e.test/c", 1_795_300_000, metadata, True),
        ReadCheckout("cs_1"),
        ExpireCheckout("cs_1"),
        FindCheckouts(1_795_000_000, "pay_1"),
        RefundPayment("pi_1", 3900, "requested_by_customer", metadata),
        FindRefunds("pi_1"),
        ListStripeEvents(1_795_000_000, ["checkout.session.completed", "refund.failed"]),
        MakePromotion("purchase_1", "SPRING20", 180, "USD"),
        *PLANS,
    ]
    phase = {"start_date": 1_795_000_000, "end_date": 1_797_000_000, "items": [{"price": "price_1", "quantity": 1}]}

    def answer(seen: dict[str, Any]) -> Answer:
        rows = [] if "/prices?" in seen["url"] else [{"id": "x_1"}]
        more = "starting_after" not in seen["url"] and bool(rows)
        return Answer(200, {"id": "x_1", "object": "list", "data": rows, "phases": [phase], "has_more": more})

    door.always = answer
    await perform_all(StripeAdapter("sk_test_1", base_url=door.url), calls)


async def lob(door: Door) -> None:
    mail = MailLetter("let_1", "pay_1", AGENCY, ANA, PDF, certified=False)
    calls = [
        mail,
        MailLetter("let_2", "pay_2", AGENCY, ANA, PDF, certified=True),
        FindLetter("let_1"),
        ReadLetter("ltr_4868c3b754655f90"),
        CancelLetter("ltr_4868c3b754655f90"),
        VerifyAddress("500 Howard St", "Apt 4", "San Francisco", "CA", "94105"),
        VerifyAddress("500 Howard St", "", "", "", "94105-1234"),
    ]
    await perform_all(LobAdapter("test_1", base_url=f"{door.url}/v1"), calls)


async def twilio(door: Door) -> None:
    door.always = lambda seen: Answer(
        200,
        {
            "messages": [{"sid": "MM" + "2" * 32, "direction": "inbound", "num_media": "1", "body": "x"}],
            "media_list": [],
            "next_page_uri": None,
        },
    )
    sms = SendSms(PERSON, "Grüße", 600, ["https://parley.example/d/a"])
    await perform_all(
        TwilioAdapter(ACCOUNT, "token", NUMBER, "https://parley.example", base_url=door.url),
        [sms, FindSms(PERSON, "hi", 1_795_000_000), ListInboundSms(0)],
    )
    service = TwilioAdapter(ACCOUNT, "token", SERVICE, "https://parley.example", base_url=door.url)
    await service.calls[SendSms](sms, attempt())
    await service.look_ups[SendSms](sms, attempt())
    await service.close()


async def twilio_media(door: Door) -> None:
    door.always = Answer(200, b"\xff\xd8\xff")
    refs = [MediaRef("sms", door.url + MEDIA_PATH)]
    media = MediaAdapter(twilio=TwilioMedia(ACCOUNT, "token", base_url=door.url))
    await perform_all(media, [FetchMedia(refs), DiscardMedia(refs)])
    # Media bytes come from the address without .json, which the description of the API does not hold.
    door.requests = [one for one in door.requests if one["method"] != "GET"]


async def telegram(door: Door) -> None:
    calls = [
        SendTelegram(5, "<b>hi</b>", buttons=BUTTONS, thread_id=4),
        SendTelegram(5, "look", photo=PICTURE, buttons=BUTTONS),
        SendTelegram(5, "", document=PDF, filename="letter.pdf", thread_id=4),
        EditTelegram(5, 7),
        DeleteTelegram(5, 7),
        EditTelegram(5, 7, "new", buttons=BUTTONS),
        AnswerCallback("q"),
        AnswerCallback("q", "notice"),
        ShowTyping(5),
        ShowDraft(5, 77, "It grows"),
        OpenTopic(-100, "#1 Ann - open"),
        RenameTopic(-100, 4, "#1 Ann - resolved"),
        PostInTopic(-100, 4, "T-1042", buttons=[[Button("Take", data="t:1")]], reply_to=3),
        PostInTopic(-100, 4, "look", files=[PICTURE]),
        PostInTopic(-100, 4, "look", files=[PICTURE, PHOTO]),
        PinMessage(-100, 7),
        React(-100, 7, "\N{THUMBS UP SIGN}"),
        SendInvoice(5, "100 receipts", "Read 100 more receipts", "order_1", 400),
        MakeInvoiceLink("Basic", "Basic, every 30 days", "order_2", 700),
        AnswerCheckout("q"),
        AnswerCheckout("q", "This is no longer sold."),
        EditStarSubscription(5, "charge_1", is_canceled=True),
        RefundStars(5, "charge_1"),
        ListStars(0),
    ]
    door.always = Answer(200, {"ok": True, "result": []})
    adapter = TelegramAdapter(TOKEN, base_url=door.url)
    poller = Poller(adapter, _never, wait_seconds=0)
    await adapter.me()
    await poller.round()
    door.answer(400, {"ok": False, "description": "Bad Request: there is no text in the message to edit"})
    await adapter.calls[EditTelegram](EditTelegram(5, 7, "new"), attempt())
    await perform_all(adapter, calls)
    files = TelegramFiles(TOKEN, base_url=door.url)
    await files.fetch("F", 100)
    await files.close()


async def telegram_setup(door: Door) -> None:
    door.always = _as_the_bot_api
    await set_up(TOKEN, FACE, None, base_url=door.url)
    await set_up(TOKEN, BotFace(None, ""), None, base_url=door.url)
    await drift(TOKEN, FACE, base_url=door.url)


async def claude(door: Door) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": False}
    ask = AskModel("letter", "v1", "letters", "Be brief.", {"statement": "x"}, schema, 100, "k_1")
    classify = AskModel("intent", "v1", "classify", "Be brief.", {}, schema, 100, "k_1")
    read = ReadText([PHOTO], "ticket_photo", "v1", "parking ticket", {"number": "as printed"}, "k_1")
    await perform_all(
        ClaudeAdapter("key", base_url=door.url), [ask, classify, read, ReadReceipt([PHOTO], person="p_1")]
    )


async def plaid(door: Door) -> None:
    page = ("k_1", "https://parley.example/webhooks/plaid", "https://parley.example/linked", 90, 1800)
    calls = [
        OpenBankLink(*page),
        OpenBankLink(*page, language="es", token=BANK_TOKEN),
        ReadBankLink("link-sandbox-1"),
        ExchangeBankToken("public-sandbox-1"),
        SyncBank(BANK_TOKEN),
        SyncBank(BANK_TOKEN, "cursor"),
        RemoveBank(BANK_TOKEN),
        ReadBankKey("bfbd5111-8e33-4643-8ced-b2e642a72f3c"),
    ]
    item = {"item_id": "item_1", "institution_id": "ins_1"}
    door.always = Answer(200, {"access_token": "access-1", "item_id": "item_1", "item": item, "next_cursor": "c"})
    await perform_all(PlaidAdapter("client", "secret", base_url=door.url), calls)


async def _never(update: object) -> None:
    raise AssertionError("nothing was offered")


def _as_the_bot_api(seen: dict[str, Any]) -> Answer:
    results: dict[str, Any] = {
        "getWebhookInfo": {"url": "", "has_custom_certificate": False, "pending_update_count": 0},
        "getMyCommands": [],
        "getMyDescription": {"description": ""},
        "getMyShortDescription": {"short_description": ""},
        "getChatMenuButton": {"type": "commands"},
    }
    return Answer(200, {"ok": True, "result": results.get(seen["url"].rpartition("/")[2], True)})


VENDORS: dict[str, Callable[[Door], Awaitable[None]]] = {
    "stripe": stripe,
    "lob": lob,
    "twilio": twilio,
    "twilio_media": twilio_media,
    "telegram": telegram,
    "telegram_setup": telegram_setup,
    "claude": claude,
    "plaid": plaid,
}
PROVIDERS = {"twilio_media": "twilio", "telegram_setup": "telegram", "claude": "anthropic"}


async def record(vendor: str) -> list[dict[str, Any]]:
    async with open_door(PROVIDERS.get(vendor, vendor)) as door:
        await VENDORS[vendor](door)
        return door.requests


@needs_contracts
@pytest.mark.parametrize("vendor", VENDORS)
async def test_con_1_con_2_every_operation_keeps_to_the_contract(vendor: str, check: Check) -> None:
    requests = await record(vendor)
    assert requests
    assert [problem for request in requests for problem in check(request)] == []


@needs_contracts
async def test_con_1_a_reply_in_the_webhook_response_keeps_to_the_contract(
    check: Check,
) -> None:
    reply = webhook_reply(SendTelegram(5, "hi", buttons=BUTTONS, thread_id=4))
    assert reply is not None
    method = reply.pop("method")
    headers = {"Content-Type": "application/json"}
    request = {
        "method": "POST",
        "url": f"http://127.0.0.1/bot{TOKEN}/{method}",
        "headers": headers,
        "body": json.dumps(reply),
        "provider": "telegram",
    }
    assert check(request) == []


@needs_contracts
@pytest.mark.parametrize("vendor", VENDORS)
async def test_con_4_any_field_renamed_turns_a_check_red(vendor: str, check: Check) -> None:
    spoilt = [one for request in await record(vendor) for one in renamed(request)]
    assert [what for what, request in spoilt if not check(request)] == []
    assert spoilt or vendor == "twilio_media", "only deletions carry no field"


@needs_contracts
@pytest.mark.parametrize("vendor", VENDORS)
async def test_con_4_any_value_of_a_wrong_type_turns_a_check_red(vendor: str, check: Check) -> None:
    contract = contract_checker().contract(PROVIDERS.get(vendor, vendor))
    spoilt = [one for request in await record(vendor) for one in retyped(request, contract)]
    assert [what for what, request in spoilt if not check(request)] == []
    assert spoilt or vendor == "twilio_media", "only deletions carry no field"
