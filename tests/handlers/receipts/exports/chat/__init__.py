"""Exports and imports as conversations, over stored books."""
