"""What may happen once happens once when several connections try at the same moment, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import sqlalchemy as sa

from storage.support import drafts, history, messages, pairs, tickets, topics
from storage.webhooks import deliveries, subscriptions
from storage.work import Work
from tests.storage.billing.kit import ANN, Books

GROUP, TRIES = -100, 8


def _race(books: Books, act: Callable[[Work, int], Any]) -> list[Any]:
    """Let so many connections do the same, each in a transaction of its own; return what each got."""
    return books.at_once([partial(books.do, partial(_numbered, act, number)) for number in range(TRIES)], TRIES)


def _numbered(act: Callable[[Work, int], Any], number: int, work: Work) -> Any:
    return act(work, number)


def _ticket(work: Work, number: int = 0) -> sa.Row[Any]:
    made = tickets.add(
        work, ANN, address_id=1, channel="sms", category="bug", priority="low", source=f"s{number}", parent_id=None
    )
    row = tickets.load(work, made)
    assert row is not None
    return row


def _tried(attempt: int, state: str, work: Work, _: int) -> bool:
    return deliveries.tried(work, 77, attempt, state, "x")


def _count(books: Books, table: sa.Table) -> int:
    return len(books.do(lambda work: work.rows(sa.select(table))))


def test_a88_two_first_messages_at_once_make_one_topic(database: str) -> None:
    books = Books(database)
    made = _race(books, lambda work, number: topics.ensure(work, ANN, GROUP, f"title {number}"))
    assert [is_new for _, is_new in made].count(True) == 1
    assert len({row.title for row, _ in made}) == 1, "who came second sees the one that is there"
    assert _count(books, topics.topic) == 1


def test_a88_a_message_of_the_group_is_one_message_of_ours(database: str) -> None:
    books = Books(database)
    _race(books, lambda work, number: pairs.add(work, ANN, number, place="group", chat=GROUP, number=9))
    assert _count(books, pairs.pair) == 1


def test_as_1_two_workers_that_give_the_same_ticket_away_give_it_once(database: str) -> None:
    books = Books(database)
    row = books.do(_ticket)
    won = _race(books, lambda work, number: tickets.change(work, row.id, row.version, state="open", assignee=number))
    assert won.count(True) == 1
    after = books.do(lambda work: tickets.load(work, row.id))
    assert after is not None
    assert (after.assignee, after.version) == (won.index(True), row.version + 1)


def test_a_clock_that_was_counted_before_a_change_is_not_stored_after_it(database: str) -> None:
    books = Books(database)
    row = books.do(_ticket)
    books.do(lambda work: tickets.change(work, row.id, row.version, state="open"))
    late = {"first": books.now, "following": None, "resolution": None}
    assert not books.do(lambda work: tickets.keep_due(work, row.id, row.version, **late))
    assert books.do(lambda work: tickets.keep_due(work, row.id, row.version + 1, **late))


def test_numbers_of_tickets_that_are_opened_at_once_have_no_twin_and_no_gap(database: str) -> None:
    books = Books(database)
    found = _race(books, lambda work, number: _ticket(work, number).number)
    assert sorted(found) == list(range(1001, 1001 + TRIES))


def test_sla_2_a_notice_is_given_once(database: str) -> None:
    books = Books(database)
    told = _race(books, lambda work, _: history.note(work, ANN, 7, "first breach", actor="system", key="first:breach"))
    assert told.count(True) == 1


def test_sp_5_a_draft_is_decided_once_and_an_answer_is_handed_over_once(database: str) -> None:
    books = Books(database)
    row = books.do(_ticket)
    draft = books.do(lambda work: drafts.add(work, row, operator_id=1, text="x", model="m"))
    decided = _race(books, lambda work, n: drafts.decide(work, draft, "sent" if n % 2 else "discarded"))
    assert decided.count(True) == 1
    said = books.do(
        lambda work: messages.add(
            work, ANN, row.id, author="staff", operator_id=1, channel="sms", text="x", files=(), source="r"
        )
    )
    assert said is not None
    assert _race(books, lambda work, _: messages.settle(work, said, "handed")).count(True) == 1


def test_a92_a_try_counts_once_a_dead_delivery_is_replayed_once_and_numbers_have_no_twin(database: str) -> None:
    books = Books(database)

    def begin(work: Work) -> int:
        subscriptions.add(work, name="A", url="https://x.test", events="*", secret="s", actor="ann")
        row = subscriptions.named(work, "A")
        assert row is not None
        deliveries.add(work, 77, person_id=ANN, subscription_id=row.id, event="case.mailed", body=b"{}")
        return int(row.id)

    listener = books.do(begin)
    for attempt in (1, 2, 3, 4, 5, 6):
        state = "dead" if attempt == 6 else "waiting"
        tried = _race(books, partial(_tried, attempt, state))
        assert tried.count(True) == 1, attempt
    assert _race(books, lambda work, _: deliveries.tried(work, 77, 7, "done")).count(True) == 0
    assert _race(books, lambda work, _: deliveries.again(work, 77)).count(True) == 1
    fresh = books.do(lambda work: deliveries.load(work, 77))
    assert fresh is not None
    assert (fresh.state, fresh.attempts, fresh.error) == ("waiting", 0, None)
    assert sorted(_race(books, lambda work, _: subscriptions.next_seq(work, listener))) == list(range(1, 1 + TRIES))
