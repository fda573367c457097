"""When a model stops answering, from the SDK's own table (rules LLM-7, MC-1).

The table is read out of the SDK's source: to import the SDK takes seconds, and a start waits for this answer.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_TABLE = re.compile(r"^DEPRECATED_MODELS\b[^=\n]*= (\{.*?^\})", re.M | re.S)
_PLACE = "resources/messages/messages.py"


def retires_on(model: str) -> date | None:
    """Return the day on which `model` ends, None when no end is announced."""
    text = _announced().get(model)
    if text is None:
        return None
    plain = re.sub(r"(\d+)(st|nd|rd|th)", r"\1", text)
    return datetime.strptime(plain, "%B %d, %Y").replace(tzinfo=UTC).date()


@cache
def _announced() -> Mapping[str, str]:
    spec = find_spec("anthropic")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        place = Path(folder, _PLACE)
        found = _TABLE.search(place.read_text("utf-8")) if place.exists() else None
        if found:
            table: dict[str, str] = ast.literal_eval(found[1])
            return table
    from anthropic.resources.messages.messages import DEPRECATED_MODELS

    return DEPRECATED_MODELS
