"""`main.py try optout`: one JSON line in, one out, in the state "no flow open, not opted out"."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
LINES: list[tuple[object, dict[str, object]]] = [
    ({"text": "STOP"}, {"optout": True, "ask": False, "reason": "S1"}),
    ({"text": "please stop texting me", "channel": "sms"}, {"optout": True, "ask": False, "reason": "P1"}),
    ({"text": "cancel please"}, {"optout": False, "ask": True, "reason": "S2"}),
    (
        {"text": "stop the coaching texts, receipts are fine"},
        {"optout": False, "ask": False, "reason": "X6", "topic": "coaching"},
    ),
    ({"text": "not interested"}, {"optout": True, "ask": False, "reason": "P6"}),
    ({"text": "YES"}, {"optout": False, "ask": False, "reason": "S0"}),
    ({"text": "the meter would not stop beeping"}, {"optout": False, "ask": False, "reason": "S0"}),
    ({"text": ""}, {"optout": False, "ask": False, "reason": "S0"}),
    ({}, {"optout": False, "ask": False, "reason": "S0"}),
    ({"text": None}, {"optout": False, "ask": False, "reason": "S0"}),
    ({"text": "habia una señal de alto"}, {"optout": False, "ask": False, "reason": "S0"}),
]


@pytest.fixture(scope="module")
def answers() -> list[dict[str, object]]:
    """What the command answers to all lines, in one run."""
    given = "".join(json.dumps(line) + "\n" for line, _ in LINES) + "no json\n[1]\n"
    done = subprocess.run(
        [sys.executable, "main.py", "try", "optout"],
        cwd=ROOT, input=given, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("number", range(len(LINES)))
def test_a_line_in_a_line_out(answers: list[dict[str, object]], number: int) -> None:
    assert answers[number] == LINES[number][1]


def test_what_is_no_object_is_told_and_the_rest_goes_on(answers: list[dict[str, object]]) -> None:
    assert len(answers) == len(LINES) + 2
    assert [set(answer) for answer in answers[-2:]] == [{"error"}, {"error"}]
