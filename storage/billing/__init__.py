"""Billing: the mirror of subscriptions, overrides, grants of quota and the ledger of what was used of them.

Nothing here knows a plan: limits are told by the caller, and a booking is one conditional statement a grant.
"""
