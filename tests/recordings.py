"""Every request that Parley makes in a test run, held against the vendors' own descriptions at its end (rule CON-1).

The fakes' doors and those of the adapters' tests record into a folder of the session, in every process of it. What
deliberately wrong requests the fakes' own tests make is left out by those tests. Without the specification folder
beside the checkout the check is skipped by name.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from integrations.fakes.kit.recording import RECORDINGS_VARIABLE
from integrations.fakes.kit.shape import shape

CHECKER = Path(__file__).parents[1] / "../shared/contracts/check_example.py"
NOT_DESCRIBED = frozenset(
    {"speech", "storage", "media", "wire", "firefly", "actual", "google_vision", "gmail", "razorpay", "webhooks"}
)
"""What has no description: speech, Google, Razorpay, programs and listeners of others, bytes, doors that test."""

_FILE_BYTES = re.compile(r"/file/bot|/Media/ME\w+$")
"""Downloads, which stand beside the described interfaces."""

Request = dict[str, Any]


@cache
def contract_checker() -> Any:
    """Return the specification folder's checker; raise FileNotFoundError without that folder."""
    if not CHECKER.exists():
        raise FileNotFoundError(CHECKER)
    spec = importlib.util.spec_from_file_location("check_example", CHECKER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = writes
    return module.Checker()


def read_recordings(folder: Path) -> Iterator[Request]:
    """Yield what all processes recorded, requests alike in shape once; a line that a kill cut off is left out."""
    seen = set()
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            try:
                request: Request = json.loads(line)
            except ValueError:
                continue
            alike = shape(request)
            if alike not in seen and _is_described(request):
                seen.add(alike)
                yield request


def _is_described(request: Request) -> bool:
    is_file = request["method"] == "GET" and _FILE_BYTES.search(request["url"])
    return request.get("provider") not in NOT_DESCRIBED and not is_file


def problems_of(requests: Iterable[Request], check: Callable[[Request], list[str]]) -> list[str]:
    """Return a line for each request that no contract covers, with the request itself."""
    return [
        f"{'; '.join(problems)}\n    {request['method']} {request['url']}\n    {str(request.get('body'))[:600]}"
        for request in requests
        if (problems := check(request))
    ]


# -- the hooks of pytest -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of the check: how many shapes of requests there were, and what is wrong; None when it was skipped."""

    count: int
    problems: list[str] | None

    @property
    def is_bad(self) -> bool:
        """Whether the run must fail."""
        return bool(self.problems)

    def lines(self) -> Iterator[str]:
        """Yield what a person reads."""
        if self.problems is None:
            yield f"skipped: {self.count} shapes of requests unchecked, ../shared/contracts is absent"
            return
        yield from self.problems
        yield f"{self.count} shapes of outgoing requests checked, {len(self.problems)} against their contract"


_WANTED = pytest.StashKey[str]()
_VERDICT = pytest.StashKey[Verdict]()


def pytest_configure(config: pytest.Config) -> None:
    """Let every process of this session record into one folder; a file that was asked for gets all of it in the end."""
    if not hasattr(config, "workerinput"):
        config.stash[_WANTED] = os.environ.get(RECORDINGS_VARIABLE, "")
        os.environ[RECORDINGS_VARIABLE] = tempfile.mkdtemp(prefix="parley-recordings-")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Check what was recorded; a violation fails the run."""
    if hasattr(session.config, "workerinput"):
        return
    folder = Path(os.environ.pop(RECORDINGS_VARIABLE))
    try:
        requests = list(read_recordings(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if wanted := session.config.stash[_WANTED]:
        lines = [json.dumps(request, ensure_ascii=False) + "\n" for request in requests]
        Path(wanted).write_text("".join(lines), encoding="utf-8")
    if not requests:
        return
    problems = problems_of(requests, contract_checker().check) if CHECKER.exists() else None
    session.config.stash[_VERDICT] = verdict = Verdict(len(requests), problems)
    if verdict.is_bad and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say what the check found."""
    verdict = config.stash.get(_VERDICT, None)
    for line in verdict.lines() if verdict else ():
        terminalreporter.write_line(f"CON-1 {line}", red=verdict is not None and verdict.is_bad)
