"""The rules as a turn of the conversation sees them: the city's record, the case's dates, the gates."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.engine.turn import Turn
from handlers.appeals import gates, gating, records
from handlers.appeals.city import City
from handlers.appeals.clocks import ClockRules, city_rules, state_rules
from handlers.appeals.deadlines import Plan, plan
from handlers.appeals.flow.flow import AppealDraft, draft_of
from handlers.appeals.registry import packaged_registry
from handlers.appeals.settings import settings_of


def city_of(turn: Turn) -> City | None:
    """Return the record of the chosen city."""
    return records.city_of(turn.work, draft_of(turn).facts.city_id)


def clock_rules(turn: Turn) -> ClockRules | None:
    """Return the clocks of the chosen place: its own, or its state's (rule REG-9)."""
    city, place = city_of(turn), draft_of(turn).elsewhere
    if city is not None:
        return city_rules(packaged_registry(), city)
    return state_rules(packaged_registry(), place.state) if place else None


def zone_of(turn: Turn) -> str:
    """Return the zone in which the ticket's days are counted."""
    rules = clock_rules(turn)
    return rules.timezone if rules else "America/New_York"


def today(turn: Turn) -> date:
    """Return the civil date where the ticket was given."""
    return turn.today(zone_of(turn))


def plan_of(turn: Turn) -> Plan | None:
    """Return the case's dates, or None before the issue date is known."""
    rules, facts = clock_rules(turn), draft_of(turn).facts
    if rules is None or facts.issue_date is None:
        return None
    return plan(rules, facts.dates, now=turn.now, times=settings_of(turn.registry).times)


def refusal(turn: Turn, *, final: bool = False) -> gates.Refusal | None:
    """Return the first gate that refuses; while questions are asked, only gates whose question was put are judged."""
    draft, city = draft_of(turn), city_of(turn)
    if final:
        return gating.judge(turn, draft.facts, when="final")
    known = gating.gate_facts(turn, draft.facts)
    found = gates.first_refusal(
        replace(
            known,
            plan=plan_of(turn),
            uploaded=uploaded(draft) if _proof_judged(draft, city) else None,
            signer=known.signer if _signer_judged(draft, city) else None,
        )
    )
    return None if found and found.gate == "G10" and _notice_may_help(turn) else found


def _notice_may_help(turn: Turn) -> bool:
    """Tell whether a late notice that was not asked about yet may still open a later clock (rule DL-3)."""
    facts, planned = draft_of(turn).facts, plan_of(turn)
    unasked = facts.situation is None or (facts.situation == "late_notice" and facts.notice_date is None)
    return unasked and planned is not None and planned.waits_for_notice


def uploaded(draft: AppealDraft) -> frozenset[str]:
    """Return the ids of the papers that were sent."""
    return frozenset(item.checklist_item for item in draft.facts.exhibits if item.checklist_item)


def _proof_judged(draft: AppealDraft, city: City | None) -> bool:
    """Judge the required papers once each was asked for, or as soon as one was declined."""
    if city is None:
        return False
    required = {item.id for item in gates.missing_enclosures(city, frozenset())}
    return draft.proof_done or bool(required & (set(draft.proof_asked) - uploaded(draft)))


def authorization_of(city: City | None) -> str | None:
    """Return the id of the form with which another person than the owner may sign in this city (rule LET-8)."""
    if city is None or city.signer.status != "confirmed" or city.signer.value != "owner_or_authorized":
        return None
    return next((item.id for item in city.mail.enclosures if item.when == "signer_not_owner"), None)


SIGNATURE = "signature_photo"
"""The mark in `proof_asked` of a signature that was asked for and not sent; also what gate G12 calls it."""


def _signer_judged(draft: AppealDraft, city: City | None) -> bool:
    """Judge another signer than the owner once the authorization form was asked for, a missing signature likewise."""
    form, role = authorization_of(city), draft.facts.signer_role
    if role != "owner" and form is not None and form not in draft.proof_asked:
        return False
    signed = draft.facts.signature_photo is not None or SIGNATURE in draft.proof_asked
    if city is None or role is None or signed or not city.handwritten_signature:
        return True
    return not gates.may_sign(city, role, uploaded(draft))
