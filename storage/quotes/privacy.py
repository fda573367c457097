"""What goes when a person deletes their data: customers and offers; the ledger of payments keeps what was paid."""

from __future__ import annotations

import sqlalchemy as sa

from storage.quotes.contacts import contact
from storage.quotes.quotes import counter, quote
from storage.quotes.versions import version
from storage.work import Work

OF_PERSON = (version, quote, contact)
TABLES: tuple[sa.Table, ...] = (*OF_PERSON, counter)


def erase(work: Work, person_id: int) -> None:
    """Delete all quotes and contacts of a person."""
    for table in OF_PERSON:
        work.claim(table.delete().where(table.c.person_id == person_id))
