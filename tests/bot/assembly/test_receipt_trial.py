"""`main.py try receipt`: one JSON line a file, nulls and a reason for what cannot be read, never a traceback."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.integrations.ocr.drawn import blank_pdf, encoded, pdf, receipt

ROOT = Path(__file__).parents[3]
FIELDS = {
    "file", "vendor", "date", "total", "tax", "subtotal", "tip", "currency", "confidence", "needs_review", "seconds",
}  # fmt: skip
UNREADABLE = {
    "empty.jpg": (b"", "unreadable"),
    "cut.png": (encoded(receipt())[:2000], "unreadable"),
    "program.jpg": (b"MZ" * 500, "unsupported"),
    "locked.pdf": (blank_pdf(1, password="x"), "encrypted"),
    "blank.pdf": (blank_pdf(1), "nothing_printed"),
}

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("handlers.receipts") is None
    or importlib.util.find_spec("handlers.receipts.reading") is None,
    reason="handlers.receipts.reading is not there yet",
)


def try_receipt(*arguments: str | Path) -> list[dict[str, Any]]:
    run = subprocess.run(
        [sys.executable, "main.py", "try", "receipt", *map(str, arguments)],
        capture_output=True,
        cwd=ROOT,
        check=True,
        timeout=120,
    )
    assert run.stderr == b""
    return [json.loads(line) for line in run.stdout.splitlines()]


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    made = {"photo.png": encoded(receipt()), "bill.pdf": pdf([["Luna Books", "2026-03-15", "Total|12.69"]])}
    made |= {name: data for name, (data, _) in UNREADABLE.items()}
    for name, data in made.items():
        (tmp_path / name).write_bytes(data)
    return {name: tmp_path / name for name in made}


def test_each_file_gives_its_fields_or_nulls_and_a_reason(files: dict[str, Path], tmp_path: Path) -> None:
    read = [files["photo.png"], files["bill.pdf"]]
    refused = [*(files[name] for name in UNREADABLE), tmp_path / "absent.jpg", tmp_path]
    photo, bill, *lines = try_receipt(*read, *refused, "--received", "2026-03-18")
    assert set(photo) == FIELDS
    assert photo["file"] == str(files["photo.png"])
    assert (photo["total"], photo["tax"], photo["subtotal"], photo["tip"]) == ("12.69", "0.94", "11.75", None)
    assert (photo["date"], photo["currency"]) == ("2026-03-15", "USD")
    assert 0 <= photo["confidence"] <= 1
    assert photo["seconds"] > 0
    assert (bill["total"], bill["date"]) == ("12.69", "2026-03-15")
    assert [line["error"] for line in lines] == [*(error for _, error in UNREADABLE.values()), "not_found", "not_found"]
    for line in lines:
        assert set(line) == FIELDS | {"error"}
        assert (line["vendor"], line["date"], line["total"], line["needs_review"]) == (None, None, None, True)


def test_amounts_have_the_decimals_of_their_currency(tmp_path: Path) -> None:
    (tmp_path / "yen.pdf").write_bytes(pdf([["Kita Books", "2026-03-15", "Total JPY|1,280"]]))
    (line,) = try_receipt(tmp_path / "yen.pdf", "--currency", "JPY", "--country", "JP", "--received", "2026-03-18")
    assert line["currency"] == "JPY"
    assert line["total"] is None or Decimal(line["total"]) == 1280
    assert "." not in (line["total"] or "")
