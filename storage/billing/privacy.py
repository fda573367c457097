"""What goes when a person deletes their data, and what stays: counts, the mirror of payments, trial hashes (ID-13)."""

from __future__ import annotations

import sqlalchemy as sa

from storage.billing.grants import grant
from storage.billing.ledger import entry, operation
from storage.billing.overrides import override
from storage.billing.subscriptions import subscription, trial_used
from storage.billing.suspensions import suspension
from storage.billing.usage import notice, record
from storage.work import Work

ERASED = (override, suspension, notice, entry, operation, grant)
KEPT = (subscription, trial_used, record)
"""The mirror of what was paid, trials by keyed hash of an address, and counts without a word of the person."""

TABLES: tuple[sa.Table, ...] = (*ERASED, *KEPT)


def erase(work: Work, person_id: int) -> None:
    """Delete what of a person need not be kept."""
    for table in ERASED:
        work.claim(table.delete().where(table.c.person_id == person_id))
