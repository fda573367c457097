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


def _trees(rooms: tuple[str, ...]) -> Iterator[ast.Module]:
    for room in rooms:
        for file in sorted((HANDLERS / room).rglob("*.py")):
            source = file.read_text("utf-8")
            if "rights" in source or "FEATURE" in source:
                yield ast.parse(source)


def asked_in(trees: list[ast.Module]) -> set[str]:
    """Return the strings with which something is called, as they stand or by the name of a constant."""
    constants: dict[str, set[str]] = {}
    for tree in trees:
        for node in tree.body:
            for name, value in _assigned(node):
                constants.setdefault(name, set()).add(value)
    found: set[str] = set()
    for node in (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)):
        for one in node.args:
            match one:
                case ast.Constant(value=str(text)):
                    found.add(text)
                case ast.Name(id=name) | ast.Attribute(attr=name):
                    found |= constants.get(name, set())
    return found


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
    found = {rooms: asked_in(list(_trees(rooms))) for rooms in set(ROOMS.values())}
    keys = sorted(catalogue().features)
    assert [key for key in keys if key not in found[ROOMS[key.partition(".")[0]]]] == []


def test_a_feature_that_stands_in_a_text_or_a_constant_alone_is_not_asked_for() -> None:
    source = '"""reports.trends"""\nTRENDS, KEPT = "reports.trends", "reports.custom"\nallows(turn, TRENDS)\n'
    assert asked_in([ast.parse(source)]) == {"reports.trends"}
