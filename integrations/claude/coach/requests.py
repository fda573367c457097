"""The coach's questions in the words of the Messages API (rules MC-2, MC-3, MC-7, LLM-12).

No sampling parameter, no tool, no prefill; the last line is always the person's. The stable part comes first and is
cached by the vendor. Who asks is a keyed hash.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.core.calls.coach import FactsWanted, Line, WordsWanted
from bot.core.calls.workshop import AskModel
from integrations.claude import question

_LEAST_THINKING = {"claude-sonnet-5-5": {"type": "between_tools"}}
"""The least thinking a model can be asked for; one that is not named here thinks as it does by itself (rule MC-2)."""


def words(wanted: WordsWanted, lines: Sequence[Line], person: str) -> dict[str, Any]:
    """Return the arguments of `messages.create` for plain text."""
    asked: dict[str, Any] = {
        "model": wanted.model,
        "max_tokens": wanted.max_tokens,
        "system": [{"type": "text", "text": wanted.system, "cache_control": {"type": "ephemeral"}}],
        "messages": [{"role": line.role, "content": line.text} for line in lines],
        "output_config": {"effort": "low"},
        "metadata": {"user_id": person},
    }
    if wanted.model in _LEAST_THINKING:
        asked["thinking"] = _LEAST_THINKING[wanted.model]
    return asked


def facts(wanted: FactsWanted, person: str) -> dict[str, Any]:
    """Return the arguments of `messages.create` for one JSON object."""
    asked = AskModel(
        "coach", "", "extract", wanted.system, wanted.data, wanted.schema, wanted.max_tokens, person
    )  # fmt: skip
    return question.request(asked, wanted.model, "low")


def halved(lines: Sequence[Line]) -> list[Line]:
    """Return the later half of the earlier talk and the last line; it opens with the person (rule MC-5)."""
    *before, last = lines
    kept = before[(len(before) + 1) // 2 :]
    while kept and kept[0].role != "user":
        kept = kept[1:]
    if kept and kept[-1].role == last.role:
        kept = kept[:-1]
    return [*kept, last]


def weight(asked: dict[str, Any]) -> int:
    """Return about how many tokens a request has: one for every three characters (rule CX-1)."""
    texts = [block["text"] for block in asked["system"]]
    for message in asked["messages"]:
        content = message["content"]
        texts += [content] if isinstance(content, str) else [block["text"] for block in content]
    return sum(map(len, texts)) // 3 + 1
