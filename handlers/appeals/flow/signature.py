"""The handwritten signature, where a city is known to require one: a photo of it is printed above the typed name.

    B> This city wants the letter signed by hand. Sign on white paper with a dark pen, and send a photo of it.
    U> (photo)
    B> I have your signature. You see it in the letter before you approve it.

Without it no letter goes (gate G12). The picture is no exhibit: it stands on the signature line only (rule LET-8).
"""

from __future__ import annotations

from datetime import timedelta

from bot.core.calls import Done, Outcome
from bot.core.calls.workshop import PreparedPicture, PrepareSignature
from bot.core.errors import Mistake
from bot.core.prompts import Answer, Ask, Choice
from bot.engine.flow import Call, Goto, Next
from bot.engine.turn import Turn
from handlers.appeals.facts import EvidenceItem
from handlers.appeals.flow.flow import ask, calling, changed, draft_of, onward, result, take
from handlers.appeals.flow.rules import SIGNATURE, city_of
from handlers.appeals.flow.words_meant import SKIP

_CUTTING_OUT = timedelta(seconds=60)
_TROUBLES = ("no_signature", "too_large", "unsupported", "unreadable")


def signature_due(turn: Turn) -> bool:
    """Tell whether the city's signature photo is still to be asked for."""
    draft, city = draft_of(turn), city_of(turn)
    wanted = city is not None and city.handwritten_signature
    return wanted and draft.facts.signature_photo is None and SIGNATURE not in draft.proof_asked


@ask("signature")
def ask_signature(turn: Turn) -> Ask:
    """Ask for a photo of the signature."""
    skip = Choice("skip", key="appeals.skip", words=SKIP, quiet=True)
    return Ask("appeals.signature.ask", choices=(skip,), expects=("picture", "choice"))


@take("signature")
def take_signature(turn: Turn, answer: Answer) -> Next:
    """Have the signature cut out of its photo; without one the letter path ends."""
    if answer.pictures:
        blob = next(m.blob for m in answer.pictures if m.blob)
        return calling(turn, Call(PrepareSignature(blob), then="signature_cut_out", limit=_CUTTING_OUT))
    if answer.choice == "skip":
        draft_of(turn).proof_asked.append(SIGNATURE)
        return onward(turn)
    raise Mistake("appeals.proof.send_or_skip")


@result("signature_cut_out")
def signature_cut_out(turn: Turn, outcome: Outcome) -> Next:
    """Keep the signature in the place of an earlier one, or say what was wrong with the photo."""
    draft = draft_of(turn)
    made = outcome.result if isinstance(outcome, Done) else None
    if not isinstance(made, PreparedPicture):
        turn.say("appeals.proof.failed")
        return Goto("signature")
    if made.trouble or not made.prints:
        turn.say(f"appeals.signature.{made.trouble if made.trouble in _TROUBLES else 'unreadable'}")
        return Goto("signature")
    kept = [item for item in draft.facts.evidence if item.kind != "signature" and item.sha256 != made.sha256]
    signed = EvidenceItem(
        kind="signature", original=made.original, prints=made.prints[:1], sha256=made.sha256, included=False
    )
    draft.facts.evidence = [*kept, signed]
    draft.facts = draft.facts.relettered()
    draft.proof_asked = [one for one in draft.proof_asked if one != SIGNATURE]
    changed(turn)
    turn.say("appeals.signature.kept")
    return onward(turn)
