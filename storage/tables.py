"""Imports every module that defines tables, so that `metadata` is complete (for migrations, checks and tests)."""

from storage import (  # noqa: F401
    alerts,
    audit,
    backup_codes,
    blobs,
    conversation,
    disputes,
    inbox,
    links,
    operators,
    organisation,
    outbox,
    passes,
    people,
    person_notes,
    processes,
    staff_actions,
    switches,
    timers,
    transcript,
)
from storage.accounts import codes, merges  # noqa: F401
from storage.appeals import (  # noqa: F401
    cases,
    city_records,
    drafts,
    evidence,
    followups,
    letters,
    payments,
    refunds,
    status_log,
)
from storage.billing import privacy as billing_privacy  # noqa: F401
from storage.campaigns import privacy as campaigns_privacy  # noqa: F401
from storage.coaching import privacy as coaching_privacy  # noqa: F401
from storage.quotes import privacy as quotes_privacy  # noqa: F401
from storage.receipts import privacy  # noqa: F401
from storage.receipts.mail import privacy as mail_privacy  # noqa: F401
from storage.schema import metadata
from storage.support import privacy as support_privacy  # noqa: F401
from storage.webhooks import privacy as webhooks_privacy  # noqa: F401

__all__ = ["metadata"]
