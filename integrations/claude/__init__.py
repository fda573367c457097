"""Claude: one JSON object per question, or the text on pictures, with what it cost (`ClaudeAdapter`)."""

from integrations.claude.adapter import ClaudeAdapter

__all__ = ["ClaudeAdapter"]
