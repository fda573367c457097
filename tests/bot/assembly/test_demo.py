"""Demo mode: what it makes, keeps, refuses and prints."""

from __future__ import annotations

import asyncio
import socket
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pyotp
import pytest

from bot.assembly.connect import face_of
from bot.assembly.demo import Demo
from bot.assembly.demo_clock import DemoClock
from bot.assembly.demo_state import DemoState
from bot.assembly.demo_vendors import complete, local_url, make_fakes
from bot.core.errors import Misconfigured
from integrations.telegram import drift
from tests.bot.assembly.conftest import settings_for
from tests.bot.assembly.standin import make_registry
from tests.integrations.door import Answer, open_door

TELEGRAM, SMS = "/demo/phone/telegram/500000101", "/demo/phone/sms/+14155550123"


async def texts(http: aiohttp.ClientSession, phone: str) -> list[str]:
    async with http.get(f"{phone}/chat?after=0") as answer:
        return [message["text"] for message in (await answer.json())["messages"] if message["from"] == "bot"]


async def test_both_phones_reach_the_real_routes_and_are_answered(demo: Demo, http: aiohttp.ClientSession) -> None:
    for phone in (SMS, TELEGRAM):
        async with http.post(f"{phone}/say", json={"text": "ticket"}) as answer:
            assert answer.status == 200
        await demo.app.ticker.settle()
        assert any("Which city" in text for text in await texts(http, phone))
    taken = {fake.calls["CreateMessage"] for fake in (demo.fakes["twilio"],)}
    assert taken == {1}


async def test_a_second_start_finds_its_state_again(tmp_path: Path) -> None:
    async with Demo.open(settings_for(tmp_path), registry=make_registry()) as first:
        async with aiohttp.ClientSession(first.url) as http:
            await http.post(f"{TELEGRAM}/say", json={"text": "ticket"})
        await first.time.advance(timedelta(days=3))
        ports, keys, left = {v: f.port for v, f in first.fakes.items()}, first.settings, first.clock.now()
    async with Demo.open(settings_for(tmp_path), registry=make_registry()) as second:
        assert {v: f.port for v, f in second.fakes.items()} == ports
        assert second.settings.secret_keys == keys.secret_keys
        assert second.settings.telegram_bot_token == keys.telegram_bot_token
        assert second.clock.now() >= left
        async with aiohttp.ClientSession(second.url) as http:
            await http.post(f"{TELEGRAM}/tap", json={"button": "San Francisco"})
            await second.app.ticker.settle()
            assert any("photo" in text for text in await texts(http, TELEGRAM))


async def test_tg_2_commands_are_set_by_scope_and_a_second_start_sets_none(tmp_path: Path) -> None:
    async with Demo.open(settings_for(tmp_path)) as first:
        await first.face
        telegram: Any = first.fakes["telegram"]
        for scope in ("default", "all_private_chats", "all_group_chats"):
            (listed,) = [row for row in telegram.book.of("profile.set") if row["id"].startswith(f"commands:{scope}")]
            shown = {command["command"] for command in listed["value"]["value"]}
            assert shown >= ({"start"} if scope == "all_group_chats" else {"start", "appeal", "receipts", "coach"})
        assert telegram.webhook.info()["url"] == f"{first.settings.public_url}/webhooks/telegram"
        base = first.settings.telegram_api_base
        face = face_of(first.settings, first.app.registry.catalogue)
        differs = await drift(first.settings.telegram_bot_token, face, base_url=base)
        assert differs == ["webhook"], "the real Telegram would want https"
        port = first.settings.port
    async with Demo.open(settings_for(tmp_path, port=port)) as second:
        await second.face
        assert not [name for name in second.fakes["telegram"].calls if name.startswith("setMy")]


async def test_an_outside_telegram_that_takes_no_plain_address_is_polled(tmp_path: Path) -> None:
    async with open_door("telegram") as door:
        door.always, polled = _bot_api()
        settings = settings_for(tmp_path, telegram_api_base=door.url, public_url="http://127.0.0.1:9")
        async with Demo.open(settings) as demo:
            await demo.face
            await asyncio.wait_for(polled.wait(), 10)
        assert any("setWebhook" in seen["url"] for seen in door.requests)


async def test_an_outside_telegram_gets_our_commands_and_is_polled_without_a_public_address(tmp_path: Path) -> None:
    async with open_door("telegram") as door:
        door.always, polled = _bot_api()
        async with Demo.open(settings_for(tmp_path, telegram_api_base=door.url + "/")) as demo:
            await demo.face
            await asyncio.wait_for(polled.wait(), 10)
        methods = {seen["url"].rpartition("/")[2] for seen in door.requests}
        assert {"setMyCommands", "deleteWebhook"} <= methods
        assert "setWebhook" not in methods


def _bot_api() -> tuple[Callable[[dict[str, Any]], Answer], asyncio.Event]:
    """Return a Bot API that wants https for its webhook, and what tells that it was asked for updates."""
    polled, results = asyncio.Event(), {"getUpdates": [], "getMe": {"id": 7, "is_bot": True, "username": "p_bot"}}

    def answer(seen: dict[str, Any]) -> Answer:
        method = seen["url"].rpartition("/")[2]
        if method == "getUpdates":
            polled.set()
        if method == "setWebhook":
            return Answer(400, {"ok": False, "description": "Bad Request: bad webhook: HTTPS must be used"})
        return Answer(200, {"ok": True, "result": results.get(method, True)})

    return answer, polled


@pytest.mark.parametrize(
    ("name", "key"), [("stripe_secret_key", "sk_live_x"), ("stripe_secret_key", "rk_live_x"), ("lob_api_key", "live_x")]
)
def test_ac_89_a_live_key_stops_the_demo_and_is_named(tmp_path: Path, name: str, key: str) -> None:
    with pytest.raises(Misconfigured, match=name.upper()):
        settings_for(tmp_path, **{name: key})


def test_a_vendor_whose_base_is_set_gets_no_fake(tmp_path: Path) -> None:
    state = DemoState(tmp_path)
    given = {"stripe_api_base": "http://127.0.0.1:9", "anthropic_base_url": "http://127.0.0.1:9"}
    settings = complete(settings_for(tmp_path, **given), state)
    fakes = make_fakes(settings, state, DemoClock(tmp_path / "clock.json"))
    assert sorted(fakes) == ["gmail", "google_vision", "lob", "plaid", "razorpay", "speech", "telegram", "twilio"]
    assert settings.stripe_api_base == "http://127.0.0.1:9"
    for fake in fakes.values():
        fake.book.close()
    state.close()


def test_keys_of_the_environment_are_kept(tmp_path: Path) -> None:
    state = DemoState(tmp_path)
    settings = complete(settings_for(tmp_path, stripe_secret_key="sk_test_mine", public_url="https://demo.test"), state)
    assert settings.stripe_secret_key == "sk_test_mine"
    assert settings.public_url == "https://demo.test"
    assert local_url(settings) == f"http://127.0.0.1:{settings.port}"
    state.close()


async def test_two_demos_do_not_share_a_folder(demo: Demo) -> None:
    with pytest.raises(Misconfigured, match="another demo already runs"):
        async with Demo.open(settings_for(demo.settings.data_dir), registry=make_registry()):
            pass


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    state = DemoState(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Misconfigured, match="PORT"):
            complete(settings_for(tmp_path, port=taken.getsockname()[1]), state)
    state.close()


async def test_what_is_printed_leads_everywhere(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", str(Path.cwd() / ".venv/bin/python"))
    printed = demo.banner()
    secret = demo.state.operator_file.read_text().splitlines()[0].rpartition(" ")[2]
    assert f"{demo.url}/" in printed
    assert f"/login {pyotp.TOTP(secret).at(demo.clock.now())}" in printed
    assert str(demo.settings.data_dir) in printed
    assert " .venv/bin/python main.py chat --as sms\n" in printed
    assert demo.banner().split("secret:")[1] == printed.split("secret:")[1]


async def test_secrets_are_readable_by_their_owner_only(demo: Demo) -> None:
    for name in ("demo.json", "operator.txt"):
        assert stat.S_IMODE((demo.state.folder / name).stat().st_mode) == 0o600


async def test_a_public_address_is_reached_at_this_server(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, public_url="https://demo.test")
    async with Demo.open(settings, registry=make_registry()) as demo, aiohttp.ClientSession(demo.url) as http:
        for phone in (SMS, TELEGRAM):
            await http.post(f"{phone}/say", json={"text": "ticket"})
            await demo.app.ticker.settle()
            assert any("Which city" in text for text in await texts(http, phone))


async def test_messages_wait_for_a_vendor_that_was_down_at_the_stop(tmp_path: Path) -> None:
    async with Demo.open(settings_for(tmp_path), registry=make_registry()) as first:
        fake: Any = first.fakes["twilio"]
        fake.faults.add("status_before", "CreateMessage", times=1, status=503)
        async with aiohttp.ClientSession(first.url) as http:
            await http.post(f"{SMS}/say", json={"text": "ticket"})
    async with Demo.open(settings_for(tmp_path), registry=make_registry()) as second:
        await second.time.advance(timedelta(minutes=3))
        async with aiohttp.ClientSession(second.url) as http:
            assert any("Which city" in text for text in await texts(http, SMS))
