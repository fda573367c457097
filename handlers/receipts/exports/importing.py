"""IMPORT in the chat: a file of ours, or a table, shown before anything is brought in (CAP-12).

    U> (ledger.json)
    B> 412 entries, Jan 2 2026 - Mar 18 2026, spent $9,310.20. 12 are in your books already. Reply OK to import, or NO.
    U> ok
    B> Imported: 400 new, 12 were there.

Of a table the columns are said too: "AMOUNT = Debit", "FLIP" and "DAYS FIRST" correct them.
"""

from __future__ import annotations

from datetime import timedelta

from pydantic import BaseModel, Field

from bot.core.calls import Done, Outcome, Refused
from bot.core.calls.books import BooksRead, BooksTaken, ReadBooks, TakeBooks
from bot.core.errors import Mistake
from bot.core.fold import fold
from bot.core.prompts import Answer, Ask, Choice
from bot.engine import steps
from bot.engine.flow import Call, End, Flow, Goto, Next
from bot.engine.registry import Registry
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.receipts.exports.telling import counted
from handlers.receipts.owner import DEFAULT_CURRENCY, owner_of
from storage.blobs import blob

THEN = "receipts.imported"
READ_LIMIT, TAKE_LIMIT = timedelta(seconds=170), timedelta(hours=2)
_TOLD = ("damaged", "foreign", "newer", "too_large", "unreadable", "no_columns", "gone")
_ORDERS = {"days first": "dmy", "day first": "dmy", "months first": "mdy", "month first": "mdy",
    "years first": "ymd", "year first": "ymd"}  # fmt: skip
_FIELDS = ("date", "merchant", "amount", "debit", "credit", "currency", "category", "note", "id", "account", "tags")


class Incoming(BaseModel):
    """The file, and how a table of it is understood."""

    blob: int = 0
    currency: str = "USD"
    columns: dict[str, int] = Field(default_factory=dict)
    headings: list[str] = Field(default_factory=list)
    date_order: str = ""
    flipped: bool | None = None
    told: str = ""
    count: int = 0
    known: int = 0


flow = Flow("ledger_import", Incoming, version=1, first="file")


def register(registry: Registry) -> None:
    """Register the questions, the word, the taker of files and the outcome."""
    registry.add_flow(flow)
    registry.word("text")(said)
    registry.takes_tables(taken)
    registry.on(f"call:{THEN}")(imported)


def said(turn: Turn, text: str) -> bool:
    """Take IMPORT."""
    if fold(text).split() not in (["import"], ["import", "file"], ["import", "csv"], ["import", "json"]):
        return False
    frame = turn.conversation.top
    if frame is not None and frame.call is not None:
        turn.say("engine.still_working")
    else:
        _open(turn)
    return True


def taken(turn: Turn, answer: Answer) -> None:
    """Take a file that no step waits for."""
    _open(turn)
    steps.take(turn, answer)


def _open(turn: Turn) -> None:
    frame = turn.conversation.top
    if frame is not None and frame.flow == flow.name:
        steps.follow(turn, End())
    steps.open_flow(turn, flow.name, draft=Incoming(currency=_currency(turn)).model_dump())


def _currency(turn: Turn) -> str:
    try:
        return owner_of(turn.work, turn.person.id).currency
    except LookupError:  # a person's first message: the row is on its way
        return DEFAULT_CURRENCY


@flow.ask("file", effort=False)
def ask_file(turn: Turn) -> Ask:
    """Ask for the file."""
    return Ask("receipts.import.file", expects=("table",))


@flow.take("file")
def take_file(turn: Turn, answer: Answer) -> Next:
    """Have the file read."""
    if not answer.tables:
        raise Mistake("receipts.import.file")
    turn.draft.blob = answer.tables[0].blob or 0
    return _read(turn.draft, turn.person.id)


def _read(draft: Incoming, person_id: int) -> Next:
    call = ReadBooks(person_id, draft.blob, draft.currency, draft.columns, draft.date_order, draft.flipped)
    return Call(call, then="read", limit=READ_LIMIT)


@flow.result("read")
def read(turn: Turn, outcome: Outcome) -> Next:
    """Show what the file holds, or say why it cannot be read."""
    draft: Incoming = turn.draft
    if not isinstance(outcome, Done) or not isinstance(outcome.result, BooksRead):
        code = outcome.code if isinstance(outcome, Refused) else ""
        turn.say(f"receipts.import.{code if code in _TOLD else 'failed'}")
        _forget(turn, draft.blob)
        return End()
    found = outcome.result
    draft.count, draft.known = found.weighed.count, found.known
    if draft.count == draft.known:
        turn.say("receipts.import.all_known" if draft.count else "receipts.import.nothing", count=draft.count)
        _forget(turn, draft.blob)
        return End()
    draft.told = _told(turn, found)
    if not found.ours:
        draft.columns, draft.headings = found.columns, found.headings
        draft.date_order, draft.flipped = found.date_order, found.flipped
    return Goto("sure")


def _told(turn: Turn, found: BooksRead) -> str:
    lines = [counted(turn, found.weighed)]
    if found.known:
        lines.append(turn.text("receipts.import.known", count=found.known))
    if not found.ours:
        named = [f"{name} = {found.headings[at]}" for name, at in found.columns.items() if at < len(found.headings)]
        lines.append(turn.text("receipts.import.columns", columns=", ".join(named), example=found.example))
    if found.refused:
        lines.append(turn.text("receipts.import.refused", count=found.refused))
    return " ".join(lines)


@flow.ask("sure", free_text=True)
def ask_sure(turn: Turn) -> Ask:
    """Show what would be brought in."""
    choices = (
        Choice("yes", key="receipts.import.yes", words=("ok", "okay", "yes", "import"), quiet=True),
        Choice("no", key="receipts.export.no", words=("no", "cancel"), quiet=True),
    )
    key = "receipts.import.sure_table" if turn.draft.columns else "receipts.import.sure"
    return Ask(key, {"told": turn.draft.told}, choices=choices, expects=("choice", "text"), open_choices=True)


@flow.take("sure")
def take_sure(turn: Turn, answer: Answer) -> Next:
    """Bring it in, leave it, or understand the table otherwise."""
    draft: Incoming = turn.draft
    if answer.choice == "no":
        turn.say("receipts.import.left")
        _forget(turn, draft.blob)
        return End()
    if answer.choice == "yes":
        call = TakeBooks(turn.person.id, draft.blob, draft.currency, draft.columns, draft.date_order, draft.flipped)
        context = {"blob": draft.blob, "count": draft.count, "known": draft.known}
        turn.call(call, then=THEN, context=context, limit=TAKE_LIMIT, typing=True)
        turn.say("receipts.import.begun")
        return End()
    _correct(draft, fold(answer.text).strip(" ."))
    return _read(draft, turn.person.id)


def _correct(draft: Incoming, text: str) -> None:
    """Change how a table is understood; raise Mistake for words that say nothing about it."""
    name, equals, heading = (part.strip() for part in text.partition("="))
    headings = [fold(one) for one in draft.headings]
    if not draft.columns:
        raise Mistake("engine.no_such_choice")
    if text == "flip":
        draft.flipped = not draft.flipped
    elif text in _ORDERS:
        draft.date_order = _ORDERS[text]
    elif equals and name in _FIELDS and heading in headings:
        draft.columns = {**draft.columns, name: headings.index(heading)}
    elif equals and name in _FIELDS and heading in ("none", "nothing", "-"):
        draft.columns = {key: at for key, at in draft.columns.items() if key != name}
    else:
        raise Mistake("receipts.import.strange")


def imported(turn: Turn) -> None:
    """Say what was brought in."""
    context, outcome = turn.event.payload["context"], outcome_of(turn)
    turn.purpose = "reply"
    if isinstance(outcome, Done) and isinstance(outcome.result, BooksTaken):
        turn.say("receipts.import.done", added=context["count"] - context["known"], known=context["known"])
    else:
        code = outcome.code if isinstance(outcome, Refused) else ""
        turn.say(f"receipts.import.{code if code in _TOLD else 'broken'}")
    _forget(turn, int(context["blob"]))


def _forget(turn: Turn, blob_id: int) -> None:
    turn.work.write(blob.delete().where(blob.c.id == blob_id, blob.c.person_id == turn.person.id))
