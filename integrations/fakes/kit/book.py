"""The vendor's own book: every effect in order, append-only, on disk.

Checkers compare this book with our database, never our database with itself. A fake's state is nothing but the book
read again: a `Shelf` writes each change of an object as one row, so effect and memory cannot disagree, and a fake
that was killed and started on the same path knows all that it knew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from bot.core.clock import Clock

Row = dict[str, Any]


class Book:
    """Append-only rows `{"n", "at", "kind", ...}`; JSON lines at `path`, or in memory when it is None."""

    def __init__(self, clock: Clock, path: Path | None = None) -> None:
        self._clock, self.path = clock, path
        self.rows: list[Row] = _load(path) if path else []
        self._shelves: dict[str, Shelf] = {}
        self._file: TextIO | None = None

    def append(self, kind: str, /, **facts: Any) -> Row:
        """Write one row and return it. The row reaches the operating system before this returns."""
        row: Row = {"n": len(self.rows) + 1, "at": self._clock.now().isoformat(), "kind": kind, **facts}
        line = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
        self.rows.append(json.loads(line))
        if self.path:
            self._write(self.path, line)
        return row

    def _write(self, path: Path, line: str) -> None:
        if self._file is None:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a", encoding="utf-8")
        self._file.write(line + "\n")
        self._file.flush()

    def of(self, kind: str | None = None) -> list[Row]:
        """Return the rows of a kind, or of a family (`letter` finds `letter.created`), or all."""
        if kind is None:
            return list(self.rows)
        return [row for row in self.rows if row["kind"] == kind or row["kind"].startswith(kind + ".")]

    def shelf(self, name: str) -> Shelf:
        """Return the shelf of that name, filled from the rows."""
        if name not in self._shelves:
            self._shelves[name] = Shelf(self, name)
        return self._shelves[name]

    def close(self) -> None:
        """Close the file; the rows stay readable, and another append opens it again."""
        if self._file:
            self._file.close()
            self._file = None


def _load(path: Path) -> list[Row]:
    """Read the rows back; cut off a last line that a kill left unfinished."""
    if not path.exists():
        return []
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole != len(data):
        with path.open("r+b") as file:
            file.truncate(whole)
    return [json.loads(line) for line in data[:whole].splitlines() if line.strip()]


def _copy(value: Any) -> Any:
    """Return a copy of plain JSON values (the library's takes five times as long, and a fake makes thousands)."""
    if isinstance(value, dict):
        return {name: _copy(one) for name, one in value.items()}
    return [_copy(one) for one in value] if isinstance(value, list | tuple) else value


class Shelf:
    """The vendor's objects of one sort by id, in order of creation, kept as rows of the book.

    Values are copied in and out: an object changes only by `put` or `patch`, never behind the book's back.
    """

    def __init__(self, book: Book, name: str) -> None:
        self._book, self.name = book, name
        self._values: dict[str, dict[str, Any]] = {}
        for row in book.rows:
            if row.get("shelf") == name:
                self._replay(row)

    def _replay(self, row: Row) -> None:
        if "value" in row:
            self._values[row["id"]] = _copy(row["value"])
        elif "changes" in row:
            self._values[row["id"]].update(_copy(row["changes"]))
        else:
            self._values.pop(row["id"], None)

    def put(self, id: str, value: dict[str, Any], *, kind: str | None = None, **facts: Any) -> None:
        """Keep a new or a wholly changed object; `kind` and `facts` make the row tell what happened."""
        self._write(kind or f"{self.name}.put", {**facts, "shelf": self.name, "id": id, "value": value})

    def patch(self, id: str, changes: dict[str, Any], *, kind: str | None = None, **facts: Any) -> None:
        """Change some fields of an object; raise KeyError when there is none."""
        if id not in self._values:
            raise KeyError(id)
        self._write(kind or f"{self.name}.patch", {**facts, "shelf": self.name, "id": id, "changes": changes})

    def drop(self, id: str, *, kind: str | None = None, **facts: Any) -> None:
        """Forget an object (the book still tells that it was there)."""
        if id in self._values:
            self._write(kind or f"{self.name}.drop", {**facts, "shelf": self.name, "id": id})

    def _write(self, kind: str, row: Row) -> None:
        self._book.append(kind, **row)
        self._replay(self._book.rows[-1])

    def get(self, id: str) -> dict[str, Any] | None:
        """Return a copy of an object, or None."""
        found = self._values.get(id)
        return _copy(found) if found is not None else None

    def __getitem__(self, id: str) -> dict[str, Any]:
        found: dict[str, Any] = _copy(self._values[id])
        return found

    def __contains__(self, id: str) -> bool:
        return id in self._values

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Iterate over copies, oldest first; the shelf may change meanwhile."""
        return (_copy(value) for value in list(self._values.values()))


class Attachments:
    """Files that belong to a book (letters' PDFs, media), beside it on disk or in memory."""

    def __init__(self, folder: Path | None) -> None:
        self._folder, self._memory = folder, dict[str, bytes]()

    def put(self, name: str, data: bytes) -> None:
        """Keep a file under a name without separators."""
        if "/" in name or name.startswith("."):
            raise ValueError(f"not a plain file name: {name!r}")
        if self._folder is None:
            self._memory[name] = data
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / name).write_bytes(data)

    def get(self, name: str) -> bytes | None:
        """Return the file's bytes, or None."""
        if self._folder is None or "/" in name or name.startswith("."):
            return self._memory.get(name)
        path = self._folder / name
        return path.read_bytes() if path.exists() else None
