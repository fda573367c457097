"""EDIT <field> from anywhere: the step that asks for a field, by the words people use for it (rules CONV-1, UX-22)."""

from __future__ import annotations

import re

from bot.core.fold import fold, trim
from bot.engine.flow import Goto, Next, Stay
from bot.engine.turn import Turn
from handlers.appeals.flow.flow import AppealDraft, changed, draft_of
from handlers.appeals.stages import stage_of
from handlers.appeals.withdrawals import reopen

_STEPS = {
    "city": "city town place_of_ticket",
    "number": "number citation ticket summons no numero",
    "issued": "date issue issued day fecha dates",
    "situation": "situation paid late",
    "notice": "notice letter_date notice_date",
    "agency": "agency office heading issuer",
    "violation": "violation class kind type",
    "violation_code": "code violation_code",
    "grounds": "reason reasons ground grounds motivo",
    "question_0": "answers answer details question questions",
    "more_proof": "proof photo photos evidence exhibit exhibits picture pictures foto fotos",
    "caption": "caption captions",
    "statement": "statement words story text declaracion",
    "place": "place location where street lugar",
    "plate": "plate license tag placa",
    "signer": "owner signer",
    "name": "name nombre",
    "envelope": "envelope",
    "address": "address return direccion",
    "telephone": "telephone phone telefono",
    "route": "route free paid send",
    "mail_class": "mail class_of_mail standard certified postage",
    "sign": "signature sign",
}  # fmt: skip
_OF_WORD = {word.replace("_", " "): step for step, words in _STEPS.items() for word in words.split()}


def step_for(turn: Turn, field: str) -> str | None:
    """Return the step that a field name means; a bare number is a line of the check."""
    plain = trim(fold(field)).removeprefix("my ").removeprefix("the ")
    if match := re.fullmatch(r"(?:line )?(\d{1,2})", plain):
        from handlers.appeals.flow.check import lines

        every = lines(turn) if draft_of(turn).facts.statement else []
        number = int(match[1]) - 1
        return every[number].step if 0 <= number < len(every) else None
    return _OF_WORD.get(plain) or (_OF_WORD.get(plain.split()[-1]) if len(plain.split()) == 2 else None)


def correct(turn: Turn, field: str) -> Next | None:
    """Go to the question of a field that was given before; None when the word names none."""
    if not field.strip():
        turn.say("appeals.edit.which")
        return Stay()
    step, draft = step_for(turn, field), draft_of(turn)
    if step == "sign" and draft.facts.signature_photo is not None:
        step = "signature"
    if step is None:
        return None
    if not _was_given(draft, step):
        turn.say("appeals.edit.not_yet")
        return Stay()
    if not _may_change(turn, draft):
        turn.say("appeals.edit.link_closes")
        return Stay()
    return Goto(_open(turn, draft, step))


def _was_given(draft: AppealDraft, step: str) -> bool:
    facts, read = draft.facts, draft.ticket_meant
    given = {
        "city": facts.city_id, "number": facts.number, "issued": facts.issue_date, "situation": facts.situation,
        "notice": facts.notice_date, "agency": facts.agency_answer, "violation": facts.violation_class,
        "violation_code": draft.violation_code, "grounds": facts.grounds, "question_0": facts.answers,
        "more_proof": draft.proof_asked, "caption": facts.exhibits, "statement": facts.statement_raw,
        "place": facts.place or (read and read.place), "plate": facts.plate or (read and read.plate),
        "signer": facts.signer_role, "name": facts.signer_name, "envelope": facts.envelope_name,
        "address": facts.line1 or facts.country != "US", "telephone": draft.telephone, "route": draft.route,
        "mail_class": facts.mail_class, "sign": facts.signature,
    }  # fmt: skip
    return bool(given.get(step, True))


def _may_change(turn: Turn, draft: AppealDraft) -> bool:
    """Take an approval back first; an open pay link has to be closed before anything changes (ST-6, ST-9)."""
    if draft.case_id is None or stage_of(turn, draft.case_id) not in ("ready", "awaiting_payment"):
        return True
    return reopen(turn, draft.case_id)


def _open(turn: Turn, draft: AppealDraft, step: str) -> str:
    """Empty what the step asks for where an empty slot is what leads back to it."""
    from handlers.appeals.flow.proof import MORE, wanted

    draft.preview = None
    if step == "more_proof":
        draft.proof_done = False
        draft.proof_asked = [item for item in draft.proof_asked if item != MORE]
        changed(turn, "exhibits")
        return f"proof_{len(wanted(turn)) - 1}"
    if step == "signer":
        draft.facts.signer_role = None
    return step
