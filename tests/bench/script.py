"""What the benchmark's persons type, and the marker that each reply must begin with.

Seven messages make a round: four validated questions with one wrong answer on the way, a preview, a confirmation. The
markers prove that the state really advanced: a server that loses or mixes up state is counted as bad, not as fast.
"""

from __future__ import annotations

import orjson

SECRET = "bench-secret"
TOKEN = "42:BENCH"
PATH = "/webhooks/telegram"

SCRIPT: tuple[tuple[str, str], ...] = (
    ("/appeal", "[1]"),
    ("sf", "[2]"),
    ("12", "[e2]"),
    ("MT98765432", "[3]"),
    ("2026-11-02", "[4]"),
    ("The meter showed time left and the sign was hidden behind a tree; I have two photos of both.", "[5]"),
    ("yes", "[6]"),
)

_COMMAND = [{"offset": 0, "length": 7, "type": "bot_command"}]
_HEAD = (
    f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    f"X-Telegram-Bot-Api-Secret-Token: {SECRET}\r\nContent-Length: "
).encode()


def update(number: int, chat: int, step: int) -> bytes:
    """Return the Telegram update in which a chat types the message of a step."""
    text = SCRIPT[step][0]
    person = {"id": chat, "first_name": "Ada", "last_name": "Lovelace", "username": f"ada{chat}"}
    message = {
        "message_id": number,
        "from": {**person, "is_bot": False, "language_code": "en"},
        "chat": {**person, "type": "private"},
        "date": 1_790_000_000,
        "text": text,
    }
    if text.startswith("/"):
        message["entities"] = _COMMAND
    return orjson.dumps({"update_id": number, "message": message})


def post(body: bytes) -> bytes:
    """Return the HTTP request that carries an update."""
    return b"%s%d\r\n\r\n%s" % (_HEAD, len(body), body)
