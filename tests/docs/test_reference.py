"""Settings, commands, routes, alerts, events and tests that the documents name exist, and the other way round."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from pydantic_settings import SettingsConfigDict

from bot.assembly.cli import main
from bot.assembly.demo import Demo
from bot.assembly.services import register_services
from bot.core.clock import SystemClock
from bot.core.settings import Settings, with_business
from bot.engine.registry import Registry
from bot.web.metrics import Metrics
from bot.web.scrape import registry_of
from tests.docs.pages import ARCHITECTURE, OPERATIONS, PAGES, ROOT, blocks, code, rows
from tests.rows import each

EXAMPLE = ROOT / ".env.example"
FOREIGN = {"README", "CONTRIBUTING", "STOP", "HELP", "START", "UNDO", "CODE", "CHANGE", "COMMAND"}
"""Words in capitals that are no settings."""

_SETTING = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")


class Bare(Settings):
    """The settings as they are without any file."""

    model_config = SettingsConfigDict(env_file=None)


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


# -- settings ----------------------------------------------------------------------------------------------------------


def _example() -> dict[str, tuple[str, str]]:
    """Return the value and the line of meaning of each setting."""
    found, meaning = {}, ""
    for line in EXAMPLE.read_text("utf-8").splitlines():
        if setting := re.fullmatch(r"#?([A-Z][A-Z0-9_]*)=(.*)", line):
            assert setting[1] not in found, f"{setting[1]} stands there twice"
            found[setting[1]] = (setting[2], meaning)
            meaning = ""
        else:
            meaning = line.removeprefix("# ") if line.startswith("# ") and not line.startswith("# ---") else ""
    return found


def test_env_example_lists_every_setting_and_no_other() -> None:
    assert set(_example()) == {name.upper() for name in Settings.model_fields}


def test_env_example_says_what_each_setting_means() -> None:
    assert [name for name, (_, meaning) in _example().items() if len(meaning) < 12] == []


def test_env_example_shows_the_defaults() -> None:
    values = {name.lower(): value for name, (value, _) in _example().items()}
    assert Bare(**values) == Bare()  # type: ignore[arg-type]


def test_env_example_changes_nothing_when_it_is_copied() -> None:
    assert Bare(_env_file=EXAMPLE) == Bare()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_settings_named_in_a_page_exist(page: Path) -> None:
    named = {name for text in code(page.read_text("utf-8")) for name in _SETTING.findall(text)}
    assert named - {name.upper() for name in Settings.model_fields} == set()


# -- commands ----------------------------------------------------------------------------------------------------------


def _commands(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, (*before, name))
        else:
            yield (*before, name), command


ALL = dict(_commands(main))


def test_every_command_is_documented_and_no_other() -> None:
    documented = [found for row in rows(OPERATIONS, "command") for found in code(row[0])]
    assert sorted(documented) == sorted(" ".join(words) for words in ALL)


@each("words", ALL)
def test_command_explains_itself(words: tuple[str, ...]) -> None:
    told = CliRunner().invoke(main, [*words, "--help"])
    assert told.exit_code == 0
    assert len((ALL[words].help or "").strip()) > 10
    assert all(option.help for option in ALL[words].params if isinstance(option, click.Option))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_named_in_a_page_exist(page: Path) -> None:
    text = "\n".join([*code(page.read_text("utf-8")), *blocks(page, "sh"), *blocks(page, "console")])
    for first, second in re.findall(r"main\.py ([a-z]+)(?: ([a-z]+))?", text):
        assert first in main.commands, f"main.py {first}"
        group = main.commands[first]
        assert not isinstance(group, click.Group) or not second or second in group.commands, f"main.py {first} {second}"


# -- routes ------------------------------------------------------------------------------------------------------------


async def test_every_route_is_documented_and_no_other(tmp_path: Path) -> None:
    async with Demo.open(Bare(parley_mode="demo", port=0, data_dir=tmp_path)) as demo:
        served = {
            (route.method, route.resource.canonical)
            for route in demo.app.site.router.routes()
            if route.resource is not None and route.method != "HEAD"
        }
    documented = [found for row in rows(OPERATIONS, "route") for found in code(row[0])]
    exact = {(method, path) for method, _, path in (text.partition(" ") for text in documented) if path}
    prefixes = tuple(text.removesuffix("*") for text in documented if text.endswith("*"))
    assert exact <= served
    assert {route for route in served - exact if not route[1].startswith(prefixes)} == set()
    assert all(any(path.startswith(prefix) for _, path in served) for prefix in prefixes)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_routes_named_in_a_page_are_documented(page: Path) -> None:
    known = {text.rpartition(" ")[2] for row in rows(OPERATIONS, "route") for text in code(row[0])}
    named = re.findall(r"(?<![\w.])/(?:webhooks/[\w/]+|healthz|readyz|metrics|demo/\w+)", page.read_text("utf-8"))
    assert set(named) <= known


# -- what services raise and take --------------------------------------------------------------------------------------


def _literals(node: ast.expr, names: dict[str, ast.expr]) -> list[str]:
    """Return the texts that an expression may be, as far as the module itself tells."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.Name(id=name) if name in names:
            return _literals(names[name], names)
        case ast.Subscript(value=ast.Name(id=name)) if name in names:
            return _literals(names[name], names)
        case ast.Dict(values=values):
            return [text for value in values for text in _literals(value, names)]
        case _:
            return []


def _raised(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text("utf-8"))
    names = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for node in ast.walk(tree):
        match node:
            case (
                ast.Call(func=ast.Attribute(attr="alert"), args=[kind, *_])
                | ast.Call(func=ast.Name(id="alarm"), args=[_, kind, *_])
            ):
                yield from _literals(kind, names)
            case ast.Call(func=ast.Name(id="raise_alert"), keywords=keywords):
                yield from (text for word in keywords if word.arg == "kind" for text in _literals(word.value, names))
            case ast.Yield(value=ast.Tuple(elts=[kind, *_])) if path.name == "watch.py":
                yield from _literals(kind, names)


def test_every_alert_is_explained_and_no_other() -> None:
    rooms = ("bot", "handlers", "jobs", "storage")
    raised = {kind for room in rooms for path in (ROOT / room).rglob("*.py") for kind in _raised(path)}
    explained = [found for row in rows(OPERATIONS, "alert") for found in code(row[0])]
    assert len(raised) > 30
    assert sorted(explained) == sorted(raised)


def test_every_event_of_stripe_that_is_handled_is_asked_for() -> None:
    registry = Registry()
    register_services(registry, Bare(parley_mode="demo", billing_enabled=True))
    handled = {name.removeprefix("stripe:") for name in registry.handlers if name.startswith("stripe:")}
    assert {found for row in rows(OPERATIONS, "event") for found in code(row[0])} == handled


def test_every_command_of_operators_is_documented_and_no_other() -> None:
    registry = Registry()
    register_services(registry, with_business(Bare(parley_mode="demo")))
    documented = {found.rstrip(".") for row in rows(OPERATIONS, "in the chat") for found in code(row[0])}
    plain = {" ".join(word for word in found.split() if not word.isupper()) for found in documented}
    assert plain >= {f"/{name}" for name in registry.staff}
    assert {found.split()[0] for found in plain} == {f"/{name.partition(' ')[0]}" for name in registry.staff}


def test_every_metric_is_explained_and_no_other() -> None:
    families = registry_of(Metrics(clock=SystemClock())).collect()
    shown = {family.name + ("_total" if family.type == "counter" else "") for family in families}
    explained = [found for row in rows(OPERATIONS, "metric") for found in code(row[0])]
    assert sorted(explained) == sorted(shown)


# -- tests and files ---------------------------------------------------------------------------------------------------


def test_tests_that_are_named_exist() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    named = [name for page in PAGES for name in re.findall(r"\btest_\w+\b(?!\.py)", page.read_text("utf-8"))]
    assert len(named) > 20
    assert [name for name in named if not re.search(rf"def {name}\b", sources)] == []


def test_every_rule_names_its_test() -> None:
    table = rows(ARCHITECTURE, "rule")
    assert len(table) > 10
    assert all(len(row) == 3 and code(row[2]) for row in table)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_named_in_a_page_exist(page: Path) -> None:
    named = re.findall(r"`((?:bot|handlers|storage|integrations|jobs|tests|docs)/[\w./*-]+)`", page.read_text("utf-8"))
    assert [name for name in named if not any(ROOT.glob(name))] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (page.parent / link).exists()] == []
