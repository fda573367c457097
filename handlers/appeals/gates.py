"""The gates G1 to G15: every reason for which no paid letter is sold or posted, in their fixed order.

    first_refusal(facts)   while questions are being asked: a gate whose slot is not filled yet is not judged
    final_refusal(facts)   at the summary, at the pay link, before the claim and before every retry: all are judged

A refusal names the gate, its reason code and the free routes to offer instead. Nothing here is sent or stored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from handlers.appeals.city import City, Enclosure, Route
from handlers.appeals.deadlines import MailClass, Plan
from handlers.appeals.numbers import ACCEPTED, NumberStatus
from handlers.appeals.registry import Registry
from handlers.appeals.usability import Mode, judge_record

NOT_PARKING = frozenset({"camera", "toll", "moving", "private"})
IN_PERSON = frozenset({"booted", "towed", "court", "judgment", "collections"})


@dataclass(frozen=True, slots=True)
class ReturnAddress:
    """Where the city's answer goes; `undeliverable_times` counts refusals by the address check."""

    country: str = "US"
    undeliverable_times: int = 0
    confirmed_by_user: bool = False

    def is_good_for(self, mail_class: MailClass | None) -> bool:
        """Say whether a letter may carry it: certified mail takes no undeliverable address (rule LET-9)."""
        if self.country != "US":
            return False
        if self.undeliverable_times >= 2:
            return self.confirmed_by_user and mail_class is not MailClass.CERTIFIED
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a case; None means that the slot is not filled yet.

    `city_named` without a `city` is a place without a record. `agency_elsewhere` is the answer to the question about
    the ticket's heading. `situation`: none, late_notice, already_paid, booted, towed, court, judgment, collections.
    `plan` is made once the issue date was asked. `uploaded` holds ids of enclosures. `signer`: owner, driver, other,
    company. `waives_mail_by` is SEND ANYWAY (rule ST-12).
    """

    registry: Registry
    mode: Mode
    today: date
    city_named: bool
    city: City | None = None
    level: int = 1
    agency_elsewhere: bool | None = None
    violation_class: str | None = None
    situation: str | None = None
    plan: Plan | None = None
    mail_class: MailClass | None = None
    uploaded: frozenset[str] | None = None
    signer: str | None = None
    signature_photo: bool = False
    number_status: NumberStatus | None = None
    return_address: ReturnAddress | None = None
    mail_paused: bool = False
    waives_mail_by: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """The first gate that refuses; `detail` names what is missing, `routes` are the free ways to offer."""

    gate: str
    reason: str
    detail: tuple[str, ...] = ()
    routes: tuple[Route, ...] = ()


@dataclass(frozen=True, slots=True)
class _Unfilled:
    """A gate that cannot be judged yet, and the slot it waits for."""

    slot: str


_Verdict = str | tuple[str, tuple[str, ...]] | _Unfilled | None
_INCOMPLETE = "incomplete"


def first_refusal(facts: Facts) -> Refusal | None:
    """Return the first refusal among the gates whose slots are filled."""
    for gate, judge in _GATES:
        verdict = judge(facts)
        if verdict is not None and not isinstance(verdict, _Unfilled):
            return _refusal(facts, gate, verdict)
    return None


def final_refusal(facts: Facts) -> Refusal | None:
    """Return the first refusal; a slot that is still empty refuses as well, with the reason `incomplete`."""
    for gate, judge in _GATES:
        verdict = judge(facts)
        if isinstance(verdict, _Unfilled):
            return _refusal(facts, gate, (_INCOMPLETE, (verdict.slot,)))
        if verdict is not None:
            return _refusal(facts, gate, verdict)
    return None


def _refusal(facts: Facts, gate: str, verdict: str | tuple[str, tuple[str, ...]]) -> Refusal:
    reason, detail = (verdict, ()) if isinstance(verdict, str) else verdict
    return Refusal(gate, reason, detail, free_routes(facts.city))


def free_routes(city: City | None) -> tuple[Route, ...]:
    """Return the city's free routes, the better attested first."""
    routes = city.routes if city else ()
    return tuple(sorted(routes, key=lambda route: route.status != "confirmed"))


def missing_enclosures(city: City, uploaded: frozenset[str]) -> tuple[Enclosure, ...]:
    """Return what the city requires in the envelope and only the person can give."""
    return tuple(
        item
        for item in city.mail.enclosures
        if item.required and item.met_by == "user_upload" and item.when == "always" and item.id not in uploaded
    )


def may_sign(city: City, signer: str, uploaded: frozenset[str]) -> bool:
    """Say whether this person may sign (rule LET-8); whatever is not confirmed means the registered owner only."""
    if signer == "owner":
        return True
    if city.signer.status != "confirmed" or signer == "company":
        return False
    if city.signer.value == "owner_or_authorized":
        forms = [item.id for item in city.mail.enclosures if item.when == "signer_not_owner"]
        return bool(forms) and all(form in uploaded for form in forms)
    return city.signer.value == "owner_or_responsible_party" and signer == "driver"


def _g1(facts: Facts) -> _Verdict:
    if not facts.city_named:
        return _Unfilled("city")
    return None if facts.city else "unknown_city"


def _g2(facts: Facts) -> _Verdict:
    return "upl_blocked" if facts.city and facts.registry.is_blocked(facts.city) else None


def _g3(facts: Facts) -> _Verdict:
    if facts.agency_elsewhere is None:
        return _Unfilled("agency")
    return "wrong_agency" if facts.agency_elsewhere else None


def _g4(facts: Facts) -> _Verdict:
    if facts.violation_class is None:
        return _Unfilled("violation_class")
    return "not_parking" if facts.violation_class in NOT_PARKING else None


def _g5(facts: Facts) -> _Verdict:
    if facts.situation is None:
        return _Unfilled("situation")
    if facts.situation in IN_PERSON:
        return "needs_in_person"
    closes = facts.city is None or facts.city.paying_closes_case.value
    return "already_paid" if facts.situation == "already_paid" and closes else None


def _g6(facts: Facts) -> _Verdict:
    return "no_letter_route" if facts.city and facts.city.mail.policy != "letter" else None


def _g7(facts: Facts) -> _Verdict:
    if facts.city is None:
        return None
    planning = facts.plan.status if facts.plan else None
    judged = judge_record(
        facts.registry, facts.city, mode=facts.mode, today=facts.today, level=facts.level, planning=planning
    )
    return None if judged.usable else ("record_not_usable", judged.missing)


def _g8(facts: Facts) -> _Verdict:
    if facts.plan is None:
        return _Unfilled("issue_date")
    return "deadline_unknown" if facts.plan.deadline is None else None


def _g9(facts: Facts) -> _Verdict:
    """Refuse a past deadline; a late notice whose date is not given yet may still open the second clock."""
    if facts.plan is None:
        return _Unfilled("issue_date")
    if not facts.plan.is_past:
        return None
    may_open = facts.plan.waits_for_notice and facts.situation in (None, "late_notice")
    return _Unfilled("notice_date") if may_open else "past_deadline"


def _g10(facts: Facts) -> _Verdict:
    if facts.plan is None or facts.plan.is_past:
        return _Unfilled("issue_date")
    if facts.waives_mail_by:
        return None
    classes = facts.plan.offered
    if facts.mail_class is not None:
        classes = tuple(entry for entry in classes if entry.mail_class is facts.mail_class)
    return None if classes else "too_late_for_mail"


def _g11(facts: Facts) -> _Verdict:
    if facts.city is None or not missing_enclosures(facts.city, frozenset()):
        return None
    if facts.uploaded is None:
        return _Unfilled("enclosures")
    missing = tuple(item.id for item in missing_enclosures(facts.city, facts.uploaded))
    return ("enclosure_missing", missing) if missing else None


def _g12(facts: Facts) -> _Verdict:
    if facts.signer is None:
        return _Unfilled("signer")
    if facts.city is None:
        return None
    if not may_sign(facts.city, facts.signer, facts.uploaded or frozenset()):
        return "signer_not_allowed"
    if facts.city.handwritten_signature and facts.uploaded is not None and not facts.signature_photo:
        return ("signer_not_allowed", ("signature_photo",))
    return None


def _g13(facts: Facts) -> _Verdict:
    if facts.number_status is NumberStatus.REJECTED:
        return "number_rejected"
    return None if facts.number_status in ACCEPTED else _Unfilled("number")


def _g14(facts: Facts) -> _Verdict:
    if facts.return_address is None:
        return _Unfilled("return_address")
    return None if facts.return_address.is_good_for(facts.mail_class) else "return_address"


def _g15(facts: Facts) -> _Verdict:
    return "mail_paused" if facts.mail_paused else None


_GATES: tuple[tuple[str, Callable[[Facts], _Verdict]], ...] = (
    ("G1", _g1),
    ("G2", _g2),
    ("G3", _g3),
    ("G4", _g4),
    ("G5", _g5),
    ("G6", _g6),
    ("G7", _g7),
    ("G8", _g8),
    ("G9", _g9),
    ("G10", _g10),
    ("G11", _g11),
    ("G12", _g12),
    ("G13", _g13),
    ("G14", _g14),
    ("G15", _g15),
)
