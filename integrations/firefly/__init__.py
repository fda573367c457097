"""Firefly III (API v1): a person's own server."""

from integrations.firefly.adapter import FireflyAdapter

__all__ = ["FireflyAdapter"]
