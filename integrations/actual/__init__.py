"""Actual Budget behind an HTTP server of a person's own."""

from integrations.actual.adapter import ActualAdapter

__all__ = ["ActualAdapter"]
