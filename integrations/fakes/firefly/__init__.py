"""A local stand-in for a Firefly III: transactions, search by external id, attachments."""

from integrations.fakes.firefly.server import FireflyFake

__all__ = ["FireflyFake"]
