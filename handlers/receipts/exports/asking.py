"""Two questions about an export: which kind, and whether a large file is wanted.

U> export
B> Which file of your books? ITEMS, HLEDGER and QIF work too. 1 CSV for spreadsheets ... 6 All my data, from our staff
U> csv
"""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from bot.core.prompts import Answer, Ask, Choice
from bot.engine import navigation, steps
from bot.engine.flow import End, Flow, Next, Stay
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.receipts.exports.export_kind import ExportKind
from handlers.receipts.exports.starting import start
from storage.receipts.exports import Wanted

ALL_DATA = "all_data"
_WORDS = {
    "csv": ("spreadsheet", "excel"), "zip": ("pictures", "photos"), "json": ("backup", "everything"),
    "hledger": ("ledger",), "qif": ("quicken",), ALL_DATA: ("all my data", "my data", "data"),
}  # fmt: skip

_USUAL = ("csv", "zip", "json", "beancount", "ofx", ALL_DATA)
"""What has a line where choices are numbered; the others are named by their words (at most six lines fit)."""


class Question(BaseModel):
    """The export that was weighed, and what it would hold."""

    kind: str = ""
    start: date | None = None
    end: date | None = None
    fresh: bool = False
    told: str = ""


flow = Flow("ledger_export", Question, version=1, first="kind")


def register(registry: Registry) -> None:
    """Register the questions."""
    registry.add_flow(flow)


def which(turn: Turn) -> None:
    """Ask which kind."""
    _open(turn, Question(), "kind")


def sure(turn: Turn, wanted: Wanted, told: str) -> None:
    """Ask whether a file of this content is wanted."""
    _open(turn, Question(kind=wanted.kind, start=wanted.start, end=wanted.end, fresh=wanted.fresh, told=told), "sure")


def _open(turn: Turn, question: Question, step: str) -> None:
    frame = turn.conversation.top
    if frame is not None and frame.flow == flow.name:
        steps.follow(turn, End())
    steps.open_flow(turn, flow.name, draft=question.model_dump(mode="json"), step=step)


@flow.ask("kind", effort=False)
def ask_kind(turn: Turn) -> Ask:
    """Ask which kind; one of them is the right to all of one's data."""
    rarer = [kind.value for kind in ExportKind if kind.value not in _USUAL]
    choices = tuple(
        Choice(one, key=f"receipts.export.choose_{one}", words=_WORDS.get(one, (one,)), quiet=one in rarer)
        for one in (*_USUAL, *rarer)
    )
    return Ask("receipts.export.which", choices=choices, expects=("choice",))


@flow.take("kind")
def take_kind(turn: Turn, answer: Answer) -> Next:
    """Begin the export, or hand the wish for all data to the engine."""
    steps.follow(turn, End())
    if answer.choice == ALL_DATA:
        if "own_export" not in turn.registry.words:
            turn.say("receipts.export.own_now")
        navigation.to_staff(turn, "export")
    else:
        start(turn, Wanted(str(answer.choice)))
    return Stay()


@flow.ask("sure", effort=False)
def ask_sure(turn: Turn) -> Ask:
    """Say what the file would hold."""
    choices = (
        Choice("yes", key="receipts.export.yes", words=("yes", "send", "send it", "ok"), quiet=True),
        Choice("no", key="receipts.export.no", words=("no", "cancel", "nothing"), quiet=True),
    )
    return Ask("receipts.export.sure", {"told": turn.draft.told}, choices=choices, expects=("choice",))


@flow.take("sure")
def take_sure(turn: Turn, answer: Answer) -> Next:
    """Have it made, or leave it."""
    asked: Question = turn.draft
    steps.follow(turn, End())
    if answer.choice == "yes":
        start(turn, Wanted(asked.kind, asked.start, asked.end, asked.fresh), confirmed=True)
    else:
        turn.say("receipts.export.left")
    return Stay()
