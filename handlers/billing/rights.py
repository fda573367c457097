"""The answers of billing to what services ask by feature (`bot.engine.rights`): decide, reserve, settle.

Nothing here sells: beyond a quota a service does its plainer thing and shows what is told (PL-1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.engine.rights import Booked, Decision, Reason
from bot.engine.turn import Turn
from handlers.billing import notices, reading, telling
from handlers.billing.access import access
from handlers.billing.catalogue import Catalogue
from handlers.billing.resolver import CLOSED, entitled, resolve
from storage.billing import ledger, usage
from storage.work import Work


@dataclass(frozen=True, slots=True)
class BillingRights:
    """Who answers where plans exist."""

    catalogue: Catalogue

    def decide(self, turn: Turn, feature: str) -> Decision:
        """Return what the person may of a feature now, with its reason in words (RS-8)."""
        of = reading.snapshot(turn, self.catalogue)
        found = resolve(of, feature, turn.now)
        if found.reason in (Reason.ERROR, Reason.UNKNOWN_FEATURE):
            _alert(turn, feature, found.reason.value)
        return replace(found, told=telling.told(turn, of, feature, found))

    def permits(self, work: Work, person_id: int, feature: str) -> bool:
        """Tell of a switch whether a person has it."""
        return resolve(reading.entitlements(work, person_id, self.catalogue), feature, work.now).allows

    def reserve(self, turn: Turn, feature: str, operation: str, amount: int = 1) -> Booked:
        """Set an amount of a quota aside; what is no quota, switched off or denied has none."""
        of, known = reading.snapshot(turn, self.catalogue), self.catalogue.features.get(feature)
        reason = entitled(of, feature, turn.now).reason
        if reason in (Reason.ERROR, Reason.UNKNOWN_FEATURE):
            _alert(turn, feature, reason.value)
        if known is None or known.kind != "quota" or amount < 1 or (reason in CLOSED and reason is not Reason.ERROR):
            return Booked.REFUSED
        plan = reading.plan_grant(turn, of, feature)
        answer = ledger.reserve(
            turn.work, turn.person.id, plan, operation_id=operation, amount=amount, hold=known.hold
        )  # fmt: skip
        reading.booked(turn)
        return Booked(answer)

    def settle(self, turn: Turn, feature: str, operation: str, *, used: int) -> None:
        """Book what was used, count it, and tell the person once when it becomes scarce (LG-5, LG-8, LG-11)."""
        known = self.catalogue.features.get(feature)
        if known is None or known.kind != "quota":
            return
        person_id, of = turn.person.id, reading.snapshot(turn, self.catalogue)
        plan = reading.plan_grant(turn, of, feature)
        settled = ledger.settle(turn.work, person_id, plan, operation_id=operation, used=max(used, 0))
        reading.booked(turn)
        if settled is None or not settled.used:
            return
        if known.metric:
            usage.count(turn.work, person_id, known.metric, settled.used, operation_id=operation)
        if settled.overdrawn:
            turn.alert("quota_overdrawn", key=f"quota_overdrawn:{person_id}:{operation}", feature=feature)
        notices.tell(turn, reading.snapshot(turn, self.catalogue), feature)

    def count(self, turn: Turn, metric: str, quantity: int, operation: str) -> None:
        """Note once what an operation used of a metric that no quota limits (LG-11)."""
        usage.count(turn.work, turn.person.id, metric, quantity, operation_id=operation)

    def pays(self, turn: Turn) -> bool:
        """Tell whether the plan is a subscription's, above the free one and past its trial."""
        of = reading.snapshot(turn, self.catalogue)
        found = access(self.catalogue, of.subscription, of.overrides, turn.now)
        return found.plan is not None and found.plan.level > 0 and not found.is_trial


def _alert(turn: Turn, feature: str, reason: str) -> None:
    key = f"entitlement:{turn.person.id}:{feature}:{turn.now:%Y-%m-%d}"
    turn.alert("entitlement_error", key=key, person=turn.person.id, feature=feature, reason=reason)
