"""The audit exported and checked, in real child processes where it matters; the nightly anchor (AU-5, A95, A96)."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import tracemalloc
from collections.abc import AsyncIterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.assembly.reports import reader
from bot.core.calls.office import AuditExported, AuditVerified, ExportAudit, ReadReport, ReportRead, VerifyAudit
from bot.core.calls.outcome import Done, Refused
from bot.core.settings import Settings
from handlers.audit.writing import COLUMNS, parts
from jobs import office
from jobs.office import Office, last_anchor
from storage import blobs
from storage.alerts import alert
from storage.audit import audit, link
from storage.audit.chain import FIRST, Head, continued
from storage.audit.search import Wanted, stream
from storage.work import Work
from tests.integrations.door import attempt
from tests.storage.audit.kit import NOW, Ledger

KEYS = base64.urlsafe_b64encode(bytes(32)).decode()
DAY = timedelta(days=1)


class Room(Ledger):
    """A ledger with an office."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        report = reader(Settings(parley_mode="demo"))
        self.office = Office(self.database, self.writers, clock=self.clock, ids=self.ids, keys=KEYS, report=report)

    async def perform(self, call: object) -> Any:
        """Perform a call as the delivery worker does."""
        outcome = await self.office.calls[type(call)](call, attempt())
        return outcome.result if isinstance(outcome, Done) else outcome

    async def content(self, blob_id: int) -> bytes:
        """Return the bytes of a file."""
        row = await self.database.read(lambda c: blobs.load(c, blob_id))
        assert row is not None
        assert row.delete_after == NOW + DAY
        return self.seal.open(row.data)

    async def told(self) -> list[str]:
        """Return the alerts, oldest first."""
        return [f"{row.kind} {row.details}" for row in await self.rows(alert)]


@pytest.fixture
async def room(database: str) -> AsyncIterator[Room]:
    made = Room(database)
    made.writers.start()
    yield made
    await made.writers.stop()
    await made.database.close()


async def test_a96_a_child_writes_csv_that_no_spreadsheet_runs(room: Room) -> None:
    await room.write("ticket.assign", before="new", after="=1+1", why="+cmd")
    await room.write("=cmd|' /C calc'!A0", "ticket.view")
    made: AuditExported = await room.perform(ExportAudit("csv", 11))
    (file,) = made.files
    assert (made.count, file.name) == (3, "audit-1.csv")
    head, first, second, _ = csv.reader(io.StringIO((await room.content(file.blob)).decode()))
    assert tuple(head) == COLUMNS
    told = dict(zip(head, first, strict=True))
    assert json.loads(told["diff"]) == {"before": "new", "after": "=1+1", "why": "+cmd"}
    assert (told["seq"], told["target"], told["outcome"], told["prev_hash"]) == ("1", "ticket:42", "ok", FIRST)
    assert second[3].startswith("'=cmd")


async def test_a96_lines_of_json_can_be_verified_by_anybody(room: Room) -> None:
    await room.write("one", "two", "three", n=1)
    made: AuditExported = await room.perform(ExportAudit("jsonl", 11, {"action": "t"}))
    assert made.count == 2
    for line in (await room.content(made.files[0].blob)).splitlines():
        entry = json.loads(line)
        hashed, previous = entry.pop("hash"), entry.pop("prev_hash")
        plain = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert hashlib.sha256(f"{previous}\n{plain}".encode()).hexdigest() == hashed


def _many(work: Work, count: int) -> None:
    """Write entries with their links, as fast as the database takes them."""
    floor = work.new_id()
    rows = [
        {
            "id": floor + n, "at": work.now_us, "actor": "staff:7", "action": "ticket.assign", "object": f"ticket:{n}",
            "details": json.dumps({"after": n, "before": "nobody", "why": "x" * 40}), "outcome": "ok", "risk": 2,
            "factor": None, "correlation": n, "origin": None,
        }
        for n in range(count)
    ]  # fmt: skip
    work.claim_all(audit.insert(), rows)
    work.claim_all(link.insert(), list(continued(Head(), [SimpleNamespace(**row) for row in rows])))


@pytest.mark.parametrize("database_kind", ["sqlite"])
async def test_a96_25000_rows_leave_with_their_diff_and_memory_stays_flat(room: Room) -> None:
    """What is in memory is one file and one page of rows, however many there are."""
    await room.writers.run(lambda work: _many(work, 25_000))

    def written(work: Work) -> tuple[int, int]:
        count = diffs = 0
        for content, entries in parts("csv", stream(work, Wanted(), piece=200), limit=100_000):
            count, diffs = count + entries, diffs + content.count(b'""before"": ""nobody""')
            assert len(content) <= 100_000
        return count, diffs

    assert await room.writers.run(written) == (25_000, 25_000)

    def peak(work: Work) -> int:
        tracemalloc.start()
        try:
            for number, _ in enumerate(parts("csv", stream(work, Wanted(), piece=200), limit=100_000)):
                if number == 12:  # four thousand rows
                    break
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert await room.writers.run(peak) < 1_000_000, "these rows alone are one and a half megabytes"


def test_a96_a_file_is_cut_between_rows_and_an_empty_export_has_its_heading() -> None:
    row = SimpleNamespace(
        seq=1, id=1, at=0, actor="a", action="b", object=None, details="{}", outcome="ok", risk=None, factor=None,
        correlation=None, origin=None, prev_hash=FIRST, hash=FIRST,
    )  # fmt: skip
    made = list(parts("csv", [row] * 5, limit=500))
    assert [count for _, count in made] == [2, 2, 1]
    assert all(content.startswith(b"seq,at,") for content, _ in made)
    assert next(parts("csv", []))[1] == 0
    assert list(parts("jsonl", [])) == [(b"", 0)]


async def test_a95_the_check_seals_first_and_names_the_damage(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    await room.write(*(f"act.{n}" for n in range(9)))
    assert await room.perform(VerifyAudit()) == AuditVerified(9, 9, (await room.rows(link))[-1].hash)
    await room.damage("UPDATE audit SET object = 'ticket:43' WHERE action = 'act.4'")
    monkeypatch.setattr(office, "SHORT", 2)  # now in a child
    found: AuditVerified = await room.perform(VerifyAudit())
    assert (found.damaged, found.why, found.count) == (5, "altered", 4)


async def test_au_5_every_night_owners_hear_where_the_chain_ends(room: Room) -> None:
    await room.office.nightly()
    assert await room.told() == []
    await room.write("one", "two")
    await room.office.nightly()
    end = (await room.rows(link))[-1].hash
    assert await room.told() == [f'audit_anchor {{"hash": "{end}", "seq": 2}}']
    assert await room.database.read(last_anchor) == (2, end)
    room.clock.advance(DAY)
    await room.office.nightly()
    assert len(await room.told()) == 1, "nothing new, nothing told"
    await room.damage("DELETE FROM audit WHERE action = 'two'", "DELETE FROM audit_chain WHERE seq = 2")
    await room.office.nightly()
    assert (await room.told())[-1] == 'audit_damaged {"seq": 2, "why": "cut"}'


async def test_rp_2_a_report_is_read_beside_the_turns_and_days_are_bounded(room: Room) -> None:
    made: ReportRead = await room.perform(ReadReport("users", "2026-11-01", "2026-11-21", csv=True))
    assert made.title == "Users"
    assert made.file is not None
    assert made.file.name == "users-2026-11-01.csv"
    for name, end in (("frob", "2026-11-21"), ("users", "2026-11-01"), ("users", "2028-11-01")):
        assert isinstance(await room.perform(ReadReport(name, "2026-11-01", end)), Refused)
