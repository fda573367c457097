"""Who may what, and which rule says so (RS-1 to RS-6, LG-10, A14 to A25, A37, A38)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engine.rights import Reason
from handlers.billing.catalogue import PLANS, catalogue, read
from handlers.billing.resolver import Snapshot, resolve
from storage.billing.grants import Grant
from storage.billing.overrides import EVERY, OPERATIONS, Override
from storage.billing.subscriptions import GATEWAYS, STATES, Subscription
from tests.handlers.billing.test_catalogue import FEATURES, GOOD
from tests.rows import each

NOW = datetime(2026, 3, 18, 18, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG_AGO, LATER = NOW - 100 * DAY, NOW + 30 * DAY


def on(plan: str, state: str = "active", **values: Any) -> Subscription:
    return Subscription(7, values.pop("gateway", "stripe"), plan, 1, state, LONG_AGO, **values)


def but(operation: str, amount: int | None = None, /, **values: Any) -> Override:
    usual: dict[str, Any] = {"id": 1, "feature": "receipts.read", "starts_at": LONG_AGO, "expires_at": LATER}
    return Override(operation=operation, amount=amount, **usual | values)


def pack(amount: int | None = 100, **values: Any) -> Grant:
    usual: dict[str, Any] = {"effective_at": LONG_AGO, "expires_at": LATER}
    return Grant("receipts.read", "pack", "payment:1", "", amount=amount, **usual | values)


def answer(feature: str, plan: str = "free", *overrides: Override, **values: Any) -> tuple[Any, str]:
    """Return value and reason for a person on a plan."""
    of = values.pop("subscription", None if plan == "free" else on(plan))
    found = resolve(Snapshot(catalogue(), of, overrides, **values), feature, NOW)
    return found.value, found.reason.value


def test_a14_a15_a22_what_the_plan_lacks_is_denied_and_what_nobody_knows_is_off() -> None:
    assert answer("data.api") == (False, "plan")
    assert answer("receipts.email_import", "basic") == (True, "plan")
    assert answer("receipts.email_import", "basic", but("deny", feature="receipts.email_import")) == (False, "denied")
    assert answer("receipts.telepathy", "enterprise") == (False, "unknown_feature")


@each("plan, overrides, value", [
    ("basic", [but("add", 5, id=1), but("add", 5, id=2)], 160),
    ("pro", [but("set", 20, id=1), but("set", 50, id=2)], 50),
    ("pro", [but("set", 50, id=2), but("set", 20, id=1)], 50),
    ("enterprise", [but("add", 5)], None),
    ("enterprise", [but("max", 5)], None),
    ("enterprise", [but("set", 5)], 5),
    ("basic", [but("set", None, unlimited=True), but("add", 5, id=2)], None),
    ("basic", [but("set", 10, id=1), but("add", 5, id=2), but("max", 12, id=3)], 15),
    ("basic", [but("set", 10, id=1), but("max", 99, id=3), but("max", 40, id=4)], 99),
    ("free", [but("plan", feature=EVERY)], 1000),
    ("enterprise", [but("plan", feature=EVERY)], None),
    ("free", [but("plan", feature=EVERY), but("add", 5, id=2)], 1005),
])  # fmt: skip
def test_a16_a17_a18_rs_4_amounts_of_overrides_are_combined_in_one_order(
    plan: str, overrides: list[Override], value: int | None
) -> None:
    assert answer("receipts.read", plan, *overrides) == (value, "override")
    assert answer("receipts.read", plan, *overrides, but("deny", id=9)) == (0, "denied")


def test_rs_4_a_switch_and_a_word_are_unlocked() -> None:
    assert answer("data.api", "free", but("unlock", feature="data.api")) == (True, "override")
    assert answer("coaching.checkins", "free", but("unlock", feature="coaching.checkins")) == ("daily", "override")
    assert answer("data.api", "free", but("plan", feature=EVERY)) == (True, "override")
    assert answer("coaching.checkins", "free", but("plan", feature=EVERY)) == ("daily", "override")
    assert answer("support.dedicated", "free", but("plan", feature=EVERY)) == (False, "override")


@each("starts, expires, value, changes", [
    (NOW - HOUR, NOW, 150, None),
    (NOW - HOUR, NOW + timedelta(microseconds=1), 155, NOW + timedelta(microseconds=1)),
    (NOW, NOW + HOUR, 155, NOW + HOUR),
    (NOW + HOUR, NOW + 2 * HOUR, 150, NOW + HOUR),
])  # fmt: skip
def test_a19_a20_rs_3_rs_6_an_override_lives_from_its_start_until_just_before_its_end(
    starts: datetime, expires: datetime, value: int, changes: datetime | None
) -> None:
    added = but("add", 5, starts_at=starts, expires_at=expires)
    found = resolve(Snapshot(catalogue(), on("basic"), (added,)), "receipts.read", NOW)
    assert (found.value, found.expires_at) == (value, changes)


def test_a21_a_kill_switch_beats_everything_for_a_feature_or_its_category() -> None:
    unlocked = but("unlock", feature="coaching.checkins")
    for off in ("coaching", "coaching.checkins"):
        found = answer("coaching.checkins", "pro", unlocked, off=frozenset({off}), suspended=True)
        assert found == ("none", "disabled")
    assert answer("receipts.read", "pro", off=frozenset({"coaching"})) == (1000, "plan")


def test_rs_2_a_suspended_person_keeps_basic_support_alone() -> None:
    kept = [key for key in FEATURES if answer(key, "enterprise", suspended=True)[1] != "suspended"]
    assert kept == ["support.basic"]
    assert answer("receipts.read", "pro", but("add", 5), suspended=True, grants=(pack(),)) == (0, "suspended")
    assert answer("receipts.read", subscription=on("pro", "suspended")) == (15, "plan"), "of billing: free"


@each("of, overrides, value, reason", [
    (on("gold"), (), 15, "error"),
    (Subscription(7, "stripe", "basic", 99, "active", LONG_AGO), (), 15, "error"),
    (on("basic", "dreaming"), (), 15, "error"),
    (on("basic", "grace"), (), 15, "error"),
    (on("basic", "trial"), (), 15, "error"),
    (on("basic"), (but("add"),), 15, "error"),
    (on("basic"), (but("set", 5, unlimited=True),), 15, "error"),
    (on("basic"), (but("add", -5),), 15, "error"),
    (on("basic"), (but("unlock"),), 15, "error"),
])  # fmt: skip
def test_a23_rs_5_broken_data_gives_what_everybody_has(
    of: Subscription, overrides: tuple[Override, ...], value: int, reason: str
) -> None:
    assert answer("receipts.read", "", *overrides, subscription=of) == (value, reason)
    if not overrides:
        assert answer("data.api", "", subscription=of) == (False, "error")


@each("of, value, reason, changes", [
    (on("basic", "grace", grace_since=NOW - 13 * DAY), 150, "plan", NOW + DAY),
    (on("basic", "grace", grace_since=NOW - 14 * DAY), 15, "plan", None),
    (on("basic", "ended"), 15, "plan", None),
    (on("basic", "pending"), 15, "plan", None),
    (on("basic", "trial", trial_end=NOW + HOUR), 150, "trial", NOW + HOUR),
    (on("basic", "trial", trial_end=NOW), 15, "plan", None),
    (on("basic", period_end=NOW - DAY), 150, "plan", None),
    (on("basic", period_end=NOW, cancel_at_period_end=True), 15, "plan", None),
    (on("basic", period_end=NOW + HOUR, cancel_at_period_end=True), 150, "plan", NOW + HOUR),
    (on("basic", gateway="comp", period_end=NOW), 15, "plan", None),
    (on("basic", gateway="comp", period_end=NOW + DAY), 150, "plan", NOW + DAY),
    (on("basic", gateway="stars", period_end=NOW - 23 * HOUR), 150, "plan", NOW + HOUR),
    (on("basic", gateway="stars", period_end=NOW - 25 * HOUR), 15, "plan", None),
])  # fmt: skip
def test_a24_a25_a48_a60_the_state_of_a_subscription_decides_between_its_plan_and_free(
    of: Subscription, value: int, reason: str, changes: datetime | None
) -> None:
    found = resolve(Snapshot(catalogue(), of), "receipts.read", NOW)
    assert (found.value, found.reason.value, found.expires_at) == (value, reason, changes)
    assert resolve(Snapshot(catalogue(), of), "receipts.email_import", NOW).value is (value == 150)


def test_rs_7_an_extension_carries_a_trial_on_and_is_no_override() -> None:
    extended = but("trial", feature=EVERY, starts_at=NOW - HOUR, expires_at=NOW + DAY)
    found = resolve(Snapshot(catalogue(), on("basic", "trial", trial_end=NOW - HOUR), (extended,)), "data.exports", NOW)
    assert (found.value, found.reason, found.expires_at) == (10, Reason.TRIAL, NOW + DAY)
    assert answer("receipts.read", "free", extended) == (15, "plan"), "without a trial there is nothing to extend"


@each("grants, value", [
    ((pack(),), 115),
    ((pack(expires_at=NOW),), 15),
    ((pack(effective_at=NOW + HOUR),), 15),
    ((pack(), pack(5)), 120),
    ((pack(None, unlimited=True), pack(5)), None),
    ((pack(7),), 22),
])  # fmt: skip
def test_a37_packs_that_live_add_to_a_quota(grants: tuple[Grant, ...], value: int | None) -> None:
    assert answer("receipts.read", grants=grants) == (value, "plan")
    assert answer("coaching.messages", grants=grants) == (60, "plan"), "of another feature"


def test_a38_lg_10_a_grant_without_amount_is_an_error_and_never_unlimited() -> None:
    assert answer("receipts.read", grants=(pack(None),)) == (15, "error")


def test_a_version_older_than_a_feature_gives_what_everybody_has() -> None:
    block = '[[plans]]\nkey = "basic"' + GOOD.split('[[plans]]\nkey = "basic"')[1].split("[[plans]]")[0]
    older = block.replace("version = 1", "version = 2")
    for line in ('"receipts.read" = 150\n', '"reports.trends" = true\n'):
        block_before = block
        block = block.replace(line, "")
        assert block != block_before
    text = GOOD.split('[[plans]]\nkey = "basic"')
    known = read(text[0] + block + older + '[[plans]]\nkey = "pro"' + GOOD.split('[[plans]]\nkey = "pro"')[1])
    for key, value in (("receipts.read", 15), ("reports.trends", False)):
        found = resolve(Snapshot(known, on("basic")), key, NOW)
        assert (found.value, found.reason, found.source) == (value, Reason.DEFAULT, "basic")


# -- whatever is stored ------------------------------------------------------------------------------------------------

KEYS = [*FEATURES, EVERY, "no.such"]
instants = st.integers(-50, 50).map(lambda hours: NOW + hours * HOUR)
amounts = st.none() | st.integers(-3, 2000)
overrides = st.builds(
    Override, id=st.integers(1, 9), feature=st.sampled_from(KEYS), operation=st.sampled_from([*OPERATIONS, "odd"]),
    starts_at=instants, expires_at=instants, amount=amounts, unlimited=st.booleans(),
)  # fmt: skip
grants = st.builds(
    Grant, feature=st.sampled_from(KEYS), source=st.sampled_from(["plan", "pack", "goodwill"]), source_ref=st.just("a"),
    period_key=st.just(""), effective_at=instants, expires_at=instants, amount=amounts, unlimited=st.booleans(),
)  # fmt: skip
subscriptions = st.builds(
    Subscription, id=st.just(1), gateway=st.sampled_from(GATEWAYS), plan=st.sampled_from([*PLANS, "gold"]),
    version=st.sampled_from([1, 1, 1, 2]), state=st.sampled_from([*STATES, "odd"]), anchor_at=instants,
    period_end=st.none() | instants, cancel_at_period_end=st.booleans(), trial_end=st.none() | instants,
    grace_since=st.none() | instants,
)  # fmt: skip
snapshots = st.builds(
    Snapshot, catalogue=st.just(catalogue()), subscription=st.none() | subscriptions,
    overrides=st.lists(overrides, max_size=4).map(tuple), grants=st.lists(grants, max_size=3).map(tuple),
    off=st.frozensets(st.sampled_from(["coaching", "receipts.read"]), max_size=1), suspended=st.booleans(),
)  # fmt: skip


@settings(deadline=None)
@given(of=snapshots, key=st.sampled_from(KEYS), after=st.integers(0, 100))
def test_rs_5_rs_6_any_snapshot_is_answered_in_kind_and_the_answer_holds_until_its_end(
    of: Snapshot, key: str, after: int
) -> None:
    found = resolve(of, key, NOW)
    feature = of.catalogue.features.get(key)
    if feature is None:
        assert (found.value, found.reason) == (False, Reason.UNKNOWN_FEATURE)
        return
    assert feature.fits(found.value)
    if found.reason in (Reason.DISABLED, Reason.SUSPENDED, Reason.DENIED):
        assert found.value == feature.off
    later = NOW + after * HOUR
    assert found.expires_at is None or found.expires_at > NOW
    if found.reason is not Reason.ERROR and (found.expires_at is None or later < found.expires_at):
        then = resolve(of, key, later)
        assert (then.value, then.reason, then.source) == (found.value, found.reason, found.source)


@settings(deadline=None)
@given(of=snapshots, key=st.sampled_from(sorted(FEATURES)))
def test_rs_1_the_strongest_rule_wins(of: Snapshot, key: str) -> None:
    found = resolve(of, key, NOW).reason
    mine = [one for one in of.overrides if one.is_live(NOW) and one.feature in (key, EVERY)]
    if {key, key.partition(".")[0]} & of.off:
        assert found is Reason.DISABLED
    elif of.suspended and key != "support.basic":
        assert found is Reason.SUSPENDED
    elif any(one.operation == "deny" for one in mine):
        assert found is Reason.DENIED
    elif any(one.operation in ("unlock", "set", "add", "max", "plan") for one in mine):
        assert found in (Reason.OVERRIDE, Reason.ERROR)
    else:
        assert found in (Reason.TRIAL, Reason.PLAN, Reason.DEFAULT, Reason.ERROR)
