"""Consent to what we offer: given in two words, noted with them, ended by two words or by STOP (SMS-27).

U> offers on
B> You get offers here now and then. OFFERS OFF ends them.
"""

from __future__ import annotations

from bot.core.fold import fold, trim
from bot.engine import terms
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from storage import addresses
from storage.campaigns.recipients import KIND

WORDING = "offers 1"
"""The version of the words that answer OFFERS ON: `campaigns.offers_on`."""
ON, OFF = frozenset({"offers on", "news on"}), frozenset({"offers off", "news off"})


def register(registry: Registry) -> None:
    """Register the words; OFFERS OFF is no opt-out from everything."""
    registry.word("text")(heard)
    registry.switches |= OFF


def heard(turn: Turn, text: str) -> bool:
    """Take consent, or take it back."""
    said = trim(fold(text)).removeprefix("/")
    address = turn.address
    if address is None or said not in ON | OFF:
        return False
    handle = f"{address.channel}:{address.handle}"
    if said in OFF:
        addresses.end_one(turn.work, person_id=turn.person.id, kind=KIND, handle=handle)
        turn.say("campaigns.offers_off")
        return True
    if not addresses.has_consent(turn.work, person_id=turn.person.id, kind=KIND, handle=handle):
        addresses.consent_to(
            turn.work, person_id=turn.person.id, handle=handle, kind=KIND, wording=terms.named(WORDING),
            source=f"inbox:{turn.inbox_id}",
        )  # fmt: skip
    turn.say("campaigns.offers_on")
    return True
