"""Which cloud reader may see a picture: configured, allowed by its person, and within what may be spent (section 5).

    U> cloud
    B> Your pictures are read here only. CLOUD ON lets Claude (Anthropic) read them too; CLOUD OFF never asks.
    U> cloud on
    B> From now on your pictures are also read by Claude (Anthropic). CLOUD OFF ends it.

The local reader always reads, for a model's amounts must have been seen by somebody else (OCR-5). Without the word ON
no byte leaves (SEC-R5). A cost is reserved in the turn that asks and settled in the turn that hears (SEC-R6).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.core.calls import Done, Outcome, Refused
from bot.core.calls.reading import DetectText, PrintRead, ReadReceipt, ReceiptRead
from bot.engine.turn import Turn
from handlers.receipts.flow.flow import owner, receipt_flow
from handlers.receipts.owner import Owner
from storage.receipts import cloud_costs, documents, preferences, readings

CLAUDE, GOOGLE = "claude", "google_vision"
ESTIMATES = {CLAUDE: 5_000, GOOGLE: 1_500}
"""Millionths of a dollar that one picture costs at most (vendors' price pages; Google bills 1.50 per thousand)."""
NAMES = {CLAUDE: "Claude (Anthropic)", GOOGLE: "Google Cloud Vision"}
_WORDS = re.compile(r"/?cloud(?:\s+reading)?(?:\s+(?P<choice>on|off|ask|yes|no))?", re.I)
_CHOICES = {"on": "on", "yes": "on", "off": "off", "no": "off", "ask": "ask"}
_ASKED = "cloud_asked"


@dataclass(frozen=True, slots=True)
class CloudReading:
    """The cloud readers that are configured, first choice first, and what they may cost, in millionths of a dollar."""

    readers: tuple[str, ...] = ()
    per_picture: int = 20_000
    per_person_day: int = 200_000
    per_house_day: int = 5_000_000


def settings_of(turn: Turn) -> CloudReading:
    """Return what the operator allows."""
    found: CloudReading = turn.registry.settings.get(CloudReading) or CloudReading()
    return found


def reserve(turn: Turn, of: Owner, document_id: int, *, tried: tuple[str, ...] = ()) -> str | None:
    """Return the next reader that may see a document, its cost reserved; None when there is none."""
    allowed = settings_of(turn)
    if of.preferences.cloud != "on":
        return None
    spent = sum(row.cost_micros for row in readings.of_document(turn.work, of.id, document_id))
    for reader in allowed.readers:
        cost = ESTIMATES[reader]
        if reader in tried or spent + cost > allowed.per_picture:
            continue
        caps = {"person_cap": allowed.per_person_day, "house_cap": allowed.per_house_day}
        if cloud_costs.reserve(turn.work, of.id, cost, **caps):
            return reader
    return None


def call_of(turn: Turn, reader: str, blob_id: int) -> ReadReceipt | DetectText:
    """Return the call of a cloud reader: the picture, and nothing else of the person."""
    if reader == GOOGLE:
        return DetectText([blob_id])
    return ReadReceipt([blob_id], person=turn.work.seal.digest("model", str(turn.person_id)).hex())


def cost_of(reader: str, outcome: Outcome) -> int:
    """Return what a call really cost; an answer of unknown price counts as the estimate."""
    match outcome:
        case Done(ReceiptRead() as said):
            return ESTIMATES[reader] if said.cost_e4 is None else said.cost_e4
        case Done(PrintRead()):
            return ESTIMATES[reader]
        case Refused(details=details) if details.get("output_tokens"):
            return int(details.get("cost_e4") or ESTIMATES[reader])
        case _:
            return 0


# -- the person's word ---------------------------------------------------------------------------------------------


def saved(turn: Turn, receipt_id: str) -> bool:
    """Ask once, beside the first picture that is saved, whether cloud readers may help; silence means no."""
    names = _names(turn)
    if not names or turn.conversation.notes.get(_ASKED) or owner(turn).preferences.cloud != "ask":
        return False
    if documents.of_receipt(turn.work, turn.person.id, int(receipt_id)):
        turn.conversation.notes[_ASKED] = 1
        turn.say("receipts.cloud_offer", names=names)
    return False


def heard(turn: Turn, text: str) -> bool:
    """Take CLOUD with a choice, or tell what is chosen."""
    found = _WORDS.fullmatch(text.strip().rstrip(".!"))
    top = turn.conversation.top
    if found is None or (top is not None and top.flow != receipt_flow.name):
        return False
    of, names = owner(turn), _names(turn)
    if not names:
        turn.say("receipts.cloud_none")
        return True
    choice = _CHOICES.get((found["choice"] or "").casefold())
    if choice is not None:
        preferences.put(turn.work, of.id, replace(of.preferences, cloud=choice))
        turn.conversation.notes[_ASKED] = 1
    turn.say(f"receipts.cloud_{choice or of.preferences.cloud}", names=names)
    return True


def _names(turn: Turn) -> str:
    return " and ".join(NAMES[one] for one in settings_of(turn).readers)
