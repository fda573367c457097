"""One message's story, and not a word of what it said (rule OBS-4)."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from bot.assembly.tracing import trace
from storage.inbox import inbox
from storage.outbox import outbox
from tests.bot.assembly.town import town


async def test_obs_4_a_message_is_followed_from_intake_to_delivery(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        await here.twilio.phone("+14155550123").say("my secret story")
        await here.run("reconcile_twilio")
        read = here.app.database.read
        event = await read(lambda c: c.execute(sa.select(inbox.c.id).where(inbox.c.source == "sms")).scalar_one())
        row = await read(lambda c: c.execute(sa.select(outbox).where(outbox.c.inbox_id == event)).one())
        story = await read(lambda c: trace(c, event))
        assert story[0].split(" ", 2)[2] == f"event {event} sms:text done, 0 failed"
        assert f"message {row.id} reply sent, 1 tries" in story[1]
        assert row.vendor_id in story[1]
        assert await read(lambda c: trace(c, row.id)) == story
        assert "secret" not in "\n".join(story)
        assert await read(lambda c: trace(c, 1)) == []
