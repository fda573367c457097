"""The demo of the assembly's tests, served here too."""

from tests.bot.assembly.conftest import demo, http

__all__ = ["demo", "http"]
