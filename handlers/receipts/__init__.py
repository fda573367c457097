"""Receipts: from a picture, a mail or a typed line to a ledger that can be searched, charted and exported."""
