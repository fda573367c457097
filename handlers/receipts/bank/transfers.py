"""Movements between a person's own accounts, which are neither spending nor income (BNK-4), and the word about them.

U> TRANSFERS
B> Between your own accounts: 1 Mar 16 $300.00 Checking ..0042 to Card ..4421. TRANSFERS DROP 1 lets it count.
U> TRANSFERS DROP 1
B> Apart: the $300.00 of Mar 16 counts on both accounts. TRANSFERS JOIN 1 undoes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

from bot.engine.turn import Turn
from handlers.receipts.bank.lines import kind_of, own_key
from handlers.receipts.bank.matches import AROUND
from handlers.receipts.currencies import format_amount
from handlers.receipts.matching.transfers import DAYS, Movement, Says, pair_movements
from handlers.receipts.owner import Owner, owner_of
from storage.receipts import accounts, bank_ledger, bank_lines, bank_transfers
from storage.receipts.bank_lines import BankLine
from storage.receipts.bank_transfers import Transfer
from storage.work import Work

LISTED = timedelta(days=60)
SHOWN_ON_SMS, SHOWN = 3, 10
_WORDS = re.compile(r"transfers?(?: (?P<act>drop|apart|join|undo) (?P<number>\d{1,3}))?", re.IGNORECASE)


# -- finding -----------------------------------------------------------------------------------------------------------


def run(work: Work, owner: Owner, lines: Iterable[BankLine]) -> int:
    """Look at what moved around the days of these lines; return how many movements were recognised."""
    changed = list(lines)
    _check(work, owner.id, changed)
    days = [line.date for line in changed]
    if not days:
        return 0
    start, end = min(days) - AROUND, max(days) + AROUND
    free = {line.id: line for line in bank_lines.unmatched(work, owner.id, start, end) if line.account_id is not None}
    known = bank_transfers.of_lines(work, owner.id, free)
    taken = {line for one in known if one.verdict == "joined" for line in (one.out_id, one.in_id)}
    refused = {(one.out_id, one.in_id) for one in known if one.verdict == "no"}
    found = pair_movements([_movement(line) for line in free.values() if line.id not in taken], refused=refused)
    certain = [pair for pair in found.certain if not _is_edited(work, owner.id, free[pair.out.id], free[pair.into.id])]
    for pair in certain:
        join(work, owner.id, Transfer(pair.out.id, pair.into.id, "joined", pair.out.date))
    for pair in found.maybe:
        bank_transfers.decide(work, owner.id, Transfer(pair.out.id, pair.into.id, "maybe", pair.out.date))
    return len(certain)


def join(work: Work, person_id: int, pair: Transfer, *, told: bool = False) -> bool:
    """Let two lines count as moved money; False when the person took this pair apart before."""
    if not bank_transfers.decide(work, person_id, pair, told=told):
        return False
    for line_id in (pair.out_id, pair.in_id):
        bank_ledger.move_kind(work, person_id, line_id, "transfer")
    return True


def separate(work: Work, person_id: int, pair: Transfer, verdict: str) -> None:
    """Let two lines count again as what the bank calls them; by the person's word (`no`) never as a transfer."""
    bank_transfers.decide(work, person_id, Transfer(pair.out_id, pair.in_id, verdict, pair.date), told=verdict == "no")
    for line_id in (pair.out_id, pair.in_id):
        line = bank_lines.load(work, person_id, line_id)
        if line is not None:
            kind = kind_of(line.amount_minor, "", "") if verdict == "no" else line.written.kind
            bank_ledger.move_kind(work, person_id, line_id, kind)


def _check(work: Work, person_id: int, changed: Iterable[BankLine]) -> None:
    """Take movements apart that are none any more: a line is gone, or its amount is another one."""
    for pair in bank_transfers.of_lines(work, person_id, [line.id for line in changed]):
        if pair.verdict in ("joined", "maybe") and not _stands(work, person_id, pair):
            if pair.verdict == "joined":
                separate(work, person_id, pair, "gone")
            else:
                bank_transfers.decide(work, person_id, Transfer(pair.out_id, pair.in_id, "gone", pair.date))


def _stands(work: Work, person_id: int, pair: Transfer) -> bool:
    out, into = (bank_lines.load(work, person_id, one) for one in (pair.out_id, pair.in_id))
    if out is None or into is None or out.receipt_id is not None or into.receipt_id is not None:
        return False
    apart = abs((out.date - into.date).days)
    return out.is_alive and into.is_alive and out.amount_minor == -into.amount_minor > 0 and apart <= DAYS


def _movement(line: BankLine) -> Movement:
    return Movement(line.id, line.account_id or 0, line.date, line.amount_minor, line.currency, _says(line))


def _says(line: BankLine) -> Says:
    if kind_of(line.amount_minor, line.detail, line.name) == "transfer" or kind_of(1, "", line.name) == "transfer":
        return "transfer"
    is_named = own_key(line.detail) is not None or kind_of(-1, line.detail, "") == "income"
    by_shop = line.written.category_id is not None and line.written.reason != "kind"
    return "purchase" if is_named or by_shop else "nothing"


def _is_edited(work: Work, person_id: int, *lines: BankLine) -> bool:
    """Tell whether the person gave a line's row a kind or category of their own: then it is what they say."""
    rows = [(line.written, bank_ledger.own_row(work, person_id, line.id)) for line in lines]
    return any(row is not None and (row.kind, row.category_id) != (was.kind, was.category_id) for was, row in rows)


# -- the word ----------------------------------------------------------------------------------------------------------


def heard(turn: Turn, text: str) -> bool:
    """List movements, take one apart, or join two lines by the person's word; False for other words."""
    found = _WORDS.fullmatch(text)
    if found is None:
        return False
    owner = owner_of(turn.work, turn.person.id)
    listed = [one for one in _listed(turn, owner.today - LISTED) if one.verdict != "gone"]
    if found["number"] is None:
        _list(turn, listed)
    elif not 0 < int(found["number"]) <= len(listed):
        turn.say("bank.no_transfer", number=found["number"])
    else:
        act = "join" if found["act"].casefold() == "join" else "drop"
        _settle(turn, listed[int(found["number"]) - 1], act, int(found["number"]))
    return True


def _listed(turn: Turn, start: date) -> list[Transfer]:
    found = bank_transfers.since(turn.work, turn.person.id, start)
    return [one for one in found if _stands(turn.work, turn.person.id, one)]


def _list(turn: Turn, listed: list[Transfer]) -> None:
    if not listed:
        turn.say("bank.no_transfers")
        return
    most = SHOWN_ON_SMS if turn.channel == "sms" else SHOWN
    shown = [(number, one) for number, one in enumerate(listed[:most], 1)]
    for key, verdicts in (("bank.transfers", ("joined",)), ("bank.transfers_open", ("maybe", "no"))):
        told = "; ".join(f"{number} {_described(turn, one)}" for number, one in shown if one.verdict in verdicts)
        if told:
            turn.say(key, lines=told)


def _settle(turn: Turn, pair: Transfer, act: str, number: int) -> None:
    work, person_id = turn.work, turn.person.id
    line = bank_lines.load(work, person_id, pair.out_id)
    amount = format_amount(line.amount_minor, line.currency) if line is not None else ""
    day = f"{pair.date:%b} {pair.date.day}"
    if act == "join":
        join(work, person_id, Transfer(pair.out_id, pair.in_id, "joined", pair.date), told=True)
        _leave_others(work, person_id, pair)
        turn.say("bank.transfer_joined", amount=amount, day=day, number=number)
    else:
        separate(work, person_id, pair, "no")
        turn.say("bank.transfer_apart", amount=amount, day=day, number=number)


def _leave_others(work: Work, person_id: int, pair: Transfer) -> None:
    """Let go of the other pairs of two lines that are one movement by their person's word."""
    for one in bank_transfers.of_lines(work, person_id, (pair.out_id, pair.in_id)):
        if (one.out_id, one.in_id) != (pair.out_id, pair.in_id) and one.verdict != "no":
            other = {one.out_id, one.in_id} - {pair.out_id, pair.in_id}
            was_joined = one.verdict == "joined"
            bank_transfers.decide(work, person_id, Transfer(one.out_id, one.in_id, "gone", one.date))
            for line_id in other if was_joined else ():
                line = bank_lines.load(work, person_id, line_id)
                if line is not None:
                    bank_ledger.move_kind(work, person_id, line_id, line.written.kind)


def _described(turn: Turn, pair: Transfer) -> str:
    work, person_id = turn.work, turn.person.id
    known = accounts.of_person(work, person_id)
    names = {one.id: f"{one.name} ..{one.last4}" if one.last4 else one.name for one in known}
    out, into = (bank_lines.load(work, person_id, one) for one in (pair.out_id, pair.in_id))
    if out is None or into is None:
        return ""
    return turn.text(
        "bank.transfer",
        day=f"{out.date:%b} {out.date.day}",
        amount=format_amount(out.amount_minor, out.currency),
        source=names.get(out.account_id or 0, "?"),
        target=names.get(into.account_id or 0, "?"),
    )
