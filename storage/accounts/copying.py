"""Everything that is kept of a person, as plain values: what the right to a copy of one's data asks for (ID-13, UX-14).

Sealed values are opened. Left out is what tells nothing about the person or is not theirs: hashes, secrets that open
other doors, staff's internal notes, what is derived, and the bytes of files, which are listed with their sizes.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import orjson
import sqlalchemy as sa

import storage.tables  # noqa: F401 - every table takes part
from bot.core.errors import Permanent
from storage.accounts.rules import of_persons, rules
from storage.appeals.cases import case
from storage.appeals.drafts import draft
from storage.appeals.evidence import evidence
from storage.appeals.letters import letter
from storage.people import person
from storage.schema import metadata, moment
from storage.work import Work

_SECRET = frozenset({
    "api_reply", "api_rate", "bank_reference", "conversation", "entry_pass", "inbox", "ledger_export",
    "ledger_export_file", "ledger_export_mark", "link", "mail_consent", "operator", "outbox", "person_code",
    "person_note", "support_ban", "support_note", "timer",
})  # fmt: skip
_LEFT_OUT = frozenset(
    {"person_id", "data", "token", "token_blob", "secret_blob", "cursor", "lease", "verifier", "secret", "old_secret"}
)
_STAFFS = {"order_refund": "note", "dispute": "evidence"}
"""What staff wrote or gathered stands in these columns: never theirs to read (SP-1)."""
_INSTANTS = frozenset({"at", "created_at", "last_in_at"})
_OF_CASES = (draft, evidence, letter)


def everything(work: Work, person_id: int) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of a person by table, tables without any left out."""
    found = {"person": _rows(work, person, person.c.id == person_id)}
    for name in of_persons():
        if name not in _SECRET and name not in rules().made_again:
            table = metadata.tables[name]
            found[name] = _rows(work, table, table.c.person_id == person_id)
    mine = sa.select(case.c.id).where(case.c.person_id == person_id)
    for table in _OF_CASES:
        found[table.name] = _rows(work, table, table.c.case_id.in_(mine))
    return {str(name): rows for name, rows in sorted(found.items()) if rows}


def _rows(work: Work, table: sa.Table, mine: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
    columns = [
        one
        for one in table.columns
        if one.name not in (*_LEFT_OUT, _STAFFS.get(table.name)) and not one.name.endswith(("hash", "sha256"))
    ]
    return [_plain(work, row._mapping) for row in work.rows(sa.select(*columns).where(mine))] if columns else []


def _plain(work: Work, row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): _value(work, str(name), value) for name, value in row.items() if value is not None}


def _value(work: Work, name: str, value: Any) -> Any:
    if isinstance(value, (bytes, memoryview)):
        return _opened(work, bytes(value))
    if name in _INSTANTS and isinstance(value, int):
        return moment(value).isoformat()
    return value.isoformat() if isinstance(value, (date, datetime)) else value


def _opened(work: Work, sealed: bytes) -> Any:
    """Return sealed words, as JSON where they are; nothing for bytes that are no words."""
    try:
        text = work.seal.open(sealed).decode()
    except (Permanent, UnicodeDecodeError):
        return None
    try:
        return orjson.loads(text) if text[:1] in ("{", "[") else text
    except orjson.JSONDecodeError:
        return text
