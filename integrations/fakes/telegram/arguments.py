"""The arguments of one Bot API call, however they travelled.

The real server takes a query string, a form, multipart or JSON, and complex values either as JSON or as text that
holds JSON. An uploaded file answers for the field of its name, and `attach://NAME` points at any of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from integrations.fakes.kit import Upload, read_form
from integrations.fakes.telegram.refusals import bad

MISSING: Any = object()


@dataclass(frozen=True, slots=True)
class Arguments:
    """Named values and uploads of a call."""

    values: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, Upload] = field(default_factory=dict)

    @classmethod
    def read(cls, query: Mapping[str, str], content_type: str, body: bytes) -> Arguments:
        """Collect the arguments of a request or of a webhook's answer."""
        if content_type.split(";")[0].strip().lower() == "application/json":
            return cls({**query, **_json_object(body)})
        form = read_form(content_type, body)
        return cls({**query, **form.flat()}, form.files)

    def __contains__(self, name: str) -> bool:
        return self.values.get(name) is not None or name in self.files

    def text(self, name: str, default: str = "") -> str:
        """Return a string argument."""
        value = self.values.get(name)
        if value is None:
            return default
        return value if isinstance(value, str) else json.dumps(value)

    def integer(self, name: str, default: Any = MISSING) -> Any:
        """Return a whole number; refuse a missing one without a default."""
        value = self.values.get(name)
        if value is None or value == "":
            if default is MISSING:
                raise bad(f'parameter "{name}" is required')
            return default
        try:
            return int(value)
        except (TypeError, ValueError):
            raise bad(f'field "{name}" must be a valid Number') from None

    def flag(self, name: str) -> bool:
        """Return a boolean argument; absent is false."""
        return str(self.values.get(name)).strip().lower() in ("true", "1", "yes", "y", "t")

    def structure(self, name: str) -> Any:
        """Return an object or a list, from JSON or from text holding JSON; None when absent."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad(f"can't parse {name.replace('_', ' ')} JSON object") from None

    def upload(self, reference: Any) -> Upload | None:
        """Return the upload that a value of the form `attach://NAME` points at."""
        if isinstance(reference, str) and reference.startswith("attach://"):
            return self.files.get(reference.removeprefix("attach://"))
        return None


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        raise bad("can't parse JSON object") from None
    if not isinstance(value, dict):
        raise bad("object expected as request body")
    return value
