"""What a person may of a feature, and which rule says so (RS-1 to RS-6): pure, total, without a clock.

    kill switch > suspension > deny > override > trial > plan > default

What is stored may be wrong: then the answer is the safe one, with the reason `ERROR`, and never "on" by accident.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.engine.rights import Decision, Reason, Value
from handlers.billing.access import access
from handlers.billing.catalogue import Catalogue, Feature
from storage.billing.grants import Grant
from storage.billing.overrides import EVERY, Override
from storage.billing.subscriptions import Subscription

EMERGENCY_PLAN = "pro"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that an answer depends on, read in one batch. `off` holds features and categories that are switched off."""

    catalogue: Catalogue
    subscription: Subscription | None = None
    overrides: tuple[Override, ...] = ()
    grants: tuple[Grant, ...] = ()
    off: frozenset[str] = frozenset()
    suspended: bool = False


class _Broken(Exception):
    """What is stored makes no sense."""


def resolve(of: Snapshot, key: str, now: datetime) -> Decision:
    """Return what a person may of a feature; quotas count their other grants in."""
    decision, feature = entitled(of, key, now), of.catalogue.features.get(key)
    if feature is None or feature.kind != "quota" or decision.reason in CLOSED:
        return decision
    extra = [one for one in of.grants if one.feature == key and one.source != "plan"]
    ends = _earliest(now, (decision.expires_at, *(at for one in extra for at in (one.effective_at, one.expires_at))))
    try:
        value = _with_grants(decision.value, [one for one in extra if one.is_live(now)])
    except _Broken:
        return _error(of, feature, key)
    return Decision(value, decision.reason, decision.source, ends)


CLOSED = (Reason.DISABLED, Reason.SUSPENDED, Reason.DENIED, Reason.UNKNOWN_FEATURE, Reason.ERROR)


def entitled(of: Snapshot, key: str, now: datetime) -> Decision:
    """Return what plan and overrides give, without any other grant."""
    feature = of.catalogue.features.get(key)
    if feature is None:
        return Decision(False, Reason.UNKNOWN_FEATURE)
    if key in of.off or key.partition(".")[0] in of.off:
        return Decision(feature.off, Reason.DISABLED)
    if of.suspended and not feature.when_suspended:
        return Decision(feature.off, Reason.SUSPENDED)
    mine = [one for one in of.overrides if one.feature in (key, EVERY)]
    denied = next((one for one in mine if one.operation == "deny" and one.is_live(now)), None)
    until = access(of.catalogue, of.subscription, of.overrides, now).until
    ends = _earliest(now, (until, *(at for one in mine for at in (one.starts_at, one.expires_at))))
    if denied is not None:
        return Decision(feature.off, Reason.DENIED, f"override:{denied.id}", ends)
    try:
        value, reason, source = _given(of, feature, key, now)
        live = [one for one in mine if one.is_live(now) and one.operation in _CHANGES]
        if live:
            value, reason, source = _changed(of, key, value, live), Reason.OVERRIDE, f"override:{live[-1].id}"
    except _Broken:
        return _error(of, feature, key)
    return Decision(value, reason, source, ends)


_CHANGES = ("unlock", "set", "add", "max", "plan")


def _given(of: Snapshot, feature: Feature, key: str, now: datetime) -> tuple[Value, Reason, str]:
    """Return what the plan gives; a version older than the feature gives what everybody has."""
    found = access(of.catalogue, of.subscription, of.overrides, now)
    if found.plan is None:
        raise _Broken
    if key in found.plan.values:
        return found.plan.value(key), Reason.TRIAL if found.is_trial else Reason.PLAN, found.plan.key
    return _default(of, feature, key), Reason.DEFAULT, found.plan.key


def _default(of: Snapshot, feature: Feature, key: str) -> Value:
    return of.catalogue.free.value(key) if feature.is_default else feature.off


def _error(of: Snapshot, feature: Feature, key: str) -> Decision:
    return Decision(_default(of, feature, key), Reason.ERROR)


def _changed(of: Snapshot, key: str, value: Value, live: Sequence[Override]) -> Value:
    """Apply overrides: a plan for an emergency, then unlocking, then the newest set, all adds, the greatest max."""
    feature = of.catalogue.features[key]
    if any(one.operation == "plan" for one in live):
        value = _better(feature, value, of.catalogue.newest[EMERGENCY_PLAN].value(key))
    amounts = [one for one in live if one.operation in ("set", "add", "max")]
    unlocks = any(one.operation == "unlock" for one in live)
    match feature.kind:
        case "switch" | "word" if amounts:
            raise _Broken
        case "switch":
            return True if unlocks else value
        case "word":
            return feature.words[-1] if unlocks else value
        case _ if unlocks or not (value is None or isinstance(value, int)):
            raise _Broken
        case _:
            return _counted(value, amounts)


def _better(feature: Feature, one: Value, other: Value) -> Value:
    if feature.kind == "word":
        return max((one, other), key=lambda word: feature.words.index(str(word)))
    if one is None or other is None:
        return None
    return one if int(one) >= int(other) else other


def _counted(value: int | None, live: Sequence[Override]) -> int | None:
    newest = max((one for one in live if one.operation == "set"), key=lambda one: one.id, default=None)
    if newest is not None:
        value = _amount(newest)
    for one in live:
        if one.operation == "add":
            added = _amount(one)
            value = None if value is None or added is None else value + added
    for one in live:
        if one.operation == "max":
            most = _amount(one)
            value = None if value is None or most is None else max(value, most)
    return value


def _with_grants(value: Value, live: Iterable[Grant]) -> Value:
    if value is None:
        return None
    total = int(value)
    for one in live:
        amount = _amount(one)
        if amount is None:
            return None
        total += amount
    return total


def _amount(of: Override | Grant) -> int | None:
    """Return an amount; never read a missing one as unlimited (LG-10)."""
    if of.unlimited == (of.amount is not None) or (of.amount or 0) < 0:
        raise _Broken
    return of.amount


def _earliest(now: datetime, instants: Iterable[datetime | None]) -> datetime | None:
    return min((at for at in instants if at is not None and at > now), default=None)
