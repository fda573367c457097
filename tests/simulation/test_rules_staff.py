"""The gate with the whole server and Telegram's fake over HTTP: what staff see, and what is gone from the chat."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np
import pyotp
import sqlalchemy as sa

from bot.assembly.operator_shell import ensure_demo_operator
from storage.audit import audit
from tests.simulation.services import Someone, full_town
from tests.simulation.world import World

OPERATOR = 500_000_009


def _code(world: World, secret: str) -> str:
    world.clock.advance(timedelta(seconds=31))
    return pyotp.TOTP(secret).at(world.clock.now())


async def test_tf_6_a_phone_logs_in_with_one_message_and_no_code_stays_in_the_chat(tmp_path: Path) -> None:
    async with full_town(tmp_path) as world:
        secret, _ = await ensure_demo_operator(world.app.writers)
        ann = Someone(world, "telegram", OPERATOR)
        first = _code(world, secret)
        assert "Logged in as operator" in "\n".join(await ann.say(f"/login {first}"))
        assert "You are operator:operator, owner" in "\n".join(await ann.say("/whoami"))

        said = "\n".join(await ann.say("/tfa setup"))
        pictures = [message.picture for message in ann.phone.chat.messages if message.picture]
        assert len(pictures) == 1
        image = cv2.imdecode(np.frombuffer(pictures[0], np.uint8), cv2.IMREAD_GRAYSCALE)
        assert image is not None
        shown = re.search(r"secret there: ([A-Z2-7]{32})", said)
        assert shown is not None
        assert f"secret={shown[1]}&" in cv2.QRCodeDetector().detectAndDecode(image)[0]

        second = _code(world, shown[1])
        await ann.say(f"/tfa setup {second}")
        assert [message for message in ann.phone.chat.messages if "Your second factor is set" in message.text]
        seen = ann.phone.chat.messages
        assert not [message for message in seen if message.picture], "the picture is gone"
        assert not [message for message in seen if first in message.text or second in message.text]

        await ann.say("/gate set code 1")
        third = _code(world, shown[1])
        answer = "\n".join(await ann.say(f"gate set code {third}"))
        assert "Demo mode: nobody else is enrolled" in answer
        assert "code is 1 minutes now" in answer
        rows = await world.app.database.read(lambda c: list(c.execute(sa.select(audit.c.details))))
        assert not [row for row in rows if any(code in row.details for code in (first, second, third, shown[1]))]
