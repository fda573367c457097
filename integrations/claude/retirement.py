"""When a model stops answering, from the SDK's own table (rule LLM-7)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime


def retires_on(model: str) -> date | None:
    """Return the day on which `model` ends, None when no end is announced; imports the SDK, so for the doctor only."""
    from anthropic.resources.messages.messages import DEPRECATED_MODELS

    text = DEPRECATED_MODELS.get(model)
    if text is None:
        return None
    plain = re.sub(r"(\d+)(st|nd|rd|th)", r"\1", text)
    return datetime.strptime(plain, "%B %d, %Y").replace(tzinfo=UTC).date()
