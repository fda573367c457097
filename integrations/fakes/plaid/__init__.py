"""Plaid as a local server, with a demo bank behind it: link pages, cursors, pending lines, webhooks signed by its key.

`PlaidFake(clock, book_path, client_id=..., secret=...)`. At the bank's counter (`/_desk`) tests and the demo spend
money: `fake.bank.spend(item_id, "5.50", "LUNA CAFE")`.
"""

from integrations.fakes.plaid.server import PlaidFake

__all__ = ["PlaidFake"]
