"""The mails that we write: text and HTML from one catalogue, sent through the outbox (rule EML-14).

One-time links are not repeated when it is unknown whether they left: a new link is asked for instead (vendors.md 2).
"""

from __future__ import annotations

from datetime import timedelta
from html import escape

from bot.core.calls.mail import SendMail
from bot.engine.turn import Turn
from handlers.receipts.mail.settings import settings_of

KINDS = ("verify", "sign_in", "welcome", "digest", "export", "bank_login", "held", "deleted", "allowed")
LINK_LIFE = timedelta(minutes=15)
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
    paragraphs = "".join(f"<p>{escape(part)}</p>" for part in text.split("\n\n"))
    if link:
        paragraphs += f'<p><a href="{escape(link, quote=True)}">{escape(link)}</a></p>'
        text = f"{text}\n\n{link}"
    html = _PAGE.format(lang=escape(turn.locale), body=f"{paragraphs}<p><small>{escape(footer)}</small></p>")
    stamp = f"{turn.inbox_id:x}.{kind}"
    subject = " ".join(subject.split())
    return SendMail(to, subject, f"{text}\n\n{footer}\n", html, stamp, unsubscribe)


def write(turn: Turn, kind: str, *, to: str, link: str = "", unsubscribe: str = "", **args: object) -> bool:
    """Send a mail of ours; False where the operator has no way to send mail."""
    if not settings_of(turn).sends:
        return False
    mail = letter(turn, kind, to=to, link=link, unsubscribe=unsubscribe, **args)
    one_time = kind in _ONE_TIME
    turn.call(
        mail, key=f"mail:{mail.stamp}", policy="ask_first" if one_time else "repeat_ok",
        limit=LINK_LIFE if one_time else timedelta(days=1),
    )  # fmt: skip
    return True
