"""A letter for the next level: a child case with the facts copied, each to be confirmed again (ST-22).

It starts only where the record has a usable address for that level; everywhere else the city's route is shown.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.engine.flow import End, Enter, Next
from bot.engine.turn import Turn
from handlers.appeals import records
from handlers.appeals.case_files import facts_of
from handlers.appeals.facts import Facts
from handlers.appeals.next_level import NextLevel
from handlers.appeals.opening import OpenedCase, open_case
from handlers.appeals.registry import packaged_registry
from handlers.appeals.settings import settings_of
from handlers.appeals.usability import judge_record


def is_offered(turn: Turn, row: sa.Row[Any], ahead: NextLevel) -> bool:
    """Tell whether a letter may be sold for the next level."""
    city = records.city_of(turn.work, row.city_id)
    if city is None or not ahead.takes_letters or ahead.is_past or "appeal" not in turn.registry.flows:
        return False
    mode, today = settings_of(turn.registry).mode, turn.today(city.timezone)
    return judge_record(packaged_registry(), city, mode=mode, today=today, level=ahead.level).usable


def child_facts(row: sa.Row[Any], facts: Facts) -> Facts:
    """Return the facts of the next level: what was stated stays, what was decided for one letter does not."""
    gone = {"statement", "refined", "model", "prompt_version", "translated_from", "mail_class", "signature"}
    kept = facts.model_dump(exclude=gone)
    kept["evidence"] = [item for item in kept["evidence"] if item["kind"] != "signature"]
    return Facts.model_validate(
        {**kept, "level": row.level + 1, "parent_case": row.id, "decision_date": row.decided_on}
    )


def open_child(turn: Turn, row: sa.Row[Any]) -> OpenedCase:
    """Open the case of the next level (ST-22); the decided one stays as it is."""
    return open_case(turn, child_facts(row, facts_of(turn.work, row)))


def start(turn: Turn, row: sa.Row[Any], ahead: NextLevel) -> Next:
    """Open the next level's case and go on with the appeal's conversation."""
    if not is_offered(turn, row, ahead):
        return End()
    opened = open_child(turn, row)
    facts = child_facts(row, facts_of(turn.work, row))
    return Enter("appeal", {"facts": facts.model_dump(mode="json"), "case_id": opened.case_id}, replace=True)
