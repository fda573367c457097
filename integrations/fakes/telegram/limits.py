"""Telegram's published limits (Bot API 10.x, read in November 2026)."""

from __future__ import annotations

from datetime import timedelta

TEXT = 4096
CAPTION = 1024
CALLBACK_DATA_BYTES = 64
BUTTONS_PER_ROW = 8
BUTTONS = 100
CALLBACK_ANSWER = 200
START_PAYLOAD = 64
COMMANDS = 100
COMMAND_NAME = 32
COMMAND_DESCRIPTION = 256
DESCRIPTION = 512
SHORT_DESCRIPTION = 120
ALBUM = range(2, 11)
TOPIC_NAME = 128
REACTIONS = frozenset(
    "❤👍👎🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🕊🤡🥱🥴😍🐳🌚🌭💯🤣⚡🍌🏆💔🤨😐🍓🍾💋🖕😈😴😭🤓👻👀🎃🙈😇😨🤝✍🤗🫡🎅🎄☃💅🤪🗿🆒💘🙉🦄😘💊🙊😎👾🤷😡"
)
"""Single-character emoji that bots may react with."""
INVOICE_PAYLOAD_BYTES = 128
STARS = 10_000

DOWNLOAD_BYTES = 20 * 2**20
UPLOAD_BYTES = 50 * 2**20
PHOTO_BYTES = 10 * 2**20

UPDATE_LIFE = timedelta(hours=24)
CALLBACK_LIFE = timedelta(seconds=15)
CHECKOUT_LIFE = timedelta(seconds=10)
LINK_LIFE = timedelta(hours=1)
DELETE_WITHIN = timedelta(hours=48)
DRAFT_LIFE = timedelta(seconds=30)
SUBSCRIPTION_SECONDS = 2_592_000

PORTS = (443, 80, 88, 8443)
SEND_PER_SECOND = 30
SEND_PER_GROUP_AND_MINUTE = 20
