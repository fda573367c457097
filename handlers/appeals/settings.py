"""What operators may set for appeals: prices, times, mode. One frozen value, handed over at registration.

Prices touch new links only: an amount is fixed on its payment row when the link is made (rule PAY-1).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from bot.core.money import Money
from bot.engine.registry import Registry
from handlers.appeals.deadlines import MailClass, MailTimes
from handlers.appeals.usability import Mode


@dataclass(frozen=True, slots=True)
class AppealSettings:
    """Settings of the service (rules PAY-1, DL-7, DL-8, FUL-2).

    Without a model (`has_model`) nothing that only a model can do is offered: photos read, Spanish put into English.
    """

    mode: Mode = Mode.DEMO
    price_standard_cents: int = 900
    price_certified_cents: int = 1995
    tax_bps: int = 0
    stripe_tax: bool = False
    currency: str = "USD"
    times: MailTimes = field(default_factory=MailTimes)
    mail_hold: timedelta = timedelta(minutes=10)
    blocked_refund_after: timedelta = timedelta(hours=24)
    decision_days: int = 45
    sells: bool = True
    has_model: bool = True

    def price(self, mail: MailClass) -> Money:
        """Return the price of a class, postage included and tax not."""
        cents = self.price_certified_cents if mail is MailClass.CERTIFIED else self.price_standard_cents
        return Money(cents, self.currency)

    def tax(self, mail: MailClass) -> Money:
        """Return the tax on a class."""
        return self.price(mail).tax(self.tax_bps)


def use_settings(registry: Registry, settings: AppealSettings) -> None:
    """Let the handlers of a registry obey these settings."""
    registry.settings[AppealSettings] = settings


def settings_of(registry: Registry) -> AppealSettings:
    """Return a registry's settings, or the defaults (demo mode)."""
    found: AppealSettings = registry.settings.get(AppealSettings) or AppealSettings()
    return found
