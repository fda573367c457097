"""Setting the bot up: everything once, nothing at the second start, and drift named (TG-2, TG-10)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pytest

from bot.core.errors import Misconfigured, Temporary
from integrations.telegram import BotFace, drift, set_up
from integrations.telegram.replies import ALLOWED_UPDATES
from integrations.telegram.setup import CommandList
from tests.integrations.door import Answer, Door, Fault, open_door

TOKEN = "1:TEST"
FACE = BotFace(
    webhook_url="https://parley.example/webhooks/telegram",
    webhook_secret="s3cret",
    commands=[
        CommandList("default", "", [("start", "Begin"), ("help", "Help")]),
        CommandList("all_private_chats", "es", [("start", "Empezar")]),
    ],
    descriptions={"": "Fights parking tickets", "es": "Multas"},
    short_descriptions={"": "Parking tickets"},
)


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    async with open_door("telegram") as opened:
        opened.always = Answer(200, {"ok": True, "result": True})
        yield opened


def methods(door: Door) -> list[str]:
    return [request["url"].rpartition("/")[2] for request in door.requests]


async def test_tg_2_everything_is_set_once_and_a_second_start_makes_no_calls(door: Door) -> None:
    known = await set_up(TOKEN, FACE, None, base_url=door.url)
    assert methods(door) == [
        "setWebhook",
        "setMyCommands",
        "setMyCommands",
        "setMyDescription",
        "setMyDescription",
        "setMyShortDescription",
        "setChatMenuButton",
    ]
    hook = parse_qs(door.requests[0]["body"])
    assert hook["secret_token"] == ["s3cret"]
    assert hook["drop_pending_updates"] == ["false"]
    door.requests.clear()
    assert await set_up(TOKEN, FACE, known, base_url=door.url) == known
    assert door.requests == []


async def test_tg_2_a_new_secret_is_a_change(door: Door) -> None:
    known = await set_up(TOKEN, FACE, None, base_url=door.url)
    door.requests.clear()
    assert await set_up(TOKEN, replace(FACE, webhook_secret="other"), known, base_url=door.url) != known
    assert methods(door)[0] == "setWebhook"


async def test_tg_11_polling_takes_the_webhook_away_and_keeps_what_waits(door: Door) -> None:
    await set_up(TOKEN, replace(FACE, webhook_url=None), None, base_url=door.url)
    assert methods(door)[0] == "deleteWebhook"
    assert parse_qs(door.requests[0]["body"]) == {"drop_pending_updates": ["false"]}


def there(request: dict[str, Any], **changed: Any) -> Answer:
    fields = parse_qs(request["body"])
    language = fields.get("language_code", [""])[0]
    commands = (
        next(
            c.commands
            for c in FACE.commands
            if c.language == language and c.scope in fields.get("scope", ["default"])[0]
        )
        if "Commands" in request["url"]
        else []
    )
    results = {
        "getWebhookInfo": {
            "url": FACE.webhook_url,
            "has_custom_certificate": False,
            "pending_update_count": 0,
            "allowed_updates": ALLOWED_UPDATES,
        },
        "getMyCommands": [{"command": name, "description": text} for name, text in commands],
        "getMyDescription": {"description": FACE.descriptions.get(language)},
        "getMyShortDescription": {"short_description": FACE.short_descriptions.get(language)},
        "getChatMenuButton": {"type": "commands"},
    }
    method = request["url"].rpartition("/")[2]
    return Answer(200, {"ok": True, "result": changed.get(method, results[method])})


async def test_tg_2_doctor_finds_no_drift_where_there_is_none(door: Door) -> None:
    door.always = there
    assert await drift(TOKEN, FACE, base_url=door.url) == []


async def test_tg_2_doctor_names_drift(door: Door) -> None:
    info = {
        "url": "https://elsewhere.example/",
        "has_custom_certificate": False,
        "pending_update_count": 3,
        "last_error_date": 1_795_000_000,
        "last_error_message": "Wrong response from the webhook: 500",
    }
    door.always = lambda request: there(
        request, getWebhookInfo=info, getMyDescription={"description": "old"}, getChatMenuButton={"type": "default"}
    )
    assert await drift(TOKEN, FACE, base_url=door.url) == [
        "webhook",
        "webhook error",
        "description any",
        "description es",
        "menu button",
    ]


@pytest.mark.parametrize(
    ("status", "error"), [(401, Misconfigured), (404, Misconfigured), (400, Misconfigured), (502, Temporary)]
)
async def test_ven_10_the_librarys_errors_become_ours(status: int, error: type[Exception], door: Door) -> None:
    door.answer(status, {"ok": False, "error_code": status, "description": "no"})
    with pytest.raises(error):
        await set_up(TOKEN, FACE, None, base_url=door.url)


async def test_ven_2_silence_ends_at_our_own_limit(door: Door) -> None:
    door.fail(Fault.SILENCE)
    with pytest.raises(Temporary):
        await set_up(TOKEN, FACE, None, base_url=door.url, seconds=0.05)
