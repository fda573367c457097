"""The words by which a person arranges their mail (rules EML-1, EML-2, EML-13).

    U> EMAIL
    B> Forward receipts to sunny.k7m2p9q4xw@in.parley.example. ...
    U> EMAIL ADD me@work.example
    B> Mail from me@work.example is taken from now on.
    U> CONNECT GMAIL
    B> Open this link within 10 minutes ...

Words are taken whole, so that an answer which merely holds one of them belongs to the open step.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel

from bot.core.calls.mail import ReadImap
from bot.core.calls.outcome import Done, Outcome
from bot.core.errors import Mistake
from bot.core.fold import fold, trim
from bot.core.prompts import Answer, Ask, Choice
from bot.engine import steps
from bot.engine.flow import Call, End, Flow, Goto, Next
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.receipts.mail import arriving, held, import_rights, letters, mailboxes, signing_in
from handlers.receipts.mail.address import new_address, own_address
from handlers.receipts.mail.domains import is_address, is_machine
from handlers.receipts.mail.settings import settings_of
from handlers.receipts.mail.telling import plain
from storage import blobs
from storage.receipts import privacy as receipts_privacy
from storage.receipts.mail import consents, privacy, senders
from storage.receipts.mail import mailboxes as stored

LONGEST = 220
Act = Callable[[Turn, str], bool]


def register(registry: Registry) -> None:
    """Register texts, words, questions and what becomes of mails and mailboxes."""
    registry.add_texts(Path(__file__).with_name("texts"))
    registry.word("text")(taken)
    for flow in (held.flow, imap, leaving):
        registry.add_flow(flow)
    registry.on("mail:received")(arriving.received)
    registry.on("call:mail.opened")(arriving.opened)
    registry.on("call:mail.read")(arriving.read)
    registry.on("mailbox:due")(mailboxes.due)
    registry.on("call:mailbox.read")(mailboxes.was_read)
    registry.on("gmail:granted")(mailboxes.granted)
    registry.on("call:gmail.linked")(mailboxes.linked)
    registry.on("call:gmail.revoked")(mailboxes.revoked)
    registry.erasers.append(privacy.erase)
    registry.farewells.append(letters.farewell)
    registry.switches |= {"email off", "emails off", "e-mail off", "email stop", "emails stop"}
    registry.switches |= {"email copies off", "e-mail copies off", "email copies stop"}
    registry.mail_copy = letters.copy
    signing_in.register(registry)


def taken(turn: Turn, text: str) -> bool:
    """Do what a message about mail asks for; False when it is about something else."""
    if len(text) > LONGEST:
        return False
    words = trim(fold(text))
    for pattern, act in _ACTS:
        if match := pattern.fullmatch(words):
            return act(turn, match[1] if match.groups() else "")
    return False


# -- the address -----------------------------------------------------------------------------------------------------


def show_address(turn: Turn, argument: str) -> bool:
    """Show the person's address, whose mail is taken, and the other ways in the order in which they ask least."""
    if import_rights.refused(turn):
        return True
    address = own_address(turn)
    if address is None:
        turn.say("mail.off")
        return True
    turn.say("mail.address", address=address)
    allowed = senders.of_person(turn.work, turn.person.id)
    if allowed:
        turn.say("mail.senders", senders=", ".join(plain(one.address) for one in allowed[-5:]))
    else:
        turn.say("mail.senders_none")
    options = settings_of(turn)
    if options.imap or options.gmail:
        turn.say("mail.ways_gmail" if options.gmail else "mail.ways")
    return True


def rotate(turn: Turn, argument: str) -> bool:
    """Give the person another address."""
    if import_rights.refused(turn):
        return True
    address = new_address(turn)
    turn.say("mail.off") if address is None else turn.say("mail.address_new", address=address)
    return True


def add_sender(turn: Turn, argument: str) -> bool:
    """Take mail from an address from now on."""
    address = argument.strip(" <>").lower()
    if not is_address(address):
        turn.say("mail.no_address", text=plain(argument) or "?")
    elif not senders.allow(turn.work, turn.person.id, address, own=not is_machine(address)):
        turn.say("mail.senders_full", most=senders.MOST)
    else:
        turn.say("mail.allowed", sender=plain(address))
        if not is_machine(address) and letters.verify(turn, address):
            turn.say("mail.verify_sent", sender=plain(address))
    return True


def remove_sender(turn: Turn, argument: str) -> bool:
    """Take no more mail from an address."""
    gone = senders.forbid(turn.work, turn.person.id, argument.strip(" <>"))
    turn.say("mail.removed" if gone else "mail.not_there", sender=plain(argument))
    return True


def mails_off(turn: Turn, argument: str) -> bool:
    """Write no more mails."""
    turn.say("mail.mails_off" if senders.mute(turn.work, turn.person.id, muted=True) else "mail.mails_none")
    return True


def mails_on(turn: Turn, argument: str) -> bool:
    """Write mails again."""
    turn.say("mail.mails_on" if senders.mute(turn.work, turn.person.id, muted=False) else "mail.mails_none")
    return True


def copies_on(turn: Turn, argument: str) -> bool:
    """Send copies of receipts, posted letters and logins by mail from now on."""
    turn.say("mail.copies_on" if senders.want_copies(turn.work, turn.person.id, wanted=True) else "mail.copies_none")
    return True


def copies_off(turn: Turn, argument: str) -> bool:
    """Send no more copies; other mails go on."""
    turn.say("mail.copies_off" if senders.want_copies(turn.work, turn.person.id, wanted=False) else "mail.copies_none")
    return True


def show_held(turn: Turn, argument: str) -> bool:
    """Ask about what waits."""
    if not held.show(turn):
        turn.say("mail.held_none")
    return True


# -- Gmail -----------------------------------------------------------------------------------------------------------


def connect_gmail(turn: Turn, argument: str) -> bool:
    """Send the link to Google's consent; it is of one use and bound to this person and chat (EML-10)."""
    if not settings_of(turn).gmail:
        turn.say("mail.gmail_off")
        return True
    if import_rights.refused(turn):
        return True
    token = turn.work.ids.token()
    consents.begin(turn.work, turn.person.id, address_id=turn.address.id if turn.address else 0, link=token)
    link = f"{turn.registry.public_url}/g/{token}"
    turn.notify("mail.gmail_link", purpose="reply", policy="ask_first", link=("mail.gmail_button", link))
    return True


# -- IMAP ------------------------------------------------------------------------------------------------------------


class Account(BaseModel):
    """What was said of a mailbox; the password is never part of it."""

    address: str = ""
    host: str = ""
    secret: int = 0


imap = Flow("mailbox", Account, version=1, first="address")
_HOSTS = {
    "icloud.com": "imap.mail.me.com", "me.com": "imap.mail.me.com", "mac.com": "imap.mail.me.com",
    "gmail.com": "imap.gmail.com", "googlemail.com": "imap.gmail.com", "yahoo.com": "imap.mail.yahoo.com",
    "aol.com": "imap.aol.com", "gmx.de": "imap.gmx.net", "gmx.net": "imap.gmx.net", "web.de": "imap.web.de",
    "fastmail.com": "imap.fastmail.com", "outlook.com": "outlook.office365.com", "hotmail.com": "outlook.office365.com",
}  # fmt: skip


def begin_imap(turn: Turn, argument: str) -> bool:
    """Ask for a mailbox."""
    if not settings_of(turn).imap:
        turn.say("mail.imap_off")
        return True
    if import_rights.refused(turn):
        return True
    frame = turn.conversation.top
    if frame is not None and frame.call is not None:
        return False
    if frame is None or frame.flow != imap.name:
        steps.open_flow(turn, imap.name)
    return True


@imap.ask("address", effort=False)
def ask_address(turn: Turn) -> Ask:
    """Ask for the address of the mailbox."""
    return Ask("mail.imap_address")


@imap.take("address")
def take_address(turn: Turn, answer: Answer) -> Next:
    """Take the address; the server follows from it, or is named behind it."""
    address, _, host = answer.text.strip().lower().partition(" ")
    if not is_address(address):
        raise Mistake("mail.no_address", text=plain(answer.text))
    domain = address.rpartition("@")[2]
    host = host.strip() or _HOSTS.get(domain, f"imap.{domain}")
    if not re.fullmatch(r"(?:[a-z0-9-]{1,63}\.)+[a-z]{2,24}|localhost", host):
        raise Mistake("mail.no_host", host=plain(host))
    turn.draft.address, turn.draft.host = address, host
    return Goto("password")


@imap.ask("password", effort=False)
def ask_password(turn: Turn) -> Ask:
    """Ask for an app password, never for the account's own."""
    return Ask("mail.imap_password", {"host": turn.draft.host})


@imap.take("password")
def take_password(turn: Turn, answer: Answer) -> Next:
    """Seal the password as a blob and look whether the mailbox opens."""
    import orjson

    password = answer.text.strip()
    turn.hide(password)
    account = {"host": turn.draft.host, "port": 993, "user": turn.draft.address, "password": password}
    secret = turn.work.new_id()
    blobs.keep(
        turn.work, blob_id=secret, data=orjson.dumps(account), media_type="application/json",
        person_id=turn.person.id,
    )  # fmt: skip
    turn.draft.secret = secret
    return Call(ReadImap(secret, "", "", [], 0), then="opened")


@imap.result("opened")
def mailbox_opened(turn: Turn, outcome: Outcome) -> Next:
    """Connect the mailbox that opened; of one that did not, forget the password."""
    if isinstance(outcome, Done):
        mailboxes.connect(turn, "imap", turn.draft.address, turn.draft.secret)
        return End()
    turn.work.write(blobs.blob.delete().where(blobs.blob.c.id == turn.draft.secret))
    turn.draft.secret = 0
    code = getattr(outcome, "code", "")
    if code == "login":
        turn.say("mail.imap_wrong")
        return Goto("password", forget=True)
    turn.say("mail.imap_no_answer", host=plain(turn.draft.host))
    return Goto("address", forget=True)


# -- disconnecting ---------------------------------------------------------------------------------------------------


class Leaving(BaseModel):
    """The mailbox that is taken back."""

    mailbox: int = 0
    receipts: int = 0


leaving = Flow("mailbox_leaving", Leaving, version=1, first="which")


def begin_leaving(turn: Turn, argument: str) -> bool:
    """Take a mailbox back; asked which where there are several."""
    open_ones = _open_ones(turn)
    if not open_ones:
        turn.say("mail.no_mailbox")
        return True
    frame = turn.conversation.top
    if frame is not None and frame.call is not None:
        return False
    steps.open_flow(turn, leaving.name)
    if len(open_ones) == 1:
        steps.follow(turn, _leave(turn, open_ones[0]))
        turn.keep_draft()
    return True


def _open_ones(turn: Turn) -> list[stored.Mailbox]:
    return [one for one in stored.of_person(turn.work, turn.person.id) if one.state != "revoked"]


@leaving.ask("which", effort=False)
def ask_which(turn: Turn) -> Ask:
    """Ask which mailbox."""
    choices = tuple(Choice(str(one.id), text=one.address) for one in _open_ones(turn))
    return Ask("mail.leave_which", choices=choices, expects=("choice",))


@leaving.take("which")
def take_which(turn: Turn, answer: Answer) -> Next:
    """Take it back."""
    box = stored.load(turn.work, turn.person.id, int(answer.choice or 0))
    return End() if box is None else _leave(turn, box)


def _leave(turn: Turn, box: stored.Mailbox) -> Next:
    mailboxes.disconnect(turn, box)
    turn.say("mail.left", address=plain(box.address))
    turn.draft.mailbox = box.id
    turn.draft.receipts = len(stored.imported(turn.work, turn.person.id, box.id))
    return Goto("receipts", forget=True) if turn.draft.receipts else End()


@leaving.ask("receipts", effort=False)
def ask_receipts(turn: Turn) -> Ask:
    """Ask what becomes of the receipts that came from there."""
    choices = (
        Choice("stay", key="mail.stay_button", words=("keep", "stay", "keep them", "yes")),
        Choice("go", key="mail.go_button", words=("delete", "delete them", "go", "remove")),
    )
    return Ask("mail.leave_receipts", {"n": turn.draft.receipts}, choices=choices, expects=("choice",))


@leaving.take("receipts")
def take_receipts(turn: Turn, answer: Answer) -> Next:
    """Delete them, or leave them."""
    if answer.choice == "stay":
        turn.say("mail.stayed")
        return End()
    for receipt_id in stored.imported(turn.work, turn.person.id, turn.draft.mailbox):
        for one in receipts_privacy.erase_receipt(turn.work, turn.person.id, receipt_id):
            turn.work.write(blobs.blob.delete().where(blobs.blob.c.id == one))
    turn.say("mail.gone", n=turn.draft.receipts)
    return End()


_ACTS: tuple[tuple[re.Pattern[str], Act], ...] = (
    (re.compile(r"e-?mail|(?:my |what is my )?e-?mail address"), show_address),
    (re.compile(r"e-?mail (?:new|rotate)|new e-?mail address"), rotate),
    (re.compile(r"e-?mail add\s*(.*)"), add_sender),
    (re.compile(r"e-?mail (?:remove|delete)\s+(.+)"), remove_sender),
    (re.compile(r"e-?mails? (?:off|stop)"), mails_off),
    (re.compile(r"e-?mails? on"), mails_on),
    (re.compile(r"e-?mail copies(?: on)?"), copies_on),
    (re.compile(r"e-?mail copies (?:off|stop)"), copies_off),
    (re.compile(r"(?:e-?mail )?held(?: mails?)?"), show_held),
    (re.compile(r"connect gmail|gmail"), connect_gmail),
    (re.compile(r"mailbox|connect (?:mailbox|imap)"), begin_imap),
    (re.compile(r"disconnect(?: (?:gmail|mailbox|imap))?"), begin_leaving),
)
