"""What the operator decided about mail."""

from __future__ import annotations

from dataclasses import dataclass

from bot.engine.turn import Turn


@dataclass(frozen=True, slots=True)
class MailSettings:
    """`domain` is where persons' addresses are, empty without; `imap` and `gmail` say which mailboxes can be read."""

    domain: str = ""
    imap: bool = True
    gmail: bool = False
    sends: bool = False


def settings_of(turn: Turn) -> MailSettings:
    """Return the settings of mail."""
    found = turn.registry.settings.get(MailSettings)
    return found if isinstance(found, MailSettings) else MailSettings()
