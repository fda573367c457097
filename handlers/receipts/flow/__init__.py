"""The conversation of receipts: from a message to a draft, from a draft to the books."""
