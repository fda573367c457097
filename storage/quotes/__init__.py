"""Quotes: who they are for, their versions, and what became of them."""
