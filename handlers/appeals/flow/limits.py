"""What cities publish about reasons, shown once as information, with its source (rule GRD-3).

Nothing is refused and nothing is advised: the person has picked, and reads what the city itself says. By SMS a note
that does not fit beside the next question becomes a private page.
"""

from __future__ import annotations

from bot.core.sms import size
from bot.engine.turn import Turn
from handlers.appeals.flow.flow import SMS_TEXT, draft_of
from handlers.appeals.flow.rules import city_of
from handlers.appeals.flow.shown import keep_page, refused_reasons
from handlers.appeals.grounds import packaged_checklist

LONGEST_QUESTION = 170
"""No question that may follow is longer, whatever its paper is called."""


def show_limits(turn: Turn, question: str | None) -> None:
    """Tell what is published about the picked reasons, once a ticket, beside the question that comes next."""
    draft, city = draft_of(turn), city_of(turn)
    if city is None or draft.limits_shown:
        return
    draft.limits_shown = True
    checklist = packaged_checklist()
    known = [text for ground in draft.facts.grounds for text in checklist.limits(ground, city.city_id, city.state)]
    texts = list(dict.fromkeys(filter(None, [refused_reasons(turn, city), *known])))
    note = turn.text("appeals.grounds.limits", limits=" ".join(texts))
    room = SMS_TEXT - 1 - (len(question) if question else LONGEST_QUESTION)
    if texts and (turn.channel != "sms" or size(note).units <= room):
        turn.lines.append(note)
    elif texts:
        turn.say("appeals.grounds.limits_page", city=city.name)
        turn.show(keep_page(turn, "\n".join(texts)), "what-the-city-says.txt")
