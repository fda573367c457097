"""Claude as the coach's voice: a streamed reply, facts out of one message, a summary, each within its own time."""

from integrations.claude.coach.adapter import CoachAdapter

__all__ = ["CoachAdapter"]
