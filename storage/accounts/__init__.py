"""Accounts: codes that prove an address, persons who turned out to be one, and the way back (rules ID-4 to ID-7)."""
