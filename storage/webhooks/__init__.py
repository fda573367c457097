"""Outgoing webhooks: who listens to which events, and every delivery with what became of it (WH-1, WH-2)."""
