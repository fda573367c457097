"""The books of a person: ranges of dates, summaries, trends, budgets, and search in plain words (section 8).

All sums are made in SQL (`storage.receipts.totals`, `storage.receipts.search`), one per currency, never added up.
"""
