"""What staff ask of the audit: the words, the pages, the check, the export and the log of messages (AU-6, A95, A96)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.core.calls import Done, Outcome, Refused
from bot.core.calls.office import AuditExported, ExportAudit, OfficeFile
from bot.core.errors import Refusal
from bot.engine.harness import Harness
from bot.engine.registry import Registry
from bot.engine.staff import Risk
from handlers import audit
from handlers.audit.question import Question, asked
from storage.audit import record
from storage.audit.search import Wanted
from tests.handlers.audit.desk import NOW, StaffRoom

DAY = timedelta(days=1)
TODAY = NOW.replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.mark.parametrize(
    ("argument", "first", "question"),
    [
        ("", "", Question(Wanted())),
        ("operator:ann since 7d page 3", "who", Question(Wanted(who="operator:ann", since=NOW - 7 * DAY), 3)),
        ("who ann outcome denied", "", Question(Wanted(who="ann", outcome="denied"))),
        ("since 2026-03-02 until 24h", "", Question(Wanted(since=datetime(2026, 3, 2, tzinfo=UTC), until=NOW - DAY))),
        ("until 2026-03-02", "", Question(Wanted(until=datetime(2026, 3, 3, tzinfo=UTC)))),
        ("since yesterday until today", "", Question(Wanted(since=TODAY - DAY, until=TODAY + DAY))),
        ("TEXT too slow target ticket:4", "", Question(Wanted(target="ticket:4", text="too slow"))),
        ("action ticket. category pay", "", Question(Wanted(action="ticket.", category="pay"))),
    ],
)
def test_au_6_words_are_understood(argument: str, first: str, question: Question) -> None:
    assert asked(argument, NOW, first=first) == question


@pytest.mark.parametrize(
    "argument",
    [
        "ann",
        "who",
        "text who are you",
        "text ab",
        "outcome maybe",
        "since tomorrow",
        "page 0",
        "page x",
        "who ann page 501",
        "since 1w",
    ],
)
def test_au_6_other_words_are_refused(argument: str) -> None:
    with pytest.raises(Refusal):
        asked(argument, NOW)


def test_cm_1_every_row_has_the_class_of_the_rules() -> None:
    registry = Registry()
    audit.register(registry)
    risks = {name: row.risk for name, row in registry.staff.items()}
    assert risks["audit verify"] is Risk.COUNTERS
    assert {risks[f"audit {word}"] for word in ("who", "target", "since")} == {Risk.PERSONAL}
    assert registry.staff["export audit"].needs_code
    assert {row.permission for row in registry.staff.values()} == {"audit.view", "export.run"}


async def test_au_6_a_page_holds_twenty_and_the_question_is_an_entry_itself(tmp_path: Path) -> None:
    async with StaffRoom.opened(tmp_path) as room:
        for n in range(23):
            await room.writers.run(
                lambda work, n=n: record(work, actor="operator:bob", action=f"ticket.a{n}", obj="ticket:1", n=n)
            )
        first = await room.staff("audit who", "operator:bob")
        assert first.splitlines()[0].startswith("#23 Nov 20 18:00 operator:bob ticket.a22 ticket:1 ")
        assert len(first.splitlines()) == 21
        assert first.endswith("More: page 2")
        second = await room.staff("audit", "who operator:bob page 2")
        assert [line.split()[0] for line in second.splitlines()] == ["#3", "#2", "#1"]
        assert await room.staff("audit", "who bob page 2") == second, "a name is enough"
        assert await room.staff("audit", "who nobody") == "Nothing found."
        assert "audit.view" in await room.staff("audit action", "audit.")
        assert "Use /audit" in await room.staff("audit", "frob")
        assert (await room.acts())[-1] == "audit.view audit ok"


async def test_au_3_a_number_is_found_by_whoever_knows_it(tmp_path: Path) -> None:
    async with StaffRoom.opened(tmp_path) as room:
        await room.writers.run(lambda work: record(work, actor="a", action="b", to="+1 415 555 0188"))
        found = await room.staff("audit text", "+14155550188")
        assert "a b" in found
        assert "555" not in found


async def test_a95_the_answer_names_the_damaged_number(tmp_path: Path) -> None:
    async with StaffRoom.opened(tmp_path) as room:
        for n in range(6):
            await room.writers.run(lambda work, n=n: record(work, actor="a", action=f"b{n}"))
        await room.staff("audit")
        assert "The audit is right: 6 entries, the last is #6" in await room.staff("audit verify")
        drop, harm = "DROP TRIGGER audit_no_update", "UPDATE audit SET action = 'c' WHERE action = 'b4'"
        await room.writers.run(lambda work: [work.claim(sa.text(one)) for one in (drop, harm)])
        assert "DAMAGED at #5 (altered); 4 entries before it are right" in await room.staff("audit verify")


def _exported(call: ExportAudit, harness: Harness) -> Outcome:
    if call.kind == "jsonl":
        return Refused("too_large")
    assert call.wanted == {"who": "operator:ann", "since": "7d"}
    return Done(AuditExported(25_000, [OfficeFile(71, "audit-1.csv", 5), OfficeFile(72, "audit-2.csv", 5)]))


async def test_a96_the_documents_come_into_the_chat_and_the_export_is_audited(tmp_path: Path) -> None:
    async with StaffRoom.opened(tmp_path, world={ExportAudit: _exported}) as room:
        told = await room.staff("export audit", "csv who operator:ann since 7d")
        assert "Audit: 25000 entries." in told
        names = [m.filename for m in room.phone("telegram", "7:5001").messages if m.filename]
        assert names == ["audit-1.csv", "audit-2.csv"]
        assert "could not be written" in await room.staff("export audit", "jsonl")
        assert "Use /audit" in await room.staff("export audit", "csv frob")
        acts = [act for act in await room.acts() if act.startswith("audit.export")]
        assert acts == [
            "audit.export audit ok", "audit.export.done audit ok", "audit.export audit ok",
            "audit.export.done audit failed",
        ]  # fmt: skip


async def test_au_2_the_log_of_messages_tells_what_left_and_no_word_of_it(tmp_path: Path) -> None:
    async with StaffRoom.opened(tmp_path) as room:
        await room.staff("audit")
        told = await room.staff("messages", "channel telegram state sent")
        assert "telegram reply sent - person:" in told
        person = told.rpartition("person:")[2].split()[0]
        assert len((await room.staff("messages", f"who person:{person}")).splitlines()) == 2
        assert await room.staff("messages", "kind offer") == "Nothing found."
        assert "named like person:123" in await room.staff("messages", "who dana")
        assert "Nothing found" not in told
        assert "messages.view" in (await room.acts())[-1]
