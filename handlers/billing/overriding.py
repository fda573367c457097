"""What staff may give one person beside their plan, or take from them (RS-7): judged before anything is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from handlers.billing.catalogue import Catalogue
from storage.billing.overrides import EVERY, LONGEST, Override

LONG = timedelta(days=30)
"""Longer than this only a person of class 3 may give."""
EMERGENCY = timedelta(hours=72)
REASON_LEAST = 10

_OPERATIONS = {
    "feature_unlock": ("unlock",),
    "quota_increase": ("set", "add", "max"),
    "trial_extension": ("trial",),
    "emergency_access": ("plan",),
    "deny": ("deny",),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why it is refused, empty when it is not; and the class of staff that it takes."""

    refused: str = ""
    staff_class: int = 2


def judge(catalogue: Catalogue, kind: str, made: Override, *, reason: str, had_extension: bool) -> Verdict:
    """Return whether an override may be given, and by whom."""
    life = made.expires_at - made.starts_at
    refused = _shape(catalogue, kind, made) or _life(kind, life)
    if not refused and kind == "trial_extension" and had_extension:
        refused = "once"
    if not refused and len(" ".join(reason.split())) < REASON_LEAST:
        refused = "reason"
    return Verdict(refused, 3 if kind == "emergency_access" or life > LONG else 2)


def _shape(catalogue: Catalogue, kind: str, made: Override) -> str:
    if made.operation not in _OPERATIONS.get(kind, ()):
        return "operation"
    if kind in ("trial_extension", "emergency_access"):
        return "" if made.feature == EVERY else "feature"
    feature = catalogue.features.get(made.feature)
    if feature is None:
        return "feature"
    is_count = feature.kind in ("quota", "limit")
    if kind == "deny":
        return ""
    if (kind == "quota_increase") != is_count:
        return "feature"
    if is_count and (made.unlimited == (made.amount is not None) or (made.amount or 0) < 0):
        return "amount"
    return ""


def _life(kind: str, life: timedelta) -> str:
    most = {"trial_extension": LONG, "emergency_access": EMERGENCY}.get(kind, LONGEST)
    return "" if timedelta() < life <= most else "life"
