"""Claude: one JSON object per question, or the text on pictures, with what it cost (`ClaudeAdapter`)."""

from integrations.claude.adapter import ClaudeAdapter
from integrations.claude.retirement import retires_on

__all__ = ["ClaudeAdapter", "retires_on"]
