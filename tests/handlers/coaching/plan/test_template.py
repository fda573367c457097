"""Plans are files that are checked before anything starts (coaching rules, section 1)."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from bot.core.errors import Misconfigured
from handlers.coaching.plan.template import parse, shelf
from tests.handlers.coaching.plan.plans import NAME, plan

SHIPPED = resources.files("handlers.coaching").joinpath("data", f"{NAME}.json").read_bytes()


def test_the_facts_of_the_shipped_plan() -> None:
    found = plan()
    assert [len(phase.tasks) for phase in found.phases] == [4, 6, 8, 4]
    assert (found.totals.tasks, found.totals.once_tasks, found.totals.recurring_tasks) == (22, 12, 10)
    assert found.totals.once_minutes_before_launch == 28 * 60
    assert (found.launch_window_weeks.min, found.launch_window_weeks.max) == (3, 5)
    costs = {task.id: task.cost_minor_per_occurrence for _, _, task in found.points if task.cost_minor_per_occurrence}
    assert costs == {"3.5": 5000, "4.4": 10000}
    assert [(one.category, one.task) for one in found.decisions] == [
        ("platform", "1.1"), ("pricing", "1.2"), ("structure", "1.2"), ("content", "1.3"), ("timeline", "2.6"),
    ]  # fmt: skip
    assert {option.value: option.monthly_cost_minor for option in found.decisions[0].options} == {
        "discord": 0,
        "circle": 8900,
    }


def _without_a_task(raw: dict[str, Any]) -> None:
    raw["phases"][3]["tasks"].pop()


def _pointing_nowhere(raw: dict[str, Any]) -> None:
    raw["decisions"][0]["task"] = "9.9"


def _set(*path: str | int, to: object) -> Callable[[dict[str, Any]], None]:
    def change(raw: dict[str, Any]) -> None:
        at: Any = raw
        for step in path[:-1]:
            at = at[step]
        at[path[-1]] = to

    return change


BROKEN = {
    "totals.tasks is 22, but the file holds 21": _without_a_task,
    "points to task 9.9, which is not there": _pointing_nowhere,
    "names decision platform, which does not point back": _set("decisions", 0, "task", to="1.4"),
    "does not name decision pricing": _set("phases", 0, "tasks", 1, "decisions", to=["structure"]),
    "task 1.1 stands twice": _set("phases", 0, "tasks", 1, "id", to="1.1"),
    "task 2.9 has no id of phase 1": _set("phases", 0, "tasks", 3, "id", to="2.9"),
    "task one has no id of phase 1": _set("phases", 0, "tasks", 3, "id", to="one"),
    "cadence": _set("phases", 0, "tasks", 3, "cadence", to="hourly"),
    "minutes_per_occurrence": _set("phases", 0, "tasks", 3, "minutes_per_occurrence", to=1.5),
    "cost_minor_per_occurrence": _set("phases", 0, "tasks", 3, "cost_minor_per_occurrence", to="50"),
    "counts after 2": _set("phases", 0, "tasks", 3, "counts_after", to=2),
    "weights_percent do not make 100": _set("weights_percent", "planning", to=40),
    "once_minutes_before_launch is 1000": _set("totals", "once_minutes_before_launch", to=1000),
    "unknown type": _set("decisions", 0, "value_type", to="colour"),
    "schema 2 is unknown": _set("schema", to=2),
    "surprise": _set("surprise", to=1),
}


def test_c04_a_broken_plan_is_refused_and_what_is_wrong_is_named() -> None:
    for told, spoil in BROKEN.items():
        raw = json.loads(SHIPPED)
        spoil(raw)
        with pytest.raises(Misconfigured, match=r"broken\.json") as refused:
            parse(json.dumps(raw).encode(), "broken.json")
        assert told in str(refused.value)


def test_an_operator_adds_a_plan_by_adding_a_file(tmp_path: Path) -> None:
    raw = json.loads(SHIPPED) | {"id": "newsletter", "title": "Newsletter"}
    (tmp_path / "newsletter.json").write_text(json.dumps(raw), "utf-8")
    assert set(shelf(tmp_path).templates) == {NAME, "newsletter"}


def test_two_plans_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "copy.json").write_bytes(SHIPPED)
    with pytest.raises(Misconfigured, match=r"two plans are called premium-community"):
        shelf(tmp_path)
