"""The press: letters as PDF, typeset on this machine with embedded fonts, in a limited child process."""

from integrations.press.press import Press

__all__ = ["Press"]
