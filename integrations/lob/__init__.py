"""Lob: posting letters, following them, and checking addresses, by plain HTTP (`LobAdapter`)."""

from integrations.lob.adapter import LobAdapter

__all__ = ["LobAdapter"]
