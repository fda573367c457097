"""What the operator set for the coach, and what a turn can cost at most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from bot.core.model_prices import NANO_PER_USD, PriceTable, Tokens
from bot.engine.turn import Turn
from storage.coaching.ledger import Caps

MAX_OUTPUT, VISIBLE_TOKENS = 1500, 600
FACTS_OUTPUT, SUMMARY_OUTPUT = 700, 700
LONGEST_MESSAGE = 2000
NEW = timedelta(days=3)
"""How long an account is a new one."""
JOIN = timedelta(seconds=3)
"""Messages that come so soon after another are answered together with it (rule CT-2)."""
REPLY_SECONDS = 25
"""From the message to the model's last word (rule CT-5)."""
_WORST_REPLY, _WORST_FACTS = Tokens(8000, MAX_OUTPUT), Tokens(3000, FACTS_OUTPUT)


@dataclass(frozen=True, slots=True)
class TalkSettings:
    """Models, and how much may be used: by one person a local day and a minute, by the house a UTC day."""

    has_model: bool = False
    reply_model: str = "claude-sonnet-5-5"
    small_model: str = "claude-haiku-5-5"
    degraded_model: str = "claude-haiku-5-5"
    messages_per_day: int = 50
    new_account_messages_per_day: int = 0
    """For the first days of an account that pays nothing; 0 is off (section 8)."""
    cents_per_person_day: int = 100
    burst_per_minute: int = 6
    warn_cents: int = 1000
    degrade_cents: int = 4000
    stop_cents: int = 5000

    def caps(self, most: int) -> Caps:
        """Return what one person may use in a local day who may use so many messages."""
        return Caps(most, _nano(self.cents_per_person_day))

    @property
    def thresholds(self) -> tuple[int, int, int]:
        """What the house may spend in a UTC day before operators hear, replies are plainer, and models rest."""
        return _nano(self.warn_cents), _nano(self.degrade_cents), _nano(self.stop_cents)

    def worst_nano(self, on: date) -> int:
        """Return the most that a turn reserves: its reply and the facts beside it."""
        prices = PriceTable.load()
        reply = prices.cost_nano(self.reply_model, _WORST_REPLY, on)
        facts = prices.cost_nano(self.small_model, _WORST_FACTS, on)
        return (reply or 0) + (facts or 0)


def settings_of(turn: Turn) -> TalkSettings:
    """Return the settings that the assembly gave."""
    found: TalkSettings = turn.registry.settings.get(TalkSettings) or TalkSettings()
    return found


def _nano(cents: int) -> int:
    return cents * NANO_PER_USD // 100
