"""The check at the end of every test run: what was recorded in any process of it, and what turns it red (CON-1)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from integrations.fakes.kit.recording import write_recording
from integrations.fakes.kit.shape import shape
from tests.recordings import CHECKER, contract_checker, problems_of, read_recordings

ROOT = Path(__file__).parents[2]
needs_contracts = pytest.mark.skipif(
    not CHECKER.exists(), reason="the specification folder is not beside this checkout"
)
GOOD = {
    "method": "POST",
    "url": "http://127.0.0.1:1/v1/refunds",
    "headers": {
        "Content-Type": "application/x-www-form-urlencoded", "Authorization": "Bearer ***", "Idempotency-Key": "k",
        "Stripe-Version": "2026-10-28.endive",
    },
    "body": "payment_intent=pi_1&amount=3900&reason=duplicate",
    "provider": "stripe",
}  # fmt: skip


def _like(body: str, **changes: Any) -> dict[str, Any]:
    return {**GOOD, "body": body, **changes}


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        (_like("payment_intent=pi_2&amount=3901&reason=duplicate"), True),
        (_like("amount=3900&payment_intent=pi_1&reason=duplicate"), True),
        (_like("payment_intent=pi_1&amount=3900&reason=fraudulent"), False),
        (_like("payment_intent=pi_1&amount=abc&reason=duplicate"), False),
        (_like("payment_intents=pi_1&amount=3900&reason=duplicate"), False),
        (_like(GOOD["body"] + "&metadata[case]=c_1"), False),  # type: ignore[operator]
        (_like(GOOD["body"], url="http://127.0.0.1:9/v1/refunds"), True),  # type: ignore[arg-type]
        (_like(GOOD["body"], url="http://127.0.0.1:1/v1/refund"), False),  # type: ignore[arg-type]
        (_like(GOOD["body"], headers={"Content-Type": "application/x-www-form-urlencoded"}), False),  # type: ignore[arg-type]
        (_like("payment_intent=" + "p" * 300 + "&amount=3900&reason=duplicate"), False),
    ],
)
def test_con_1_requests_count_as_alike_only_when_no_contract_tells_them_apart(
    other: dict[str, Any], alike: bool
) -> None:
    assert (shape(GOOD) == shape(other)) is alike


def test_con_1_each_process_writes_its_own_file_and_each_shape_once(tmp_path: Path) -> None:
    for body in ("amount=3900", "amount=3901", "amount=x"):
        write_recording(tmp_path, _like(body))
    (file,) = tmp_path.iterdir()
    assert file.name == f"{os.getpid()}.jsonl"
    assert [json.loads(line)["body"] for line in file.read_text().splitlines()] == ["amount=3900", "amount=x"]


def test_con_1_files_of_all_processes_are_read_and_a_line_cut_by_a_kill_is_left_out(tmp_path: Path) -> None:
    for process, body in (("1", "amount=3900"), ("2", "amount=3901"), ("3", "amount=x")):
        (tmp_path / f"{process}.jsonl").write_text(json.dumps(_like(body)) + '\n{"method": "PO')
    assert [request["body"] for request in read_recordings(tmp_path)] == ["amount=3900", "amount=x"]


@needs_contracts
def test_con_1_a_request_outside_the_contract_is_named_with_its_body() -> None:
    check = contract_checker().check
    assert problems_of([GOOD], check) == []
    (line,) = problems_of([GOOD, _like("payment=pi_1")], check)
    assert "payment" in line
    assert "POST http://127.0.0.1:1/v1/refunds" in line


_BAD_TEST = """
import asyncio
import aiohttp
from integrations.fakes.lob import LobFake
from bot.core.clock import SystemClock

def test_it():
    async def go():
        async with LobFake(SystemClock()) as fake, aiohttp.ClientSession() as http:
            async with http.{method}(fake.url + "{path}", headers={{"Authorization": "Basic dGVzdF8xOg=="}}) as answer:
                await answer.read()
    asyncio.run(go())
"""


@needs_contracts
@pytest.mark.parametrize(
    ("path", "workers", "code"),
    [("/v1/letters?limit=10", "0", 0), ("/v1/letters?colour=red", "0", 1), ("/v1/letters?colour=red", "1", 1)],
)
def test_con_1_a_violation_fails_the_run_also_on_other_workers(
    path: str, workers: str, code: int, tmp_path: Path
) -> None:
    (tmp_path / "test_one.py").write_text(_BAD_TEST.format(method="get", path=path))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PARLEY_", "PYTEST_"))}
    command = [sys.executable, "-m", "pytest", "-p", "tests.recordings", "-p", "no:randomly", "-n", workers, "-q"]
    ended = subprocess.run(
        [*command, "--rootdir", str(tmp_path), "-c", os.devnull, str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    assert ended.returncode == code, ended.stdout
    assert ("colour" in ended.stdout) is bool(code)
