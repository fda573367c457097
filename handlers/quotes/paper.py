"""The paper of a version: typeset from what is stored, sent as a file, or as a link that its owner forwards (QT-9).

Nothing is sent to a customer by us: whoever never wrote first gets no message, so the owner forwards file or link. The
same version makes the same bytes.
"""

from __future__ import annotations

from datetime import timedelta

from bot.core.calls import Done, Refused
from bot.core.calls.workshop import TypesetPages, TypesetSheet
from bot.engine.results import outcome_of
from bot.engine.turn import Outgoing, Turn
from handlers.quotes import making, moving, shown, wording
from handlers.quotes.settings import settings_of
from storage.links import make_link
from storage.quotes import quotes, versions
from storage.quotes.quotes import Quote
from storage.quotes.versions import Buyer, Item, Version

THEN = "quotes.typeset"
LIMIT = timedelta(minutes=10)


def send(turn: Turn, row: Quote, *, as_link: bool) -> None:
    """Lock the current version, and have its paper made."""
    row = moving.offered(turn, row)
    context = {"quote": row.id, "version": row.current, "link": as_link}
    turn.call(TypesetSheet(document(turn, row)), then=THEN, context=context, limit=LIMIT, typing=True)
    turn.say("quotes.making", code=quotes.code(row.number), version=row.current)


def made(turn: Turn) -> None:
    """Hand the paper over: the file where the channel carries one, and the link for forwarding."""
    context, outcome = turn.event.payload["context"], outcome_of(turn)
    turn.silent = True
    row = quotes.load(turn.work, int(context["quote"]))
    if row is None or row.person_id != turn.person.id:
        return
    code = quotes.code(row.number)
    if not isinstance(outcome, Done) or not isinstance(outcome.result, TypesetPages):
        is_script = isinstance(outcome, Refused) and outcome.code == "unsupported_script"
        key = "quotes.paper_script" if is_script else "quotes.paper_failed"
        turn.notify(key, purpose="reply", code=code, number=row.number)
        return
    name, blob = f"{code}-v{context['version']}.pdf", outcome.result.pdf
    until = wording.day(turn, row.expires_at)
    if turn.channel == "telegram" and not context["link"]:
        if turn.conversation.top is None and context["version"] == row.current and row.state in quotes.OFFERED:
            turn.purpose = "reply"
            turn.say("quotes.paper_offered", code=code, version=context["version"], until=until)
            turn.show(blob, name)
            shown.offer(turn, row)
            return
        text = turn.text("quotes.paper", code=code, version=context["version"], until=until, number=row.number)
        turn.outgoing.append(Outgoing(text, "reply", "repeat_ok", ((blob, name),)))
        return
    token = make_link(
        turn.work, kind="d", target=blob, name=name, expires=row.expires_at, person_id=row.person_id
    )  # fmt: skip
    page = f"{turn.registry.public_url}/d/{token}"
    turn.notify(
        "quotes.paper_link", purpose="reply", link=("quotes.paper_button", page), code=code,
        version=context["version"], until=until, number=row.number,
    )  # fmt: skip


def document(turn: Turn, row: Quote) -> dict[str, object]:
    """Return the paper of the current version, from its snapshot alone."""
    found = making.version_of(turn, row)
    buyer = found.buyer or Buyer()
    title, until = turn.text("quotes.paper_title"), wording.day(turn, row.expires_at)
    columns = ("item", "quantity", "unit", "amount")
    return {
        "name": f"{title} {quotes.code(row.number)}", "title": title, "seller": list(found.seller),
        "facts": _facts(turn, row, found, buyer), "buyer_lead": turn.text("quotes.paper_for"),
        "buyer": list(buyer.block),
        "columns": [turn.text(f"quotes.paper_{name}", currency=found.currency) for name in columns],
        "rows": [_row(one) for one in found.items], "sums": _sums(turn, found),
        "notes": [turn.text("quotes.paper_note", until=until)], "demo": settings_of(turn.registry).demo,
    }  # fmt: skip


def _facts(turn: Turn, row: Quote, found: Version, buyer: Buyer) -> list[list[str]]:
    facts = [
        [turn.text("quotes.paper_number"), quotes.code(row.number)],
        [turn.text("quotes.paper_version"), str(found.number)],
        [turn.text("quotes.paper_date"), wording.day(turn, versions.made_at(turn.work, row.id, found.number))],
        [turn.text("quotes.paper_until"), wording.day(turn, row.expires_at)],
    ]
    if buyer.payment_days is not None:
        facts.append([turn.text("quotes.paper_terms"), turn.text("quotes.paper_days", days=buyer.payment_days)])
    return facts


def _row(one: Item) -> list[str]:
    told = "\n".join([one.named, *one.details])
    return [told, f"{one.quantity:,}", wording.amount(one.unit_minor), wording.amount(one.amount_minor)]


def _sums(turn: Turn, found: Version) -> list[list[str]]:
    lines = [[turn.text("quotes.paper_subtotal"), wording.amount(found.subtotal_minor)]]
    if found.discount_minor:
        name = f"{turn.text('quotes.paper_discount')} {wording.percent(found.discount_bps)}"
        lines.append([name, f"-{wording.amount(found.discount_minor)}"])
    tax = f"{turn.text('quotes.paper_tax')} {wording.percent(found.tax_bps)}"
    lines.append([tax, wording.amount(found.tax_minor)])
    return [*lines, [turn.text("quotes.paper_total"), wording.money(found.total_minor, found.currency)]]
