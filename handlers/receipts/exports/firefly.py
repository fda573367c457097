"""EXP-9: what is sent to Firefly III (API v1), built here and sent by a job.

For each entry: look it up by `external_id`, store it or update what was found, then each picture in two calls
(announce, upload). The external id is our id, so a second export changes and never doubles. A picture that fails is a
warning: its two calls may be tried again alone, the transaction is not sent a second time.

    step = firefly_steps(ledger)[0]
    step.find; step.store                      the look-up, and the request when it finds nothing
    step.update(group)                         the request when it finds `group`
    step.announce(picture, journal_id)         POST /api/v1/attachments; answers with an attachment id
    step.upload(picture, attachment_id)        POST /api/v1/attachments/{id}/upload

Spending is a withdrawal, money back or in a deposit; amounts are positive decimal strings. Entries of zero, drafts,
pending and void ones are not sent. Parts of both signs cannot be one group there: such an entry goes as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.receipts.currencies import decimal_text
from handlers.receipts.exports.http_request import HttpRequest
from handlers.receipts.exports.ledger import Entry, Ledger, Picture, Split, State
from handlers.receipts.exports.picture_names import picture_names
from handlers.receipts.exports.plain_text import clean, one_line, shortened

NAME_LENGTH = 255
DESCRIPTION_LENGTH = 1_000
NO_NAME = "(no name)"
NO_ACCOUNT = "Cash"


@dataclass(frozen=True, slots=True)
class FoundGroup:
    """A transaction that Firefly III holds already: its id, and the journal ids of its parts in their order."""

    group_id: str
    journal_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FireflyStep:
    """Everything to send for one entry; `file_names` are those of its pictures, in their order."""

    entry: Entry
    parts: tuple[dict[str, object], ...]
    file_names: tuple[str, ...]

    @property
    def find(self) -> HttpRequest:
        """Ask for the transaction by its external id; compare the id in the answer, the search may be lenient."""
        quoted = self.entry.id.replace('"', "")
        return HttpRequest("GET", "/api/v1/search/transactions", {"query": f'external_id_is:"{quoted}"'})

    @property
    def store(self) -> HttpRequest:
        """Make the transaction; Firefly refuses one with the same content (a retry) with status 422."""
        return HttpRequest("POST", "/api/v1/transactions", json={"error_if_duplicate_hash": True, **self._body(())})

    def update(self, found: FoundGroup) -> HttpRequest:
        """Give a transaction its new content; parts that it has not yet are added, surplus ones go."""
        return HttpRequest("PUT", f"/api/v1/transactions/{found.group_id}", json=self._body(found.journal_ids))

    def announce(self, picture: Picture, journal_id: str) -> HttpRequest:
        """Make the attachment that a picture will fill."""
        name = self.file_names[self.entry.pictures.index(picture)]
        body = {"filename": name, "attachable_type": "TransactionJournal", "attachable_id": journal_id, "title": name}
        return HttpRequest("POST", "/api/v1/attachments", json=body)

    def upload(self, picture: Picture, attachment_id: str) -> HttpRequest:
        """Fill the attachment with the picture's bytes, as application/octet-stream."""
        return HttpRequest("POST", f"/api/v1/attachments/{attachment_id}/upload", picture=picture)

    def _body(self, journal_ids: Sequence[str]) -> dict[str, object]:
        known = [{"transaction_journal_id": journal_id} for journal_id in journal_ids]
        known += [{}] * (len(self.parts) - len(known))
        parts = [{**part, **journal} for part, journal in zip(self.parts, known, strict=False)]
        title = {"group_title": parts[0]["description"]} if len(parts) > 1 else {}
        return {**title, "transactions": parts}


def firefly_steps(ledger: Ledger) -> tuple[FireflyStep, ...]:
    """Return what to send, in the order of the ledger."""
    names = picture_names(ledger)
    return tuple(
        FireflyStep(entry, tuple(_parts(ledger, entry)), names.get(entry.id, ()))
        for entry in ledger.entries
        if entry.state is State.POSTED and entry.amount_minor
    )


def _parts(ledger: Ledger, entry: Entry) -> list[dict[str, object]]:
    parts = entry.parts
    if any(part.amount_minor * entry.amount_minor <= 0 for part in parts):
        largest = max(parts, key=lambda part: abs(part.amount_minor))
        parts = (Split(entry.amount_minor, largest.category_id),)
    return [_part(ledger, entry, part) for part in parts]


def _part(ledger: Ledger, entry: Entry, part: Split) -> dict[str, object]:
    account = ledger.account(entry.account_id)
    ours = shortened(account.name if account else "", NAME_LENGTH) or NO_ACCOUNT
    theirs = shortened(entry.merchant, NAME_LENGTH) or NO_NAME
    spent = entry.amount_minor > 0
    about = one_line(part.note) or one_line(entry.description) or one_line(entry.merchant) or entry.receipt_code
    category = one_line(ledger.category_name(part.category_id))
    return {
        "type": "withdrawal" if spent else "deposit",
        "date": entry.date.isoformat(),
        "amount": decimal_text(abs(part.amount_minor), entry.currency),
        "currency_code": entry.currency,
        "description": shortened(about, DESCRIPTION_LENGTH) or NO_NAME,
        "source_name": ours if spent else theirs,
        "destination_name": theirs if spent else ours,
        "tags": [one_line(tag) for tag in entry.tags],
        "notes": clean(entry.note),
        "external_id": entry.id,
        "internal_reference": entry.receipt_code,
        **({"category_name": shortened(category, NAME_LENGTH)} if category else {}),
    }
