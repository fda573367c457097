"""Telegram: sending and editing (`TelegramAdapter`), reading updates, polling for them, and setting the bot up.

The path of every message is plain aiohttp and orjson; python-telegram-bot is the API client of the set-up.
"""

from integrations.telegram.adapter import TelegramAdapter
from integrations.telegram.polling import Poller
from integrations.telegram.replies import ALLOWED_UPDATES, webhook_reply
from integrations.telegram.setup import BotFace, drift, set_up
from integrations.telegram.updates import Malformed, TelegramUpdate, parse_update, read_update

__all__ = [
    "ALLOWED_UPDATES",
    "BotFace",
    "Malformed",
    "Poller",
    "TelegramAdapter",
    "TelegramUpdate",
    "drift",
    "parse_update",
    "read_update",
    "set_up",
    "webhook_reply",
]
