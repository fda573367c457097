"""Rows of staff: an act leaves its state once, a code counts once, and no statement reads a whole table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from storage import backup_codes, operators, person_notes, staff_actions
from storage.staff_actions import Begun, staff_action
from storage.work import Work
from tests.storage.billing.kit import ANN, NOW, Books

OWNER = 7


def _begin(work: Work, **changes: Any) -> int:
    base: dict[str, Any] = {
        "kind": "act", "actor": "operator:ann", "operator_id": OWNER, "command": "refund", "argument": "77 all lost",
        "version": "1995", "expires_at": work.now + timedelta(minutes=2), "says": "REFUND", "typed": "refund A-1",
    }  # fmt: skip
    return staff_actions.begin(work, Begun(**base | changes))


def _race(books: Books, act: Callable[[Work], bool]) -> list[bool]:
    """Let eight connections do the same at the same moment."""
    return books.at_once([partial(books.do, act)] * 8)


def test_cm_4_an_act_leaves_its_state_once_also_on_eight_connections(database: str) -> None:
    books = Books(database)
    act = books.do(_begin)
    moves = _race(books, lambda work: staff_actions.move(work, act, was=("open",), to="executed"))
    assert moves.count(True) == 1
    assert not books.do(lambda work: staff_actions.move(work, act, was=("open",), to="denied"))


def test_a97_a_step_counts_once_and_an_older_one_never(database: str) -> None:
    books = Books(database)
    ann = books.do(lambda work: _member(work, "ann", "active"))
    assert _race(books, lambda work: operators.use_step(work, ann, 100)).count(True) == 1
    assert [books.do(partial(operators.use_step, operator_id=ann, step=step)) for step in (99, 100, 101)] == [
        False, False, True,
    ]  # fmt: skip


def test_tf_1_an_invitation_binds_whoever_comes_first_and_nobody_after_them(database: str) -> None:
    books = Books(database)
    carol = books.do(lambda work: _member(work, "carol", "invited"))
    persons = range(20, 28)
    came = books.at_once([partial(books.do, partial(_join, carol, person)) for person in persons])
    assert came.count(True) == 1
    row = books.do(lambda work: operators.by_id(work, carol))
    assert row is not None
    assert (row.person_id, row.state) == (persons[came.index(True)], "joined")


def _member(work: Work, name: str, state: str) -> int:
    secret, until = "JBSWY3DPEHPK3PXP", work.now + timedelta(days=1)
    return operators.enroll(
        work, name=name, role="support", state=state, secret=secret, invite=name, invited_until=until
    )


def _join(operator_id: int, person_id: int, work: Work) -> bool:
    return operators.join(work, operator_id, person_id)


def test_cm_4_an_act_is_found_by_its_words_whatever_their_case_and_for_its_actor_alone(database: str) -> None:
    books = Books(database)
    act = books.do(_begin)
    found = books.do(lambda work: staff_actions.of_words(work, "operator:ann", " REFUND  a-1 "))
    assert found is not None
    assert found.id == act
    assert books.do(lambda work: staff_actions.of_words(work, "operator:bob", "refund A-1")) is None
    assert books.do(lambda work: staff_actions.of_words(work, "operator:ann", "refund A-2")) is None


@pytest.mark.parametrize("change", [{"actor": "operator:bob"}, {"command": "retry"}, {"version": "995"}])
def test_cm_3_a_row_that_was_changed_is_no_longer_whole(database: str, change: dict[str, str]) -> None:
    books = Books(database)
    act = books.do(_begin)
    assert books.do(lambda work: staff_actions.is_whole(work, staff_actions.load(work, act)))  # type: ignore[arg-type]
    books.do(lambda work: work.claim(staff_action.update().values(**change)) and None)
    assert not books.do(lambda work: staff_actions.is_whole(work, staff_actions.load(work, act)))  # type: ignore[arg-type]


def test_a101_a_backup_code_is_used_once_and_pending_ones_never(database: str) -> None:
    books = Books(database)
    books.do(lambda work: backup_codes.keep(work, OWNER, ["AAAAA-22222", "BBBBB-33333"], state="pending"))
    assert not books.do(lambda work: backup_codes.use(work, OWNER, "AAAAA-22222"))
    books.do(lambda work: backup_codes.confirm(work, OWNER))
    assert _race(books, lambda work: backup_codes.use(work, OWNER, "AAAAA-22222")).count(True) == 1
    assert not books.do(lambda work: backup_codes.use(work, OWNER + 1, "BBBBB-33333")), "of another member"
    assert books.do(lambda work: backup_codes.left(work, OWNER)) == 1
    books.do(lambda work: backup_codes.keep(work, OWNER, ["CCCCC-44444"], state="live"))
    assert not books.do(lambda work: backup_codes.use(work, OWNER, "BBBBB-33333"))


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_db_12_no_statement_about_staff_acts_reads_a_whole_table(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []

    def use(work: Work) -> None:
        session: Any = work._session
        run = session.execute

        def explained(statement: Any, params: Any = None) -> Any:
            if not isinstance(params, list):
                compiled = statement.compile(
                    dialect=session._connection.dialect, compile_kwargs={"render_postcompile": True}
                )
                nothing = tuple(None for _ in compiled.positiontup or ())
                steps.extend(row[3] for row in session._driver.execute(f"EXPLAIN QUERY PLAN {compiled}", nothing))
            return run(statement, params)

        monkeypatch.setattr(session, "execute", explained)
        act = _begin(work, token="x")
        staff_actions.of_words(work, "operator:ann", "refund A-1")
        staff_actions.of_token(work, "x")
        staff_actions.unfinished(work, "operator:ann")
        staff_actions.overdue(work)
        staff_actions.forget(work, work.now)
        staff_actions.move(work, act, was=("open",), to="denied")
        backup_codes.keep(work, OWNER, ["AAAAA-22222"], state="live")
        backup_codes.use(work, OWNER, "AAAAA-22222")
        backup_codes.left(work, OWNER)
        person_notes.newest(work, ANN)
        operators.by_person(work, ANN)
        operators.invited_by_token(work, "x")
        operators.chats(work, "owner")

    Books(database).do(use)
    assert len(steps) > 12
    assert [one for one in steps if one.startswith("SCAN") and "CONSTANT" not in one] == []


def test_a_note_about_a_person_is_theirs(database: str) -> None:
    books = Books(database)
    books.do(lambda work: person_notes.add(work, ANN, actor="operator:ann", remark="calls on Fridays"))
    (note,) = books.do(lambda work: person_notes.newest(work, ANN))
    assert (note.actor, note.remark, note.at) == ("operator:ann", "calls on Fridays", NOW)
    books.do(lambda work: person_notes.erase(work, ANN))
    assert books.do(lambda work: person_notes.newest(work, ANN)) == []


def test_a109_owners_who_demote_each_other_at_once_leave_one_who_owns_this(database: str) -> None:
    books, names = Books(database), ("ann", "bob", "cid", "dan")
    for number, name in enumerate(names):
        books.do(
            lambda work, name=name, number=number: operators.enroll(  # type: ignore[misc]
                work, name=name, role="owner", state="active", secret="JBSWY3DPEHPK3PXP", telegram=str(number),
                invited_until=None,
            )
        )  # fmt: skip
    ids = books.do(lambda work: [int(row.id) for row in operators.in_force(work)])

    def demote(operator_id: int) -> bool:
        def run(work: Work) -> bool:
            if not operators.another_owns(work, operator_id):
                return False
            operators.change(work, operator_id, role="support")
            return True

        return books.do(run)

    done = books.at_once([partial(demote, one) for one in ids])
    assert sorted(done) == [False, True, True, True]
    assert len(books.do(lambda work: [row for row in operators.in_force(work) if row.role == "owner"])) == 1
