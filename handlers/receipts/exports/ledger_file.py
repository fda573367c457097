"""EXP-4: everything as JSON with a versioned schema, and its reader.

    {"schema": "parley.ledger", "version": 1, "ledger": {...}, "pictures": {"<picture id>": "<base64>"}}

Amounts are integers in minor units, dates ISO 8601, quantities and rates decimal strings. `pictures` is empty unless
their bytes are asked for. What `read_ledger_file` returns, written again, gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from handlers.receipts.exports.export_file import ExportFile, PictureReader
from handlers.receipts.exports.ledger import Account, Budget, Category, Entry, Ledger, Rule

SCHEMA = "parley.ledger"
VERSION = 1
Upgrade = Callable[[dict[str, object]], dict[str, object]]
UPGRADES: Mapping[int, Upgrade] = {}
"""How the document of an older version becomes one of the next, by the older version."""


class LedgerFileError(ValueError):
    """The file is not a ledger of ours, is damaged, or is newer than this program; `code` says which."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class LedgerFile:
    """What a file held: the ledger, and the bytes of the pictures that were written into it, by picture id."""

    ledger: Ledger
    pictures: Mapping[str, bytes] = field(default_factory=dict, repr=False)


class _Parts(msgspec.Struct, forbid_unknown_fields=True):
    accounts: tuple[Account, ...] = ()
    budgets: tuple[Budget, ...] = ()
    categories: tuple[Category, ...] = ()
    entries: tuple[Entry, ...] = ()
    rules: tuple[Rule, ...] = ()


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    schema: str
    version: int
    ledger: _Parts
    pictures: dict[str, bytes] = {}


def ledger_file(ledger: Ledger, read_picture: PictureReader | None = None) -> ExportFile:
    """Write everything; with `read_picture` the pictures' bytes too, else only their names, hashes and sizes."""
    parts = _Parts(ledger.accounts, ledger.budgets, ledger.categories, ledger.entries, ledger.rules)
    pictures = {picture.id: picture for entry in ledger.entries for picture in entry.pictures}
    content = {key: read_picture(pictures[key]) for key in sorted(pictures)} if read_picture else {}
    document = _Document(SCHEMA, VERSION, parts, content)
    return ExportFile("ledger.json", "application/json", msgspec.json.encode(document) + b"\n")


def read_ledger_file(content: bytes) -> LedgerFile:
    """Read what `ledger_file` of this or an older version wrote; raise LedgerFileError for anything else."""
    try:
        document = msgspec.convert(_upgraded(msgspec.json.decode(content)), _Document)
        parts = document.ledger
        ledger = Ledger(parts.entries, parts.categories, parts.accounts, parts.rules, parts.budgets)
    except LedgerFileError:
        raise
    except (ValueError, RecursionError) as error:
        raise LedgerFileError("damaged", f"not a ledger file: {error}") from error
    return LedgerFile(ledger, document.pictures)


def _upgraded(document: object) -> dict[str, object]:
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise LedgerFileError("foreign", "not a ledger file: no schema of ours")
    version = document.get("version")
    while isinstance(version, int) and version in UPGRADES:
        document = UPGRADES[version](document)
        version = document.get("version")
    if version != VERSION:
        raise LedgerFileError(
            "newer", f"version {version!r} of the ledger file is not known here; this program reads {VERSION}"
        )
    return document
