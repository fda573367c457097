"""Telegram's HTML subset, read the way the Bot API server reads it.

A lenient fake would let broken markup through that the real server answers with 400, so the tags, the entities, the
byte offsets and the wording of the complaints follow TDLib's parser (`do_parse_html`). Positions of the resulting
entities are UTF-16 units, as everywhere in the Bot API.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape
from typing import Any

from integrations.fakes.telegram.refusals import refuse

_TAGS = {
    "a": "text_link",
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "u": "underline",
    "ins": "underline",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "tg-emoji": "custom_emoji",
    "pre": "pre",
    "code": "code",
    "blockquote": "blockquote",
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_SPACES = b" \t\r\n\x0b\x00"
_CHARACTER = re.compile(rb"&(?:#x([0-9a-fA-F]{1,8})|#([0-9]{1,8})|([a-zA-Z]+));?")
_TOKEN = re.compile(rb"[A-Za-z0-9.-]*")
_TAG_NAME = re.compile(rb"[^ \t\r\n\x0b\x00>]*")
_ATTRIBUTE_NAME = re.compile(rb"[^ \t\r\n\x0b\x00=>/\"']*")


def utf16_length(text: str) -> int:
    """Count UTF-16 code units: Telegram's measure of every text."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(slots=True)
class _Open:
    """A start tag that still waits for its end."""

    tag: str
    argument: str
    offset: int
    begin: int


@dataclass(slots=True)
class _Reader:
    """A cursor over the UTF-8 bytes, with what was read so far."""

    raw: bytes
    at: int = 0
    out: str = ""
    entities: list[dict[str, Any]] = field(default_factory=list)
    open: list[_Open] = field(default_factory=list)

    def peek(self) -> bytes:
        return self.raw[self.at : self.at + 1] or b"\x00"

    def skip_spaces(self) -> None:
        while self.at < len(self.raw) and self.peek() in _SPACES:
            self.at += 1

    def take(self, pattern: re.Pattern[bytes]) -> str:
        match = pattern.match(self.raw, self.at)
        found = match.group() if match else b""
        self.at += len(found)
        return found.decode()

    def fail(self, complaint: str) -> Exception:
        return refuse(400, f"Bad Request: can't parse entities: {complaint}")

    def read(self) -> tuple[str, list[dict[str, Any]]]:
        while self.at < len(self.raw):
            byte = self.peek()
            if byte == b"<":
                self._tag()
            elif byte == b"&":
                self.out += self._character()
            else:
                end = _next_special(self.raw, self.at)
                self.out += self.raw[self.at : end].decode()
                self.at = end
        if self.open:
            raise self.fail(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        return self.out, sorted(self.entities, key=lambda entity: (entity["offset"], -entity["length"]))

    def _character(self) -> str:
        match = _CHARACTER.match(self.raw, self.at)
        text = _decoded(match) if match else None
        if match is None or text is None:
            self.at += 1
            return "&"
        self.at = match.end()
        return text

    def _tag(self) -> None:
        begin = self.at
        self.at += 1
        if self.peek() == b"/":
            self._end_tag(begin)
        else:
            self._start_tag(begin)

    def _start_tag(self, begin: int) -> None:
        tag = self.take(_TAG_NAME).lower()
        if self.at >= len(self.raw):
            raise self.fail(f"Unclosed start tag at byte offset {begin}")
        if tag not in _TAGS:
            raise self.fail(f'Unsupported start tag "{tag}" at byte offset {begin}')
        argument = self._attributes(tag, begin)
        if tag == "span" and argument != "spoiler":
            raise self.fail(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self.at += 1
        self.open.append(_Open(tag, argument, utf16_length(self.out), len(self.out)))

    def _attributes(self, tag: str, begin: int) -> str:
        argument = ""
        while True:
            self.skip_spaces()
            if self.at >= len(self.raw):
                raise self.fail(f'Unclosed start tag "{tag}" at byte offset {begin}')
            if self.peek() == b">":
                return argument
            name = self.take(_ATTRIBUTE_NAME)
            if not name:
                raise self.fail(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
            self.skip_spaces()
            if self.peek() != b"=":
                argument = "1" if (tag, name.lower()) == ("blockquote", "expandable") else argument
                continue
            self.at += 1
            argument = _argument(tag, name, self._value(tag, begin)) or argument

    def _value(self, tag: str, begin: int) -> str:
        self.skip_spaces()
        if self.at >= len(self.raw):
            raise self.fail(f'Unclosed start tag "{tag}" at byte offset {begin}')
        quote = self.peek()
        if quote not in (b'"', b"'"):
            token_begin = self.at
            value = self.take(_TOKEN).lower()
            if self.peek() not in _SPACES and self.peek() != b">":
                raise self.fail(f"Unexpected end of name token at byte offset {token_begin}")
            return value
        end = self.raw.find(quote, self.at + 1)
        if end < 0:
            raise self.fail(f"Unclosed start tag at byte offset {begin}")
        inside = self.raw[self.at + 1 : end]
        self.at = end + 1
        return _Reader(inside).plain()

    def plain(self) -> str:
        """Read an attribute's value: only `&` is special in it."""
        while self.at < len(self.raw):
            if self.peek() == b"&":
                self.out += self._character()
            else:
                end = self.raw.find(b"&", self.at)
                end = len(self.raw) if end < 0 else end
                self.out += self.raw[self.at : end].decode()
                self.at = end
        return self.out

    def _end_tag(self, begin: int) -> None:
        if not self.open:
            raise self.fail(f"Unexpected end tag at byte offset {begin}")
        self.at += 1
        name = self.take(_TAG_NAME)
        self.skip_spaces()
        if self.peek() != b">" or self.at >= len(self.raw):
            raise self.fail(f"Unclosed end tag at byte offset {begin}")
        opened = self.open.pop()
        if name and name != opened.tag:
            wanted = f'expected "</{opened.tag}>", found "</{name}>"'
            raise self.fail(f"Unmatched end tag at byte offset {begin}, {wanted}")
        self.at += 1
        entity = _entity(opened, self.out[opened.begin :])
        length = utf16_length(self.out) - opened.offset
        if entity and length:
            self.entities.append({**entity, "offset": opened.offset, "length": length})


def _next_special(raw: bytes, start: int) -> int:
    ends = [end for end in (raw.find(b"<", start), raw.find(b"&", start)) if end >= 0]
    return min(ends, default=len(raw))


def _decoded(match: re.Match[bytes]) -> str | None:
    hexadecimal, decimal, name = (group.decode() if group else "" for group in match.groups())
    if name:
        return _NAMED.get(name)
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return chr(code) if 0 < code < 0x10FFFF and not 0xD800 <= code <= 0xDFFF else None


def _argument(tag: str, name: str, value: str) -> str:
    match tag, name:
        case ("a", "href") | ("tg-emoji", "emoji-id"):
            return value
        case ("code", "class") if value.startswith("language-"):
            return value.removeprefix("language-")
        case ("span", "class") if value.startswith("tg-"):
            return value.removeprefix("tg-")
        case ("blockquote", "expandable"):
            return "1"
    return ""


def _entity(opened: _Open, inner: str) -> dict[str, Any] | None:
    kind = _TAGS[opened.tag]
    match kind:
        case "text_link":
            url = opened.argument or inner
            if not re.match(r"(?i)(https?|tg|ton|mailto|tel)?:?/{0,2}\S+\.?\S*$", url):
                return None
            return {"type": kind, "url": url}
        case "custom_emoji":
            return {"type": kind, "custom_emoji_id": opened.argument} if opened.argument else None
        case "blockquote":
            return {"type": "expandable_blockquote" if opened.argument else kind}
        case "code" if opened.argument:
            return {"type": "pre", "language": opened.argument}
    return {"type": kind}


def parse_html(text: str) -> tuple[str, list[dict[str, Any]]]:
    """Return the plain text and its entities; raise a 400 "can't parse entities" as the Bot API words it."""
    return _Reader(text.encode("utf-8", "replace")).read()


_TAG_OF = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "expandable_blockquote": "blockquote",
}


def to_html(text: str, entities: list[dict[str, Any]]) -> str:
    """Return a message as safe HTML for a page that shows it; unknown entities stay plain."""
    units = text.encode("utf-16-le", "surrogatepass")
    opening: dict[int, list[str]] = {}
    closing: dict[int, list[str]] = {}
    for entity in entities:
        start, stop = entity["offset"], entity["offset"] + entity["length"]
        if entity["type"] == "text_link":
            opening.setdefault(start, []).append(f'<a href="{escape(entity["url"])}" rel="noreferrer">')
            closing.setdefault(stop, []).insert(0, "</a>")
        elif tag := _TAG_OF.get(entity["type"]):
            opening.setdefault(start, []).append(f"<{tag}>")
            closing.setdefault(stop, []).insert(0, f"</{tag}>")
    out, last = "", 0
    for mark in sorted({*opening, *closing, len(units) // 2}):
        out += escape(units[last * 2 : mark * 2].decode("utf-16-le", "replace"), quote=False)
        out += "".join(closing.get(mark, [])) + "".join(opening.get(mark, []))
        last = mark
    return out
