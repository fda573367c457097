"""Texts of a bot's message: formatted, trimmed, measured, as the server stores them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrations.fakes.telegram import limits
from integrations.fakes.telegram.arguments import Arguments
from integrations.fakes.telegram.markup import parse_html, utf16_length
from integrations.fakes.telegram.refusals import bad

_ENTITIES = 100


def read_text(call: Arguments) -> dict[str, Any]:
    """Return `text` and `entities` of a message; refuse an empty and an over-long one."""
    if not call.text("text"):
        raise bad("message text is empty")
    text, entities = _formatted(call.text("text"), call.text("parse_mode"), call.structure("entities"))
    if not text:
        raise bad("text must be non-empty")
    if utf16_length(text) > limits.TEXT:
        raise bad("message is too long")
    return {"text": text, "entities": entities or None}


def read_caption(item: Arguments | Mapping[str, Any]) -> dict[str, Any]:
    """Return `caption` and `caption_entities` of a message or of one part of an album."""
    call = item if isinstance(item, Arguments) else Arguments(item)
    text, entities = _formatted(call.text("caption"), call.text("parse_mode"), call.structure("caption_entities"))
    if utf16_length(text) > limits.CAPTION:
        raise bad("message caption is too long")
    return {"caption": text or None, "caption_entities": entities or None}


def _formatted(raw: str, mode: str, given: Any) -> tuple[str, list[dict[str, Any]]]:
    """Apply the parse mode. Markdown is refused: Parley never sends it, and a half-true reader would hide errors."""
    match mode.lower():
        case "html":
            text, entities = parse_html(raw)
        case "":
            text, entities = raw, list(given or [])
        case _:
            raise bad("unsupported parse_mode")
    return _trimmed(text, entities)


def _trimmed(text: str, entities: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """Take spaces off both ends, as the server does, and move the entities along."""
    shift = utf16_length(text) - utf16_length(text.lstrip())
    text = text.strip()
    end, kept = utf16_length(text), []
    for entity in entities[:_ENTITIES]:
        start = max(entity["offset"] - shift, 0)
        stop = min(entity["offset"] + entity["length"] - shift, end)
        if stop > start:
            kept.append({**entity, "offset": start, "length": stop - start})
    return text, kept
