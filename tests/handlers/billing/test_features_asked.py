"""Every feature of the catalogue is asked for by the piece of the program that it governs, through the one small port.

A feature that nobody asks for is sold and does nothing. A service asks by the key: as a literal, or by a constant that
holds it. Billing itself, which answers, does not count.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import handlers
from handlers.billing.catalogue import catalogue

HANDLERS = Path(handlers.__file__).parent
ROOMS = {
    "appeals": ("appeals",), "receipts": ("receipts",), "coaching": ("coaching",), "support": ("support",),
    "reports": ("receipts",), "data": ("receipts",), "account": ("people",),
}  # fmt: skip
"""The packages that a category governs: a report is one of a person's own books, and so is what leaves them."""


def _trees(rooms: tuple[str, ...]) -> dict[str, ast.Module]:
    """Return the modules of packages by their last name."""
    found = {}
    for room in rooms:
        for file in sorted((HANDLERS / room).rglob("*.py")):
            source = file.read_text("utf-8")
            if "rights" in source or "FEATURE" in source:
                found[file.stem if file.stem not in found else str(file)] = ast.parse(source)
    return found


def asked_in(trees: dict[str, ast.Module]) -> set[str]:
    """Return the strings with which something is called, as they stand or by the constant of a module."""
    constants = {
        (module, name): value for module, tree in trees.items() for node in tree.body for name, value in _assigned(node)
    }
    found: set[str | None] = set()
    for module, tree in trees.items():
        origin = {
            alias.asname or alias.name: (node.module or "").rpartition(".")[2]
            for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
        }  # fmt: skip
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            for one in call.args:
                match one:
                    case ast.Constant(value=str(text)):
                        found.add(text)
                    case ast.Name(id=name):
                        found.add(constants.get((module, name)) or constants.get((origin.get(name, ""), name)))
                    case ast.Attribute(value=ast.Name(id=other), attr=name):
                        found.add(constants.get((other, name)))
    return {one for one in found if one is not None}


def _assigned(node: ast.stmt) -> Iterator[tuple[str, str]]:
    """Yield what a line like `TRENDS, CUSTOM = "reports.trends", "reports.custom"` names."""
    if not isinstance(node, ast.Assign):
        return
    target, value = node.targets[0], node.value
    pairs = zip(target.elts, value.elts, strict=False) if (
        isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
    ) else ((target, value),)  # fmt: skip
    for name, one in pairs:
        if isinstance(name, ast.Name) and isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield name.id, one.value


def test_every_feature_of_the_catalogue_has_somebody_who_asks_for_it() -> None:
    found = {rooms: asked_in(_trees(rooms)) for rooms in set(ROOMS.values())}
    keys = sorted(catalogue().features)
    assert [key for key in keys if key not in found[ROOMS[key.partition(".")[0]]]] == []


def test_a_feature_that_stands_in_a_text_or_a_constant_alone_is_not_asked_for() -> None:
    rights = ast.parse('"""data.api"""\nTRENDS, CUSTOM, KEPT = "reports.trends", "reports.custom", "data.exports"\n')
    asking = ast.parse('FEATURE = "data.api"\nallows(turn, report_rights.TRENDS)\n')
    other = ast.parse(
        'from x.report_rights import CUSTOM\nFEATURE = "x.y"\nallows(turn, CUSTOM)\nallows(turn, FEATURE)\n'
    )
    found = asked_in({"report_rights": rights, "asking": asking, "other": other})
    assert found == {"reports.trends", "reports.custom", "x.y"}
