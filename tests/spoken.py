"""What is kept of a conversation, opened: for tests of what must not be kept."""

from __future__ import annotations

import sqlalchemy as sa

from bot.engine.harness import Harness
from storage.transcript import transcript


async def spoken(harness: Harness) -> list[str]:
    """Return every entry of the transcript, oldest first."""
    query = sa.select(transcript.c.body).where(transcript.c.body.is_not(None)).order_by(transcript.c.id)
    rows = await harness.database.read(lambda c: list(c.execute(query)))
    return [harness.seal.open(row.body).decode() for row in rows]
