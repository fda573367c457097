"""The staff's topics with the whole server and Telegram's fake over HTTP: what a person and staff see of each other."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pyotp
import pytest
import sqlalchemy as sa

from bot.assembly.operator_shell import ensure_demo_operator
from bot.assembly.services import register_services
from bot.core.clock import FixedClock
from bot.core.settings import Settings
from bot.engine.registry import Registry
from handlers.support.bridge.mirroring import DELIVERED
from integrations.fakes.telegram.arguments import Arguments
from integrations.fakes.telegram.phone import Group, Person
from storage.audit import audit
from storage.support.notes import note
from tests.conftest import FRIDAY
from tests.databases import prepared_database
from tests.simulation.services import Someone
from tests.simulation.world import TOKEN, World

OPERATOR, BYSTANDER = 500_000_009, 500_000_010


class Hall(World):
    """A town whose staff have a forum group, with somebody in it who is not of the staff."""

    group: Group
    secret: str

    def settings(self) -> Settings:
        found = getattr(self, "group", None)
        changes = {"telegram_staff_group": found.id if found is not None else 0, "support_enabled": True}
        return super().settings().model_copy(update=changes)

    @property
    def ann(self) -> Person:
        return self.person(OPERATOR)

    def shown(self) -> list[dict[str, Any]]:
        """Return what stands in the group now, oldest first."""
        return list(self.vendors.telegram.chats.of_chat(self.group.id))

    def find(self, words: str) -> dict[str, Any]:
        """Return the newest message of the group that holds some words."""
        return next(one for one in reversed(self.shown()) if words in one.get("text", ""))

    async def write(self, person: Person, text: str, reply_to: dict[str, Any] | None = None) -> int:
        """Let somebody write into the newest topic, perhaps as a reply."""
        thread = max(one["message_thread_id"] for one in self.shown() if one.get("message_thread_id"))
        number = await person.say(
            text, group=self.group, thread=thread, reply_to=reply_to["message_id"] if reply_to else None
        )
        await self.rest()
        return number


@pytest.fixture
async def hall(tmp_path: Path) -> AsyncIterator[Hall]:
    with prepared_database("sqlite", tmp_path) as url:
        held: list[Hall] = []

        def register(registry: Registry) -> None:
            group = held[0].group.id if held else 0
            settings = Settings(
                _env_file=None, parley_mode="demo", telegram_staff_group=group, support_enabled=True,
                telegram_bot_token=TOKEN,
            )  # fmt: skip
            register_services(registry, settings)

        async with Hall.open(register, url, FixedClock(FRIDAY), tmp_path) as opened:
            assert isinstance(opened, Hall)
            telegram = opened.vendors.telegram
            opened.group = telegram.group("Staff", opened.ann, opened.person(BYSTANDER), forum=True)
            held.append(opened)
            await opened.crash()  # the next process knows the group
            opened.secret, _ = await ensure_demo_operator(opened.app.writers)
            opened.clock.advance(timedelta(seconds=31))
            code = pyotp.TOTP(opened.secret).at(opened.clock.now())
            assert "Logged in" in "\n".join(await Someone(opened, "telegram", OPERATOR).say(f"/login {code}"))
            yield opened


async def test_tb_1_to_tb_4_a_person_and_staff_talk_through_a_topic_that_is_deleted_meanwhile(hall: Hall) -> None:
    eve = Someone(hall, "telegram")
    await eve.say("/support the app is broken")
    assert "the app is broken" in hall.find("T-1001, telegram")["text"]
    await hall.write(hall.ann, "KNOWN CUSTOMER")
    await hall.write(hall.ann, "Which page?", hall.find("the app is broken"))
    assert "our staff: Which page?" in eve.heard[-1]
    assert not any("KNOWN CUSTOMER" in text for text in eve.heard)
    answer = hall.find("Which page?")["message_id"]
    reacted = hall.vendors.telegram.chats.message(hall.group.id, answer)
    assert reacted is not None
    assert reacted["_reaction"] == [DELIVERED]
    telegram, thread = hall.vendors.telegram, hall.find("the app is broken")["message_thread_id"]
    await telegram._perform("deleteForumTopic", _arguments(chat_id=hall.group.id, message_thread_id=thread))
    await eve.say("the first one")
    again = hall.find("the first one")
    assert again["message_thread_id"] != thread
    assert [one["text"].rpartition(": ")[2] for one in hall.shown() if "staff: Which" in one.get("text", "")]
    await hall.write(hall.ann, "Thank you.", again)
    assert "our staff: Thank you." in eve.heard[-1]


async def test_cm_2_a_bystander_in_the_group_sees_nothing_happen_and_the_audit_tells(hall: Hall) -> None:
    eve, other = Someone(hall, "telegram"), hall.person(BYSTANDER)
    await eve.say("/support the app is broken")
    heard, before = len(eve.heard), len(hall.shown())
    await hall.write(other, "I am staff too")
    await hall.write(other, "so am I", hall.find("the app is broken"))
    await hall.write(other, "/reply me too")
    await other.tap("Resolve", group=hall.group)
    await hall.rest()
    assert len(hall.shown()) == before + 3, "their own three messages"
    assert len(eve.heard) == heard
    assert other.chat.texts == []
    rows = await hall.app.database.read(lambda c: list(c.execute(sa.select(audit).where(audit.c.outcome == "denied"))))
    assert [(one.object, json.loads(one.details)["why"]) for one in rows] == [
        ("command:ticket note", "stranger"), ("command:ticket reply", "stranger"), ("command:ticket reply", "stranger"),
        ("command:ticket resolve", "stranger"),
    ]  # fmt: skip
    assert await hall.app.database.read(lambda c: list(c.execute(sa.select(note.c.id)))) == []


async def test_tb_5_a_person_by_sms_is_answered_from_the_topic_and_one_who_stopped_is_not(hall: Hall) -> None:
    dana = Someone(hall, "sms")
    for words in ("agent", "my letter never came"):
        await dana.say(words)
    said = hall.find("my letter never came")
    assert said["text"].startswith("T-1001, sms")
    await hall.write(hall.ann, "It was mailed.", said)
    assert any("our staff: It was mailed." in text for text in dana.heard)
    await dana.say("STOP")
    await hall.write(hall.ann, "Are you there?", said)
    assert "stopped our messages" in hall.shown()[-1]["text"]
    assert not any("Are you there?" in text for text in dana.heard)


def _arguments(**values: Any) -> Any:
    return Arguments.read({}, "application/json", orjson.dumps(values))
