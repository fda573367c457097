"""What the Messages API accepts: parameters, models, messages, schemas.

The list of parameters is the one of anthropic-version 2026-10-21. Sampling parameters, forced tools, assistant
prefill and thinking budgets are gone from current models and answered with 400, as the real service does.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from datetime import date
from typing import Any

from integrations.fakes.claude.refusals import Refused

VERSIONS = ("2023-06-01", "2026-10-21")
MODELS: dict[str, date | None] = {
    "claude-fable-5-2": None,
    "claude-mythos-5-2": None,
    "claude-haiku-5-5": None,
    "claude-sonnet-5-5": None,
    "claude-fable-5-1": None,
    "claude-opus-5-5": None,
    "claude-mythos-5-1": None,
    "claude-sonnet-5": None,
    "claude-fable-5": None,
    "claude-mythos-5": None,
    "claude-opus-5": None,
    "claude-opus-4-8": None,
    "claude-opus-4-7": None,
    "claude-opus-4-6": None,
    "claude-sonnet-4-6": None,
    "claude-haiku-4-5": None,
    "claude-haiku-4-5-20251001": None,
    "claude-opus-4-5": None,
    "claude-opus-4-5-20251101": None,
    "claude-sonnet-4-5": date(2026, 11, 30),
    "claude-sonnet-4-5-20250929": date(2026, 11, 30),
    "claude-mythos-preview": date(2026, 6, 30),
    "claude-sonnet-4-20250514": date(2026, 6, 15),
}
"""Model ids with the day from which they are gone."""

_COUNTED = {
    "cache_control",
    "messages",
    "model",
    "output_config",
    "speed",
    "system",
    "thinking",
    "tool_choice",
    "tools",
    "user_profile_id",
    "workspace_id",
}
_CREATED = _COUNTED | {
    "container",
    "diagnostics",
    "inference_geo",
    "max_tokens",
    "metadata",
    "service_tier",
    "stop_sequences",
    "stream",
}
_IMAGES = ("image/jpeg", "image/png", "image/gif", "image/webp")
_IMAGE_BYTES = 5 * 2**20
_UNSUPPORTED = {
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "integer": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "string": ("minLength", "maxLength"),
    "array": ("maxItems", "uniqueItems"),
}


def check(body: Any, today: date, *, creating: bool) -> None:
    """Refuse a request that the real service would refuse."""
    if not isinstance(body, dict):
        raise Refused(400, "The request body is not valid JSON")
    for name in ("model", "messages", *(("max_tokens",) if creating else ())):
        if name not in body:
            raise Refused(400, f"{name}: Field required")
    for name in body:
        if name not in (_CREATED if creating else _COUNTED):
            raise Refused(400, f"{name}: Extra inputs are not permitted")
    _check_model(str(body["model"]), today)
    if creating and (not isinstance(body["max_tokens"], int) or body["max_tokens"] < 1):
        raise Refused(400, "max_tokens: Input should be greater than or equal to 1")
    _check_messages(body["messages"])
    _check_options(body)


def _check_model(model: str, today: date) -> None:
    gone = MODELS.get(model, date.min)
    if gone is not None and gone <= today:
        raise Refused(404, f"model: {model}")


def _check_messages(messages: Any) -> None:
    if not isinstance(messages, list) or not messages:
        raise Refused(400, "messages: at least one message is required")
    for number, message in enumerate(messages):
        if not isinstance(message, dict) or message.get("role") not in ("user", "assistant", "system"):
            raise Refused(400, f"messages.{number}.role: Input should be 'user', 'assistant' or 'system'")
        content = message.get("content")
        if not isinstance(content, str | list) or not content:
            raise Refused(400, f"messages.{number}: all messages must have non-empty content")
        for block in content if isinstance(content, list) else []:
            _check_block(block, f"messages.{number}.content")
    if messages[0]["role"] == "assistant":
        raise Refused(400, 'messages: first message must use the "user" role')
    if messages[-1]["role"] == "assistant":
        raise Refused(400, "This model does not support assistant message prefill.")


def _check_block(block: Any, where: str) -> None:
    if not isinstance(block, dict) or "type" not in block:
        raise Refused(400, f"{where}: Field required: type")
    if block["type"] == "text" and not str(block.get("text", "")).strip():
        raise Refused(400, f"{where}: text content blocks must be non-empty")
    source = block.get("source") or {}
    if block["type"] == "image" and source.get("type") == "base64":
        if source.get("media_type") not in _IMAGES:
            raise Refused(400, f"{where}: media_type: Input should be one of {', '.join(_IMAGES)}")
        try:
            size = len(base64.b64decode(str(source.get("data", "")), validate=True))
        except binascii.Error:
            raise Refused(400, f"{where}: invalid base64 data") from None
        if size > _IMAGE_BYTES:
            raise Refused(400, f"{where}: image exceeds 5 MB maximum: {size} bytes > {_IMAGE_BYTES} bytes")


def _check_options(body: dict[str, Any]) -> None:
    _check_thinking(body)
    if (body.get("tool_choice") or {}).get("type") in ("any", "tool"):
        raise Refused(400, "tool_choice: forced tool use is not supported for this model")
    config = body.get("output_config") or {}
    if set(config) - {"effort", "format"}:
        raise Refused(400, "output_config: Extra inputs are not permitted")
    if config.get("effort") not in (None, "low", "medium", "high", "xhigh", "max"):
        raise Refused(400, "output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'")
    form = config.get("format")
    if form is None:
        return
    if form.get("type") != "json_schema" or not isinstance(form.get("schema"), dict):
        raise Refused(400, "output_config.format: Input should be a json_schema with a schema")
    for complaint in _complaints(form["schema"]):
        raise Refused(400, f"output_config.format.schema: {complaint}")


def _check_thinking(body: dict[str, Any]) -> None:
    kind = (body.get("thinking") or {"type": "adaptive"}).get("type")
    if kind not in ("adaptive", "between_tools"):
        raise Refused(400, f"thinking.type.{kind} is not supported for this model. Use thinking.type.adaptive.")


def _complaints(schema: Any) -> Iterator[str]:
    """Find what structured output does not support, at any depth."""
    if isinstance(schema, list):
        for item in schema:
            yield from _complaints(item)
        return
    if not isinstance(schema, dict):
        return
    kind = schema.get("type")
    if kind == "object" and schema.get("additionalProperties") is not False:
        yield "For 'object' type, 'additionalProperties' must be explicitly set to false"
    for name in _UNSUPPORTED.get(kind, ()) if isinstance(kind, str) else ():
        if name in schema:
            yield f"For '{kind}' type, property '{name}' is not supported"
    for name, part in schema.items():
        if name in ("properties", "$defs", "definitions"):
            yield from _complaints(list(part.values()))
        elif name not in ("enum", "const", "default", "examples", "required"):
            yield from _complaints(part)


def texts_of(content: Any) -> list[str]:
    """Return the texts of a message's or a system prompt's content."""
    if isinstance(content, str):
        return [content]
    return [str(block["text"]) for block in content or [] if isinstance(block, dict) and block.get("type") == "text"]
