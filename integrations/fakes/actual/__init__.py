"""A local stand-in for Actual's HTTP server: accounts of one budget, imports by id."""

from integrations.fakes.actual.server import ActualFake

__all__ = ["ActualFake"]
