"""Exports of a person's books: pure writers from a plain `Ledger` to files and requests (EXP-1 to EXP-11, RA-9).

`ledger` defines the value; `export_kind` names the kinds, says what a dry run says and writes files; `selection` knows
what is new since the last export of a kind; `ledger_file` also reads back what it wrote. The same ledger gives the same
bytes, and every amount is an integer with its currency's exponent. Nothing here reads a database, a clock or the net.
"""
