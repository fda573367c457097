"""One hot statement for many parameter sets at once, for PostgreSQL.

The sets reach the server as one JSON array, from which `json_to_recordset` makes a table `asked`; the statement reads
its values there. Sent one by one, each set costs the client three times and the server twice the work.

    INSERT INTO t (a, b) SELECT asked.a, asked.b FROM json_to_recordset(...) AS asked(a BIGINT, b BYTEA)
    UPDATE t SET a = asked.a FROM json_to_recordset(...) AS asked(...) WHERE t.id = asked.id
    SELECT asked.nth, found.* FROM json_to_recordset(...) AS asked(...), LATERAL (SELECT ... OFFSET 0) AS found
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy.sql.compiler import SQLCompiler as Compiled

Params = dict[str, Any]

_BIND = re.compile(r"%\((\w+)\)s(?:::\w+)?")
_VALUES = re.compile(r"VALUES \(((?:[^()]|\(\w+\))*)\)")
_CONFLICT = re.compile(r"ON CONFLICT \(([\w, ]+)\)")
_NTH = "nth"


def _asked(text: str) -> str:
    return _BIND.sub(lambda bind: f"asked.{bind[1]}", text)


class RowSet:
    """The SQL of a hot statement for many parameter sets, and their form on the way to it."""

    def __init__(self, compiled: Compiled) -> None:
        text = str(compiled)
        dialect = compiled.dialect
        self.names = list(dict.fromkeys(_BIND.findall(text)))
        types = {name: str(dialect.type_compiler_instance.process(compiled.binds[name].type)) for name in self.names}
        self._bytes = [name for name, kind in types.items() if kind == "BYTEA"]
        self.reads = text.startswith("SELECT")
        columns = [f"{name} {kind}" for name, kind in types.items()] + ([f"{_NTH} INTEGER"] if self.reads else [])
        source = f"json_to_recordset(%s::json) AS asked({', '.join(columns)})"
        self._keys: list[str] = []
        if self.reads:
            self.sql = f"SELECT asked.{_NTH}, found.* FROM {source}, LATERAL ({_asked(text)} OFFSET 0) AS found"  # noqa: S608
        elif text.startswith("UPDATE"):
            change, _, which = text.partition(" WHERE ")
            self._keys = _BIND.findall(which)
            self.sql = f"{_asked(change)} FROM {source} WHERE {_asked(which)}"
        else:
            conflict = _CONFLICT.search(text)
            self._keys = conflict[1].split(", ") if conflict else []
            self.sql = _VALUES.sub(lambda row: f"SELECT {_asked(row[1])} FROM {source}", text, count=1)  # noqa: S608

    def fits(self, params: Sequence[Params]) -> bool:
        """Tell whether no two sets are about one row, which a single statement could not change twice."""
        if not self._keys:
            return True
        return len({tuple([one[key] for key in self._keys]) for one in params}) == len(params)

    def packed(self, params: Sequence[Params]) -> tuple[str]:
        """Return the sets as the one parameter of `sql`."""
        rows = [{name: one[name] for name in self.names} for one in params]
        for name in self._bytes:
            for row in rows:
                if row[name] is not None:
                    row[name] = "\\x" + row[name].hex()
        if self.reads:
            for number, row in enumerate(rows):
                row[_NTH] = number
        return (orjson.dumps(rows).decode(),)
