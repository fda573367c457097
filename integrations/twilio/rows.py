"""The rows of Twilio's message list, read with patience: what a row does not say must not make us send twice.

Dates come in the wording of mail headers; ISO is understood too. A row without a date, or without a direction, counts
as one that fits.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from bot.core.calls.channels import SentSms

_TRIAL = "Sent from your Twilio trial account - "
"""What Twilio puts before every text of an account that pays nothing."""


def named(record: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the rows of a list."""
    found = record.get(name)
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def sent(row: dict[str, Any]) -> SentSms | None:
    """Read a message that Twilio took; None when it has no number."""
    sid, code = row.get("sid"), row.get("error_code")
    if not isinstance(sid, str) or not sid:
        return None
    return SentSms(sid, str(row.get("status") or ""), int(str(code)) if str(code or "").isdecimal() else None)


def is_outbound(row: dict[str, Any], to: str) -> bool:
    """Tell whether we sent a message to a number."""
    direction = str(row.get("direction") or "")
    return direction.startswith("outbound") if direction else row.get("to") == to


def has_body(row: dict[str, Any], body: str) -> bool:
    """Tell whether a message carries exactly our text."""
    return str(row.get("body") or "").removeprefix(_TRIAL) == body


def moment(row: dict[str, Any]) -> datetime | None:
    """Return when a message was created; None when the row does not say."""
    for name in ("date_created", "date_sent"):
        found = _date(str(row.get(name) or ""))
        if found is not None:
            return found
    return None


def are_all_before(page: list[dict[str, Any]], start: datetime) -> bool:
    """Tell whether a page, newest first, and so every page behind it, is older than a moment."""
    first, last = (moment(page[0]), moment(page[-1])) if page else (None, None)
    return first is not None and last is not None and last <= first < start


def _date(text: str) -> datetime | None:
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            found: datetime = read(text)
        except (ValueError, TypeError):
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None
