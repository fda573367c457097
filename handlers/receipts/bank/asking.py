"""The two questions about banks: whose receipt a line is, and what becomes of a bank's lines when it is left.

B> Is the $48.00 at Luna Cafe on Mar 16 your receipt R7K2? 1 Yes 2 No
U> 1
B> Matched: R7K2, tip $8.00.
"""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from bot.core.prompts import Answer, Ask, Choice
from bot.engine.flow import End, Flow, Goto, Next
from bot.engine.turn import Turn
from handlers.receipts.bank import linking, matches
from handlers.receipts.bank.lines import shown_name
from handlers.receipts.currencies import format_amount
from handlers.receipts.owner import owner_of
from storage.receipts import bank_items, bank_ledger, bank_lines, bank_pairs, receipts
from storage.receipts.bank_lines import BankLine

NONE, YES, NO = "none", "yes", "no"


class Asked(BaseModel):
    """Which line is asked about; `receipt_id` stands when the person chose the receipt and looks for its line."""

    line_id: int | None = None
    receipt_id: int | None = None


class Leaving(BaseModel):
    """Which bank is left."""

    item_id: int | None = None


match_flow = Flow("bank_match", Asked, version=1, first="which")
leave_flow = Flow("bank_leave", Leaving, version=1, first="which")


# -- whose is this line? -----------------------------------------------------------------------------------------------


def waiting(turn: Turn) -> list[tuple[int, list[tuple[int, str]]]]:
    """Return the lines that are asked about, each with its receipts (id, code), oldest first."""
    found: dict[int, list[tuple[int, str]]] = {}
    for row in bank_pairs.asked(turn.work, turn.person.id):
        found.setdefault(row.line_id, []).append((row.receipt_id, row.code))
    return list(found.items())


@match_flow.ask("which", effort=False)
def ask_which(turn: Turn) -> Ask:
    """Ask about one line: yes or no for one receipt, a choice among several."""
    draft: Asked = turn.draft
    options = dict(waiting(turn))
    if draft.line_id not in options:
        draft.line_id = next(iter(options), None)
    line = None if draft.line_id is None else bank_lines.load(turn.work, turn.person.id, draft.line_id)
    if line is None:
        return Ask("bank.nothing_asked", expects=("choice",), choices=(Choice(NONE, key="bank.none"),))
    told = {"amount": amount(line), "merchant": shown_name(line), "date": day(line.date)}
    slips = options[line.id]
    if len(slips) == 1:
        both = (Choice(YES, key="bank.yes", words=("yes", "y")), Choice(NO, key="bank.no", words=("no", "n")))
        return Ask("bank.is_it", {**told, "code": slips[0][1]}, choices=both, expects=("choice",))
    choices = tuple(Choice(str(receipt_id), text=code, words=(code,)) for receipt_id, code in slips[:8])
    none = Choice(NONE, key="bank.none", words=("none", "no", "neither"))
    return Ask("bank.which", told, choices=(*choices, none), expects=("choice",))


@match_flow.take("which")
def take_which(turn: Turn, answer: Answer) -> Next:
    """Take the person's word as final, and go on to the next line."""
    draft: Asked = turn.draft
    options = dict(waiting(turn))
    slips = options.get(draft.line_id or 0, [])
    line = None if draft.line_id is None else bank_lines.load(turn.work, turn.person.id, draft.line_id)
    if line is None or not slips:
        turn.say("bank.settled_before")
    elif answer.choice in (NO, NONE):
        for receipt_id, _ in slips:
            bank_pairs.decide(turn.work, turn.person.id, line.id, receipt_id, "no")
        turn.say("bank.not_matched")
    else:
        chosen = slips[0][0] if answer.choice == YES else int(answer.choice or 0)
        confirm(turn, line, chosen)
    draft.line_id = None
    return Goto("which", forget=True) if waiting(turn) else End()


def confirm(turn: Turn, line: BankLine, receipt_id: int) -> bool:
    """Match a line with a receipt by the person's word, and say what came of it."""
    work, person_id = turn.work, turn.person.id
    pair = matches.candidate(work, owner_of(work, person_id), line, receipt_id)
    row = receipts.load(work, person_id, receipt_id)
    if pair is None or row is None or not matches.join(work, person_id, pair, "yes"):
        turn.say("bank.settled_before")
        return False
    if pair.tip_minor:
        turn.say("bank.matched_tip", code=row.code, tip=format_amount(pair.tip_minor, line.currency))
    else:
        turn.say("bank.matched", code=row.code)
    return True


def amount(line: BankLine) -> str:
    """Return a line's amount as people read it."""
    return format_amount(line.amount_minor, line.currency)


def day(value: date) -> str:
    """Return a date as it is said: Mar 16."""
    return f"{value:%b} {value.day}"


# -- leaving a bank ----------------------------------------------------------------------------------------------------


@leave_flow.ask("which", effort=False)
def ask_leaving(turn: Turn) -> Ask:
    """Ask whether what was read stays."""
    item = bank_items.load(turn.work, turn.person.id, turn.draft.item_id or 0)
    choices = (
        Choice("keep", key="bank.leave_keep", words=("keep", "keep history")),
        Choice("delete", key="bank.leave_delete", words=("delete", "delete history")),
        Choice(NO, key="bank.leave_no", words=("no", "cancel", "stay")),
    )
    return Ask("bank.leave", {"bank": item.institution if item else "?"}, choices=choices, expects=("choice",))


@leave_flow.take("which")
def take_leaving(turn: Turn, answer: Answer) -> Next:
    """Leave the bank, and keep or delete its lines; receipts stay in any case."""
    item = bank_items.load(turn.work, turn.person.id, turn.draft.item_id or 0)
    if item is None or answer.choice == NO:
        turn.say("bank.stays")
        return End()
    linking.leave(turn, item)
    if answer.choice == "delete":
        gone = bank_ledger.forget(turn.work, turn.person.id, item.id)
        turn.say("bank.left_deleted", bank=item.institution, count=gone)
    else:
        turn.say("bank.left", bank=item.institution)
    return End()
