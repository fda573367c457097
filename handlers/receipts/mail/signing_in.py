"""One-time links to a person's own page, asked for in the chat (rules API-1, EML-14).

    U> SIGN IN
    B> Open this within 15 minutes to see your files, banks and mailboxes. ...
    U> SIGN IN BY MAIL
    B> I sent a sign-in link to ann@x.example. It works once, for 15 minutes.

There are no passwords: who holds the chat, or the proven address, holds the page. A newer link voids the older.
"""

from __future__ import annotations

import re

from bot.core.fold import fold, trim
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.receipts.mail import letters
from handlers.receipts.mail.telling import plain
from storage import passes
from storage.receipts.mail import senders

_LONGEST = 40
_WORDS = re.compile(r"(?:sign[- ]?in|my page)(?P<mail> by (?:e-?mail|mail))?")


def register(registry: Registry) -> None:
    """Register the words, and what the pages tell."""
    registry.word("text")(heard)
    registry.on("pass:verified")(verified)
    registry.on("pass:mails_off")(mails_off)


def heard(turn: Turn, text: str) -> bool:
    """Take SIGN IN, here or by mail."""
    found = _WORDS.fullmatch(trim(fold(text))) if len(text) <= _LONGEST else None
    if found is None or turn.person_id is None:
        return False
    if found["mail"]:
        _mail(turn)
    else:
        link = ("mail.sign_in_button", _link(turn))
        turn.notify("mail.sign_in", purpose="reply", policy="ask_first", ttl=passes.LIVES["sign_in"], link=link)
    return True


def _link(turn: Turn) -> str:
    token = passes.issue(
        turn.work, turn.person.id, "sign_in", address_id=turn.address.id if turn.address else None
    )  # fmt: skip
    return f"{turn.registry.public_url}/s/{token}"


def _mail(turn: Turn) -> None:
    to = senders.for_mails(turn.work, turn.person.id)
    sent = to is not None and letters.write(turn, "sign_in", to=to, link=_link(turn))
    turn.say("mail.sign_in_mailed" if sent else "mail.sign_in_no_mail", address=plain(to or ""))


def verified(turn: Turn) -> None:
    """Note that the address is the person's own whose link they opened; once."""
    turn.silent = True
    row = passes.redeem(turn.work, "verify", str(turn.event.payload["token"]))
    if row is None or row.person_id != turn.person.id or row.about is None:
        return
    address = senders.verify(turn.work, turn.person.id, row.about)
    if address is None:
        turn.notify("mail.verify_old")
        return
    turn.notify("mail.verified", sender=plain(address))
    letters.welcome(turn, address)


def mails_off(turn: Turn) -> None:
    """Write no more mails, as the link in one asked."""
    turn.silent = True
    senders.mute(turn.work, turn.person.id, muted=True)
