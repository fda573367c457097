"""What of the receipts is past its life: dropped drafts, files that became no receipt (rule SEC-R7).

A dropped draft stays as long as `UNDO` may bring it back, a failed one and a file that nobody could read for a month.
Confirmed receipts and their pictures stay as long as their person keeps them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage.receipts.documents import document
from storage.receipts.receipts import UNDO_FOR, receipt
from storage.schema import word

UNREAD = timedelta(days=30)


def any_file(connection: sa.Connection) -> bool:
    """Tell whether anybody ever sent a file or made a draft; where nobody did, nothing is past its life."""
    found = sa.or_(sa.exists(sa.select(document.c.id)), sa.exists(sa.select(receipt.c.id)))
    return bool(connection.execute(sa.select(found)).scalar())


def gone(connection: sa.Connection, now: datetime, limit: int) -> list[sa.Row[Any]]:
    """Return (person_id, id) of dropped and failed receipts that no one can bring back any more."""
    dropped = sa.and_(receipt.c.state == word("rejected"), receipt.c.state_at < now - UNDO_FOR)
    failed = sa.and_(receipt.c.state == word("failed"), receipt.c.state_at < now - UNREAD)
    found: list[sa.Row[Any]] = []
    for old in (dropped, failed):
        found += connection.execute(sa.select(receipt.c.person_id, receipt.c.id).where(old).limit(limit))
    return found


def unread(connection: sa.Connection, now: datetime, limit: int) -> list[sa.Row[Any]]:
    """Return (person_id, id) of files that belong to no receipt after a month."""
    old = (document.c.receipt_id.is_(None), document.c.at < now - UNREAD)
    return list(connection.execute(sa.select(document.c.person_id, document.c.id).where(*old).limit(limit)))
