"""Reading a person's own mailbox: IMAP with an app password, Gmail with a consent (rules EML-9 to EML-12).

    timer of the job -> `mailbox:due` -> ReadImap | ReadGmail -> `call:mailbox.read` -> OpenMail for each find
    callback of Google -> `gmail:granted` -> GmailExchange -> `call:gmail.linked`

The finds, the place read to and a refreshed token come in the commit that marks the reading done.
"""

from __future__ import annotations

from datetime import timedelta

from bot.core.calls.mail import GmailExchange, GmailLinked, MailboxRead, ReadGmail, ReadImap, RevokeGmail
from bot.core.calls.outcome import Done, Refused
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.receipts.mail import import_rights
from handlers.receipts.mail.sorting import Way
from handlers.receipts.mail.telling import plain
from handlers.receipts.mail.unpacking import open_raw
from storage.receipts.mail import mailboxes
from storage.receipts.mail.mailboxes import Mailbox

EVERY, FIRST, MOST = timedelta(minutes=30), timedelta(days=30), 50
WORDS = ("receipt", "invoice", "order", "payment", "rechnung", "quittung", "factura", "recibo", "facture", "booking")
SHUT_OUT = frozenset({"login", "invalid_grant", "gone"})


def query(since: str) -> str:
    """Return what Gmail is searched for, in its own words (EML-12)."""
    words = " OR ".join(f'"{word}"' for word in WORDS)
    return f"after:{since.replace('-', '/')} -in:spam -in:trash ({words})"


def due(turn: Turn) -> None:
    """Read a mailbox whose round has come, unless another process took it."""
    turn.silent = True
    mailbox_id = int(turn.event.payload["mailbox"])
    if not import_rights.allows(turn):
        return
    if mailboxes.claim_round(turn.work, turn.person.id, mailbox_id, every=EVERY):
        found = mailboxes.load(turn.work, turn.person.id, mailbox_id)
        if found is not None:
            read(turn, found)


def read(turn: Turn, box: Mailbox) -> None:
    """Have the new mails of a mailbox read."""
    if box.secret is None:
        return
    since = (turn.now - FIRST).date().isoformat()
    call: ReadImap | ReadGmail
    if box.kind == "imap":
        call = ReadImap(box.secret, box.cursor, since, list(WORDS), MOST)
    else:
        call = ReadGmail(box.secret, box.cursor, query(since), MOST)
    context = {"mailbox": box.id, "cursor": box.cursor}
    turn.call(call, then="mailbox.read", context=context, limit=timedelta(minutes=15))


def was_read(turn: Turn) -> None:
    """Take the finds of a reading and remember how far it got."""
    turn.silent = True
    context, outcome = turn.event.payload["context"], outcome_of(turn)
    mailbox_id = int(context["mailbox"])
    if isinstance(outcome, Refused):
        if outcome.code in SHUT_OUT:
            shut_out(turn, mailbox_id)
        return
    if not isinstance(outcome, Done) or not isinstance(outcome.result, MailboxRead):
        return
    result = outcome.result
    mine = mailboxes.read_to(
        turn.work, turn.person.id, mailbox_id, cursor=result.cursor, was=context["cursor"], secret=result.secret,
        soon=result.more,
    )  # fmt: skip
    for found in result.mails if mine else ():
        open_raw(turn, found.blob, way=Way.FOUND, mailbox=mailbox_id)


def shut_out(turn: Turn, mailbox_id: int) -> None:
    """Tell, once, that a mailbox lets us in no more (EML-11)."""
    box = mailboxes.load(turn.work, turn.person.id, mailbox_id)
    if box is not None and mailboxes.shut_out(turn.work, turn.person.id, mailbox_id):
        turn.notify(f"mail.shut_out_{box.kind}", address=plain(box.address))


# -- Gmail -----------------------------------------------------------------------------------------------------------


def granted(turn: Turn) -> None:
    """Trade the code of a consent that came back for tokens."""
    turn.silent = True
    payload = turn.event.payload
    if payload.get("error"):
        turn.notify("mail.gmail_refused")
        return
    call = GmailExchange(str(payload["code"]), str(payload["verifier"]), redirect_uri(turn))
    turn.call(call, then="gmail.linked", limit=timedelta(minutes=5))


def redirect_uri(turn: Turn) -> str:
    """Return where Google sends a browser back to."""
    return f"{turn.registry.public_url}/oauth/gmail"


def linked(turn: Turn) -> None:
    """Store a mailbox that was connected, tell its person, and read it for the first time."""
    turn.silent = True
    outcome = outcome_of(turn)
    if not isinstance(outcome, Done) or not isinstance(outcome.result, GmailLinked):
        turn.notify("mail.gmail_failed")
        return
    connect(turn, "gmail", outcome.result.address, outcome.result.secret)


def connect(turn: Turn, kind: str, address: str, secret: int) -> None:
    """Store a mailbox and begin its first reading."""
    mailbox_id = mailboxes.connect(turn.work, turn.person.id, kind=kind, address=address, secret=secret)
    if mailbox_id is None:
        turn.notify("mail.mailbox_many", most=mailboxes.MOST)
        return
    turn.notify(f"mail.{kind}_linked", address=plain(address))
    box = mailboxes.load(turn.work, turn.person.id, mailbox_id)
    if box is not None and mailboxes.claim_round(turn.work, turn.person.id, mailbox_id, every=EVERY):
        read(turn, box)


def disconnect(turn: Turn, box: Mailbox) -> None:
    """Take a mailbox back: consent revoked at Google, secret deleted (EML-11)."""
    if not mailboxes.disconnect(turn.work, turn.person.id, box.id):
        return
    if box.kind == "gmail" and box.secret is not None:
        turn.call(RevokeGmail(box.secret), then="gmail.revoked", context={"mailbox": box.id}, limit=timedelta(days=1))
    else:
        mailboxes.forget_secret(turn.work, turn.person.id, box.id)


def revoked(turn: Turn) -> None:
    """Delete the tokens of a consent that was taken back, whatever Google answered."""
    turn.silent = True
    mailboxes.forget_secret(turn.work, turn.person.id, int(turn.event.payload["context"]["mailbox"]))
