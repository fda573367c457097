"""Receipts and credit notes: numbered when the money moves, printed from what was stored then (PY-6, PY-7)."""
