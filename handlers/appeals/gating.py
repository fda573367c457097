"""The gates asked with the facts of a stored case: which record, which dates, which switches.

The same question is asked while the conversation runs, at the summary, at the pay link, before the claim and before
every retry (section 1.4 of the rules); only what is known and what is waived differs.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from bot.engine.turn import Turn
from handlers.appeals import gates, records
from handlers.appeals.clocks import city_rules, state_rules
from handlers.appeals.deadlines import Plan, plan
from handlers.appeals.facts import NOT_ELSEWHERE, Facts
from handlers.appeals.numbers import NumberStatus
from handlers.appeals.registry import packaged_registry
from handlers.appeals.settings import AppealSettings, settings_of
from storage.switches import switch_value
from storage.work import Work

PAUSE = "pause_all_mail"


def is_paused(work: Work) -> bool:
    """Tell whether all mail is paused (rule FUL-10)."""
    return switch_value(work, PAUSE) == "on"


def plan_of(turn: Turn, facts: Facts, *, paid_at: datetime | None = None) -> Plan | None:
    """Return the dates of a case at this moment; None without an issue date or without any clock's zone."""
    settings = settings_of(turn.registry)
    city = records.city_of(turn.work, facts.city_id)
    if facts.issue_date is None and facts.decision_date is None:
        return None
    state = (facts.city_id or "").split("-")[1].upper() if (facts.city_id or "").count("-") >= 2 else ""
    rules = city_rules(packaged_registry(), city) if city else state_rules(packaged_registry(), state)
    return plan(rules, facts.dates, now=turn.now, paid_at=paid_at, times=settings.times) if rules else None


def gate_facts(
    turn: Turn, facts: Facts, *, paid_at: datetime | None = None, waives_mail_by: bool = False
) -> gates.Facts:
    """Return what the gates ask for."""
    settings: AppealSettings = settings_of(turn.registry)
    city = records.city_of(turn.work, facts.city_id)
    elsewhere = None if facts.agency_answer is None else facts.agency_answer != NOT_ELSEWHERE
    return gates.Facts(
        registry=packaged_registry(),
        mode=settings.mode,
        today=turn.today(city.timezone if city else "America/New_York"),
        city_named=facts.city_id is not None,
        city=city,
        level=facts.level,
        agency_elsewhere=elsewhere,
        violation_class=facts.violation_class,
        situation=facts.situation,
        plan=plan_of(turn, facts, paid_at=paid_at),
        mail_class=facts.mail if facts.mail_class else None,
        uploaded=_uploaded(facts),
        signer=facts.signer_role,
        signature_photo=facts.signature_photo is not None,
        number_status=NumberStatus(facts.number_status) if facts.number_status else None,
        return_address=_return_address(facts),
        mail_paused=is_paused(turn.work),
        waives_mail_by=waives_mail_by,
    )


def judge(
    turn: Turn,
    facts: Facts,
    *,
    when: Literal["asking", "final"],
    paid_at: datetime | None = None,
    waives_mail_by: bool = False,
) -> gates.Refusal | None:
    """Return the first gate that refuses: while asking, gates with an empty slot are not judged; finally all are."""
    known = gate_facts(turn, facts, paid_at=paid_at, waives_mail_by=waives_mail_by)
    return gates.first_refusal(known) if when == "asking" else gates.final_refusal(known)


def _uploaded(facts: Facts) -> frozenset[str] | None:
    if not facts.evidence and facts.statement is None and facts.statement_raw is None:
        return None
    return frozenset(item.checklist_item for item in facts.exhibits if item.checklist_item)


def _return_address(facts: Facts) -> gates.ReturnAddress | None:
    if facts.country != "US":
        return gates.ReturnAddress(facts.country)
    if facts.address_check is None or facts.sender is None:
        return None
    tries = {"undeliverable_once": 1, "undeliverable": 2}.get(facts.address_check, 0)
    return gates.ReturnAddress("US", tries, confirmed_by_user=facts.address_check == "undeliverable")
