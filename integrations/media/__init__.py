"""Files that people sent, fetched from their channel and named by what they really are (`MediaAdapter`)."""

from integrations.media.adapter import MediaAdapter
from integrations.media.kinds import kind_of
from integrations.media.telegram import TelegramFiles

__all__ = ["MediaAdapter", "TelegramFiles", "kind_of"]
