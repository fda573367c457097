"""What Parley asks of servers that listen to its events."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.calls.packing import wire


@wire
@dataclass(frozen=True, slots=True)
class DeliverWebhook:
    """Post an event; each of the `secrets` signs it with the moment at which it leaves (rule WH-1).

    `outside` allows no host of our own net, whatever the settings say: the address is a person's.
    """

    url: str
    secrets: list[str]
    delivery: str
    body: str
    outside: bool = False


@wire
@dataclass(frozen=True, slots=True)
class WebhookTaken:
    """The listener took it."""

    status: int
