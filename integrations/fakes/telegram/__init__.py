"""Telegram as a local server: the Bot API on one side, the phones of its users on the other.

`TelegramFake` answers a bot's calls with the limits, refusals and wording of the real server, delivers updates by
webhook or getUpdates, and reads methods in webhook answers. `fake.person(...)` is a user with a phone: `say`, `tap`,
`photo`, and `chat.messages` as they see them. The same phone is served over HTTP under `/_phone/`.
"""

from integrations.fakes.telegram.phone import Group, Person, SeenButton, SeenMessage
from integrations.fakes.telegram.server import TOKEN, TelegramFake

__all__ = ["TOKEN", "Group", "Person", "SeenButton", "SeenMessage", "TelegramFake"]
