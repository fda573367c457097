"""All settings, read once, from environment variables or `.env`.

Vendors' own names where they exist. Reading checks only what can be checked without knowing who needs it: shapes, and
that no live key is present in demo mode and no test key in live mode (rules VEN-9, OPS-5). Missing keys are found by
the assembly, which knows which services are switched on.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.core.errors import Misconfigured

_LIVE_MARKS = {
    "STRIPE_SECRET_KEY": ("sk_live_", "rk_live_"),
    "LOB_API_KEY": ("live_",),
    "RAZORPAY_KEY_ID": ("rzp_live_",),
}
_TEST_MARKS = {
    "STRIPE_SECRET_KEY": ("sk_test_", "rk_test_"),
    "LOB_API_KEY": ("test_",),
    "RAZORPAY_KEY_ID": ("rzp_test_",),
}

_BUSINESS = ("billing_enabled", "support_enabled", "campaigns_enabled", "quotes_enabled")


class Settings(BaseSettings):
    """Every setting that Parley knows; names are those of the environment, in lower case."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    parley_mode: Literal["demo", "live"] = "live"
    database_url: str = ""
    public_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8080
    data_dir: Path = Path("var")
    secret_keys: str = ""
    log_level: str = "INFO"
    metrics_token: str = ""
    trusted_proxies: str = ""
    writer_slices: int = Field(1, ge=1, le=16)
    """Two writers share one interpreter: where the database is near, one that makes larger batches does half more."""

    telegram_bot_token: str = ""
    telegram_webhook_secret: str = ""
    telegram_api_base: str = ""
    telegram_webhook_replies: bool = True
    telegram_staff_group: int = 0
    telegram_staff_groups: str = ""

    twilio_account_sid: str = ""
    twilio_auth_token: str = ""
    twilio_from: str = ""
    twilio_api_base: str = ""
    twilio_keyword_mode: Literal["default", "advanced", "self"] = "default"

    sms_pictures: Literal["mms", "link"] = "mms"
    sms_segments_per_second: float = Field(1.0, gt=0)
    sms_segments_per_day: int = Field(20_000, ge=0)
    sms_campaign: Literal["sole_proprietor", "low_volume", "standard", "toll_free"] = "standard"

    stripe_secret_key: str = ""
    stripe_webhook_secret: str = ""
    stripe_api_base: str = ""

    razorpay_key_id: str = ""
    razorpay_key_secret: str = ""
    razorpay_webhook_secret: str = ""
    razorpay_api_base: str = ""

    lob_api_key: str = ""
    lob_webhook_secret: str = ""
    lob_api_base: str = ""

    anthropic_api_key: str = ""
    anthropic_base_url: str = ""
    anthropic_model: str = "claude-sonnet-5-5"
    anthropic_small_model: str = "claude-haiku-5-5"
    model_tokens_per_day: int = Field(100_000, ge=0)

    coach_model: str = ""
    coach_small_model: str = ""
    coach_degraded_model: str = ""
    coach_messages_per_day: int = Field(50, ge=0)
    coach_new_account_messages_per_day: int = Field(0, ge=0)
    coach_burst_per_minute: int = Field(6, ge=0)
    coach_cents_per_person_day: int = Field(100, ge=0)
    coach_warn_cents: int = Field(1000, ge=1)
    coach_degrade_cents: int = Field(4000, ge=1)
    coach_stop_cents: int = Field(5000, ge=0)

    google_vision_api_key: str = ""
    google_vision_api_base: str = ""
    reading_cents_per_person_day: int = Field(20, ge=0)
    reading_cents_per_day: int = Field(500, ge=0, le=100_000)

    speech_api_base: str = ""
    speech_api_key: str = ""
    speech_model: str = "whisper-1"

    exchange_rates_file: str = ""
    firefly_base_url: str = ""
    actual_base_url: str = ""
    export_private_hosts: bool = False
    inbound_mail_domain: str = ""
    inbound_mail_secret: str = ""
    mail_authserv_id: str = ""
    imap_url: str = ""
    smtp_url: str = ""
    mail_from: str = ""
    google_client_id: str = ""
    google_client_secret: str = ""
    google_oauth_base: str = ""
    gmail_api_base: str = ""
    plaid_client_id: str = ""
    plaid_secret: str = ""
    plaid_api_base: str = ""

    mail_hold_minutes: int = Field(10, ge=0)
    price_standard_cents: int = Field(900, ge=50)
    price_certified_cents: int = Field(1995, ge=50)
    tax_bps: int = Field(0, ge=0, le=5000)
    optout_scope: Literal["all", "topic"] = "all"
    api_cors_origins: str = ""

    appeals_enabled: bool = True
    receipts_enabled: bool = True
    coaching_enabled: bool = True
    coaching_plans: str = ""
    billing_enabled: bool = False
    billing_catalogue: str = ""
    billing_tax: str = ""
    billing_seller: str = "Parley"
    billing_zone: str = "America/Los_Angeles"
    fiscal_year_start: int = Field(1, ge=1, le=12)
    support_enabled: bool = False
    quotes_enabled: bool = False
    quotes_file: str = ""
    campaigns_enabled: bool = False
    webhook_private_hosts: bool = False
    telegram_enabled: bool = True
    sms_enabled: bool = True

    @property
    def is_demo(self) -> bool:
        """Whether built-in fakes stand in for the vendors that have no `*_BASE` of their own."""
        return self.parley_mode == "demo"

    @property
    def database(self) -> str:
        """The database URL; without one, a SQLite file in the data folder."""
        return self.database_url or f"sqlite:///{self.data_dir}/parley.db"

    def check_modes(self) -> None:
        """Raise Misconfigured when a key does not belong to the mode, or the public address is not safe to show."""
        wrong = _LIVE_MARKS if self.is_demo else _TEST_MARKS
        for name, marks in wrong.items():
            if str(getattr(self, name.lower())).startswith(marks):
                kind = "a live key" if self.is_demo else "a test key"
                raise Misconfigured(name, f"{kind} is set in {self.parley_mode} mode")
        host = "production." if self.is_demo else "sandbox."
        if (urlsplit(self.plaid_api_base).hostname or "").startswith(host):
            raise Misconfigured("PLAID_API_BASE", f"the {host[:-1]} environment is set in {self.parley_mode} mode")
        url = urlsplit(self.public_url)
        if not self.is_demo and self.public_url and url.scheme != "https":
            raise Misconfigured("PUBLIC_URL", "live mode needs an https address")


def read_settings(**overrides: object) -> Settings:
    """Read the settings once; raise Misconfigured naming the setting that is wrong."""
    from pydantic import ValidationError

    try:
        settings = Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        raise Misconfigured(str(first["loc"][0]).upper(), first["msg"]) from error
    settings.check_modes()
    return with_business(settings)


def with_business(settings: Settings) -> Settings:
    """Return settings in which demo mode shows the business too; what is set wins, and live nothing is changed."""
    if not settings.is_demo:
        return settings
    unset = [name for name in _BUSINESS if name not in settings.model_fields_set]
    return settings.model_copy(update=dict.fromkeys(unset, True))
