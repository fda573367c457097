"""BILLING lists what was paid and given back; INVOICE and a number sends its document as a file (PY-6, PY-8).

U> billing
B> 18 Mar  100 more receipts to read  $5.00  paid  R-2026-000001
   INVOICE and a number sends the document.
U> invoice R-2026-000001
B> [R-2026-000001.pdf]
"""

from __future__ import annotations

import re
from typing import Any

from bot.core.calls import Done
from bot.core.calls.workshop import TypesetPages, TypesetSheet
from bot.core.money import Money
from bot.engine.registry import Registry
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.billing import telling
from handlers.billing.documents import letters, paper
from handlers.billing.orders import snapshot
from storage.billing import documents, history, plan_invoices
from storage.billing.history import Entry

PAGE = 10
_LIST = re.compile(
    r"/?(?:my |mis )?(?:billing(?: history)?|invoices?|payments|facturas|pagos)(?: (?:page )?(?P<page>[1-9]\d?))?", re.I
)
_PLAN = re.compile(r"/?invoices?\s+(?P<number>[A-Z0-9]{2,12}-\d{4})", re.I)
"""Stripe's numbers of the invoices of plans."""
_ONE = re.compile(r"/?(?:invoices?|receipts?|billing|credit note)\s+(?P<number>[RC]-[A-Z0-9-]{4,24})", re.I)


def register(registry: Registry) -> None:
    """Register the words and what follows them."""
    registry.word("text")(heard)
    registry.on("call:documents.made")(made)


def heard(turn: Turn, text: str) -> bool:
    """Take BILLING, INVOICES, INVOICE R-2026-000001."""
    words = " ".join(text.split()).rstrip(".!?")
    one = _ONE.fullmatch(words)
    if one is not None:
        _send(turn, one["number"].upper())
        return True
    plan = _PLAN.fullmatch(words)
    if plan is not None:
        _send_page(turn, plan["number"].upper())
        return True
    found = _LIST.fullmatch(words)
    if found is None:
        return False
    _list(turn, int(found["page"] or 1))
    return True


def _list(turn: Turn, number: int) -> None:
    entries, more = history.page(turn.work, turn.person.id, number=number, size=PAGE)
    if not entries:
        turn.say("billing.history.none")
        return
    for entry in entries:
        state = turn.text(f"billing.history.state.{entry.state}")
        turn.say(
            "billing.history.line", at=telling.day(turn, entry.at), what=_what(turn, entry), state=state,
            amount=Money(entry.amount_minor, entry.currency), number=entry.number,
        )  # fmt: skip
    turn.say("billing.history.more" if more else "billing.history.end", page=number + 1)


def _what(turn: Turn, entry: Entry) -> str:
    match entry.kind:
        case "letter":
            return turn.text(f"billing.history.letter.{entry.what!s}")
        case "plan":
            return turn.text("billing.history.plan", plan=turn.text(f"billing.plan.{entry.what!s}"))
        case "credit":
            return turn.text("billing.history.credit")
        case _:
            kept = snapshot.read(turn.work.seal, entry.what) if isinstance(entry.what, bytes) else None
            return (kept.title if kept else "") or turn.text("billing.order.title")


def _send(turn: Turn, number: str) -> None:
    """Have a person's own document typeset; another's is as unknown as one that does not exist."""
    fields = _paper(turn, number)
    if fields is None:
        turn.say("billing.history.unknown", number=number)
        return
    context = {"name": f"{number}.pdf"}
    turn.call(TypesetSheet(fields), then="documents.made", context=context, typing=True)
    turn.say("billing.history.making", number=number)


def _send_page(turn: Turn, number: str) -> None:
    """Send the page of a person's own invoice of a plan, where Stripe keeps it as a file (PY-6)."""
    row = plan_invoices.numbered(turn.work, turn.person.id, number)
    if row is None or row.url is None:
        turn.say("billing.history.unknown", number=number)
        return
    url = turn.work.seal.open(row.url).decode()
    turn.notify("billing.history.page", purpose="reply", link=("billing.history.page_button", url), number=number)


def _paper(turn: Turn, number: str) -> dict[str, Any] | None:
    own = documents.by_label(turn.work, turn.person.id, number)
    if own is not None:
        return paper.of(turn.work.seal, own)
    letter = letters.find(turn, number)
    return None if letter is None else letters.paper(turn, letter)


def made(turn: Turn) -> None:
    """Send the document that was made."""
    outcome = outcome_of(turn)
    turn.purpose = "reply"
    if isinstance(outcome, Done) and isinstance(outcome.result, TypesetPages):
        turn.show(outcome.result.pdf, str(turn.event.payload["context"]["name"]))
    else:
        turn.say("billing.history.failed")
        turn.alert("document_failed", key=f"document_failed:{turn.event.key}")
