"""What must hold for the whole checkout: pinned dependencies, no host or path of anybody's machine, short guides."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from pathlib import Path

import pytest

from bot.assembly.services import register_services
from bot.core.settings import Settings
from bot.engine.registry import Registry
from storage.migrate import head
from tests.docs.pages import ROOT, files, rows
from tests.rows import each

DEPENDENCIES = ROOT / "docs" / "dependencies.md"
LOCKS = [ROOT / "requirements.txt", ROOT / "requirements-dev.txt"]
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_INDEX = re.compile(
    r"https?://[^\s\"'`)]*(?:py" + r"pi|python" + r"hosted|artifact" + r"ory|/sim" + r"ple\b)", re.IGNORECASE
)
_MACHINE = re.compile(r"(?<![\w.}])/(?:wo" + r"rk|ro" + r"ot|ho" + r"me/\w+|Us" + r"ers/\w+)/[\w.-]")
_OPTIONS = re.compile(r"^\s*-{1,2}(?:i|index-url|extra-index-url|find-links|f|trusted-host)\b", re.MULTILINE)


def _names(requirements: list[str]) -> list[str]:
    return [found[0].lower() for text in requirements if (found := _NAME.match(text))]


def _project() -> tuple[list[str], list[str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return _names(project["dependencies"]), _names(project["optional-dependencies"]["dev"])


def _pins(lock: Path) -> dict[str, tuple[str, int]]:
    """Return version and number of hashes of each pinned package."""
    logical = re.sub(r"\\\n", " ", re.sub(r"^\s*#.*\n", "", lock.read_text("utf-8"), flags=re.MULTILINE))
    pins = {}
    for line in filter(str.strip, logical.splitlines()):
        found = re.match(r"([A-Za-z0-9._-]+)==([^\s;]+)", line)
        assert found, f"not pinned: {line[:60]}"
        whole = re.findall(r"--hash=sha256:[0-9a-f]{64}(?!\w)", line)
        assert len(whole) == line.count("--hash="), f"a hash is cut: {found[1]}"
        pins[found[1].lower()] = (found[2], len(whole))
    return pins


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_pin_has_its_hashes_and_no_host_is_named(lock: Path) -> None:
    text = lock.read_text("utf-8")
    assert [name for name, (_, hashes) in _pins(lock).items() if not hashes] == []
    assert "://" not in text
    assert not _OPTIONS.search(text)


def test_locks_hold_every_direct_dependency_and_agree() -> None:
    (run, dev), (pinned, pinned_dev) = _project(), (_pins(lock) for lock in LOCKS)
    assert set(run) <= set(pinned)
    assert set(run) | set(dev) <= set(pinned_dev)
    assert {name: pin for name, pin in pinned.items() if pinned_dev.get(name, pin)[0] != pin[0]} == {}


def test_dependencies_page_lists_what_pyproject_lists() -> None:
    listed = [row[0].lower() for row in rows(DEPENDENCIES, "package")]
    run, dev = _project()
    assert listed == run + dev
    assert all(len(row) == 4 and all(row) for row in rows(DEPENDENCIES, "package"))


@each("row", rows(DEPENDENCIES, "package"))
def test_licence_is_the_one_that_the_installed_package_states(row: list[str]) -> None:
    assert row[3] == _licence(row[0])


def _licence(package: str) -> str:
    stated = importlib.metadata.metadata(package)
    expression, short = ("".join(stated.get_all(name) or []) for name in ("License-Expression", "License"))
    classifiers = [text.split(" :: ")[-1] for text in stated.get_all("Classifier") or [] if text.startswith("License")]
    return expression or (short if 0 < len(short) < 60 else " / ".join(classifiers))


def test_no_package_index_and_no_path_of_a_machine_is_named() -> None:
    found = []
    for path in files():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        for pattern in (_INDEX, _MACHINE):
            found += [f"{path.relative_to(ROOT)}: {hit[0]}" for hit in pattern.finditer(text)]
    assert found == []


@pytest.mark.parametrize(
    "text", ["/wo" + "rk/x", "see /ro" + "ot/.cache", "/ho" + "me/ann/parley", "/Us" + "ers/ann/x"]
)
def test_a_path_of_a_machine_is_seen(text: str) -> None:
    assert _MACHINE.search(text)


def test_contributing_is_short() -> None:
    assert len((ROOT / "CONTRIBUTING.md").read_text("utf-8").splitlines()) < 70


def test_licence_is_mit_and_ours() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert text.startswith("MIT License")
    assert "The Parley authors" in text


def test_changelog_names_the_schema_and_the_draft_version_of_this_release() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    newest = re.split(r"^## ", text, flags=re.MULTILINE)[1]
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    registry = Registry()
    register_services(registry, Settings(parley_mode="demo"))
    drafts = {str(flow.version) for flow in registry.flows.values()}
    assert newest.startswith(version)
    assert f"Schema **{head()}**" in newest
    assert set(re.findall(r"Draft version \*\*(\d+)\*\*", newest)) == drafts
