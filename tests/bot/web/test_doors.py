"""The signature vectors against the running routes, and what the doors promise (CON-5, HOOK-1 to HOOK-8)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp
import pytest

from bot.assembly.app import App
from bot.core.clock import FixedClock
from bot.web.doors.twilio import TwilioDoor
from tests.bot.web.fuzz import signed, stored
from tests.conftest import FRIDAY
from tests.crash.orders import register
from tests.databases import prepared_database
from tests.simulation.world import SECRETS, World

VECTORS = Path(__file__).parents[3] / "../shared/contracts/signature-vectors.json"
DOORS = {
    "stripe": "/webhooks/stripe",
    "lob": "/webhooks/lob",
    "telegram": "/webhooks/telegram",
    "twilio": "/webhooks/twilio/sms",
    "razorpay": "/webhooks/razorpay",
}
SECRET_NAMES = {
    "stripe": "stripe_webhook_secret", "lob": "lob_webhook_secret", "telegram": "telegram_webhook_secret",
    "twilio": "twilio_auth_token", "razorpay": "razorpay_webhook_secret",
}  # fmt: skip


def _vectors() -> list[Any]:
    if not VECTORS.exists():
        return [pytest.param(None, marks=pytest.mark.skip(reason="../shared/contracts is absent"))]
    rows = json.loads(VECTORS.read_text())["vectors"]
    known = [row for row in rows if row["provider"] in DOORS]
    return [pytest.param(row, id=f"{n}-{row['provider']}-{row.get('note', '')[:40]}") for n, row in enumerate(known)]


@asynccontextmanager
async def town(
    folder: Path, clock: FixedClock, on_start: Callable[[App], None] = lambda app: None, **secrets: Any
) -> AsyncIterator[World]:
    """Open a town whose server has other secrets."""
    with prepared_database("sqlite", folder) as url:

        class Other(World):
            def settings(self) -> Any:
                return super().settings().model_copy(update=secrets)

        async with Other.open(register, url, clock, folder, on_start=on_start) as world:
            yield world


async def post(world: World, path: str, body: bytes, headers: dict[str, str]) -> int:
    """Return the status of one request."""
    async with aiohttp.ClientSession() as session, session.post(world.url + path, data=body, headers=headers) as answer:
        await answer.read()
        return answer.status


def _body(vector: dict[str, Any]) -> bytes:
    if vector["provider"] == "twilio" and "params" in vector:
        params = vector["params"]
        return urlencode(list(params.items()) if isinstance(params, dict) else params, doseq=True).encode()
    body = vector.get("body") or ""
    return (body if isinstance(body, str) else json.dumps(body)).encode()


def _twilio_at(path: str, public_url: str, token: str) -> Callable[[App], None]:
    """Open Twilio's door at the path that a vector was signed for, beside our own."""

    def add(app: App) -> None:
        door = TwilioDoor(
            app.intake, account_sid=SECRETS["twilio_account_sid"], auth_token=token, public_url=public_url
        )
        if not path.startswith("/webhooks/twilio/"):
            app.site.router.add_post(path, door.sms)

    return add


@pytest.mark.shared
@pytest.mark.parametrize("vector", _vectors())
async def test_con_5_signature_vector_at_the_running_route(vector: dict[str, Any], tmp_path: Path) -> None:
    provider = vector["provider"]
    now = datetime.fromtimestamp(vector.get("now") or FRIDAY.timestamp(), UTC)
    add: Callable[[App], None] = _nothing
    secrets, path = {SECRET_NAMES[provider]: str(vector.get("secret") or "")}, DOORS[provider]
    if provider == "twilio":
        parts = urlsplit(vector["url"])
        secrets["public_url"] = f"{parts.scheme}://{parts.netloc}"
        add = _twilio_at(parts.path or "/", secrets["public_url"], vector.get("secret") or "")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    async with town(tmp_path, FixedClock(now), add, **secrets) as world:
        before = await stored(world)
        headers = {"Content-Type": "application/x-www-form-urlencoded", **(vector.get("headers") or {})}
        status = await post(world, path, _body(vector), headers)
        if vector["valid"]:
            assert status == 200 or await _is_only_malformed(world, path, _body(vector), headers)
        else:
            assert status == (400 if provider in ("stripe", "lob") else 403)
            assert await stored(world) == before


async def _is_only_malformed(world: World, path: str, body: bytes, headers: dict[str, str]) -> bool:
    """Tell whether a request was found genuine and refused for its content or its account only."""
    async with aiohttp.ClientSession() as session, session.post(world.url + path, data=body, headers=headers) as answer:
        return await answer.text() in ("malformed", "account")


def _nothing(app: App) -> None:
    return


UPDATE = {
    "update_id": 1,
    "message": {
        "message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}, "from": {"id": 5, "is_bot": False},
        "text": "order ann",
    },
}  # fmt: skip
EVENT = {"id": "evt_1", "type": "customer.created", "data": {"object": {"id": "cus_1"}}}


async def test_hook_1_a_forwarded_host_changes_nothing(tmp_path: Path) -> None:
    async with town(tmp_path, FixedClock(FRIDAY)) as world:
        body = urlencode({"MessageSid": "SM1", "From": "+14155550123", "Body": "order", "Blank": ""}).encode()
        headers = signed(world, "/webhooks/twilio/sms", body)
        more = {"X-Forwarded-Host": "elsewhere.example", "X-Forwarded-Proto": "https", "Host": "elsewhere.example"}
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        assert await post(world, "/webhooks/twilio/sms", body, {**headers, **form, **more}) == 200


@pytest.mark.parametrize("name", sorted(DOORS))
async def test_hook_2_an_unset_secret_refuses_everything(name: str, tmp_path: Path) -> None:
    secret: dict[str, Any] = {SECRET_NAMES[name]: ""}
    async with town(tmp_path, FixedClock(FRIDAY), **secret) as world:
        before = await stored(world)
        body = json.dumps(EVENT).encode()
        status = await post(world, DOORS[name], body, signed(world, DOORS[name], body))
        assert status == (400 if name in ("stripe", "lob") else 403)
        assert await stored(world) == before


async def test_a41_a_wrong_old_early_or_senseless_stripe_event_is_400_and_stored_nowhere(tmp_path: Path) -> None:
    body, path = json.dumps(EVENT).encode(), DOORS["stripe"]
    async with town(tmp_path, FixedClock(FRIDAY)) as world:
        before, genuine = await stored(world), signed(world, path, body)
        moment, _, digest = genuine["Stripe-Signature"].partition(",v1=")
        wrong = {"Stripe-Signature": f"{moment},v1={'0' * 64}"}
        assert await post(world, path, body, wrong) == 400
        assert await post(world, path, body, {"Stripe-Signature": f"t=1,v1={digest}"}) == 400, "signed for another time"
        assert await post(world, path, body, {}) == 400
        assert await post(world, path, b"not json", signed(world, path, b"not json")) == 400
        for late in (301, -301):
            assert await post(world, path, body, signed(world, path, body, late=late)) == 400, f"{late} s late"
        assert await stored(world) == before
        assert await post(world, path, body, signed(world, path, body, late=300)) == 200, "the same one in time is good"
        assert (await stored(world))["inbox"] == before["inbox"] + 1


async def test_hook_4_blank_and_unknown_fields_are_signed_too(tmp_path: Path) -> None:
    async with town(tmp_path, FixedClock(FRIDAY)) as world:
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        body = b"MessageSid=SM2&From=%2B14155550123&Body=&New=&To="
        assert (
            await post(world, "/webhooks/twilio/sms", body, {**signed(world, "/webhooks/twilio/sms", body), **form})
            == 200
        )
        headers = signed(world, "/webhooks/twilio/sms", body)
        assert await post(world, "/webhooks/twilio/sms", body + b"&More=", {**headers, **form}) == 403
        assert await post(world, "/webhooks/twilio/sms", body + b"&More=1", {**headers, **form}) == 403


async def test_hook_6_unknown_kinds_are_stored_and_taken(tmp_path: Path) -> None:
    async with town(tmp_path, FixedClock(FRIDAY)) as world:
        body = json.dumps(EVENT).encode()
        before = await stored(world)
        assert await post(world, DOORS["stripe"], body, signed(world, DOORS["stripe"], body)) == 200
        assert (await stored(world))["inbox"] == before["inbox"] + 1


@pytest.mark.parametrize("name", ["stripe", "lob"])
async def test_hook_3_a_genuine_event_with_a_nul_is_refused_and_not_stored(name: str, tmp_path: Path) -> None:
    async with town(tmp_path, FixedClock(FRIDAY)) as world:
        before = await stored(world)
        thing = {"id": "x\0", "metadata": {}}
        body = json.dumps({**EVENT, "data": {"object": thing}, "event_type": {"id": "letter.failed"}, "body": thing})
        headers = signed(world, DOORS[name], body.encode())
        assert await post(world, DOORS[name], body.encode(), headers) == 400
        assert await stored(world) == before


async def test_hook_8_a_flood_of_forgeries_refuses_no_genuine_event(tmp_path: Path) -> None:
    async with town(tmp_path, FixedClock(FRIDAY)) as world:
        refused = 0
        async with aiohttp.ClientSession() as session:
            for n in range(60):
                async with session.post(world.url + DOORS["stripe"], data=b"{}") as answer:
                    refused += answer.status in (400, 429)
                body = json.dumps({**EVENT, "id": f"evt_{n}"}).encode()
                headers = signed(world, DOORS["stripe"], body)
                async with session.post(world.url + DOORS["stripe"], data=body, headers=headers) as answer:
                    assert answer.status == 200
        assert refused == 60


async def test_tgv_2_a_redelivered_update_gets_the_stored_answer_again(tmp_path: Path) -> None:
    async with town(tmp_path, FixedClock(FRIDAY)) as world:
        body = json.dumps(UPDATE).encode()
        answers = []
        async with aiohttp.ClientSession() as session:
            for _ in range(3):
                headers = signed(world, DOORS["telegram"], body)
                async with session.post(world.url + DOORS["telegram"], data=body, headers=headers) as answer:
                    answers.append(await answer.json())
        assert answers[0]["text"].startswith("opened order ann")
        assert answers == [answers[0]] * 3
        assert (await stored(world))["outbox"] == 1


async def test_tgv_1_a_failed_commit_is_503_and_the_next_delivery_is_taken(tmp_path: Path) -> None:
    async with town(tmp_path, FixedClock(FRIDAY)) as world:
        session = world.app.writers._writers[0]._session
        commit = session.commit

        def full() -> None:
            raise OSError("disk full")

        body = json.dumps(UPDATE).encode()
        session.commit = full  # type: ignore[method-assign]
        assert await post(world, DOORS["telegram"], body, signed(world, DOORS["telegram"], body)) == 503
        session.commit = commit  # type: ignore[method-assign]
        assert (await stored(world))["inbox"] == 0
        assert await post(world, DOORS["telegram"], body, signed(world, DOORS["telegram"], body)) == 200
