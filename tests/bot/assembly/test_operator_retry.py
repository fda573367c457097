"""A retry of a paid order: asked by an operator, done in the owner's queue, answered to the operator (FUL-9)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pyotp
import sqlalchemy as sa

from bot.assembly.operator_shell import ensure_demo_operator
from storage.appeals.letters import letter
from storage.audit import audit
from storage.inbox import inbox
from tests.bot.assembly.town import Town, letter_of, town


async def _login(here: Town) -> str:
    secret, _ = await ensure_demo_operator(here.app.writers)
    await _say(here, f"/login {pyotp.TOTP(secret).at(here.clock.now())}")
    here.clock.advance(timedelta(seconds=31))
    return secret


async def _say(here: Town, text: str) -> None:
    """Let the operator write, by long polling's way in."""
    from integrations.telegram import TelegramUpdate, read_update

    number = here.app.ids.next() % 2**31
    sender = {"id": 5001, "is_bot": False, "first_name": "Ann"}
    message = {"message_id": number, "date": 0, "chat": {"id": 5001, "type": "private"}, "from": sender, "text": text}
    update = read_update({"update_id": number, "message": message})
    assert isinstance(update, TelegramUpdate)
    await here.app.telegram.take(update)
    await here.app.ticker.settle()


async def test_ful_9_on_a_mailed_order_it_answers_already_mailed_with_the_letter(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        person = here.telegram.person(5001)
        await person.say("/start")
        secret = await _login(here)
        letter_id = await letter_of(here, status="accepted", lob_id="ltr_1", accepted_at=here.clock.now())
        query = sa.select(letter.c.payment_id).where(letter.c.id == letter_id)
        payment = await here.app.database.read(lambda c: c.execute(query).scalar_one())
        await _say(here, f"/retry {payment}")
        await _say(here, f"retry {payment} {pyotp.TOTP(secret).at(here.clock.now())}")
        texts = [message.text for message in person.chat.messages]
        assert any("already mailed: ltr_1" in text for text in texts)
        rows = await here.app.database.read(lambda c: list(c.execute(sa.select(audit).order_by(audit.c.id))))
        assert [row.actor for row in rows if row.action.startswith("letter.retry")] == ["operator:operator"] * 3
        turn = sa.select(inbox.c.person_id).where(inbox.c.kind == "appeals.operator_retry")
        asked_of = await here.app.database.read(lambda c: c.execute(turn).scalar_one())
        assert asked_of is not None
        assert asked_of not in {row.person_id for row in await _operators(here)}


async def _operators(here: Town) -> list[sa.Row[tuple[int]]]:
    from storage.operators import operator

    return await here.app.database.read(lambda c: list(c.execute(sa.select(operator.c.person_id))))
