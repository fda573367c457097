"""The case row behind the conversation: opened with the city, kept with every answer (rules ST-1 to ST-6, CONV-9)."""

from __future__ import annotations

from bot.engine.flow import End, Next
from bot.engine.turn import Turn
from handlers.appeals import approvals, opening
from handlers.appeals.case_files import facts_of, own_case
from handlers.appeals.facts import MOST_EXHIBITS, Facts
from handlers.appeals.flow.flow import AppealDraft, before_each, draft_of
from handlers.appeals.flow.later import ended
from handlers.appeals.stages import BEFORE_PAYMENT, stage_of

_OPEN = (*BEFORE_PAYMENT, "informed", "abandoned")
_ASKING = ("intake", "review")


@before_each
def keep(turn: Turn) -> Next | None:
    """Open the case once the city is known, and keep its facts; a ticket that was mailed already ends the talk."""
    draft = draft_of(turn)
    if draft.facts.city_id is None:
        return None
    if draft.case_id is None:
        return _open(turn, draft)
    if stage_of(turn, draft.case_id) in _ASKING:
        opened = opening.save_facts(turn, draft.case_id, _storable(draft.facts))
        if opened.existing:
            return _join(turn, draft, opened)
    return None


def _open(turn: Turn, draft: AppealDraft) -> Next | None:
    opened = opening.open_case(turn, draft.facts)
    draft.case_id = opened.case_id
    return _join(turn, draft, opened) if opened.existing else None


def _join(turn: Turn, draft: AppealDraft, opened: opening.OpenedCase) -> Next | None:
    """Go on with the live case of the same ticket; one that was paid is only shown (rule CONV-9)."""
    draft.case_id = opened.case_id
    if opened.stage not in _OPEN:
        turn.say("appeals.same_ticket_sold", code=opened.code)
        return ended(turn, End())
    kept = facts_of(turn.work, own_case(turn, opened.case_id))
    fresh = _newer(draft, kept.model_dump())
    draft.facts = kept.model_copy(update=fresh)
    if draft.facts.number:
        turn.say("appeals.same_ticket", code=opened.code)
    return None


def _newer(draft: AppealDraft, kept: dict[str, object]) -> dict[str, object]:
    """Return what this conversation knows and the kept case does not."""
    now = {name: getattr(draft.facts, name) for name in type(draft.facts).model_fields}
    return {name: value for name, value in now.items() if value and not kept.get(name)}


def _storable(facts: Facts) -> Facts:
    """Return the facts with no more exhibits included than a letter holds, while the person still chooses (LET-4)."""
    if len(facts.exhibits) <= MOST_EXHIBITS:
        return facts
    kept = {id(item) for item in facts.exhibits[:MOST_EXHIBITS]}
    items = [item.model_copy(update={"included": id(item) in kept}) for item in facts.evidence]
    return facts.model_copy(update={"evidence": items})


def inform(turn: Turn, reason: str) -> None:
    """End the letter path of the case, if it has begun."""
    draft = draft_of(turn)
    if draft.case_id is None and draft.facts.city_id is not None:
        _open(turn, draft)
    if draft.case_id is not None and stage_of(turn, draft.case_id) in _OPEN:
        opening.save_facts(turn, draft.case_id, _storable(draft.facts))
        opening.informed(turn, draft.case_id, reason)


def reopen(turn: Turn) -> None:
    """Take the letter path up again after a correction (rule ST-25)."""
    draft = draft_of(turn)
    if draft.case_id is not None and stage_of(turn, draft.case_id) == "informed":
        opening.save_facts(turn, draft.case_id, _storable(draft.facts))


def reviewed(turn: Turn) -> None:
    """Note that every slot is filled and the check begins (rule ST-3)."""
    draft = draft_of(turn)
    if draft.case_id is not None and stage_of(turn, draft.case_id) == "intake":
        opening.save_facts(turn, draft.case_id, _storable(draft.facts))
        approvals.to_review(turn, draft.case_id)
