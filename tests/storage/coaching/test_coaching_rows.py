"""What the storage functions of coaching promise, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from storage.coaching import acts, decisions, messages, privacy, profiles, projects, proposals, tasks
from storage.coaching.decisions import Decision
from storage.coaching.profiles import Profile
from storage.coaching.proposals import Proposal
from storage.coaching.tasks import PlanTask
from storage.coaching.turns import turn
from storage.work import Work
from tests.storage.coaching.kit import ANN, BOB, FOREIGN, PROJECT, TODAY, later, put

PRICE = Decision("pricing", "USD 2900/month", "money_per_period", "$29 a month", 7, "explicit", "ok")


def _saved(work: Work, value: str) -> tuple[int, int | None]:
    return decisions.save(work, ANN, PROJECT, replace(PRICE, value=value), act_id=1)


def test_c01_of_two_starts_one_is_active(work: Work) -> None:
    started = projects.start(work, ANN, template_id="x", version=1, digest="d", started_on=TODAY)
    assert started is None
    projects.move(work, ANN, PROJECT, was=("active",), to="paused")
    first = projects.start(work, ANN, template_id="x", version=1, digest="d", started_on=TODAY)
    assert first is not None
    assert projects.start(work, ANN, template_id="x", version=1, digest="d", started_on=TODAY) is None
    assert not projects.move(work, ANN, PROJECT, was=("paused",), to="active")
    active = projects.active(work, ANN)
    assert active is not None
    assert active.id == first.id


def test_c03_a_foreign_project_is_unknown(work: Work) -> None:
    assert projects.load(work, ANN, FOREIGN) is None
    assert projects.by_code(work, ANN, f"P-{BOB}") is None
    assert not projects.move(work, ANN, FOREIGN, was=("active",), to="paused")
    assert not privacy.erase_project(work, ANN, FOREIGN)


def test_c13_c14_superseding_and_the_way_back(work: Work) -> None:
    first, none = _saved(work, "USD 2900/month")
    second, former = _saved(work, "USD 3900/month")
    assert (none, former) == (None, first)
    old, new = decisions.history(work, ANN, PROJECT)
    assert (old.state, old.superseded_by, new.state) == ("superseded", second, "current")
    decisions.take_back(work, ANN, second, former=first)
    assert [one.value for one in decisions.current(work, ANN, PROJECT)] == ["USD 2900/month"]
    decisions.take_back(work, ANN, first, former=None)
    assert decisions.current(work, ANN, PROJECT) == []
    assert [one.state for one in decisions.history(work, ANN, PROJECT)] == ["undone", "undone"]


def test_words_of_a_decision_are_sealed(work: Work) -> None:
    _saved(work, "USD 2900/month")
    stored = work.row(sa.select(decisions.decision))
    assert stored is not None
    assert b"29" not in bytes(stored.value)
    assert b"month" not in bytes(stored.quote)


def test_pp_4_a_newer_proposal_replaces_the_one_that_waits(work: Work) -> None:
    first = proposals.open_one(work, ANN, PROJECT, Proposal("decision", "pricing", "USD 2900/month", "$29", 7))
    second = proposals.open_one(work, ANN, PROJECT, Proposal("decision", "pricing", "USD 3900/month", "$39", 8))
    assert [one.id for one in proposals.pending(work, ANN, PROJECT)] == [second]
    assert not proposals.close(work, ANN, first, state="saved")
    assert proposals.close(work, ANN, second, state="saved")
    assert not proposals.close(work, ANN, second, state="saved")
    assert proposals.load(work, BOB, PROJECT, second) is None


def test_tk_1_events_of_a_task_and_what_takes_them_back(work: Work) -> None:
    tasks.add_all(work, ANN, PROJECT, [PlanTask("3.1", 3, 1, "Play", "Play together", "weekly", 180, counts_after=3)])
    first = tasks.record(work, ANN, PROJECT, task_id="3.1", kind="occurrence", day=TODAY)
    tasks.record(work, ANN, PROJECT, task_id="3.1", kind="occurrence", day=TODAY + timedelta(days=7))
    (loaded,) = tasks.load_all(work, ANN, PROJECT)
    assert (loaded.title, loaded.days) == ("Play", (TODAY, TODAY + timedelta(days=7)))
    tasks.record(work, ANN, PROJECT, task_id="3.1", kind="undone", day=TODAY, how="undo", undoes=first)
    (loaded,) = tasks.load_all(work, ANN, PROJECT)
    assert loaded.days == (TODAY + timedelta(days=7),)
    assert len(tasks.events(work, ANN, PROJECT)) == 3


def test_ct_6_a_message_is_stored_once_and_numbered_in_order(work: Work) -> None:
    def add(role: str, provider_id: str | None) -> int | None:
        return messages.add(
            work, ANN, PROJECT, role=role, channel="sms", text="hello", state="answered", provider_id=provider_id
        )

    assert [add("person", "a") is None, add("coach", None) is None, add("person", "a") is None] == [False, False, True]
    assert [row.number for row in messages.recent(work, ANN, PROJECT)] == [2, 1]


def test_pp_6_an_act_can_be_taken_back_once_and_for_30_days(work: Work) -> None:
    acts.add(work, ANN, PROJECT, act_id=5, kind="tick", changes=[{"task": "1.1"}])
    newest = acts.newest(work, ANN, PROJECT)
    assert newest is not None
    assert acts.changes(work, newest) == [{"task": "1.1"}]
    assert acts.newest(later(work, timedelta(days=31)), ANN, PROJECT) is None
    assert acts.undone(work, ANN, 5)
    assert not acts.undone(work, ANN, 5)
    assert acts.newest(work, ANN, PROJECT) is None


def test_c53_a_deleted_project_keeps_the_ledger_of_messages(work: Work) -> None:
    put(work, turn, state="answered", operation="one", counts=True)
    _saved(work, "USD 2900/month")
    assert privacy.erase_project(work, ANN, PROJECT)
    assert projects.active(work, ANN) is None
    assert decisions.history(work, ANN, PROJECT) == []
    assert len(work.rows(sa.select(turn).where(turn.c.counts.is_(True)))) == 1


def test_ux_14_erasing_leaves_only_the_ledger_without_words(work: Work) -> None:
    profiles.put(work, ANN, Profile(niche="cats"))
    put(work, turn, state="answered", operation="one", body=b"words")
    _saved(work, "USD 2900/month")
    privacy.erase(work, ANN)
    assert profiles.load(work, ANN) is None
    assert [row.person_id for row in work.rows(sa.select(projects.project))] == [BOB]
    (kept,) = work.rows(sa.select(turn))
    assert kept.body is None
