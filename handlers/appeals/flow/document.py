"""From the draft to the letter: the facts as the letter states them, and its text to copy for the free route."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.core.calls.people import PostalAddress
from bot.core.errors import Permanent
from bot.engine.turn import Turn
from handlers.appeals import letter
from handlers.appeals.facts import postal
from handlers.appeals.flow.flow import draft_of
from handlers.appeals.flow.reason import answer_key, picked
from handlers.appeals.flow.rules import city_of, plan_of, today
from handlers.appeals.letter_facts import Exhibit, LetterFacts, PickedGround, Signer
from handlers.appeals.settings import settings_of
from handlers.appeals.usability import Mode, purpose_of

_ROLES = {"owner": "registered_owner"}
_CLASS_OF = {"meter": ("meter",), "permit": ("permit",)}


def recipient(turn: Turn) -> PostalAddress:
    """Return the agency's address from the record (rule REG-5); raise Permanent when there is none."""
    city = city_of(turn)
    found = city.address(purpose_of(draft_of(turn).facts.level)) if city else None
    if found is None:
        raise Permanent("a letter without an agency address")
    return postal(found)


def document(turn: Turn) -> dict[str, Any]:
    """Return the composed letter; raise UnfinishedLetter when the facts do not make one."""
    return letter.compose(letter_facts(turn))


def letter_facts(turn: Turn) -> LetterFacts:
    """Return what the letter states."""
    draft, city, planned = draft_of(turn), city_of(turn), plan_of(turn)
    facts = draft.facts
    if city is None or planned is None or facts.issue_date is None or facts.sender is None:
        raise letter.UnfinishedLetter(("missing:ticket",))
    return LetterFacts(
        city_id=city.city_id,
        state=city.state,
        recipient=recipient(turn),
        sender=facts.sender,
        signer=Signer(
            name=facts.signature or facts.signer_name or "",
            role=_ROLES.get(facts.signer_role or "", "authorized"),
            signed_on=today(turn),
            picture=facts.signature_photo if city.handwritten_signature else None,
        ),
        ordered_on=planned.order_day,
        citation=facts.number or "",
        issued=facts.issue_date,
        plate_state=facts.plate_state or "",
        plate=facts.plate or "",
        place=facts.place or "",
        grounds=_grounds(turn),
        statement=facts.statement or "",
        exhibits=tuple(
            Exhibit(item.caption, tuple(item.prints), item.taken_at, whole_page=item.kind in ("form", "photo_id"))
            for item in facts.exhibits
        ),
        enclosures=tuple(
            e.id
            for e in city.mail.enclosures
            if e.met_by == "letter_text" and (e.when == "always" or e.when == facts.violation_class)
        ),
        stated=_stated(turn),
        level=facts.level,
        translated_from=facts.translated_from,
        demo=settings_of(turn.registry).mode is Mode.DEMO,
    )


def _grounds(turn: Turn) -> tuple[PickedGround, ...]:
    answers = draft_of(turn).facts.answers
    return tuple(
        PickedGround(
            ground.text,
            tuple(
                (turn.text(f"appeals.detail.{ground.id}.{q.id}"), answers[key])
                for q in ground.questions
                if answers.get(key := answer_key(ground, q))
            ),
        )
        for ground in picked(turn)
    )


def _stated(turn: Turn) -> tuple[tuple[str, str], ...]:
    draft = draft_of(turn)
    facts = draft.facts
    found = {
        "telephone": draft.telephone or "",
        "violation_code": draft.violation_code or "",
        "meter_number": facts.answers.get("meter_broken.meter_number", ""),
        "meter_address": (facts.place or "") if facts.violation_class == "meter" else "",
    }
    return tuple((name, value) for name, value in found.items() if value)


def plain_text(letter_document: Mapping[str, Any]) -> str:
    """Return the letter as text to copy into the city's own form."""
    grounds = [
        g["title"] + "".join(f"\n  {label}: {said}" for label, said in g["details"]) for g in letter_document["grounds"]
    ]
    exhibits = [f"Exhibit {e['letter']}: {e['caption']}".rstrip(": ") for e in letter_document["exhibits"]]
    parts = [
        letter_document["re"],
        letter_document["opening"],
        "\n".join([letter_document["grounds_lead"], *grounds]),
        "\n\n".join([*letter_document["statement"], *filter(None, [letter_document["translation"]])]),
        "\n".join([letter_document["exhibits_lead"], *exhibits]) if exhibits else "",
        letter_document["request"],
        letter_document["signature"]["name"],
    ]
    return "\n\n".join(part for part in parts if part)
