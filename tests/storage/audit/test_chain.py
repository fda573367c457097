"""The chain of the audit: vectors, concurrency, damage, and what the database refuses (AU-1, AU-4, A93 to A95)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from jobs.audit_sealing import AuditSealing
from storage.audit import audit, link, record
from storage.audit.chain import FIRST, PIECE, SLACK, Head, continued, seal
from storage.audit.segments import close, drop
from storage.database import Writers
from storage.schema import micros
from storage.work import Work
from tests.storage.audit.kit import Ledger, opened


@pytest.fixture
async def ledger(database: str) -> AsyncIterator[Ledger]:
    async with opened(database) as made:
        yield made


@dataclass(frozen=True)
class Entry:
    """An entry as the chain sees it."""

    id: int
    at: int
    action: str
    actor: str = "staff:7"
    outcome: str = "ok"
    object: str | None = "ticket:42"
    risk: int | None = None
    factor: str | None = None
    correlation: int | None = None
    origin: str | None = None
    details: str = "{}"


def test_au_4_both_vectors() -> None:
    first = Entry(1, micros(datetime(2026, 3, 2, 14, 0, 0, tzinfo=UTC)), "ticket.assign")
    second = Entry(2, micros(datetime(2026, 3, 2, 14, 0, 5, tzinfo=UTC)), "ticket.resolve")
    one, two = continued(Head(), [first, second])
    assert (one["seq"], one["prev_hash"]) == (1, "0" * 64)
    assert one["hash"] == "843356601ee3828d4728092e19910a9c4e7c16eed61c8e5d3b22efe53c1919a4"
    assert (two["seq"], two["prev_hash"]) == (2, one["hash"])
    assert two["hash"] == "a131182fbcf909bce8499600987631d2c2de21afe8bd7c4117bf579d9b83c55a"


@pytest.mark.parametrize(
    "changed",
    [
        {"risk": 3}, {"factor": "totp"}, {"correlation": 5}, {"origin": '{"channel": "sms"}'},
        {"details": '{"before": 1}'}, {"outcome": "failed"}, {"object": None}, {"at": 1},
    ],
)  # fmt: skip
def test_au_4_every_field_is_in_the_hash(changed: dict[str, Any]) -> None:
    (plain,) = continued(Head(), [Entry(1, 0, "a.b")])
    (other,) = continued(Head(), [replace(Entry(1, 0, "a.b"), **changed)])
    assert plain["hash"] != other["hash"]


async def test_a93_a_change_that_is_rolled_back_leaves_no_row_and_no_gap(ledger: Ledger) -> None:
    def failing(work: Work) -> None:
        record(work, actor="staff:7", action="ticket.assign")
        raise RuntimeError("no")

    await ledger.write("one")
    with pytest.raises(RuntimeError):
        await ledger.writers.run(failing)
    await ledger.write("two")
    assert await ledger.seal_all() == 2
    assert await ledger.chained() == [(1, "one"), (2, "two")]
    assert len(await ledger.rows()) == 2


@pytest.mark.parametrize("table", ["audit", "audit_chain", "audit_segment"])
@pytest.mark.parametrize("change", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}"])
async def test_a94_the_database_refuses_to_change_the_audit(ledger: Ledger, table: str, change: str) -> None:
    await ledger.write("old")
    await ledger.seal_all()
    await ledger.writers.run(lambda work: close(work, ledger.clock.now() + timedelta(days=1)))
    await ledger.write("one")
    await ledger.seal_all()
    column = {"audit": "actor", "audit_chain": "hash", "audit_segment": "end_hash"}[table]
    statement = sa.text(change.format(table, column))
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        await ledger.writers.run(lambda work: work.claim(statement))
    if not ledger.database.is_sqlite:
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            await ledger.writers.run(lambda work: work.claim(sa.text(f"TRUNCATE {table}")))


_OF_FIVE = "(SELECT entry_id FROM audit_chain WHERE seq = 5)"
DAMAGES = {
    "UPDATE audit SET details = '{\"n\": 2}' WHERE id = FIVE": "altered",
    "UPDATE audit SET details = 'x' WHERE id = FIVE": "altered",
    "UPDATE audit SET at = at + 1 WHERE id = FIVE": "altered",
    "UPDATE audit SET actor = 'staff:8' WHERE id = FIVE": "altered",
    "DELETE FROM audit WHERE id = FIVE": "missing",
    "UPDATE audit_chain SET action = 'act' WHERE seq = 5": "altered",
    "UPDATE audit_chain SET hash = '0' || substr(hash, 2) || 'x' WHERE seq = 5": "altered",
    "UPDATE audit_chain SET prev_hash = hash WHERE seq = 5": "unlinked",
    "DELETE FROM audit_chain WHERE seq = 5": "missing",
}


@pytest.mark.parametrize("statement", DAMAGES)
async def test_a95_one_changed_byte_is_named_by_its_number(ledger: Ledger, statement: str) -> None:
    await ledger.write(*(f"act.{n}" for n in range(9)), n=1)
    await ledger.seal_all()
    right = await ledger.verify(piece=4)
    assert (right.count, right.damaged, right.end.seq) == (9, None, 9)
    await ledger.damage(statement.replace("FIVE", _OF_FIVE))
    found = await ledger.verify(piece=4)
    assert (found.damaged, found.why) == (5, DAMAGES[statement])


async def test_au_5_a_chain_that_was_cut_off_is_found_by_its_anchor(ledger: Ledger) -> None:
    await ledger.write("one", "two", "three")
    await ledger.seal_all()
    anchor = (await ledger.verify()).end
    assert (await ledger.verify(anchor=anchor)).damaged is None
    assert (await ledger.verify(anchor=Head(2, FIRST))).damaged == 2
    await ledger.damage("DELETE FROM audit_chain WHERE seq = 3")
    assert (await ledger.verify()).damaged is None
    cut = await ledger.verify(anchor=anchor)
    assert (cut.damaged, cut.why) == (3, "cut")


async def test_au_1_several_writers_and_sealers_at_once_make_one_chain_without_gaps(ledger: Ledger) -> None:
    """Two processes, each with its writers; sealers of both run between the turns of both."""
    other = Writers(ledger.database, clock=ledger.clock, ids=ledger.ids, seal=ledger.seal)
    other.start()

    async def busy(writers: Writers, name: str) -> None:
        for number in range(15):
            turns = [
                writers.run(lambda work, n=n: record(work, actor=name, action=f"a.{n}"), key=n) for n in range(4)
            ]  # fmt: skip
            turns.append(writers.run(lambda work: seal(work, limit=7), key=number))
            await asyncio.gather(*turns)

    try:
        await asyncio.gather(busy(ledger.writers, "one"), busy(other, "two"))
    finally:
        await other.stop()
    await ledger.seal_all()
    chained = await ledger.rows(link)
    assert [row.seq for row in chained] == list(range(1, 121))
    assert {row.entry_id for row in chained} == {row.id for row in await ledger.rows()}
    assert (await ledger.verify()).count == 120


async def test_au_1_an_entry_that_is_committed_late_is_sealed_all_the_same(ledger: Ledger) -> None:
    await ledger.write("first")
    early = (await ledger.rows())[0].id
    ledger.clock.advance(SLACK / 2)
    await ledger.write("newer")
    assert await ledger.seal_all() == 2
    copied = {c.name: c for c in audit.c if c.name != "id"}
    for offset in (-1, -(10**16)):
        late = sa.select(sa.literal(early + offset), *copied.values()).where(audit.c.id == early)
        await ledger.writers.run(lambda work, late=late: work.claim(audit.insert().from_select(["id", *copied], late)))
    assert await ledger.seal_all() == 1
    assert await AuditSealing(ledger.database, ledger.writers).seal_late() == 1
    assert (await ledger.verify()).count == 4


async def test_sealing_takes_pieces(ledger: Ledger) -> None:
    await ledger.write(*["a.b"] * (PIECE + 5))
    first, second, nothing = [await ledger.writers.run(seal) for _ in range(3)]
    assert (first.count, second.count, nothing) == (PIECE, 5, None)


async def test_au_5_whole_segments_go_and_what_follows_is_still_right(ledger: Ledger) -> None:
    await ledger.write("old.one", "old.two")
    ledger.clock.advance(timedelta(days=40))
    await ledger.write("new.one")
    await ledger.seal_all()
    border = ledger.clock.now() - timedelta(days=1)
    assert await ledger.writers.run(lambda work: close(work, border)) == 2
    assert await ledger.writers.run(lambda work: close(work, border)) == 0
    assert await ledger.writers.run(lambda work: drop(work, limit=1)) == 1
    assert (await ledger.verify()).damaged is None
    assert [await ledger.writers.run(drop) for _ in range(2)] == [1, 0]
    assert await ledger.chained() == [(3, "new.one")]
    assert [row.action for row in await ledger.rows()] == ["new.one"]
    found = await ledger.verify()
    assert (found.count, found.damaged, found.end.seq) == (1, None, 3)
    await ledger.write("new.two")
    await ledger.seal_all()
    assert (await ledger.verify()).end.seq == 4


async def test_au_5_when_all_of_it_is_closed_the_chain_goes_on_from_the_segment(ledger: Ledger) -> None:
    await ledger.write("one", "two")
    await ledger.seal_all()
    await ledger.writers.run(lambda work: close(work, ledger.clock.now() + timedelta(days=1)))
    await ledger.writers.run(drop)
    assert await ledger.rows() == []
    await ledger.write("three")
    await ledger.seal_all()
    assert await ledger.chained() == [(3, "three")]
    assert (await ledger.verify()).damaged is None
