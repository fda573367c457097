"""Parley: the chat engine, its web front, and the values that all parts share."""
