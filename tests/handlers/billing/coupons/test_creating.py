"""What may be made, and by whom (CP-1, A62, A63)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from handlers.billing.catalogue import catalogue
from handlers.billing.coupons.creating import Unclear, judge, read
from handlers.billing.coupons.limits import limits
from storage.billing.coupons.codes import Terms

NOW = datetime(2026, 3, 18, tzinfo=UTC)
ENDS = "ends=2026-05-01"


def why(words: str, role: str = "admin") -> str:
    return judge(read(words, NOW), limits().of(role), catalogue())


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("101%", "a percentage is above 0 and at most 100"),
        ("0%", "a percentage is above 0 and at most 100"),
        ("-5%", "a percentage is above 0 and at most 100"),
        ("20% ends=2026-03-18 starts=2026-03-18", "it would end before it starts"),
        ("receipts.email_import+3", "receipts.email_import is no quota"),
        ("20% for=pans", "pans: no such product or plan"),
        ("20% plans=gold", "gold: no such product or plan"),
        ("20% on=fax", "fax: no such channel"),
        ("100%", ""),
        ("12.5% for=letter,plan.pro plans=basic on=sms,telegram first per=2", ""),
        ("receipts.read+100", ""),
    ],
)
def test_a62_cp_1_what_makes_no_sense_is_refused(words: str, reason: str) -> None:
    assert why(words) == reason


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("20% uses=100", "your role needs an end within 90 days"),
        ("20% uses=100 ends=2026-06-17", "your role needs an end within 90 days"),
        (f"20% {ENDS}", "your role needs uses= of at most 100"),
        (f"20% uses=101 {ENDS}", "your role needs uses= of at most 100"),
        (f"30.01% uses=100 {ENDS}", "your role gives a percentage of at most 30"),
        (f"5.00USD uses=100 {ENDS}", "your role gives a percentage of at most 30"),
        (f"receipts.read+9 uses=100 {ENDS}", "your role gives a percentage of at most 30"),
        ("30% uses=100 ends=2026-06-16", ""),
    ],
)
def test_a63_cp_1_marketing_states_percentage_uses_and_end_within_its_limits(words: str, reason: str) -> None:
    assert why(words, "marketing") == reason
    assert why(words, "no such role") == reason, "a role that the file does not know has the strictest limits"
    assert why(words) == ""


def test_terms_are_read_from_words() -> None:
    found = read('5 usd days=30 uses=100 per=2 most=3 min=10.50 name="Spring mailing" first', NOW)
    assert found == Terms(
        "amount", NOW, amount_minor=500, currency="USD", ends_at=NOW + timedelta(days=30), max_uses=100,
        max_per_person=2, most_off_minor=300, least_price_minor=1050, name="Spring mailing", first_purchase=True,
    )  # fmt: skip
    assert read("50% most=300 currency=XTR", NOW).most_off_minor == 300
    assert read("12.5%", NOW).bps == 1250


@pytest.mark.parametrize(
    "words", ["", "much", "20% uses=0", "20% uses=many", "20% most=3", "20% ends=soon", "20% wow=1", '20% name="x',
              "20% uses=1 uses=2", "5.001USD", "20% most=0 currency=USD", "20% most=x currency=USD"],
)  # fmt: skip
def test_words_that_state_nothing_clear_are_refused(words: str) -> None:
    with pytest.raises(Unclear):
        read(words, NOW)
