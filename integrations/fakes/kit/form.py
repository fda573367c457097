"""Request bodies as the vendors read them: url-encoded and multipart forms, and names in brackets.

Fields stay an ordered list of pairs: blank values and repeated names count (Twilio's MediaUrl, Stripe's `a[]`).
Multipart is parsed from the raw bytes, because the recorder has read them first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesHeaderParser
from typing import Any
from urllib.parse import parse_qsl


@dataclass(frozen=True, slots=True)
class Upload:
    """One uploaded file."""

    filename: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """A decoded form: text fields in order, and files by name."""

    fields: list[tuple[str, str]] = field(default_factory=list)
    files: dict[str, Upload] = field(default_factory=dict)

    def first(self, name: str) -> str | None:
        """Return the first value of a field, or None."""
        return next((value for key, value in self.fields if key == name), None)

    def all(self, name: str) -> list[str]:
        """Return every value of a repeated field."""
        return [value for key, value in self.fields if key == name]

    def flat(self) -> dict[str, str]:
        """Return the fields as a dictionary; the last of a repeated name wins."""
        return dict(self.fields)


def read_form(content_type: str, body: bytes) -> Form:
    """Decode a form body by its content type; anything but the two form types is an empty form."""
    kind = content_type.split(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return Form(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    return _multipart(content_type, body) if kind == "multipart/form-data" else Form()


def _multipart(content_type: str, body: bytes) -> Form:
    header = Message()
    header["Content-Type"] = content_type
    boundary = str(header.get_param("boundary") or "")
    form = Form()
    if not boundary:
        return form
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary.encode())[1:]:
        if part.startswith(b"--"):
            break
        _add_part(form, part)
    return form


def _add_part(form: Form, part: bytes) -> None:
    head, _, data = part.partition(b"\r\n\r\n")
    headers = BytesHeaderParser().parsebytes(head.lstrip(b"\r\n") + b"\r\n\r\n")
    name = headers.get_param("name", header="content-disposition")
    if not isinstance(name, str):
        return
    filename = headers.get_filename()
    if filename is None:
        form.fields.append((name, data.decode("utf-8", "replace")))
    else:
        kind = headers.get("Content-Type", "application/octet-stream")
        form.files[name] = Upload(filename, kind.split(";")[0].strip(), data)


def nested(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Turn `a[b][0][c]=v` and `a[]=v` into dictionaries and lists; raise ValueError where names contradict."""
    root: dict[str, Any] = {}
    for key, value in pairs:
        parts = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", key) or [key]
        _place(root, parts, value, key)
    return {key: _lists(value) for key, value in root.items()}


def _place(node: dict[str, Any], parts: list[str], value: str, key: str) -> None:
    for part in parts[:-1]:
        below = node.setdefault(part or str(len(node)), {})
        if not isinstance(below, dict):
            raise ValueError(key)  # noqa: TRY004 - the names are wrong, not a type of ours
        node = below
    last = parts[-1] or str(len(node))
    if last in node:
        raise ValueError(key)
    node[last] = value


def _lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    inner = {key: _lists(value) for key, value in node.items()}
    if inner and all(key.isdigit() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner
