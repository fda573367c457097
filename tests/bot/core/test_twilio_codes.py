"""Every code of the table has its action, unlisted codes ask for nothing more, and no other table knows them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from bot.core.twilio_codes import ACTS, Act, act_of


@pytest.mark.parametrize(
    ("code", "act"),
    [
        (20003, Act.PAGE),
        (20429, Act.BACK_OFF),
        (21611, Act.SLOW),
        (30001, Act.SLOW),
        (21211, Act.UNREACHABLE),
        (21614, Act.UNREACHABLE),
        (21408, Act.PAGE),
        pytest.param(21610, Act.OPT_OUT, id="SMS-7"),
        (30003, Act.COUNT),
        (30005, Act.COUNT),
        (30006, Act.COUNT),
        (30007, Act.FILTERED),
        (30004, Act.UNREACHABLE),
        (30008, Act.RETRY_ONCE),
        (30034, Act.HOLD_PROACTIVE),
        (21999, Act.NOTHING),
        (30999, Act.NOTHING),
    ],
)
def test_code_has_its_action(code: int, act: Act) -> None:
    assert act_of(code) is act


def test_sms_5_4_codes_stand_in_one_table_only() -> None:
    root = Path(__file__).parents[3]
    files = [
        path for room in ("bot", "handlers", "jobs", "storage", "integrations") for path in (root / room).rglob("*.py")
    ]
    found = [
        f"{path.relative_to(root)}: {node.value}"
        for path in files
        if path.name != "twilio_codes.py" and "fakes" not in path.parts
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, int) and node.value in ACTS
    ]
    assert found == []
