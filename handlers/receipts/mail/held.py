"""Mails in quarantine: one notice each, and the person's word (rules EML-2, EML-3).

B> Mail from pay@x.example, not one of your senders. Keep it, allow always, or drop it?
U> allow always
B> Kept. Mail from pay@x.example is taken from now on.
"""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa
from pydantic import BaseModel

from bot.core.calls.mail import Mail
from bot.core.prompts import Answer, Ask, Choice
from bot.engine import steps
from bot.engine.flow import End, Flow, Next, Stay
from bot.engine.turn import Turn
from handlers.receipts.mail import letters, telling
from handlers.receipts.mail.domains import is_personal
from handlers.receipts.mail.keeping import HeldDraft, let_out
from handlers.receipts.mail.sorting import Way
from handlers.receipts.mail.telling import plain
from handlers.receipts.mail.unpacking import open_raw
from storage.receipts.mail import quarantine, senders

Row = sa.Row[Any]


class Nothing(BaseModel):
    """What waits stands in the database."""


flow = Flow("held_mail", Nothing, version=1, first="decide")


def hold(turn: Turn, mail: Mail, draft: HeldDraft | None, *, why: str, raw: int) -> None:
    """Put a mail aside and ask its person; a notice alone where they are in the middle of something."""
    own = mail.forwarded or is_personal(mail.outer.address)
    held = quarantine.hold(
        turn.work, turn.person.id, message_id=mail.message_id, sender=mail.outer.address or "?", own=own, why=why,
        blob_id=raw, draft=msgspec.json.encode(draft) if draft else None,
    )  # fmt: skip
    if held is None:
        _refused(turn)
        return
    if not mail.automatic:
        letters.tell(turn, "held", sender=plain(mail.outer.address or "?"))
    if turn.conversation.top is None and turn.address is not None:
        steps.open_flow(turn, flow.name)
        turn.silent, turn.asks = False, True
    else:
        turn.notify(f"mail.held_{why}", sender=plain(mail.outer.address or "?"), what=_what(turn, draft))


def _refused(turn: Turn) -> None:
    """Say once a day that no more mails can wait."""
    waiting = len(quarantine.waiting(turn.work, turn.person.id))
    day = f"full:{turn.now.date()}"
    if waiting >= quarantine.MOST_WAITING and quarantine.claim_message(turn.work, turn.person.id, day):
        turn.notify("mail.held_full", most=waiting)


def show(turn: Turn) -> bool:
    """Open the question about what waits; False when nothing does."""
    if not quarantine.waiting(turn.work, turn.person.id):
        return False
    frame = turn.conversation.top
    if frame is None or frame.flow != flow.name:
        steps.open_flow(turn, flow.name)
    return True


@flow.ask("decide", effort=False)
def ask_decide(turn: Turn) -> Ask:
    """Ask about the mail that waits longest."""
    waiting = quarantine.waiting(turn.work, turn.person.id)
    if not waiting:
        return Ask("mail.held_none", choices=(Choice("done", key="mail.held_done_button", words=("ok", "done")),))
    row = waiting[0]
    always = Choice("allow", key="mail.allow_button", words=("allow always", "allow", "always"))
    choices = [
        Choice("keep", key="mail.keep_button", words=("keep", "keep it", "yes")),
        *([always] if row.why == "sender" else []),
        Choice("drop", key="mail.drop_button", words=("drop", "drop it", "no", "delete")),
    ]
    sender = plain(turn.work.seal.open(row.sender).decode())
    args = {"sender": sender, "what": _what(turn, _draft_of(turn, row))}
    return Ask(f"mail.ask_{row.why}", args, choices=tuple(choices), expects=("choice",))


@flow.take("decide")
def take_decide(turn: Turn, answer: Answer) -> Next:
    """Do what the person said; the next one that waits is asked about then."""
    waiting = quarantine.waiting(turn.work, turn.person.id)
    if not waiting or answer.choice == "done":
        return End()
    row = waiting[0]
    state = "dropped" if answer.choice == "drop" else "kept"
    decided = quarantine.decide(turn.work, turn.person.id, row.id, state)
    if decided is not None:
        _obey(turn, str(answer.choice), sender=turn.work.seal.open(decided.sender).decode(), own=decided.own)
        if state == "kept" and not _let_out(turn, row):
            open_raw(turn, decided.blob_id, way=Way.SENT, kept=True)
    return Stay() if len(waiting) > 1 else End()


def _draft_of(turn: Turn, row: Row) -> HeldDraft | None:
    return msgspec.json.decode(turn.work.seal.open(row.draft), type=HeldDraft) if row.draft else None


def _let_out(turn: Turn, row: Row) -> bool:
    draft = _draft_of(turn, row)
    return draft is not None and let_out(turn, draft)


def _what(turn: Turn, draft: HeldDraft | None) -> str:
    """Say in brackets what a draft is, as far as it is known."""
    if draft is None:
        return ""
    amount = telling.amount(draft.fields) if draft.fields else ""
    known = " ".join(filter(None, (plain(draft.merchant), amount)))
    return turn.text("mail.held_what", what=known) if known else ""


def _obey(turn: Turn, choice: str, *, sender: str, own: bool) -> None:
    if choice == "drop":
        turn.say("mail.dropped")
    elif choice == "allow" and senders.allow(turn.work, turn.person.id, sender, own=own):
        turn.say("mail.allowed", sender=plain(sender))
    else:
        turn.say("mail.kept")
