"""Which overrides staff may give, and who may (RS-7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from handlers.billing.catalogue import catalogue
from handlers.billing.overriding import Verdict, judge
from storage.billing.overrides import EVERY, Override
from tests.rows import each

NOW = datetime(2026, 3, 18, 18, 0, tzinfo=UTC)
GOOD = "asked for by mail"
READ, API = "receipts.read", "data.api"


@each("kind, operation, feature, hours, amount, reason, had, expected", [
    ("quota_increase", "add", READ, 24, 5, GOOD, False, Verdict()),
    ("quota_increase", "add", READ, 24, 5, "  because  ", False, Verdict("reason")),
    ("quota_increase", "add", READ, 24, 5, "ten chars!", False, Verdict()),
    ("quota_increase", "add", READ, 24, None, GOOD, False, Verdict("amount")),
    ("quota_increase", "add", READ, 24, -5, GOOD, False, Verdict("amount")),
    ("quota_increase", "add", API, 24, 5, GOOD, False, Verdict("feature")),
    ("quota_increase", "unlock", READ, 24, 5, GOOD, False, Verdict("operation")),
    ("quota_increase", "add", READ, 0, 5, GOOD, False, Verdict("life")),
    ("quota_increase", "add", READ, 30 * 24, 5, GOOD, False, Verdict()),
    ("quota_increase", "add", READ, 30 * 24 + 1, 5, GOOD, False, Verdict("", 3)),
    ("quota_increase", "add", READ, 365 * 24, 5, GOOD, False, Verdict("", 3)),
    ("quota_increase", "add", READ, 365 * 24 + 1, 5, GOOD, False, Verdict("life", 3)),
    ("feature_unlock", "unlock", API, 24, None, GOOD, False, Verdict()),
    ("feature_unlock", "unlock", READ, 24, None, GOOD, False, Verdict("feature")),
    ("feature_unlock", "unlock", "no.such", 24, None, GOOD, False, Verdict("feature")),
    ("deny", "deny", READ, 24, None, GOOD, False, Verdict()),
    ("trial_extension", "trial", EVERY, 30 * 24, None, GOOD, False, Verdict()),
    ("trial_extension", "trial", EVERY, 30 * 24 + 1, None, GOOD, False, Verdict("life", 3)),
    ("trial_extension", "trial", EVERY, 24, None, GOOD, True, Verdict("once")),
    ("emergency_access", "plan", EVERY, 72, None, GOOD, False, Verdict("", 3)),
    ("emergency_access", "plan", EVERY, 73, None, GOOD, False, Verdict("life", 3)),
    ("emergency_access", "plan", READ, 24, None, GOOD, False, Verdict("feature", 3)),
    ("gift", "plan", EVERY, 24, None, GOOD, False, Verdict("operation")),
])  # fmt: skip
def test_rs_7_an_override_has_a_kind_a_reason_an_end_and_its_class_of_staff(
    kind: str, operation: str, feature: str, hours: int, amount: int | None, reason: str, had: bool, expected: Verdict
) -> None:
    made = Override(1, feature, operation, NOW, NOW + timedelta(hours=hours), amount)
    assert judge(catalogue(), kind, made, reason=reason, had_extension=had) == expected
