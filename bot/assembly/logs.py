"""Structured logs: one JSON object a line, of allowed fields only, so that no message body slips in (rule PRIV-2)."""

from __future__ import annotations

import logging
import sys
import traceback
from hashlib import blake2b

import orjson

FIELDS = (
    "event", "person", "inbox", "outbox", "flow", "from", "to", "ms", "source", "kind", "vendor", "operation",
    "outcome", "attempt", "request", "job", "count", "statement", "rows",
)  # fmt: skip


class JsonLines(logging.Formatter):
    """Formats a record as JSON; an exception becomes its kind, its place and a fingerprint, never its words."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, object] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.msg if record.args is None or record.exc_info else record.getMessage(),
        }
        line |= {name: record.__dict__[name] for name in FIELDS if name in record.__dict__}
        if record.exc_info and record.exc_info[0]:
            frames = traceback.extract_tb(record.exc_info[2])[-4:]
            line["error"] = record.exc_info[0].__name__
            line["at"] = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in frames]
            mark = f"{line['error']}{line['at']}".encode()
            line["fingerprint"] = blake2b(mark, digest_size=6).hexdigest()
        return orjson.dumps(line, default=str).decode()


def set_up_logs(level: str) -> None:
    """Send our own log to standard error as JSON lines; libraries speak from WARNING on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("parley").setLevel(level.upper())
