"""`main.py try decisions`: one JSON object a line, bad lines give an error."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

MAIN = Path(__file__).resolve().parents[3] / "main.py"


def test_lines_in_lines_out() -> None:
    said = {"text": "Discord at $29/month, 1.1 is done", "today": "2026-03-02", "locale": "en-US", "currency": "USD"}
    lines = [json.dumps(said), "x", '{"text": 5}', '{"text": "35", "pending": "pricing", "today": "2026-03-02"}']
    done = subprocess.run(
        [sys.executable, str(MAIN), "try", "decisions"],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=True,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    found = {decision["category"]: decision["value"] for decision in answers[0]["decisions"]}
    assert found == {"platform": "discord", "pricing": "USD 2900/month"}
    assert answers[0]["completions"] == ["1.1"]
    assert answers[1]["error"] == "each line must be one JSON object"
    assert (answers[2]["error"], answers[2]["decisions"]) == ("bad field: text", [])
    assert answers[3]["decisions"][0]["value"] == "USD 3500/month"
