"""Rows before calls, both databases alike, links of one kind, records that no service promotes, the guard on any text.

(DATA-1, DATA-2, DATA-5, OPS-3, REG-8)
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from bot.core.calls import Outcome
from bot.core.calls.lob import VerifyAddress
from bot.core.calls.stripe import OpenCheckout
from bot.core.errors import Refusal
from handlers.appeals import operator_port, records
from handlers.appeals.registry import packaged_registry
from handlers.appeals.usability import Mode, judge_record
from storage.appeals import cases, city_records, drafts, evidence, followups, letters, payments, refunds, status_log
from storage.database import Database
from storage.links import follow_link, link, make_link, revoke_links
from storage.schema import metadata
from storage.work import Work
from tests.handlers.appeals.order_kit import Shop


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with Shop.open(tmp_path) as opened:
        yield opened


# -- DATA-1, DATA-2 ----------------------------------------------------------------------------------------------------


async def test_data_1_case_draft_and_payment_are_committed_before_stripe_is_called(shop: Shop) -> None:
    seen: dict[str, Any] = {}

    def look(call: OpenCheckout) -> Outcome:
        """Look with a connection of its own: what it sees is committed."""
        engine = Database(shop.h._url).engine()
        with engine.connect() as connection:
            for table in (cases.case, drafts.draft, payments.payment):
                seen[table.name] = [row.id for row in connection.execute(sa.select(table.c.id))]
        engine.dispose()
        return shop.vendors.open(call)

    shop.vendors.answers[OpenCheckout] = look
    await shop.approve()
    await shop.request()
    (call,) = shop.calls(OpenCheckout)
    assert int(call.metadata["intake_id"]) in seen["appeal_case"]
    assert int(call.metadata["draft_id"]) in seen["appeal_draft"]
    assert int(call.metadata["payment_id"]) in seen["appeal_payment"]


@pytest.mark.parametrize("table", ["appeal_payment", "appeal_status_log"])
async def test_data_2_when_an_insert_fails_no_session_is_made(shop: Shop, table: str) -> None:
    await shop.approve()
    fail = f"CREATE TRIGGER full BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
    await shop.read(lambda work: work.claim(sa.text(fail)))
    with pytest.raises(AssertionError, match="failed"):
        await shop.request()
    await shop.h.rest()
    assert shop.calls(OpenCheckout) == []
    assert await shop.payments() == []
    assert await shop.stage() == "ready"
    await shop.read(lambda work: work.claim(sa.text("DROP TRIGGER full")))
    await shop.request()
    assert len(shop.calls(OpenCheckout)) == 1


# -- DATA-5 ------------------------------------------------------------------------------------------------------------

TABLES = [table for name, table in sorted(metadata.tables.items()) if name.startswith("appeal_")]
CHOSEN = {
    cases.case: ("stage", "outcome"),
    payments.payment: ("status", "mail_class"),
    refunds.refund: ("status",),
    letters.letter: ("status",),
    evidence.evidence: ("status",),
    followups.followup: ("state",),
    status_log.status_log: ("axis",),
    city_records.city_verification: ("method",),
    city_records.city_change: ("state",),
}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_data_5_a_table_has_the_same_columns_and_constraints_in_both_databases(table: sa.Table) -> None:
    made = [_plain(table, dialect) for dialect in (sqlite.dialect(), postgresql.dialect())]  # type: ignore[no-untyped-call]
    assert made[0] == made[1]


def _plain(table: sa.Table, dialect: Any) -> tuple[list[str], list[str]]:
    """Return the statements of a table without what the two call by other names."""
    types = {"BLOB": "BYTES", "BYTEA": "BYTES", "BIGINT": "INT", "INTEGER": "INT", "DEFERRABLE INITIALLY DEFERRED": ""}
    text = str(CreateTable(table).compile(dialect=dialect))
    for name, same in types.items():
        text = re.sub(rf"\b{name}\b", same, text)
    indexes = [str(CreateIndex(i).compile(dialect=dialect)) for i in sorted(table.indexes, key=lambda i: str(i.name))]
    return [" ".join(line.split()) for line in text.splitlines()], [" ".join(i.split()) for i in indexes]


@pytest.mark.parametrize(("table", "columns"), CHOSEN.items(), ids=[table.name for table in CHOSEN])
def test_data_5_a_closed_word_is_checked_by_the_database(table: sa.Table, columns: tuple[str, ...]) -> None:
    checks = " ".join(str(c.sqltext) for c in table.constraints if isinstance(c, sa.CheckConstraint))
    for column in columns:
        assert re.search(rf"\b{column} = '", checks), f"{table.name}.{column}"


def _spoil(work: Work, *, table: sa.Table, column: str) -> None:
    work.claim(table.update().values({column: "no_such_word"}))


async def test_data_5_a_word_that_is_none_is_refused(shop: Shop) -> None:
    await shop.mail()
    for table, columns in (
        (cases.case, ("stage", "outcome")),
        (payments.payment, ("status", "mail_class")),
        (letters.letter, ("status",)),
    ):
        for column in columns:
            with pytest.raises(sa.exc.IntegrityError):
                await shop.read(partial(_spoil, table=table, column=column))


# -- OPS-3 -------------------------------------------------------------------------------------------------------------


async def test_ops_3_a_link_is_random_of_one_kind_for_one_thing_ends_and_can_be_revoked(shop: Shop) -> None:
    await shop.me.say("hello")
    now = shop.h.clock.now()

    def made(work: Any) -> list[str]:
        ends = now + timedelta(hours=24)
        return [
            make_link(work, kind=kind, target=n, name="x", expires=ends, person_id=1)
            for n, kind in enumerate("ppdd", start=1)
        ]

    tokens = await shop.read(made)
    assert len(set(tokens)) == 4
    assert all(len(token) >= 22 for token in tokens), "128 bits at least"

    async def leads_to(kind: str, token: str, after: float = 0) -> int | None:
        row = await shop.h.database.read(
            lambda c: follow_link(c, shop.h.seal, kind=kind, token=token, now=now + timedelta(hours=after))
        )
        return None if row is None else int(row.target)

    assert [await leads_to(kind, token) for kind, token in zip("ppdd", tokens, strict=True)] == [1, 2, 3, 4]
    assert [await leads_to(kind, token) for kind, token in zip("ddpp", tokens, strict=True)] == [None] * 4
    assert await leads_to("p", tokens[0], after=24.1) is None
    assert await leads_to("p", tokens[0][:-1]) is None
    await shop.read(lambda work: revoke_links(work, kind="p", target=1))
    assert await leads_to("p", tokens[0]) is None
    assert await leads_to("p", tokens[1]) == 2


async def test_ops_3_no_token_stands_in_the_database_or_in_a_log(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    await shop.order()
    tokens = re.findall(r"/[pd]/([\w-]{20,})", shop.said)
    assert tokens
    rows = await shop.read(lambda work: work.rows(sa.select(link)))
    assert not [token for token in tokens if token in repr(rows)]
    logged = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert not [token for token in tokens if token in logged]


async def test_ops_3_the_link_of_a_closed_payment_leads_nowhere(shop: Shop) -> None:
    from handlers.appeals import cases as api

    await shop.approve()
    await shop.request()
    (token,) = re.findall(r"/p/([\w-]{20,})", shop.said)
    await shop.act(lambda turn: api.withdraw(turn, shop.case_id))
    now = shop.h.clock.now()
    found = await shop.h.database.read(lambda c: follow_link(c, shop.h.seal, kind="p", token=token, now=now))
    assert found is None


# -- REG-8 -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["lob", "address_service", "usps", "deliverable", "", "model"])
async def test_reg_8_a_service_is_no_way_to_verify_a_record(shop: Shop, method: str) -> None:
    def attempt(turn: Any) -> str:
        words = f"us-ca-san_francisco|{method}|somebody|2026-11-16|11 South Van Ness Avenue"
        try:
            return operator_port.verify(turn, words, "operator:ann")
        except Refusal as refusal:
            return refusal.key

    assert await shop.act(attempt) == "appeals.operator.verification_incomplete"
    city = await shop.read(lambda work: records.city_of(work, "us-ca-san_francisco"))
    assert city is not None
    assert city.mail.verification.verified_at is None


@pytest.mark.parametrize("mode", list(Mode))
async def test_reg_8_a_conflicting_address_stays_unusable_however_often_it_is_verified(shop: Shop, mode: Mode) -> None:
    city_id, today = "us-ca-los_angeles", shop.h.clock.now().date()
    await shop.act(
        lambda turn: records.verify_record(
            turn, city_id, actor="admin:1", method="phone", answered_by="clerk", verified_on=today, words="deliverable"
        )
    )
    city = await shop.read(lambda work: records.city_of(work, city_id))
    assert city is not None
    assert city.mail.addresses == ()
    assert not judge_record(packaged_registry(), city, mode=mode, today=today).usable


def test_reg_8_what_an_address_service_says_reaches_the_return_address_only() -> None:
    root = Path(records.__file__).parents[1]
    users = {
        path.name for path in root.rglob("*.py") if re.search(r"VerifyAddress|AddressVerdict", path.read_text("utf-8"))
    }
    assert users <= {"sender.py", "postal.py"}, users
    assert VerifyAddress is not None
