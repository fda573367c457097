"""The parts of the facts guard: word lists, quantities, likeness of words, and what a text denies or softens."""
