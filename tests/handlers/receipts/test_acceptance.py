"""Every row of the tables of receipts has a test that bears its id (rule RA-1).

An id is borne in the name of a test, or stands as the id of one of its cases; a row of several parts bears letters
(`PR-20a`). The tests themselves say whether the row holds.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]
PLACES = ("handlers/receipts", "storage/receipts", "simulation")
TABLES = {"TX": 33, "BK": 16, "PR": 50, "CG": 10, "SM": 11, "MT": 8}
"""The tables with the number of their last row: typed and forwarded texts, print, categories, sums, matches."""
_ID = re.compile(rf"({'|'.join(TABLES)})[-_]0*(\d+)[a-z]?(?=[-_]|$)", re.I)


def _written(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield from (f"{name}_" for name in re.findall(r"[a-z]+_\d+[a-z]?(?=_|$)", node.name))
        elif isinstance(node, ast.Tuple) and node.elts and isinstance(node.elts[0], ast.Constant):
            # A case: a tuple that begins with its id.
            yield str(node.elts[0].value)


@cache
def _borne() -> frozenset[tuple[str, int]]:
    files = [file for place in PLACES for file in (TESTS / place).rglob("test_*.py") if file != Path(__file__)]
    words = (word for file in files for word in _written(ast.parse(file.read_text("utf-8"))))
    return frozenset((found[1].upper(), int(found[2])) for word in words if (found := _ID.match(word)))


@pytest.mark.parametrize("table", TABLES)
def test_ra_1_every_row_of_a_table_has_a_test_with_its_id(table: str) -> None:
    rows = {(table, number) for number in range(1, TABLES[table] + 1)}
    assert sorted(rows - _borne()) == []
