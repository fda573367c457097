"""Plaid: links to banks, their transactions, and the signature of its webhooks, over plain HTTP (`PlaidAdapter`).

The vendor's SDK is synchronous, so it stays out of the event loop by not being used.
"""

from integrations.plaid.adapter import PlaidAdapter
from integrations.plaid.keys import KeyRing
from integrations.plaid.signature import Claims, key_id_of, verify_plaid

__all__ = ["Claims", "KeyRing", "PlaidAdapter", "key_id_of", "verify_plaid"]
