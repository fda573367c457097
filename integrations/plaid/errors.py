"""What Plaid's errors mean to us: `error_type`, `error_code` and the status, in that order of interest."""

from __future__ import annotations

from datetime import timedelta

from bot.core.calls.outcome import Again, Outcome, Refused
from integrations.http import Lost, Reply, retry_after, unfinished

MUTATED = "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"
_NOT_READY = {"PRODUCT_NOT_READY": timedelta(minutes=1)}
_KEYS = ("INVALID_API_KEYS", "UNAUTHORIZED_ENVIRONMENT")


def code_of(answer: Reply | Lost) -> str:
    """Return the vendor's error code of an answer, empty when it has none."""
    code = answer.record().get("error_code") if isinstance(answer, Reply) else None
    return code if isinstance(code, str) else ""


def trouble(answer: Reply | Lost, *, harmless: bool) -> Outcome:
    """Judge an answer that is no success; a refusal's code is Plaid's own."""
    if isinstance(answer, Lost):
        return unfinished(answer, harmless=harmless)
    kind, code, reason = answer.record().get("error_type"), code_of(answer), f"status_{answer.status}"
    if answer.status == 429 or kind == "RATE_LIMIT_EXCEEDED":
        return Again("rate_limited", retry_after(answer.headers))
    if code in _KEYS:
        return Refused("unauthorized", "client_id or secret is not accepted")
    if code in _NOT_READY:
        return Again(code, _NOT_READY[code], whole_vendor=False)
    if kind == "INSTITUTION_ERROR" or code == MUTATED:
        return Again(code or reason, whole_vendor=False)
    if answer.status >= 500 or answer.status < 400 or kind == "API_ERROR":
        return Again(code or reason) if harmless else unfinished(Lost(code or reason, sent=True))
    if answer.status in (408, 409):
        return Again(reason, whole_vendor=False)
    return Refused(code or reason, reason)
