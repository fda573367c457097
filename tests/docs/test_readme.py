"""Every command that the README marks as runnable is run, and what it shows is what comes out.

To write the README's outputs and its transcript anew after a change of wording: PARLEY_GOLDEN=write.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from bot.assembly.chat import open_session
from bot.assembly.transcript import Transcript, difference
from tests.docs.pages import PAGES, README, ROOT, blocks, code, commands, rows

RUNNABLE = [command for command in commands(README) if not command.line.startswith("make ")]
WRITES = os.environ.get("PARLEY_GOLDEN") == "write"
_MAKE = re.compile(r"\bmake ([a-z]+)")


def _rewrite(old: str, new: str) -> None:
    text = README.read_text("utf-8")
    assert text.count(old) == 1, f"not once in the README: {old!r}"
    README.write_text(text.replace(old, new), "utf-8")


@pytest.mark.parametrize("number", range(len(RUNNABLE)))
def test_command_gives_what_the_readme_shows(number: int) -> None:
    command = RUNNABLE[number]
    line = command.line.replace(".venv/bin/python", sys.executable)
    env = {name: value for name, value in os.environ.items() if not name.startswith("PARLEY_")}
    done = subprocess.run(
        ["bash", "-c", line], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    shown = done.stdout.strip("\n")
    if WRITES:
        old = f"$ {command.line}\n{command.shown}".rstrip("\n")
        _rewrite(f"{old}\n", f"$ {command.line}\n{shown}\n")
        return
    assert (done.returncode, done.stderr) == (0, "")
    assert shown == command.shown


def test_readme_runs_a_command_of_each_kind() -> None:
    lines = " ".join(command.line for command in commands(README))
    assert len(RUNNABLE) >= 4
    for part in ("make run", "try citation", "try optout", "main.py chat"):
        assert part in lines


async def test_transcript_plays_the_same_through_the_demo() -> None:
    (block,) = blocks(README, "transcript")
    written = Transcript.load(block)
    found: list[list[str]] = []
    async with open_session(written.channel, start=written.start) as session:
        for step in written.steps:
            found.append(await session.play(step.done))
        if WRITES:
            _rewrite(block, session.transcript.dump())
            return
    assert [
        line for step, now in zip(written.steps, found, strict=True) for line in difference(step.replies, now)
    ] == []
    assert len(written.steps) >= 5
    assert written.start.tzinfo is not None
    assert written.start < datetime.fromisoformat("2027-01-01T00:00:00+00:00")


def _targets() -> dict[str, str]:
    text = (ROOT / "Makefile").read_text("utf-8")
    return dict(re.findall(r"^([a-z]+):[^=\n]*\n((?:\t.*\n)*)", text, re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_make_targets_that_are_named_exist(page: Path) -> None:
    text = "\n".join([*blocks(page, "sh"), *blocks(page, "console"), *code(page.read_text("utf-8"))])
    named = set(_MAKE.findall(text))
    assert named <= set(_targets()), "the Makefile has no such target"


def test_make_targets_of_the_readme_start_modules_that_exist() -> None:
    targets = _targets()
    for name in sorted(set(_MAKE.findall(README.read_text("utf-8"))) & set(targets)):
        for module in re.findall(r"-m (tests[\w.]+)", targets[name]):
            assert importlib.util.find_spec(module) is not None, f"make {name} starts {module}, which does not exist"


def test_layout_names_every_room_once() -> None:
    named = [found for row in rows(README, "folder") for found in code(row[0])]
    assert all((ROOT / name).is_dir() for name in named)
    packages = {path.parent.relative_to(ROOT) for path in ROOT.glob("*/__init__.py")}
    assert {Path(name).parts[0] for name in named} >= {path.parts[0] for path in packages}
    assert len(set(named)) == len(named)


def test_readme_has_no_badge_and_no_promise_of_a_result() -> None:
    text = README.read_text("utf-8")
    assert "![" not in text
    assert not re.findall(
        r"\b(blazing|world-class|seamless|robust|powerful|guaranteed|best-in-class)\b", text, re.IGNORECASE
    )
    assert "not a law firm" in text
    assert "no legal advice" in text
