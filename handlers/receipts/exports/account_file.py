"""What the books do not hold of a person's own data: mail, banks, tokens, as JSON beside the ledger (EXP-4, UX-14).

    {"schema": "parley.account", "version": 1, "mail": {...}, "banks": [...], "tokens": [...]}

Secrets are never in it: no password, no token, no cursor. What a bank said stands as it said it, also where the books
show the receipt's words instead. The file is not read back in: banks and mailboxes want their owner's consent anew.
"""

from __future__ import annotations

from typing import Any

import msgspec

from handlers.receipts.exports.export_file import ExportFile
from storage.receipts import accounts, bank_items, bank_lines, tokens
from storage.receipts.mail import addresses, mailboxes, quarantine, senders
from storage.work import Work

SCHEMA, VERSION = "parley.account", 1


def account_file(work: Work, person_id: int) -> ExportFile | None:
    """Write mail, banks and tokens of a person; None when there is nothing of these."""
    held = {"mail": _mail(work, person_id), "banks": _banks(work, person_id), "tokens": _tokens(work, person_id)}
    if not any(held.values()):
        return None
    document = {"schema": SCHEMA, "version": VERSION, **held}
    return ExportFile("account.json", "application/json", msgspec.json.encode(document, order="deterministic") + b"\n")


def _mail(work: Work, person_id: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "address_begins": addresses.of_person(work, person_id),
        "senders": [
            {"address": one.address, "own": one.own, "verified": one.verified, "mails": one.verified and not one.muted}
            for one in senders.of_person(work, person_id)
        ],
        "held": [
            {"sender": work.seal.open(row.sender).decode(), "why": row.why, "at": row.at}
            for row in quarantine.waiting(work, person_id)
        ],
        "mailboxes": [
            {"kind": one.kind, "address": one.address, "state": one.state}
            for one in mailboxes.of_person(work, person_id)
        ],
    }
    return found if any(found.values()) else {}


def _banks(work: Work, person_id: int) -> list[dict[str, Any]]:
    names = {one.id: (one.name, one.last4) for one in accounts.of_person(work, person_id)}
    return [
        {
            "institution": item.institution, "state": item.state, "linked_on": item.linked_on, "days": item.days,
            "synced_at": item.synced_at,
            "accounts": [
                {"name": names[one][0], "last4": names[one][1] or ""}
                for one in sorted(bank_items.ledger_accounts(work, person_id, item.id))
                if one in names
            ],
            "lines": [_line(line) for line in bank_lines.of_item(work, person_id, item.id)],
        }
        for item in bank_items.of_person(work, person_id, bank_items.STATES)
    ]  # fmt: skip


def _line(line: bank_lines.BankLine) -> dict[str, Any]:
    return {
        "date": line.date, "amount_minor": line.amount_minor, "currency": line.currency, "name": line.name,
        "state": line.state, "detail": line.detail, "matched": line.receipt_id is not None,
    }  # fmt: skip


def _tokens(work: Work, person_id: int) -> list[dict[str, Any]]:
    return [
        {
            "number": one.number, "name": one.name, "begins": one.prefix, "writes": one.writes,
            "expires_at": one.expires_at, "used_at": one.used_at,
        }
        for one in tokens.of_person(work, person_id)
    ]  # fmt: skip
