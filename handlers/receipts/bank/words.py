"""The words about banks: BANK, SYNC, MISSING, MATCH, UNMATCH; whole messages only (rules BNK-1, BNK-5, MAT-4, MAT-5).

U> BANK
B> Demo Bank: Checking ..0042, Card ..4421. Synced Mar 18 09:00. SYNC, MISSING, BANK DISCONNECT.
U> MISSING 20
B> 2 without receipt over $20.00: Mar 15 $26.23 Trader Joe's; Mar 10 $41.77 Shell.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.engine import steps
from bot.engine.turn import Turn
from handlers.receipts.bank import asking, linking, matches, room, syncing, transfers
from handlers.receipts.bank.lines import may_match, shown_name
from handlers.receipts.bank.settings import settings_of
from handlers.receipts.currencies import exponent, format_amount
from handlers.receipts.owner import owner_of
from storage.receipts import bank_items, bank_lines, bank_pairs, bank_transfers, receipts
from storage.receipts.bank_items import Item

SYNC_PAUSE = timedelta(minutes=10)
MISSING_OVER, MISSING_DAYS, MISSING_SHOWN = 10, timedelta(days=60), 8
_CODE = r"([A-HJKMNP-Z2-9]{4})"
_FORMS = {
    "bank": re.compile(r"bank"),
    "link": re.compile(r"bank (?:link|add|new)(?: (\d{1,3})(?: days?)?)?"),
    "disconnect": re.compile(r"bank (?:disconnect|remove|unlink)(?: (\d))?"),
    "keep": re.compile(r"bank (?:keep|read)(?: (\d))?"),
    "check": re.compile(r"bank (?:check|questions?)"),
    "sync": re.compile(r"sync(?: bank)?|bank sync"),
    "missing": re.compile(r"missing(?: receipts?)?(?: (?:over )?\$?(\d{1,7}))?"),
    "unmatch": re.compile(rf"unmatch {_CODE}", re.IGNORECASE),
    "match": re.compile(rf"match {_CODE}", re.IGNORECASE),
}
_OF_LINES = ("missing", "match", "unmatch")
"""Words that mean something to those only who ever linked a bank."""

_LONGEST = 40


def heard(turn: Turn, text: str) -> bool:
    """Do what a word about banks asks; False when the message is none."""
    plain = " ".join(text.strip(" .!?/").casefold().split())
    if len(text) > _LONGEST or not plain:
        return False
    if bank_items.has_any(turn.work, turn.person.id) and transfers.heard(turn, plain):
        return True
    for name, form in _FORMS.items():
        found = form.fullmatch(plain)
        if found is not None:
            if name in _OF_LINES and not bank_items.has_any(turn.work, turn.person.id):
                return False
            if not settings_of(turn.registry).is_offered and name in ("bank", "link", "sync"):
                turn.say("bank.off")
            else:
                _WORDS[name](turn, (found[1] or "") if found.re.groups else "")
            return True
    return False


def bank(turn: Turn, argument: str) -> None:
    """Say which banks are linked and how they are, or offer to link one."""
    items = bank_items.of_person(turn.work, turn.person.id)
    if not items:
        linking.begin(turn)
        return
    kept = {one.id for one in room.read_ones(turn)}
    for number, item in enumerate(items, 1):
        if item.id not in kept:
            _say_rests(turn, item, number)
        elif item.state == "needs_login":
            turn.say("bank.login_wanted", bank=item.institution)
        else:
            turn.say(
                "bank.status", bank=item.institution, accounts=linking.account_names(turn, item), when=_when(turn, item)
            )
    asked = len(asking.waiting(turn))
    if asked:
        turn.say("bank.questions", count=asked)
    broken = next((item for item in items if item.state == "needs_login" and item.id in kept), None)
    if broken is not None:
        linking.begin(turn, item=broken)


def _say_rests(turn: Turn, item: Item, number: int) -> None:
    """Say that a bank rests, and how it is chosen where any may be read."""
    key = "bank.rests" if room.read_ones(turn) else "bank.rests_all"
    turn.say(key, bank=item.institution, told=room.told(turn), number=number)


def resting(turn: Turn, argument: str) -> bool:
    """Add to MY PLAN how many banks rest; False, for other things rest too."""
    read, count = len(room.read_ones(turn)), len(bank_items.of_person(turn.work, turn.person.id))
    if count > read:
        turn.say("bank.rest_some" if read else "bank.rest_all", count=count - read)
    return False


def _when(turn: Turn, item: Item) -> str:
    if item.synced_at is None:
        return turn.text("bank.not_yet")
    return _clock(turn, item.synced_at)


def _clock(turn: Turn, moment: datetime) -> str:
    local = moment.astimezone(ZoneInfo(owner_of(turn.work, turn.person.id).zone))
    return f"{local:%b} {local.day} {local:%H:%M}"


def link(turn: Turn, argument: str) -> None:
    """Link one more bank, with so many days of history (BNK-7)."""
    days = max(1, min(int(argument), linking.MOST_DAYS)) if argument else linking.DAYS
    linking.begin(turn, days=days)


def disconnect(turn: Turn, argument: str) -> None:
    """Leave a bank: the only one, or the one of that number."""
    items = bank_items.of_person(turn.work, turn.person.id)
    place = int(argument or 1) - 1
    if not items or not 0 <= place < len(items):
        turn.say("bank.no_bank")
    elif len(items) > 1 and not argument:
        turn.say("bank.which_bank", banks=_numbered(items))
    else:
        steps.open_flow(turn, "bank_leave", draft={"item_id": items[place].id})


def keep(turn: Turn, argument: str) -> None:
    """Choose which bank is read where not all may be (LG-9)."""
    items = bank_items.of_person(turn.work, turn.person.id)
    place = int(argument or 1) - 1
    if not items or not 0 <= place < len(items) or (len(items) > 1 and not argument):
        turn.say("bank.which_kept" if items else "bank.no_bank", banks=_numbered(items))
        return
    item, resting = items[place], room.keep(turn, items[place])
    if item.id in {one.id for one in resting}:
        _say_rests(turn, item, place + 1)
        return
    syncing.schedule(turn, item.id)
    names = ", ".join(one.institution for one in resting)
    turn.say("bank.kept_others" if names else "bank.kept", bank=item.institution, others=names)


def _numbered(items: list[Item]) -> str:
    return ", ".join(f"{number} {one.institution}" for number, one in enumerate(items, 1))


def check(turn: Turn, argument: str) -> None:
    """Ask the questions that wait."""
    if asking.waiting(turn):
        steps.open_flow(turn, "bank_match", draft={})
    else:
        turn.say("bank.nothing_asked")


def sync(turn: Turn, argument: str) -> None:
    """Sync all banks, once in ten minutes (BNK-5)."""
    items = room.read_ones(turn)
    if not items:
        bank(turn, "") if bank_items.of_person(turn.work, turn.person.id) else turn.say("bank.no_bank")
        return
    last = max((item.asked_at for item in items if item.asked_at is not None), default=None)
    if last is not None and turn.now - last < SYNC_PAUSE:
        turn.say("bank.sync_wait", when=_clock(turn, last + SYNC_PAUSE))
        return
    good = [item for item in items if item.state == "good"]
    for item in good:
        bank_items.note_asked(turn.work, turn.person.id, item.id)
        syncing.schedule(turn, item.id, asked=True)
    if good:
        turn.say("bank.syncing")
    else:
        bank(turn, "")


def missing(turn: Turn, argument: str) -> None:
    """List spending that has no receipt (MAT-5)."""
    owner = owner_of(turn.work, turn.person.id)
    over = int(argument) if argument else MISSING_OVER
    lines = bank_lines.unmatched(turn.work, owner.id, owner.today - MISSING_DAYS, owner.today + timedelta(days=2))
    moved = bank_transfers.joined(turn.work, owner.id, [line.id for line in lines])
    found = [
        line for line in lines
        if may_match(line) and line.id not in moved and line.amount_minor > over * 10 ** exponent(line.currency)
    ]  # fmt: skip
    limit = format_amount(over * 10 ** exponent(owner.currency), owner.currency)
    if not found:
        turn.say("bank.nothing_missing", over=limit)
        return
    newest = found[::-1][:MISSING_SHOWN]
    shown = "; ".join(f"{asking.day(one.date)} {asking.amount(one)} {shown_name(one)}" for one in newest)
    turn.say("bank.missing", count=len(found), over=limit, lines=shown)


def unmatch(turn: Turn, code: str) -> None:
    """Take a receipt and its bank line apart for good (MAT-4)."""
    row = receipts.by_code(turn.work, turn.person.id, code)
    line = None if row is None else matches.separate(turn.work, turn.person.id, row.id)
    if row is None:
        turn.say("bank.no_receipt", code=code.upper())
    elif line is None:
        turn.say("bank.unmatched_before", code=row.code)
    else:
        turn.say("bank.unmatched", code=row.code, amount=asking.amount(line), merchant=shown_name(line))


def match(turn: Turn, code: str) -> None:
    """Match a receipt with the line that fits it best, also one that the person refused before (MAT-4)."""
    work, person_id = turn.work, turn.person.id
    row = receipts.by_code(work, person_id, code)
    free = None if row is None else bank_pairs.free_receipt(work, person_id, row.id)
    if row is None or free is None:
        turn.say("bank.no_receipt" if row is None else "bank.settled_before", code=code.upper())
        return
    around = (free.date - matches.AROUND, free.date + matches.AROUND)
    lines = bank_lines.unmatched(work, person_id, *around)
    moved = bank_transfers.joined(work, person_id, [line.id for line in lines])
    pairs = [
        (pair, line)
        for line in lines
        if may_match(line)
        and line.id not in moved
        and (pair := matches.candidate(work, owner_of(work, person_id), line, row.id))
        and pair.score
    ]
    best = max(pairs, key=lambda one: one[0].score, default=None)
    if best is None:
        turn.say("bank.no_line", code=row.code)
    else:
        asking.confirm(turn, best[1], row.id)


_WORDS: dict[str, Callable[[Turn, str], None]] = {
    "bank": bank,
    "link": link,
    "disconnect": disconnect,
    "keep": keep,
    "check": check,
    "sync": sync,
    "missing": missing,
    "unmatch": unmatch,
    "match": match,
}
