"""The bank vendor's webhooks: hints, after which we look for ourselves (rules BNK-5, HOOK-5, SEC-R8).

A webhook names an item or a page; whose it is, our own reference tells. One about somebody else's or about nothing we
know changes nothing.
"""

from __future__ import annotations

from bot.core.events import Event
from bot.engine.turn import Turn
from handlers.receipts.bank import linking, syncing
from storage.receipts import bank_items
from storage.receipts.bank_items import Item
from storage.work import Work


def person_of(work: Work, event: Event) -> int | None:
    """Return whose bank or page a webhook is about."""
    for kind, name in (("item", "item_id"), ("link", "link_token")):
        vendor_id = event.payload.get(name)
        found = bank_items.whose(work, kind=kind, vendor_id=vendor_id) if isinstance(vendor_id, str) else None
        if found is not None:
            return int(found.person_id)
    return None


def heard(turn: Turn) -> None:
    """Take a webhook of any kind; kinds that we do not know are noted and nothing else (HOOK-6)."""
    turn.silent = True
    if turn.person_id is None:
        return
    if turn.event.kind == "LINK.SESSION_FINISHED":
        linking.finished(turn)
        return
    item = _item(turn)
    if item is None:
        return
    match turn.event.kind:
        case "TRANSACTIONS.SYNC_UPDATES_AVAILABLE" | "TRANSACTIONS.HISTORICAL_UPDATE" | "TRANSACTIONS.INITIAL_UPDATE":
            _sync(turn, item)
        case "ITEM.ERROR":
            code = str(turn.event.payload.get("error_code") or "")
            if code in syncing.LOGIN:
                syncing.login_wanted(turn, item)
        case "ITEM.PENDING_EXPIRATION" | "ITEM.PENDING_DISCONNECT":
            turn.notify("bank.login_soon", bank=item.institution)
        case "ITEM.LOGIN_REPAIRED":
            linking.repaired(turn, item.id)
        case "ITEM.USER_PERMISSION_REVOKED":
            syncing.permission_ended(turn, item)


def _item(turn: Turn) -> Item | None:
    found = bank_items.whose(turn.work, kind="item", vendor_id=str(turn.event.payload.get("item_id") or ""))
    if found is None or found.person_id != turn.person_id:
        return None
    return bank_items.load(turn.work, turn.person.id, found.target)


def _sync(turn: Turn, item: Item) -> None:
    if item.state == "good":
        syncing.schedule(turn, item.id)
