"""EXPORT among the other words of the receipts service: typed expenses before it, the open draft after it."""

from __future__ import annotations

from pathlib import Path

from bot.core.calls.books import MakeExport
from tests.handlers.receipts.exports.chat.shelf import make
from tests.handlers.receipts.flow.world import met, open_world


async def test_typed_lines_are_exported_and_the_open_draft_stays(tmp_path: Path) -> None:
    async with open_world(tmp_path, world={MakeExport: make}) as harness:
        phone = await met(harness, "telegram")
        await phone.say("5.50 coffee")
        await phone.say("ok")
        await phone.say("12 lunch at Joe's")
        sent = await phone.say("EXPORT CSV MARCH")
        assert [one.filename for one in sent if one.file] == ["transactions.csv"]
        assert any("2 entries, Mar 18 2026, spent $17.50" in one.text for one in sent)
        content = next(one.file for one in sent if one.file)
        assert content is not None
        await phone.say("ok")
        await phone.say("export beancount new")
        assert "2 entries" in phone.screen
