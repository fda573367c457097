"""What demo mode keeps in its data folder, so that a second start finds its state again.

Keys and webhook secrets of its own, the ports of the built-in fakes (their addresses stand in stored links), and the
demo operator's login. The files are readable by their owner only; none of what they hold opens anything outside.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
import socket
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from bot.core.errors import Misconfigured

_MAKERS: dict[str, Callable[[], str]] = {
    "secret_keys": lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    "telegram_bot_token": lambda: f"7000000001:{secrets.token_hex(17)}x",
    "telegram_webhook_secret": lambda: secrets.token_urlsafe(24),
    "twilio_account_sid": lambda: "AC" + secrets.token_hex(16),
    "twilio_auth_token": lambda: secrets.token_hex(16),
    "twilio_from": lambda: "+14155550100",
    "stripe_secret_key": lambda: "sk_test_" + secrets.token_hex(16),
    "stripe_webhook_secret": lambda: "whsec_" + secrets.token_hex(16),
    "razorpay_key_id": lambda: "rzp_test_" + secrets.token_hex(7),
    "razorpay_key_secret": lambda: secrets.token_hex(12),
    "razorpay_webhook_secret": lambda: secrets.token_hex(20),
    "lob_api_key": lambda: "test_" + secrets.token_hex(16),
    "lob_webhook_secret": lambda: secrets.token_hex(20),
    "inbound_mail_secret": lambda: secrets.token_hex(20),
    "google_client_secret": lambda: "demo-" + secrets.token_hex(16),
    "plaid_client_id": lambda: "demo-" + secrets.token_hex(12),
    "plaid_secret": lambda: "demo-" + secrets.token_hex(15),
    "anthropic_api_key": lambda: "sk-ant-demo-" + secrets.token_hex(16),
    "google_vision_api_key": lambda: "demo-" + secrets.token_hex(16),
    "speech_api_key": lambda: "demo-" + secrets.token_hex(16),
    "operator_secret": lambda: base64.b32encode(secrets.token_bytes(20)).decode(),
}
"""What is made at the first start. The sender's number lies in the range kept for fiction."""


class DemoState:
    """The values of one data folder, held by one process at a time."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self._path = folder, folder / "demo.json"
        self._reserved: socket.socket | None = None
        self._lock: IO[str] = _hold(folder / "demo.lock")
        self._kept: dict[str, Any] = json.loads(self._path.read_text()) if self._path.exists() else {}
        missing = {name: make() for name, make in _MAKERS.items() if name not in self._kept}
        if missing:
            self._keep(**missing)

    def __getitem__(self, name: str) -> str:
        return str(self._kept[name])

    def _keep(self, **values: Any) -> None:
        self._kept |= values
        write_privately(self._path, json.dumps(self._kept, indent=1) + "\n")

    def port(self, name: str) -> int:
        """Return the port that a fake had last time if it is still free, else 0."""
        wanted = int(self._kept.get("ports", {}).get(name, 0))
        return wanted if wanted and is_free(wanted) else 0

    def keep_ports(self, ports: dict[str, int]) -> None:
        """Remember where the fakes listen."""
        if self._kept.get("ports") != ports:
            self._keep(ports=ports)

    def reserve_port(self) -> int:
        """Choose a free port and hold it until `release_port`, so that no fake takes it meanwhile."""
        self._reserved = socket.socket()
        self._reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._reserved.bind(("127.0.0.1", 0))
        return int(self._reserved.getsockname()[1])

    def release_port(self) -> None:
        """Let go of a reserved port, once it is listened on."""
        if self._reserved:
            self._reserved.close()
            self._reserved = None

    @property
    def operator_file(self) -> Path:
        """Where the demo operator's login is written."""
        return self.folder / "operator.txt"

    def write_operator(self) -> str:
        """Write the operator's login to its file, unless it stands there, and return the TOTP secret."""
        secret = self["operator_secret"]
        uri = f"otpauth://totp/Parley%20demo:operator?secret={secret}&issuer=Parley%20demo"
        lines = f"TOTP secret of the demo operator: {secret}\nFor an authenticator app: {uri}\n"
        lines += "Log in from a Telegram phone of the simulator: /login CODE\n"
        if not self.operator_file.exists() or self.operator_file.read_text() != lines:
            write_privately(self.operator_file, lines)
        return secret

    def close(self) -> None:
        """Let another process have the folder."""
        self.release_port()
        self._lock.close()


def write_privately(path: Path, text: str) -> None:
    """Replace a file as a whole, readable by its owner only."""
    fresh = path.with_name(path.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Tell whether a port can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def _hold(path: Path) -> IO[str]:
    handle = path.open("a")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        handle.close()
        raise Misconfigured("DATA_DIR", f"another demo already runs on {path.parent}") from error
    return handle
