"""What a person reads in the chat about mail that came: one line each, names of others quoted as data (SEC-R2)."""

from __future__ import annotations

from bot.core.calls.mail import Mail
from bot.engine.turn import Turn
from handlers.receipts.currencies import format_amount
from handlers.receipts.fields import Fields

LONGEST = 40


def plain(text: str) -> str:
    """Return somebody else's words as one short line without links and control characters."""
    kept = "".join(c if c.isprintable() and c not in "<>{}[]" else " " for c in text)
    kept = " ".join(kept.replace("://", " ").split())
    return kept if len(kept) <= LONGEST else kept[: LONGEST - 1].rstrip() + "…"


def draft(turn: Turn, code: str, fields: Fields) -> None:
    """Tell of a new draft."""
    key = "mail.draft_order" if fields.note == "order" else "mail.draft"
    if fields.amount is None:
        key = "mail.draft_open"
    turn.notify(key, code=code, amount=amount(fields), merchant=_merchant(fields))


def merged(turn: Turn, code: str, fields: Fields) -> None:
    """Tell that the receipt of an order has come."""
    turn.notify("mail.merged", code=code, amount=amount(fields), merchant=_merchant(fields))


def nothing_found(turn: Turn, mail: Mail) -> None:
    """Tell that no receipt was found in a mail that the person sent."""
    turn.notify("mail.nothing", subject=plain(mail.subject) or "-")


def known_file(turn: Turn) -> None:
    """Tell that an attachment came before."""
    turn.notify("mail.known")


def amount(fields: Fields) -> str:
    """Return the amount of a draft as a person reads it, nothing where it was not read."""
    return "" if fields.amount is None else format_amount(fields.amount, fields.currency.value)


def _merchant(fields: Fields) -> str:
    return plain(fields.name or "") or "?"
