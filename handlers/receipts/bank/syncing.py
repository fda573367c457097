"""Syncing a bank: asked for by a webhook, by the clock every six hours, or by the person; done by a call under a lease.

The call brings all pages of one loop. What it brought is booked in the turn that takes its answer: lines, removals,
matches and the cursor commit together, or not at all (BNK-2). Only the holder of the lease is listened to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from bot.core.calls import Done, Refused
from bot.core.calls.plaid import BankAccount, BankNews, SyncBank
from bot.engine import steps
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.receipts.bank import matches, room, transfers
from handlers.receipts.bank.lines import Reader
from handlers.receipts.bank.settings import settings_of
from handlers.receipts.currencies import is_currency, to_minor
from handlers.receipts.mail import letters
from handlers.receipts.owner import Owner, owner_of
from storage.receipts import accounts, bank_items, bank_ledger, bank_lines
from storage.receipts.bank_items import Item
from storage.work import Work

EVERY = timedelta(hours=6)
SOON = timedelta(minutes=1)
"""How soon a bank is asked again whose vendor still collects."""

LOGIN = ("ITEM_LOGIN_REQUIRED", "INVALID_CREDENTIALS", "INVALID_MFA", "INVALID_UPDATED_USERNAME", "ITEM_LOCKED")
ENDED = ("ITEM_NOT_FOUND", "INVALID_ACCESS_TOKEN", "ACCESS_NOT_GRANTED", "USER_PERMISSION_REVOKED")
MOST_ASKED = 3
"""More new questions than this are not asked one by one, but named by their number."""


def schedule(turn: Turn, item_id: int, *, asked: bool = False) -> bool:
    """Have a bank synced, unless somebody is at it: then once more afterwards. Tell whether a call leaves now.

    One that rests (LG-9) is asked about again by the clock alone: it is read as soon as there is room for it.
    """
    person_id, work = turn.person.id, turn.work
    turn.timer("bank.sync", f"bank:{item_id}:sync", turn.now + EVERY, item=item_id)
    if not room.is_read(turn, item_id):
        return False
    lease = work.new_id()
    if not bank_items.take_lease(work, person_id, item_id, lease):
        return False
    item = bank_items.load(work, person_id, item_id)
    if item is None or item.token_blob is None:
        return False
    context = {"item": item_id, "lease": lease, "asked": asked}
    turn.call(
        SyncBank(item.token_blob, item.cursor), key=f"bank:{item_id}:{lease}", then="bank.synced", context=context
    )
    return True


def sync_due(turn: Turn) -> None:
    """Sync when the clock says so (BNK-5)."""
    turn.silent = True
    item = bank_items.load(turn.work, turn.person.id, int(turn.event.payload["item"]))
    if item is not None and item.state == "good":
        schedule(turn, item.id)


def synced(turn: Turn) -> None:
    """Take what a sync brought, if it is still ours to take."""
    context, outcome = turn.event.payload["context"], outcome_of(turn)
    item = bank_items.load(turn.work, turn.person.id, int(context["item"]))
    if item is None or not bank_items.end_lease(turn.work, turn.person.id, item.id, int(context["lease"])):
        turn.silent = True
        return
    if isinstance(outcome, Done) and isinstance(outcome.result, BankNews):
        _taken(turn, item, outcome.result, asked=bool(context["asked"]))
        turn.registry.rights.count(turn, "bank_syncs", 1, f"bank:{item.id}:{context['lease']}")
    elif isinstance(outcome, Refused):
        refused(turn, item, outcome.code)


def _taken(turn: Turn, item: Item, news: BankNews, *, asked: bool) -> None:
    owner = owner_of(turn.work, turn.person.id)
    booked = book(turn.work, owner, item, news)
    if item.is_wanted:
        schedule(turn, item.id)
    elif not news.is_ready:
        turn.timer("bank.sync", f"bank:{item.id}:sync", turn.now + SOON, item=item.id)
    hears = settings_of(turn.registry).booked
    if booked.current and hears is not None:
        hears(turn)
    if asked or (item.synced_at is None and booked.new):
        key = "bank.synced" if booked.new else "bank.synced_none"
        moved = turn.text("bank.synced_moved", count=booked.moved) if booked.moved else ""
        turn.notify(key, bank=item.institution, lines=booked.new, matched=booked.found.matched, moved=moved)
    if booked.found.asked:
        question(turn, booked.found.asked)


def receipt_saved(turn: Turn, receipt_id: str) -> bool:
    """Look for the bank line of a receipt that was just saved; a doubtful one is named, for the person is busy."""
    found = matches.after_confirming(turn.work, owner_of(turn.work, turn.person.id), int(receipt_id))
    if found.asked:
        turn.say("bank.questions", count=found.asked)
    return False


def question(turn: Turn, new: int) -> None:
    """Ask about matches now when the person is free and it is little; else say how many wait (MAT-2)."""
    if turn.conversation.top is None and new <= MOST_ASKED:
        steps.open_flow(turn, "bank_match")
        turn.asks = True
    elif new > MOST_ASKED:
        turn.notify("bank.questions", count=new)


@dataclass(frozen=True, slots=True)
class Booked:
    """What one sync changed: new lines, those of them since the link day, what matching found, and how many movements
    between own accounts."""

    new: int
    current: int
    found: matches.Found
    moved: int = 0


def book(work: Work, owner: Owner, item: Item, news: BankNews) -> Booked:
    """Write everything of one loop: accounts, lines, removals, cursor, matches (BNK-2, PLD-1)."""
    know_accounts(work, owner.id, item.id, news.accounts)
    vendor_accounts = sorted({line.account_id for line in news.stated})
    known = bank_items.accounts_of(work, owner.id, vendor_accounts)
    reader = Reader(work, owner, item.linked_on, known)
    stated = reader.read(news.stated)
    made = bank_ledger.arrive(work, owner.id, item.id, stated)
    gone = bank_ledger.withdraw(work, owner.id, news.removed)
    bank_items.keep_cursor(work, owner.id, item.id, news.cursor)
    changed = bank_lines.find(work, owner.id, [one.vendor_id for one in stated])
    matches.follow(work, owner.id, changed.values())
    found = matches.run(work, owner, _days([*changed.values(), *gone]))
    moved = transfers.run(work, owner, [*changed.values(), *gone])
    return Booked(len(made), sum(not line.is_history for line in made), found, moved)


def _days(lines: Iterable[bank_lines.BankLine]) -> set[date]:
    return {line.date for line in lines if line.receipt_id is None}


def know_accounts(work: Work, person_id: int, item_id: int, told: Iterable[BankAccount]) -> None:
    """Keep a bank's accounts as accounts of the ledger, with their balances; last four digits only."""
    for one in told:
        kind = "card" if one.kind == "credit" else "bank"
        account_id = accounts.find_or_add(work, person_id, kind=kind, last4=one.last4, name=one.name)
        bank_items.know_account(work, person_id, item_id=item_id, vendor_id=one.account_id, account_id=account_id)
        if one.balance is not None and one.currency is not None and is_currency(one.currency):
            try:
                balance = to_minor(one.balance, one.currency)
            except ValueError:
                continue
            accounts.sync_balance(work, person_id, account_id, currency=one.currency, balance_minor=balance)


def refused(turn: Turn, item: Item, code: str) -> None:
    """Take a refusal: a login is wanted, the permission has ended, or staff must look (BNK-6)."""
    if code in LOGIN:
        login_wanted(turn, item)
    elif code in ENDED:
        permission_ended(turn, item)
    elif code == "token_gone":
        turn.silent = True
    else:
        turn.silent = True
        turn.alert("bank_sync_failed", key=f"bank_sync_failed:{item.id}:{turn.now:%Y-%m-%d}", item=item.id, code=code)


def login_wanted(turn: Turn, item: Item) -> None:
    """Note that the bank wants the person's login, and tell them once."""
    if bank_items.move(turn.work, turn.person.id, item.id, was=("good",), to="needs_login"):
        turn.notify("bank.login_wanted", bank=item.institution)
        letters.tell(turn, "bank_login", bank=item.institution)
    else:
        turn.silent = True


def permission_ended(turn: Turn, item: Item) -> None:
    """Note that the bank no longer lets us read; what was read stays until the person says otherwise."""
    if bank_items.move(turn.work, turn.person.id, item.id, was=("good", "needs_login"), to="revoked"):
        turn.cancel_timers(f"bank:{item.id}:")
        turn.notify("bank.ended", bank=item.institution)
    else:
        turn.silent = True
