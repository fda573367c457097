"""What the fake model says: by rule from the data of the request, or as a test scripted it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from integrations.fakes.claude import coaching, sight
from integrations.fakes.claude.requests import texts_of
from integrations.fakes.claude.tidying import tidy
from integrations.fakes.claude.translating import asks_for_english, translate

KINDS = (
    "text",
    "json",
    "add_fact",
    "refuse",
    "max_tokens",
    "broken_json",
    "wrong_schema",
    "thinking_first",
    "empty",
    "context_exceeded",
    "stream_cut",
    "stream_error",
    "stream_error_first",
    "stream_hang",
    "stream_slow",
)
_BLOCK = re.compile(r"<(?P<tag>[A-Za-z_][\w.-]*)(?P<attributes>[^<>]*)>(?P<inner>.*?)</(?P=tag)>", re.S)
_NAME = re.compile(r"""(?:name|id|key)\s*=\s*["']([^"']+)["']""")
_WORDS = (
    "statement",
    "words",
    "story",
    "text",
    "letter",
    "paragraph",
    "message",
    "note",
    "tidied",
    "draft",
    "body",
    "answer",
)
_INVENTED = "The officer admitted that the sign had been removed."


@dataclass(slots=True)
class Scripted:
    """An answer in front of the rules, for `times` requests whose prompt contains `when`.

    A stream that ends badly does so after `after` tokens of text, or half-way; a slow one waits `seconds` before each
    event.
    """

    kind: str
    text: str = ""
    value: Any = None
    when: str = ""
    times: int = 1
    after: int | None = None
    seconds: float = 0.05

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of answer {self.kind!r}: one of {', '.join(KINDS)}")


@dataclass(frozen=True, slots=True)
class Answer:
    """Content blocks with the reason for stopping; `breaks` is how a stream ends badly, and where."""

    blocks: list[dict[str, Any]]
    stop: str = "end_turn"
    breaks: str = ""
    after: int | None = None
    seconds: float = 0.0


def answer(body: dict[str, Any], scripted: Scripted | None, shown: dict[str, Any] | None = None) -> Answer:
    """Return the model's answer to a request; `shown` is what it sees on the request's pictures, if there are any."""
    plain = _by_rule(body) if shown is None else _by_sight(body, shown)
    if scripted is None:
        return Answer([_text(plain)])
    match scripted.kind:
        case "text":
            return Answer([_text(scripted.text)])
        case "json":
            return Answer([_text(json.dumps(scripted.value, ensure_ascii=False))])
        case "add_fact":
            return Answer([_text(_with_fact(body, scripted.text or _INVENTED))])
        case "refuse":
            return Answer([], "refusal")
        case "max_tokens":
            return Answer([_text(plain[: len(plain) // 2])], "max_tokens")
        case "broken_json":
            return Answer([_text(scripted.text or plain[: max(1, len(plain) - 2)] + ",")])
        case "wrong_schema":
            return Answer([_text(json.dumps({"unexpected": [1, None]}))])
        case "thinking_first":
            thought = {"type": "thinking", "thinking": scripted.text or "Let me read it.", "signature": "c2lnbmVk"}
            return Answer([thought, _text(plain)])
        case "empty":
            return Answer([])
        case "context_exceeded":
            return Answer([_text(plain[: len(plain) // 2])], "model_context_window_exceeded")
    said = scripted.text or plain
    return Answer([_text(said)], breaks=scripted.kind, after=scripted.after, seconds=scripted.seconds)


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text, "citations": None}


def data_blocks(body: dict[str, Any]) -> dict[str, str]:
    """Return the marked data of the user's messages by name; without marks, the whole text."""
    text = "\n".join(
        part for message in body["messages"] if message["role"] == "user" for part in texts_of(message["content"])
    )
    found: dict[str, str] = {}
    for match in _BLOCK.finditer(text):
        inner = match["inner"].strip()
        named = _NAME.search(match["attributes"])
        wrapped = not named and inner.startswith("<")
        for part in list(_BLOCK.finditer(inner)) if wrapped else [match]:
            title = _NAME.search(part["attributes"])
            found[title[1] if title else part["tag"]] = _unescaped(part["inner"].strip())
    return found or {"text": _json_text(text) or text.strip()}


def _json_text(text: str) -> str | None:
    """Return the longest value when the data came as one JSON object."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    values = [item for item in value.values() if isinstance(item, str)] if isinstance(value, dict) else []
    return max(values, key=len, default=None)


def _unescaped(text: str) -> str:
    for mark, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#x27;", "'"), ("&amp;", "&")):
        text = text.replace(mark, character)
    return text


def _material(body: dict[str, Any]) -> str:
    """Return the data that the answer is about: the person's words if they are named so, else the longest block."""
    blocks = data_blocks(body)
    for word in _WORDS:
        for name, text in blocks.items():
            if word in name.lower() and text:
                return text
    return max(blocks.values(), key=len)


def _schema(body: dict[str, Any]) -> dict[str, Any] | None:
    form = (body.get("output_config") or {}).get("format")
    return form["schema"] if form else None


def _by_rule(body: dict[str, Any]) -> str:
    schema = _schema(body)
    if schema is None and coaching.is_coaching(body):
        return coaching.reply(body, data_blocks(body))
    if schema is not None and coaching.asks_for_notes(schema):
        return json.dumps(coaching.notes(data_blocks(body)))
    material = _material(body)
    words = translate(material) if asks_for_english("\n".join(texts_of(body.get("system")))) else tidy(material)
    if schema is None:
        return words or "I have nothing to work with."
    return json.dumps(_filled(schema, schema, words, ""), ensure_ascii=False)


def _by_sight(body: dict[str, Any], shown: dict[str, Any]) -> str:
    schema = _schema(body)
    if schema is None:
        return "\n".join(shown["lines"]) or "I cannot read anything there."
    return json.dumps(sight.filled(schema, shown), ensure_ascii=False)


def _with_fact(body: dict[str, Any], fact: str) -> str:
    material, schema = f"{tidy(_material(body))} {fact}", _schema(body)
    return material if schema is None else json.dumps(_filled(schema, schema, material, ""), ensure_ascii=False)


def _filled(schema: dict[str, Any], root: dict[str, Any], text: str, name: str) -> Any:
    """Make a value that fits a schema; texts that should hold the person's words get them, the rest stays empty."""
    if "$ref" in schema:
        target: Any = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return _filled(target, root, text, name)
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for union in ("anyOf", "oneOf"):
        if schema.get(union):
            null = {"type": "null"}
            return (
                None
                if null in schema[union] and not _wants_words(name)
                else _filled(schema[union][0], root, text, name)
            )
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = "null" if "null" in kind and not _wants_words(name) else kind[0]
    match kind:
        case "object":
            parts = schema.get("properties", {})
            lone = sum(part.get("type") == "string" for part in parts.values()) == 1
            return {key: _filled(part, root, text, "text" if lone else key) for key, part in parts.items()}
        case "array":
            return _list(schema.get("items", {}), root, text, name)
        case "string":
            return text if _wants_words(name) else ""
        case "boolean":
            return False
        case "integer" | "number":
            return 0
    return None


def _list(items: dict[str, Any], root: dict[str, Any], text: str, name: str) -> list[Any]:
    if items.get("type") == "string" and (_wants_words(name) or "sentence" in name.lower()):
        return text.split("\n\n")
    return []


def _wants_words(name: str) -> bool:
    return any(word in name.lower() for word in _WORDS)
