"""Banks: linked by the vendor's page, synced by cursor, their lines matched to receipts (rules BNK-*, MAT-*).

`register(registry, BankSettings(...))` adds all of it; it stands before the other words of the receipts. A receipt that
is saved looks for its line (`receipt_saved`); the digest tells `storage.receipts.bank_pairs.matched_since`.
"""

from pathlib import Path

from bot.engine.registry import Registry
from handlers.receipts.bank import asking, events, linking, syncing, words
from handlers.receipts.bank.settings import BankSettings

__all__ = ["BankSettings", "register"]


def register(registry: Registry, settings: BankSettings | None = None) -> None:
    """Register words, questions, webhooks, timers and answers of calls."""
    registry.settings[BankSettings] = settings or BankSettings()
    registry.add_texts(Path(__file__).with_name("texts"))
    registry.add_flow(asking.match_flow)
    registry.add_flow(asking.leave_flow)
    registry.word("text")(words.heard)
    registry.word("resting")(words.resting)
    registry.word("receipt_saved")(syncing.receipt_saved)
    registry.word("receipt_changed")(syncing.receipt_saved)
    registry.finders["plaid"] = events.person_of
    registry.on("plaid:*")(events.heard)
    registry.on("page:bank")(linking.wanted)
    registry.on("timer:bank.sync")(syncing.sync_due)
    registry.on("timer:bank.look")(linking.look_due)
    registry.on("timer:bank.leave")(linking.leave_due)
    registry.on("call:bank.link_opened")(linking.link_opened)
    registry.on("call:bank.link_read")(linking.link_read)
    registry.on("call:bank.exchanged")(linking.exchanged)
    registry.on("call:bank.synced")(syncing.synced)
    registry.on("call:bank.removed")(linking.removed)
    registry.holds.append(linking.unlinked)
