"""The mails that we write: text and HTML from one catalogue, sent through the outbox (rule EML-14).

News goes to the address that the person proved to be theirs, never to one that only wrote to them: a stranger, a list
or a machine gets no answer, so no loop begins. Each kind has its number a day.

One-time links are not repeated when it is unknown whether they left: a new link is asked for instead (vendors.md 2).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from html import escape

from bot.core.calls.mail import SendMail
from bot.engine.turn import Turn
from handlers.receipts.mail.address import own_address
from handlers.receipts.mail.settings import settings_of
from storage import passes
from storage.receipts.mail import quarantine, senders

A_DAY = {
    "verify": 5, "sign_in": 5, "welcome": 2, "digest": 2, "export": 10, "bank_login": 3, "held": 3, "deleted": 1,
    "paid": 10, "posted": 10, "login": 10,
}  # fmt: skip
"""The kinds, and how many of each a person may cause a day."""
LINK_LIFE = timedelta(minutes=15)
_LINE, _BREAK = "\n", "<br>"
_ONE_TIME = frozenset({"verify", "sign_in"})
_PAGE = (
    '<!doctype html><html lang="{lang}"><body style="font-family:sans-serif;max-width:36em;margin:2em auto">'
    "{body}</body></html>"
)


def letter(turn: Turn, kind: str, *, to: str, link: str = "", unsubscribe: str = "", **args: object) -> SendMail:
    """Return a mail of ours in the person's language; arguments are escaped where HTML is made of them."""
    subject = turn.text(f"mail.letter.{kind}.subject", **args)
    text = turn.text(f"mail.letter.{kind}.text", **args)
    footer = turn.text("mail.letter.footer")
    paragraphs = "".join(f"<p>{escape(part).replace(_LINE, _BREAK)}</p>" for part in text.split("\n\n"))
    if link:
        paragraphs += f'<p><a href="{escape(link, quote=True)}">{escape(link)}</a></p>'
        text = f"{text}\n\n{link}"
    html = _PAGE.format(lang=escape(turn.locale), body=f"{paragraphs}<p><small>{escape(footer)}</small></p>")
    stamp = f"{turn.inbox_id:x}.{kind}"
    subject = " ".join(subject.split())
    return SendMail(to, subject, f"{text}\n\n{footer}\n", html, stamp, unsubscribe)


def write(turn: Turn, kind: str, *, to: str, link: str = "", unsubscribe: str = "", **args: object) -> bool:
    """Send a mail of ours; False where the operator has no way to send mail, or too many went out today."""
    if not settings_of(turn).sends or not _may(turn, kind):
        return False
    mail = letter(turn, kind, to=to, link=link, unsubscribe=unsubscribe, **args)
    one_time = kind in _ONE_TIME
    turn.call(
        mail, key=f"mail:{mail.stamp}", policy="ask_first" if one_time else "repeat_ok",
        limit=LINK_LIFE if one_time else timedelta(days=1),
    )  # fmt: skip
    return True


def tell(turn: Turn, kind: str, **args: object) -> bool:
    """Send news to the person's own proven address; False when they have none, want none, or had enough today."""
    to = senders.for_mails(turn.work, turn.person.id) if settings_of(turn).sends else None
    return to is not None and write(turn, kind, to=to, **args)  # type: ignore[arg-type]


def copy(turn: Turn, kind: str, args: Mapping[str, object]) -> bool:
    """Send a copy of what was told in the chat, to whoever asked for copies (ID-11)."""
    to = senders.for_copies(turn.work, turn.person.id) if settings_of(turn).sends else None
    return to is not None and write(turn, kind, to=to, **args)  # type: ignore[arg-type]


def verify(turn: Turn, address: str) -> bool:
    """Ask by mail whether an address is the person's; the link is good once."""
    if not settings_of(turn).sends:
        return False
    about = senders.address_hash(turn.work, turn.person.id, address)
    token = passes.issue(turn.work, turn.person.id, "verify", address_id=_chat(turn), about=about)
    return write(turn, "verify", to=address, link=f"{turn.registry.public_url}/v/{token}")


def welcome(turn: Turn, address: str) -> bool:
    """Greet a person at the address that they proved, and tell them theirs here."""
    own = own_address(turn)
    return own is not None and write(turn, "welcome", to=address, address=own)


def digest(turn: Turn, text: str) -> bool:
    """Send a digest, with the link that ends such mails."""
    if senders.for_mails(turn.work, turn.person.id) is None:
        return False
    token = passes.issue(turn.work, turn.person.id, "mails_off")
    period, _, summary = text.partition(": ")
    link = f"{turn.registry.public_url}/u/{token}"
    return tell(turn, "digest", unsubscribe=link, period=period, summary=summary or text)


def farewell(turn: Turn, number: str) -> None:
    """Certify that everything was deleted, as the last thing that is sent."""
    tell(turn, "deleted", day=turn.now.date().isoformat(), number=number)


def _chat(turn: Turn) -> int | None:
    return turn.address.id if turn.address else None


def _may(turn: Turn, kind: str) -> bool:
    """Count a mail among those of its kind today; False when there were enough."""
    day = turn.now.date()
    return any(
        quarantine.claim_message(turn.work, turn.person.id, f"letter:{kind}:{day}:{n}") for n in range(A_DAY[kind])
    )
