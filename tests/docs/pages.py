"""Reading the documents: fenced blocks, commands with the output that is shown, tables, names in backticks."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PAGES = [README, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
OPERATIONS, ARCHITECTURE = ROOT / "docs" / "operations.md", ROOT / "docs" / "architecture.md"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LEFT_OUT = {"var", "test-artefacts", "__pycache__"}


@dataclass(frozen=True, slots=True)
class Command:
    """A command of a console block, and the output that is shown below it."""

    line: str
    shown: str


def blocks(page: Path, kind: str) -> list[str]:
    """Return the insides of a page's fenced blocks of a kind."""
    return [inside for found, inside in _BLOCK.findall(page.read_text("utf-8")) if found == kind]


def commands(page: Path) -> list[Command]:
    """Return the commands of a page's console blocks."""
    return [
        Command(line.strip(), shown.rstrip("\n"))
        for inside in blocks(page, "console")
        for line, _, shown in (part.partition("\n") for part in re.split(r"^\$ ", inside, flags=re.MULTILINE)[1:])
    ]


def rows(page: Path, head: str) -> list[list[str]]:
    """Return the rows of the tables whose first column is headed so."""
    found, inside = [], False
    for line in page.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
        if not cells:
            inside = False
        elif cells[0] == head:
            inside = True
        elif inside and set(cells[0]) != {"-"}:
            found.append(cells)
    return found


def code(text: str) -> list[str]:
    """Return what stands in backticks, outside of fenced blocks."""
    return re.findall(r"`([^`\n]+)`", _BLOCK.sub("", text))


def files() -> list[Path]:
    """Return the files of the checkout: git's, or without git all but what is made by running."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode == 0:
        return [path for path in map(ROOT.joinpath, listed.stdout.splitlines()) if path.is_file()]
    return [path for path in ROOT.rglob("*") if path.is_file() and not _is_left_out(path.relative_to(ROOT))]


def _is_left_out(path: Path) -> bool:
    return (
        any(part in _LEFT_OUT or (part[0] == "." and part != ".ci") for part in path.parts[:-1]) or path.name == ".env"
    )
