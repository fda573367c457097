"""EXP-11, AU-6: a cell that a spreadsheet would run is stored as text, and can be read back.

A cell that starts with `=`, `+`, `-`, `@`, a tab or a line end (or the full-width forms that spreadsheets take for
them) gets a leading apostrophe. One that has such an apostrophe already gets another, so that `unguarded` is exact.
Numbers are written by us in columns of their own and never pass through here.
"""

from __future__ import annotations

_TRIGGERS = tuple("=+-@\t\r\n＝＋－＠")


def guarded(cell: str) -> str:
    """Return the cell with a leading apostrophe where it could be taken for a formula."""
    return f"'{cell}" if cell.lstrip("'").startswith(_TRIGGERS) else cell


def unguarded(cell: str) -> str:
    """Return the text that `guarded` was given."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_TRIGGERS) else cell
