"""`EXPORT kind new`: what has changed since the last export of that kind.

A mark remembers, for every entry that was exported, a fingerprint of its content. An entry without a fingerprint is
new, one with another fingerprint was corrected and comes again with the same id, and an id without an entry is gone.
Content decides, not clocks: two changes in one second, an UNDO that restores an earlier state, an export of March only
and a bank line that arrives late are all told apart rightly. A category that is merely renamed brings nothing again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from handlers.receipts.exports.ledger import Entry, Ledger

_DIGEST_BYTES = 12


@dataclass(frozen=True, slots=True)
class ExportMark:
    """What one kind of export has sent so far: fingerprints by entry id, and the accounts that it has opened."""

    fingerprints: Mapping[str, str] = field(default_factory=dict)
    opened: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Selection:
    """The ledger of new and corrected entries, the ids of the corrected ones, and ids that the ledger lost."""

    ledger: Ledger
    corrected: frozenset[str]
    gone: frozenset[str]


def since(ledger: Ledger, mark: ExportMark) -> Selection:
    """Select what the mark has not seen in its present form; `ledger` is the whole one, not a range of it."""
    changed = [entry for entry in ledger.entries if mark.fingerprints.get(entry.id) != fingerprint(entry)]
    corrected = frozenset(entry.id for entry in changed) & mark.fingerprints.keys()
    gone = mark.fingerprints.keys() - {entry.id for entry in ledger.entries}
    return Selection(ledger.with_entries(changed), frozenset(corrected), frozenset(gone))


def advanced(mark: ExportMark, exported: Selection | Ledger, opened: frozenset[str] = frozenset()) -> ExportMark:
    """Return the mark after an export of any range or selection; `opened` are the accounts of its beancount file."""
    ledger, gone = (exported.ledger, exported.gone) if isinstance(exported, Selection) else (exported, frozenset())
    kept = {key: value for key, value in mark.fingerprints.items() if key not in gone}
    return ExportMark(kept | {entry.id: fingerprint(entry) for entry in ledger.entries}, mark.opened | opened)


def fingerprint(entry: Entry) -> str:
    """Return a hash of all that an export of the entry shows; the moment of its last change is no part of it."""
    content = msgspec.json.encode(msgspec.to_builtins(entry) | {"updated_at": None})
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()
