"""The catalogue: what it holds, and that a broken one refuses the start (PL-1, PL-2, A13)."""

from __future__ import annotations

import hashlib

import pytest

from bot.core.errors import Misconfigured
from handlers.billing.catalogue import FILE, PLANS, catalogue, read
from tests.rows import each

GOOD = FILE.read_text("utf-8")

FEATURES = {
    "appeals.letters": (0, 1, 3, 0),
    "appeals.evidence_pages": (4, 6, 12, 20),
    "appeals.hearing_kit": (False, False, True, True),
    "receipts.read": (15, 150, 1000, None),
    "receipts.email_import": (False, True, True, True),
    "receipts.bank_sync": (0, 1, 3, 10),
    "coaching.messages": (60, 400, 1500, 5000),
    "coaching.checkins": ("weekly", "daily", "daily", "daily"),
    "support.basic": (True, True, True, True),
    "support.priority": (False, False, True, True),
    "support.dedicated": (False, False, False, True),
    "reports.trends": (False, True, True, True),
    "reports.custom": (False, False, True, True),
    "data.exports": (2, 10, None, None),
    "data.api": (False, False, True, True),
    "account.addresses": (2, 4, 10, 50),
    "account.audit_view": (False, False, True, True),
}


@each("feature, values", FEATURES.items())
def test_pl_every_plan_gives_what_the_table_says(feature: str, values: tuple[object, ...]) -> None:
    assert tuple(catalogue().newest[plan].value(feature) for plan in PLANS) == values


def test_pl_there_are_four_plans_seventeen_features_seven_categories() -> None:
    found = catalogue()
    assert (len(found.newest), len(found.features), len(found.categories)) == (4, 17, 7)
    assert set(found.features) == set(FEATURES)
    assert [found.newest[plan].features for plan in PLANS] == [8, 11, 16, 17]
    prices = [(one.month, one.year, one.days_30, one.trial_days) for one in map(found.newest.get, PLANS) if one]
    assert prices == [
        ({"USD": 0}, {}, {}, 0),
        ({"USD": 900}, {"USD": 9000}, {"XTR": 700}, 14),
        ({"USD": 2900}, {"USD": 29000}, {"XTR": 2250}, 14),
        ({}, {}, {}, 30),
    ]


def test_pl_packs_give_their_quota_for_a_year_and_letters_are_never_sold_for_stars() -> None:
    found = catalogue().products
    packs = {
        key: one.grants and (one.grants.feature, one.grants.amount, one.grants.months) for key, one in found.items()
    }
    assert packs == {
        "letter.standard": None,
        "letter.certified": None,
        "pack.receipts_100": ("receipts.read", 100, 12),
        "pack.coaching_200": ("coaching.messages", 200, 12),
    }
    assert [one.price for one in found.values()] == [
        {"USD": 900}, {"USD": 1995}, {"USD": 500, "XTR": 400}, {"USD": 600, "XTR": 480},
    ]  # fmt: skip


EIGHTEENTH = '[features."data.extra"]\nkind = "switch"\nfrom_level = 3\n\n[features."data.api"]'


@each("old, new, named", [
    ('[features."data.api"]', EIGHTEENTH, "data.extra"),
    ('"receipts.read" = 150\n', '"receipts.raed" = 150\n', "receipts.raed"),
    ('"receipts.read" = 150\n', "", "basic: no value for receipts.read"),
    ('"receipts.read" = 150\n', '"receipts.read" = true\n', "receipts.read = True is no quota"),
    ('"receipts.read" = 150\n', '"receipts.read" = -1\n', "receipts.read = -1 is no quota"),
    ('"receipts.read" = 150\n', '"receipts.read" = "many"\n', "'many' is no quota"),
    ('"receipts.read" = 150\n', '"receipts.read" = 1\n"receipts.read" = 2\n', "verwrite"),
    ('"receipts.email_import" = true', '"receipts.email_import" = 1', "= 1 is no switch"),
    ('"coaching.checkins" = "weekly"', '"coaching.checkins" = "hourly"', "'hourly' is no word"),
    ('"data.api" = false', '"data.api" = true', "data.api begins at level 2"),
    ('key = "basic"', 'key = "free"', "free version 1 is there twice"),
    ('key = "basic"', 'key = "bsic"', "basic is missing or unknown"),
    ("level = 1\nfeatures = 11", "level = 1\nfeatures = 12", "12 features declared, 11 counted"),
    ("level = 1\nfeatures = 11", "level = 2\nfeatures = 11", "basic: level 2"),
    ("features = 17\ncategories", "features = 18\ncategories", "18 declared, 17 counted"),
    ('"data", "account"]', '"data", "account", "games"]', "games has no feature"),
    ('"data", "account"]', '"data", "data", "account"]', "twice"),
    ("trial_days = 30", "trail_days = 30", "trail_days"),
    ('metric = "exports"', 'colour = "red"', "colour"),
    ("price = { USD = 1995 }", "price = { USD = 1995, XTR = 9 }", "letter.certified"),
    ('feature = "coaching.messages"', 'feature = "data.api"', "data.api is no quota"),
    ("[counts]", "[counts", "line"),
])  # fmt: skip
def test_a13_a_broken_catalogue_is_refused_and_names_its_entry(old: str, new: str, named: str) -> None:
    assert old in GOOD
    with pytest.raises(Misconfigured) as refused:
        read(GOOD.replace(old, new, 1))
    assert named in str(refused.value)


def test_a_changed_plan_is_a_new_version_beside_the_old_one() -> None:
    """What version 1 of each plan gives is fixed: whoever edits a plan writes a new block with the next version."""
    first = [(key, sorted(plan.values.items())) for (key, version), plan in catalogue().plans.items() if version == 1]
    assert hashlib.sha256(repr(sorted(first)).encode()).hexdigest()[:16] == "44cc6676f7a6ea94"
    head, _, tail = GOOD.partition('[[plans]]\nkey = "pro"')
    block = '[[plans]]\nkey = "basic"' + GOOD.split('[[plans]]\nkey = "basic"')[1].split("[[plans]]")[0]
    newer = block.replace("version = 1", "version = 2").replace('"receipts.read" = 150', '"receipts.read" = 200')
    older = head.replace('"receipts.read" = 150\n', "")
    found = read(older + newer + '[[plans]]\nkey = "pro"' + tail)
    assert found.newest["basic"].value("receipts.read") == 200
    kept = found.plan("basic", 1)
    assert kept is not None
    assert "receipts.read" not in kept.values, "a version may be older than a feature"
