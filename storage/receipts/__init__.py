"""What is stored of receipts and of the ledger that grows from them.

Every row is a person's own: `person_id` stands first in each index and in each condition, so that the id of another
person's row answers exactly like one that does not exist (rules SEA-4, RA-17). What a person wrote or what was printed
is sealed; what SQL must count stays plain (dates, amounts, currencies, kinds, states), and what SQL must find is a
keyed hash that differs from person to person (merchants, words, names). Changes run at once (`Work.claim`), so that a
turn sees what it changed, and write their audit entry in the same transaction (AUD-1).
"""
