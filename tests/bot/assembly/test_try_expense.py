"""`main.py try expense`: one JSON object a line, bad lines give an error."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

MAIN = Path(__file__).resolve().parents[3] / "main.py"


def test_lines_in_lines_out() -> None:
    lines = ['{"text": "5.50 coffee 3.20 bagel", "today": "2026-03-18", "currency": "USD"}', "x", '{"text": 5}']
    done = subprocess.run(
        [sys.executable, str(MAIN), "try", "expense"],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=True,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [draft["amount_minor"] for draft in answers[0]["drafts"]] == [550, 320]
    assert answers[1]["error"] == "each line must be one JSON object"
    assert (answers[2]["error"], answers[2]["amount_minor"]) == ("bad field: text", None)
