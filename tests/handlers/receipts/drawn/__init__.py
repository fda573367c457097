"""Receipts of our own invention, drawn as scans and photos: what the reading rules are measured on beside real ones.

The texts (`texts/*.txt`) were written before anybody looked at what the rules do with them. `python -m
tests.handlers.receipts.drawn.read` draws each as its seed says, reads it with the local reader and stores the lines
(`lines/*.jsonl`), which the tests score; the pictures themselves are not kept.
"""
