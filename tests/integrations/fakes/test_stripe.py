"""The fake Stripe, met with the real SDK and with raw forms."""

from __future__ import annotations

import asyncio
import json
import typing
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import stripe

from bot.core.clock import FixedClock
from integrations.fakes.stripe import API_VERSION, StripeFake
from integrations.fakes.stripe.events import sign
from tests.integrations.fakes.conftest import Inbox

SECRET = "whsec_test"
FORM = {
    "mode": "payment",
    "line_items[0][quantity]": "1",
    "line_items[0][price_data][currency]": "usd",
    "line_items[0][price_data][unit_amount]": "1995",
    "line_items[0][price_data][product_data][name]": "Letter preparation and mailing, certified",
    "success_url": "https://parley.test/p/abc?s={CHECKOUT_SESSION_ID}",
    "cancel_url": "https://parley.test/p/abc",
    "client_reference_id": "81",
    "metadata[payment_id]": "81",
    "payment_intent_data[metadata][payment_id]": "81",
}


class Raw:
    """Speaks plain HTTP to the fake."""

    def __init__(self, http: aiohttp.ClientSession, fake: StripeFake) -> None:
        self.http, self.fake = http, fake

    async def __call__(
        self, method: str, path: str, form: dict[str, str] | None = None, key: str | None = None, **headers: str
    ) -> tuple[int, Any]:
        sent = {"Authorization": "Bearer sk_test_1", "Stripe-Version": API_VERSION, **headers}
        if key is not None:
            sent["Idempotency-Key"] = key
        async with self.http.request(method, self.fake.url + path, data=form, headers=sent, allow_redirects=False) as a:
            self.headers = a.headers
            return a.status, await a.json(content_type=None) if "json" in a.content_type else await a.text()


@pytest.fixture
async def fake(clock: FixedClock, inbox: Inbox) -> AsyncIterator[StripeFake]:
    server = StripeFake(clock, webhook_url=inbox.url, webhook_secret=SECRET)
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def raw(fake: StripeFake) -> AsyncIterator[Raw]:
    async with aiohttp.ClientSession() as http:
        yield Raw(http, fake)


@pytest.fixture
async def sdk(fake: StripeFake) -> AsyncIterator[stripe.StripeClient]:
    transport = stripe.AIOHTTPClient(timeout=10)
    client = stripe.StripeClient(
        "sk_test_1",
        http_client=transport,
        base_addresses={"api": fake.url},
        max_network_retries=0,
    )
    yield client
    await transport.close_async()  # type: ignore[no-untyped-call]


async def opened(raw: Raw, **changes: str) -> dict[str, Any]:
    status, session = await raw(
        "POST", "/v1/checkout/sessions", {**FORM, **changes}, key=f"checkout:{len(raw.fake.recordings)}"
    )
    assert status == 200, session
    return typing.cast("dict[str, Any]", session)


def without(*names: str, **more: str) -> dict[str, str]:
    return {name: value for name, value in FORM.items() if name not in names} | more


AMOUNT = "line_items[0][price_data][unit_amount]"
REFUSED = [
    ({**FORM, "payment_method_types[0]": "card"}, "parameter_unknown", "payment_method_types"),
    ({**FORM, "line_items[0][qty]": "1"}, "parameter_unknown", "line_items[0][qty]"),
    ({**FORM, "coupon": "x"}, "parameter_unknown", "coupon"),
    ({**FORM, AMOUNT: "19.95"}, "parameter_invalid_integer", AMOUNT),
    ({**FORM, AMOUNT: "-5"}, "parameter_invalid_integer", AMOUNT),
    ({**FORM, AMOUNT: "49"}, "amount_too_small", None),
    ({**FORM, "mode": "paiment"}, None, "mode"),
    ({**FORM, "success_url": "parley"}, "url_invalid", "success_url"),
    ({**FORM, "client_reference_id": ""}, "parameter_invalid_empty", "client_reference_id"),
    ({**FORM, "client_reference_id": "x" * 201}, "parameter_invalid_string", "client_reference_id"),
    ({**FORM, "customer_email": "nobody"}, "email_invalid", "customer_email"),
    ({**FORM, "metadata[" + "k" * 41 + "]": "v"}, None, "metadata[" + "k" * 41 + "]"),
    ({**FORM, "line_items": "none"}, None, "line_items"),
    ({**FORM, "metadata": "flat"}, None, None),
    ({**FORM, "allow_promotion_codes": "yes"}, None, "allow_promotion_codes"),
    ({**FORM, "customer": "cus_none"}, "resource_missing", "customer"),
    ({**FORM, "line_items[0][price]": "price_1"}, None, "line_items[0]"),
    (without("success_url"), "parameter_missing", "success_url"),
    (without("mode"), "parameter_missing", "mode"),
    (without("line_items[0][quantity]"), "parameter_missing", "line_items[0][quantity]"),
    (without("line_items[0][price_data][currency]"), "parameter_missing", "line_items[0][price_data][currency]"),
    ({n: v for n, v in FORM.items() if not n.startswith("line_items")}, "parameter_missing", "line_items"),
]


@pytest.mark.parametrize(("form", "code", "param"), REFUSED)
async def test_str_5_what_stripe_would_refuse_is_refused(
    raw: Raw, form: dict[str, str], code: str | None, param: str | None
) -> None:
    status, body = await raw("POST", "/v1/checkout/sessions", form, key="k")
    assert status == 400
    assert body["error"]["type"] == "invalid_request_error"
    assert (body["error"].get("code"), body["error"].get("param")) == (code, param) or param is None
    assert len(raw.fake.checkout.shelf) == 0


@pytest.mark.parametrize(
    ("ahead", "status"),
    [(-1, 400), (0, 400), (1799, 400), (1800, 200), (86_400, 200), (86_401, 400)],
)
async def test_str_6_a_session_lives_between_30_minutes_and_24_hours(raw: Raw, ahead: int, status: int) -> None:
    form = {**FORM, "expires_at": str(raw.fake.now() + ahead)}
    assert (await raw("POST", "/v1/checkout/sessions", form, key="k"))[0] == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": ""}, 401),
        ({"Authorization": "Bearer pk_test_1"}, 401),
        ({"Authorization": "Basic c2tfdGVzdF8xOg=="}, 200),
        ({"Authorization": "Basic ???"}, 401),
        ({"Stripe-Version": "2019-01-01"}, 400),
    ],
)
async def test_key_and_version_are_checked(raw: Raw, headers: dict[str, str], status: int) -> None:
    assert (await raw("GET", "/v1/events", None, None, **headers))[0] == status


async def test_a_json_body_and_a_query_on_post_are_refused(raw: Raw) -> None:
    async with raw.http.post(
        raw.fake.url + "/v1/refunds", json={"charge": "x"}, headers={"Authorization": "Bearer sk_test_1"}
    ) as answer:
        assert answer.status == 400
    assert (await raw("POST", "/v1/refunds?charge=x", {}))[0] == 400
    assert (await raw("GET", "/v1/topups"))[0] == 404


async def test_a_repeated_key_gives_the_stored_answer_and_no_second_session(raw: Raw, clock: FixedClock) -> None:
    first = await raw("POST", "/v1/checkout/sessions", FORM, key="checkout:81")
    clock.advance(timedelta(hours=23, minutes=59))
    assert await raw("POST", "/v1/checkout/sessions", FORM, key="checkout:81") == first
    assert raw.headers["Idempotent-Replayed"] == "true"
    clock.advance(timedelta(minutes=1))
    status, later = await raw("POST", "/v1/checkout/sessions", FORM, key="checkout:81")
    assert (status, later["id"] == first[1]["id"]) == (200, False)
    assert len(raw.fake.checkout.shelf) == 2


async def test_a_key_with_other_parameters_is_an_error(raw: Raw) -> None:
    await raw("POST", "/v1/checkout/sessions", FORM, key="k")
    status, body = await raw("POST", "/v1/checkout/sessions", {**FORM, AMOUNT: "900"}, key="k")
    assert (status, body["error"]["type"]) == (400, "idempotency_error")
    assert (await raw("POST", "/v1/checkout/sessions", FORM, key="x" * 256))[0] == 400


async def test_a_stored_error_is_replayed_too(raw: Raw) -> None:
    session = await opened(raw)
    raw.fake.pay(session["id"])
    intent = raw.fake.checkout.find(session["id"])["payment_intent"]
    form = {"payment_intent": intent, "amount": "1995"}
    raw.fake.faults.add("status_after", "refunds.create", status=500, stored=True)
    assert [(await raw("POST", "/v1/refunds", form, key="r"))[0] for _ in range(2)] == [500, 500]
    assert len(raw.fake.payments.refunds) == 1
    over = await raw("POST", "/v1/refunds", form, key="r2")
    assert over[1]["error"]["code"] == "charge_already_refunded"
    assert await raw("POST", "/v1/refunds", form, key="r2") == over


async def test_an_effect_behind_a_500_is_found_under_the_same_key(raw: Raw) -> None:
    raw.fake.faults.add("status_after", "checkout.sessions.create", status=502)
    assert (await raw("POST", "/v1/checkout/sessions", FORM, key="k"))[0] == 502
    assert (await raw("POST", "/v1/checkout/sessions", FORM, key="k"))[0] == 200
    assert len(raw.fake.book.of("session.created")) == 1


async def test_the_sdk_opens_reads_lists_and_expires_sessions(sdk: stripe.StripeClient, fake: StripeFake) -> None:
    price = {"currency": "usd", "unit_amount": 900, "product_data": {"name": "Letter"}}
    made = await sdk.v1.checkout.sessions.create_async(
        {
            "mode": "payment",
            "line_items": [{"quantity": 1, "price_data": price}],
            "success_url": "https://parley.test/ok",
            "client_reference_id": "81",
            "metadata": {"payment_id": "81"},
            "expires_at": fake.now() + 3600,
        },  # type: ignore[arg-type]
        {"idempotency_key": "checkout:81"},
    )
    assert (made.status, made.payment_status, made.amount_total, made.currency) == ("open", "unpaid", 900, "usd")
    fake.pay(made.id)
    read = await sdk.v1.checkout.sessions.retrieve_async(
        made.id, {"expand": ["payment_intent.latest_charge", "line_items"]}
    )
    assert (read.status, read.payment_status, read.url) == ("complete", "paid", None)
    assert isinstance(read.payment_intent, stripe.PaymentIntent)
    assert isinstance(read.payment_intent.latest_charge, stripe.Charge)
    assert read.payment_intent.latest_charge.amount == 900
    assert read.line_items is not None
    assert read.line_items.data[0].description == "Letter"
    listed = await sdk.v1.checkout.sessions.list_async({"created": {"gte": fake.now()}, "limit": 100})
    assert [s.client_reference_id for s in listed.data] == ["81"]
    with pytest.raises(stripe.InvalidRequestError, match="can be expired"):
        await sdk.v1.checkout.sessions.expire_async(made.id)
    with pytest.raises(stripe.InvalidRequestError) as missing:
        await sdk.v1.checkout.sessions.retrieve_async("cs_test_none")
    assert missing.value.http_status == 404


async def test_the_sdk_refunds_and_finds_refunds(sdk: stripe.StripeClient, raw: Raw) -> None:
    session = await opened(raw)
    raw.fake.pay(session["id"])
    intent = raw.fake.checkout.find(session["id"])["payment_intent"]
    part = await sdk.v1.refunds.create_async(
        {"payment_intent": intent, "amount": 500, "reason": "duplicate", "metadata": {"n": "1"}},
        {"idempotency_key": "refund:81:1"},
    )
    assert (part.status, part.amount) == ("succeeded", 500)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        await sdk.v1.refunds.create_async({"payment_intent": intent, "amount": 1496}, {"idempotency_key": "r2"})
    await sdk.v1.refunds.create_async({"payment_intent": intent}, {"idempotency_key": "r3"})
    found = await sdk.v1.refunds.list_async({"payment_intent": intent})
    assert [(r.amount, r.metadata and r.metadata.to_dict()) for r in found.data] == [(1495, {}), (500, {"n": "1"})]
    charge = await sdk.v1.charges.retrieve_async(str(part.charge))
    assert (charge.refunded, charge.amount_refunded) == (True, 1995)
    assert sum(row["amount"] for row in raw.fake.book.of("refund.created")) == 1995


async def test_stripe_errors_arrive_as_the_sdks_own(sdk: stripe.StripeClient, fake: StripeFake) -> None:
    fake.faults.add("rate_limit", retry_after=2)
    with pytest.raises(stripe.RateLimitError):
        await sdk.v1.events.list_async()
    fake.faults.add("status_before", status=503)
    with pytest.raises(stripe.APIError):
        await sdk.v1.events.list_async()
    fake.faults.add("reset_before", times=None)
    with pytest.raises(stripe.APIConnectionError):
        await sdk.v1.events.list_async()


async def test_str_13_webhooks_pass_the_sdks_own_verifier(raw: Raw, inbox: Inbox, clock: FixedClock) -> None:
    session = await opened(raw)
    raw.fake.pay(session["id"])
    await raw.fake.tick()
    types = []
    for body, headers in inbox.seen:
        stripe.WebhookSignature.verify_header(body.decode(), headers["Stripe-Signature"], SECRET, None)
        event = json.loads(body)
        types.append(event["type"])
        assert (event["api_version"], event["livemode"]) == (API_VERSION, False)
    assert types == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]
    done = json.loads(inbox.seen[-1][0])["data"]["object"]
    assert (done["payment_status"], done["client_reference_id"]) == ("paid", "81")
    assert not [name for name in done if name.startswith("_")]
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.WebhookSignature.verify_header(
            inbox.seen[0][0].decode() + " ", headers["Stripe-Signature"], SECRET, None
        )
    assert sign(SECRET, "{}", clock.now()) == stripe.WebhookSignature.generate_signature_header(
        "{}", SECRET, int(clock.now().timestamp())
    )


async def test_refused_webhooks_come_again_for_three_days(raw: Raw, inbox: Inbox, clock: FixedClock) -> None:
    await opened(raw)
    inbox.statuses = [500] * 40
    clock.advance(timedelta(hours=24))
    await raw.fake.tick()
    for _ in range(100):
        clock.advance(timedelta(hours=1))
        await raw.fake.tick()
    assert len({body for body, _ in inbox.seen}) == 1
    last = raw.fake.book.of("hook.failed")[-1]["at"]
    first = raw.fake.book.of("hook.failed")[0]["at"]
    assert 5 <= len(inbox.seen) <= 12
    assert "2026-11-22" in first
    assert last.startswith("2026-11-25")


async def test_a_session_expires_by_the_clock_also_when_only_read(raw: Raw, inbox: Inbox, clock: FixedClock) -> None:
    session = await opened(raw, expires_at=str(raw.fake.now() + 1800))
    clock.advance(timedelta(minutes=30))
    status, read = await raw("GET", f"/v1/checkout/sessions/{session['id']}")
    assert (status, read["status"], read["url"]) == (200, "expired", None)
    await raw.fake.tick()
    assert [json.loads(body)["type"] for body, _ in inbox.seen] == ["checkout.session.expired"]
    assert (await raw("POST", f"/_pay/{session['id']}"))[0] == 409


async def test_a_decline_leaves_the_session_open_for_another_try(raw: Raw) -> None:
    session = await opened(raw)
    status, after = await raw("POST", f"/_decline/{session['id']}")
    assert (status, after["status"], after["payment_status"]) == (200, "open", "unpaid")
    raw.fake.pay(session["id"])
    kinds = [row["kind"] for row in raw.fake.book.of("charge") if row["kind"] != "charge.attempted"]
    assert kinds == ["charge.failed", "charge.succeeded"]
    assert len(raw.fake.payments.intents) == 1


@pytest.mark.parametrize(("outcome", "paid"), [("succeeded", "paid"), ("failed", "unpaid")])
async def test_a_bank_debit_is_processing_until_it_ends(
    raw: Raw, inbox: Inbox, clock: FixedClock, outcome: str, paid: str
) -> None:
    session = await opened(raw)
    form = {"method": "us_bank_account", "outcome": outcome, "after_seconds": 3600}
    async with raw.http.post(raw.fake.url + f"/_pay/{session['id']}", json=form) as answer:
        body = await answer.json()
    assert (body["status"], body["payment_status"]) == ("complete", "unpaid")
    clock.advance(timedelta(hours=1))
    await raw.fake.tick()
    types = [json.loads(body)["type"] for body, _ in inbox.seen]
    assert f"checkout.session.async_payment_{outcome}" in types
    read = (await raw("GET", f"/v1/checkout/sessions/{session['id']}"))[1]
    assert read["payment_status"] == paid


async def test_a_refund_may_fail_later_and_gives_the_money_back_to_the_charge(raw: Raw, inbox: Inbox) -> None:
    session = await opened(raw)
    raw.fake.pay(session["id"])
    raw.fake.refund_status = "pending"
    intent = raw.fake.checkout.find(session["id"])["payment_intent"]
    refund = (await raw("POST", "/v1/refunds", {"payment_intent": intent}, key="r"))[1]
    assert refund["status"] == "pending"
    async with raw.http.post(raw.fake.url + f"/_refund/{refund['id']}", json={"status": "failed"}) as answer:
        assert (await answer.json())["status"] == "failed"
    charge = (await raw("GET", f"/v1/charges/{refund['charge']}"))[1]
    assert (charge["amount_refunded"], charge["refunded"]) == (0, False)
    await raw.fake.tick()
    assert json.loads(inbox.seen[-1][0])["type"] == "refund.failed"


async def test_a_disputed_charge_is_not_refunded(raw: Raw, inbox: Inbox) -> None:
    session = await opened(raw)
    raw.fake.pay(session["id"])
    intent = raw.fake.checkout.find(session["id"])["payment_intent"]
    status, dispute = await raw("POST", f"/_dispute/{intent}")
    assert (status, dispute["status"], dispute["payment_intent"]) == (200, "needs_response", intent)
    refused = (await raw("POST", "/v1/refunds", {"payment_intent": intent}, key="r"))[1]
    assert refused["error"]["code"] == "charge_disputed"
    await raw("POST", f"/_close_dispute/{dispute['id']}")
    await raw.fake.tick()
    types = [json.loads(body)["type"] for body, _ in inbox.seen]
    assert [t for t in types if t.startswith("charge.dispute.c")] == ["charge.dispute.created", "charge.dispute.closed"]


async def test_events_are_listed_by_type_and_time_for_thirty_days(raw: Raw, clock: FixedClock) -> None:
    for _ in range(3):
        raw.fake.pay((await opened(raw))["id"])
        clock.advance(timedelta(days=1))
    since = raw.fake.now() - 2 * 86_400
    query = f"?created[gte]={since}&types[0]=checkout.session.completed&types[1]=charge.refunded&limit=1"
    first = (await raw("GET", "/v1/events" + query))[1]
    assert (len(first["data"]), first["has_more"]) == (1, True)
    rest = (await raw("GET", "/v1/events" + query + f"&starting_after={first['data'][0]['id']}"))[1]
    assert (len(rest["data"]), rest["has_more"]) == (1, False)
    assert rest["data"][0]["created"] < first["data"][0]["created"]
    clock.advance(timedelta(days=31))
    assert (await raw("GET", "/v1/events"))[1]["data"] == []
    assert (await raw("GET", "/v1/events?tipe=x"))[0] == 400


async def test_the_pay_page_pays_declines_and_goes_back(raw: Raw) -> None:
    session = await opened(raw)
    path = session["url"].removeprefix(raw.fake.url)
    status, page = await raw("GET", path)
    assert status == 200
    assert "$19.95" in page
    assert "certified" in page
    assert (await raw("POST", path + "/abandon"))[0] == 303
    assert raw.headers["Location"] == "https://parley.test/p/abc"
    await raw("POST", path + "/decline")
    assert "declined" in (await raw("GET", raw.headers["Location"]))[1]
    assert (await raw("POST", path + "/pay"))[0] == 303
    assert raw.headers["Location"] == f"https://parley.test/p/abc?s={session['id']}"
    assert (await raw("GET", path))[0] == 410
    assert (await raw("POST", path + "/pay"))[0] == 409
    assert len(raw.fake.book.of("charge.succeeded")) == 1


async def test_names_on_the_pay_page_are_text_not_markup(raw: Raw) -> None:
    session = await opened(raw, **{"line_items[0][price_data][product_data][name]": "<script>alert(1)</script>"})
    page = (await raw("GET", session["url"].removeprefix(raw.fake.url)))[1]
    assert "<script>" not in page


async def test_customers_are_kept_changed_and_deleted(raw: Raw) -> None:
    made = (await raw("POST", "/v1/customers", {"email": "a@e.test", "metadata[p]": "1", "metadata[q]": "2"}, key="c"))[
        1
    ]
    path = f"/v1/customers/{made['id']}"
    changed = (await raw("POST", path, {"metadata[p]": "", "name": "Ann"}, key="c2"))[1]
    assert (changed["metadata"], changed["name"], changed["email"]) == ({"q": "2"}, "Ann", "a@e.test")
    assert len((await raw("GET", "/v1/customers?email=a@e.test"))[1]["data"]) == 1
    assert (await raw("DELETE", path))[1]["deleted"] is True
    assert (await raw("GET", path))[0] == 404


async def test_a_registered_endpoint_gets_the_events_it_asked_for(raw: Raw, inbox: Inbox) -> None:
    raw.fake.events.hooks.target = None
    form = {"url": inbox.url, "enabled_events[0]": "checkout.session.completed"}
    made = (await raw("POST", "/v1/webhook_endpoints", form, key="w"))[1]
    raw.fake.pay((await opened(raw))["id"])
    await raw.fake.tick()
    ((body, headers),) = inbox.seen
    stripe.WebhookSignature.verify_header(body.decode(), headers["Stripe-Signature"], made["secret"], None)
    assert "secret" not in (await raw("GET", f"/v1/webhook_endpoints/{made['id']}"))[1]


async def test_a_restart_on_the_same_book_forgets_nothing(clock: FixedClock, tmp_path: Path, inbox: Inbox) -> None:
    path = tmp_path / "stripe.jsonl"
    async with aiohttp.ClientSession() as http:
        first = StripeFake(clock, path, webhook_url="http://127.0.0.1:9/closed", webhook_secret=SECRET)
        await first.start()
        raw = Raw(http, first)
        paid, waiting, open_one = [await opened(raw) for _ in range(3)]
        kept = await raw("POST", "/v1/checkout/sessions", FORM, key="again")
        first.pay(paid["id"])
        first.pay(waiting["id"], "us_bank_account")
        await first.stop()

        second = StripeFake(clock, path, webhook_url=inbox.url, webhook_secret=SECRET)
        await second.start()
        raw = Raw(http, second)
        assert await raw("POST", "/v1/checkout/sessions", FORM, key="again") == kept
        assert (await raw("GET", f"/v1/checkout/sessions/{paid['id']}"))[1]["payment_status"] == "paid"
        clock.advance(timedelta(days=4))
        await second.tick()
        statuses = {s["id"]: (s["status"], s["payment_status"]) for s in second.checkout.shelf}
        await second.stop()
    assert statuses[waiting["id"]] == ("complete", "paid")
    assert statuses[open_one["id"]] == ("expired", "unpaid")
    assert len(second.book.of("charge.succeeded")) == 2


@pytest.mark.parametrize(
    ("shelf", "type"),
    [
        ("session", stripe.checkout.Session),
        ("payment_intent", stripe.PaymentIntent),
        ("charge", stripe.Charge),
        ("refund", stripe.Refund),
        ("dispute", stripe.Dispute),
        ("event", stripe.Event),
        ("customer", stripe.Customer),
    ],
)
async def test_objects_carry_every_field_that_the_sdk_promises(raw: Raw, shelf: str, type: Any) -> None:
    session = await opened(raw)
    raw.fake.pay(session["id"])
    await raw("POST", "/v1/customers", {}, key="c")
    intent = raw.fake.checkout.find(session["id"])["payment_intent"]
    await raw("POST", "/v1/refunds", {"payment_intent": intent, "amount": "1"}, key="r")
    raw.fake.dispute(intent)
    (made, *_) = raw.fake.book.shelf(shelf)
    hints = {name: str(hint) for name, hint in type.__annotations__.items()}
    promised = {
        n
        for n, hint in hints.items()
        if "Optional[" not in hint
        and "NoneType" not in hint
        and not n.startswith("_")
        and n.islower()
        and n != "deleted"
    }
    assert promised - made.keys() == set()
    assert {n for n in promised if made[n] is None} == set()


async def test_well_formed_requests_conform_to_the_vendors_contract(raw: Raw, sdk: stripe.StripeClient) -> None:
    folder = Path(__file__).parents[3] / "../shared/contracts"
    if not folder.exists():
        pytest.skip("the contracts folder is not beside the checkout")
    import importlib.util

    spec = importlib.util.spec_from_file_location("check_example", folder / "check_example.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    session = await opened(raw)
    raw.fake.pay(session["id"])
    await sdk.v1.refunds.list_async({"payment_intent": "pi_1", "created": {"gte": 1}})
    await sdk.v1.events.list_async({"types": ["charge.refunded"], "created": {"gte": 1}})
    checker = module.Checker()
    assert [checker.check(request) for request in raw.fake.recordings] == [[], [], []]


REQUEST_FAULTS = [
    "status_before",
    "status_after",
    "timeout_after",
    "reset_before",
    "reset_during",
    "rate_limit",
    "truncate",
]


@pytest.mark.parametrize("fault", REQUEST_FAULTS)
async def test_fake_1_after_any_fault_the_same_keys_lead_to_the_undisturbed_state(raw: Raw, fault: str) -> None:
    async def until_answered(path: str, form: dict[str, str], key: str) -> dict[str, Any]:
        while True:
            try:
                async with asyncio.timeout(0.3):
                    status, body = await raw("POST", path, form, key=key)
            except (TimeoutError, aiohttp.ClientError, json.JSONDecodeError):
                continue
            if status == 200:
                return typing.cast("dict[str, Any]", body)

    for operation in ("checkout.sessions.create", "refunds.create", "checkout.sessions.expire"):
        raw.fake.faults.add(fault, operation)
    session = await until_answered("/v1/checkout/sessions", FORM, "c")
    raw.fake.pay(session["id"])
    intent = raw.fake.checkout.find(session["id"])["payment_intent"]
    await until_answered("/v1/refunds", {"payment_intent": intent, "amount": "5"}, "r")
    other = await until_answered("/v1/checkout/sessions", FORM, "c2")
    await until_answered(f"/v1/checkout/sessions/{other['id']}/expire", {}, "e")
    kinds = [row["kind"] for row in raw.fake.book.rows if row["kind"].split(".")[0] in ("session", "refund")]
    paid = ["session.created", "session.attempted", "session.completed", "refund.created"]
    assert kinds == [*paid, "session.created", "session.expired"]
    assert raw.fake.faults.armed() == []
