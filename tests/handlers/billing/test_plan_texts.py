"""The texts of plans that renew: plain on SMS, every key used, nothing of Stripe named (chat rules, section 6)."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path

from bot.core.sms import encoding_of
from handlers.billing import subscriptions

TEXTS: dict[str, str] = tomllib.loads(
    resources.files("handlers.billing.subscriptions").joinpath("texts/en.toml").read_text("utf-8")
)
CODE = "".join(path.read_text("utf-8") for path in Path(subscriptions.__file__).parent.glob("*.py"))
BUILT = ("billing.sub.price_", "billing.sub.every_", "billing.sub.owed_", "billing.sub.called_")


def test_every_text_is_plain_and_no_longer_than_it_must_be_by_sms() -> None:
    longest = {"billing.sub.terms": 200, "billing.sub.terms_trial": 230, "billing.sub.terms_code": 230}
    assert [key for key, text in TEXTS.items() if encoding_of(text) != "GSM-7"] == []
    assert [key for key, text in TEXTS.items() if len(text) > longest.get(key, 160)] == []


def test_every_text_is_used_and_none_names_who_takes_the_money() -> None:
    assert [key for key in TEXTS if f'"{key}"' not in CODE and not key.startswith(BUILT)] == []
    assert [key for key, text in TEXTS.items() if "stripe" in text.lower()] == []
