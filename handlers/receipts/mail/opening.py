"""One raw mail becomes one `Mail` and its attachments: pure, bounded, never raising for what a mail holds.

It runs outside of turns, for a large mail takes longer than a turn may.
"""

from __future__ import annotations

from datetime import date

from bot.core.calls.mail import Mail, MailParty
from handlers.receipts.mail.authentication import verdict_of
from handlers.receipts.mail.forwarding import Forwarded, bare_subject, forwarded
from handlers.receipts.mail.message import Part, Pieces, header, is_automatic, message_id, party, pieces_of, sent_day
from handlers.receipts.mail.page import page_of, tidy
from handlers.receipts.mail.structured import order_of

LONGEST_LINE = 300


def open_mail(raw: bytes, *, authserv: str, today: date) -> tuple[Mail, list[Part]]:
    """Return what a mail says and what is attached; `authserv` names the receiving hop whose verdict is believed."""
    pieces = pieces_of(raw)
    page = page_of(pieces.html) if pieces.html.strip() else None
    lines = page.lines if page and any(page.lines) else tidy(pieces.text.split("\n"))
    inner = forwarded(lines, today=today)
    lines = [line[:LONGEST_LINE] for line in (inner.lines if inner else lines)]
    outer = party(str(pieces.head.get("From") or ""))
    sender, day, subject, is_forwarded = _inner(pieces, inner)
    mail = Mail(
        message_id=message_id(pieces.head, raw)[:500],
        outer=outer,
        sender=sender if sender.address or sender.name else outer,
        subject=subject[:300],
        day=day,
        verdict=verdict_of(pieces.head, authserv=authserv, sender=outer.address),
        forwarded=is_forwarded,
        lines=lines,
        note=inner.note if inner else "",
        order=order_of(page.data, lines) if page else None,
        skipped=sorted(set(pieces.skipped)),
        bulk=bool(pieces.head.get("List-Unsubscribe") or header(pieces.head, "Precedence").lower() in ("bulk", "list")),
        automatic=is_automatic(pieces.head),
    )
    return mail, pieces.parts


def _inner(pieces: Pieces, inner: Forwarded | None) -> tuple[MailParty, str, str, bool]:
    """Return sender, day, subject and whether there is a mail within the mail."""
    attached = pieces.inner is not pieces.head
    head = pieces.inner
    subject = bare_subject(header(head, "Subject"))
    if inner is not None:
        return inner.sender, inner.day or sent_day(head), inner.subject or subject, True
    return party(str(head.get("From") or "")), sent_day(head), subject, attached
