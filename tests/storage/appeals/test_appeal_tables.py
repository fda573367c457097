"""The tables of appeals: guarded moves, ranks, numbering, uniqueness, indexes (section 4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.clock import FixedClock
from bot.core.ids import Ids
from bot.core.seal import Seal
from storage import people
from storage.appeals import cases, drafts, followups, letters, payments, refunds, status_log
from storage.database import Database
from storage.work import Work
from tests.databases import sqlite_template

NOW = datetime(2026, 11, 17, 18, tzinfo=UTC)


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Work]:
    database = Database(f"sqlite:///{tmp_path}/t.db")
    database.path.write_bytes(sqlite_template())
    session = database.session()
    session.begin()
    unit = Work(session, NOW, Ids(FixedClock(NOW)), Seal([bytes(32)]))
    unit.claim(people.person.insert().values(id=1, locale="en", created_at=0))
    yield unit
    unit.keep()
    session.commit()
    session.close()


def _case(work: Work, **values: Any) -> int:
    kept = {"person_id": 1, "stage": "intake", "level": 1, "facts": b"x", "city_id": "us-ca-oakland"}
    return cases.add(work, **{**kept, **values})


def _order(work: Work) -> tuple[int, int, int]:
    case_id = _case(work)
    draft_id = drafts.add(work, case_id, facts=b"x")
    payment_id = work.ids.next()
    payments.add(
        work, payment_id, case_id=case_id, person_id=1, draft_id=draft_id, mail_class="standard", amount_minor=900,
        tax_minor=0, total_minor=900, currency="USD", expires_at=NOW + timedelta(hours=24),
    )  # fmt: skip
    return case_id, draft_id, payment_id


def _letter(work: Work) -> int:
    case_id, draft_id, payment_id = _order(work)
    return letters.add(
        work,
        payment_id,
        case_id=case_id,
        draft_id=draft_id,
        pdf_sha256="0",
        mail_class="standard",
        recipient=b"",
        sender=b"",
    )


def test_stage_moves_only_from_where_it_is(work: Work) -> None:
    case_id = _case(work)
    assert cases.move_stage(work, case_id, was="intake", to="review", reason=None)
    assert not cases.move_stage(work, case_id, was="intake", to="informed", reason=None)
    row = cases.load(work, case_id)
    assert row is not None
    assert (row.stage, row.revision) == ("review", 1)


def test_unknown_stage_is_refused_by_the_database(work: Work) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        _case(work, stage="somewhere")


def test_one_live_case_per_person_city_number_and_level(work: Work) -> None:
    digest = cases.number_hash(work, "123456789")
    first = _case(work, number_hash=digest)
    with pytest.raises(sa.exc.IntegrityError):
        _case(work, number_hash=digest)
    _case(work, number_hash=digest, level=2)
    cases.move_stage(work, first, was="intake", to="withdrawn", reason=None)
    _case(work, number_hash=digest)


def test_unnumbered_cases_do_not_collide(work: Work) -> None:
    assert _case(work) != _case(work)


def test_versions_and_sequences_count_up(work: Work) -> None:
    case_id = _case(work)
    drafts.add(work, case_id, facts=b"1")
    second = drafts.add(work, case_id, facts=b"2")
    newest = drafts.newest(work, case_id)
    assert newest is not None
    assert (newest.id, newest.version) == (second, 2)
    for now in ("intake", "review", "ready"):
        status_log.note(work, case_id, axis="stage", was=None, now=now, actor="user")
    assert [row.seq for row in status_log.of_case(work, case_id)] == [1, 2, 3]


def test_approved_draft_is_frozen(work: Work) -> None:
    draft_id = drafts.add(work, _case(work), facts=b"1")
    assert drafts.approve(work, draft_id, approved_at=NOW, facts=b"2")
    assert not drafts.approve(work, draft_id, approved_at=NOW, facts=b"3")
    row = drafts.load(work, draft_id)
    assert row is not None
    assert row.facts == b"2"


def test_one_open_payment_per_case(work: Work) -> None:
    case_id, draft_id, first = _order(work)
    again = {
        "case_id": case_id, "person_id": 1, "draft_id": draft_id, "mail_class": "standard", "amount_minor": 900,
        "tax_minor": 0, "total_minor": 900, "currency": "USD", "expires_at": NOW,
    }  # fmt: skip
    with pytest.raises(sa.exc.IntegrityError):
        payments.add(work, work.ids.next(), **again)
    assert payments.move(work, first, was=("created",), to="expired")
    payments.add(work, work.ids.next(), **again)


def test_letter_is_claimed_once_and_counts_attempts(work: Work) -> None:
    letter_id = _letter(work)
    claimed = letters.claim(work, letter_id)
    assert claimed is not None
    assert (claimed.attempts, claimed.first_attempt_at, claimed.status) == (1, NOW, "sending")
    assert letters.claim(work, letter_id) is None


@pytest.mark.parametrize("now", ["accepted", "in_transit", "delivered", "returned"])
@pytest.mark.parametrize(
    "late", ["accepted", "rendered", "mailed", "in_transit", "in_local_area", "delivered", "returned"]
)
def test_lower_rank_never_overwrites_a_higher_one(work: Work, now: str, late: str) -> None:
    letter_id = _letter(work)
    assert letters.advance(work, letter_id, now)
    moved = letters.advance(work, letter_id, late)
    row = letters.load(work, letter_id)
    assert row is not None
    assert moved == (letters.RANKS[late] > letters.RANKS[now])
    assert row.status == (late if moved else now)


def test_cancelled_letter_moves_no_more(work: Work) -> None:
    letter_id = _letter(work)
    assert letters.move(work, letter_id, was=("queued",), to="cancelled")
    assert not letters.advance(work, letter_id, "delivered")
    assert letters.claim(work, letter_id) is None


def test_refunds_are_numbered_and_summed_without_the_failed(work: Work) -> None:
    _, _, payment_id = _order(work)
    kept = {"reason": "undo", "requested_by": "engine"}
    one = refunds.add(work, payment_id, amount_minor=300, status="requested", **kept)
    two = refunds.add(work, payment_id, amount_minor=200, status="requested", **kept)
    assert (one.seq, two.seq) == (1, 2)
    refunds.move(work, one.id, was=("requested",), to="failed")
    assert refunds.committed(work, payment_id) == 200


def test_followup_happens_once(work: Work) -> None:
    case_id = _case(work)
    assert followups.happens(work, case_id, "decision", 1, NOW)
    assert not followups.happens(work, case_id, "decision", 1, NOW)
    followups.answered(work, case_id, "decision", "not_yet")
    assert [(row.state, row.answer) for row in followups.of_case(work, case_id)] == [("answered", "not_yet")]


@pytest.mark.parametrize(
    "query",
    [
        sa.select(cases.case).where(cases.case.c.person_id == 1).order_by(cases.case.c.id.desc()),
        sa.select(cases.case).where(cases.case.c.code == "A-KKKKK"),
        sa.select(cases.case).where(cases.case.c.city_id == "x", cases.case.c.stage.in_(["ready"])),
        sa.select(cases.case).where(cases.case.c.city_id == "x", cases.case.c.number_hash == b"x"),
        sa.select(drafts.draft).where(drafts.draft.c.case_id == 1),
        sa.select(payments.payment).where(payments.payment.c.case_id == 1),
        sa.select(payments.payment).where(payments.payment.c.intent == "pi"),
        sa.select(payments.payment).where(payments.payment.c.person_id == 1),
        sa.select(letters.letter).where(letters.letter.c.case_id == 1),
        sa.select(letters.letter).where(letters.letter.c.lob_id == "ltr"),
        sa.select(letters.letter).where(letters.letter.c.status.in_(["queued"])),
        sa.select(refunds.refund).where(refunds.refund.c.stripe_id == "re"),
    ],
)
def test_queries_use_an_index(work: Work, query: sa.Select[Any]) -> None:
    sql = str(query.compile(compile_kwargs={"literal_binds": True}, dialect=sa.dialects.sqlite.dialect()))
    plan = [str(row.detail) for row in work.rows(sa.text(f"EXPLAIN QUERY PLAN {sql}"))]
    assert not [line for line in plan if line.startswith("SCAN")], plan
