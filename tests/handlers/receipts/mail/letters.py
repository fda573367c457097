"""Mails for tests, built from few words and from the corpus."""

from __future__ import annotations

import struct
import tomllib
from datetime import UTC, date, datetime
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any

AUTHSERV = "in.parley.example"
TODAY = date(2026, 3, 18)
SENT = datetime(2026, 3, 18, 17, 0, tzinfo=UTC)
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def letter(
    *,
    sender: str = "Luna Books <noreply@luna.example>",
    subject: str = "Your receipt",
    text: str = "",
    html: str = "",
    key: str = "one@luna.example",
    results: str | None = "dmarc=pass header.from=luna.example",
    files: list[tuple[str, str, bytes]] | None = None,
    bulk: bool = False,
) -> EmailMessage:
    """Return a mail; `results` is what the trusted hop found."""
    mail = EmailMessage()
    if results is not None:
        mail["Authentication-Results"] = f"{AUTHSERV}; {results}"
    mail["From"], mail["Subject"], mail["To"] = sender, subject, "sunny.x@in.parley.example"
    mail["Message-ID"], mail["Date"] = f"<{key}>", SENT
    if bulk:
        mail["List-Unsubscribe"] = "<https://luna.example/u>"
    if text or not html:
        mail.set_content(text or "\n")
    if html:
        if text:
            mail.add_alternative(html, subtype="html")
        else:
            mail.set_content(html, subtype="html")
    for name, kind, data in files or []:
        mail.add_attachment(data, maintype=kind.split("/")[0], subtype=kind.split("/")[1], filename=name)
    return mail


RECEIPT = "Order #LB-20031\nTea Atlas  $12.00\nTax  $1.05\nTotal  $13.05\nPaid with Visa ending in 4242\n"


def png(width: int, height: int, size: int) -> bytes:
    """Return bytes that begin like a PNG of this size."""
    head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height)
    return head + b"\0" * (size - len(head))


@cache
def corpus() -> list[dict[str, Any]]:
    """Return the mails of the corpus."""
    found: list[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("corpus.toml").read_text("utf-8"))["mail"]
    return found


def of_corpus(entry: dict[str, Any]) -> bytes:
    """Return a mail of the corpus as it arrives."""
    return letter(
        sender=entry["from"], subject=entry["subject"], text=entry.get("text", ""), html=entry.get("html", ""),
        bulk=entry.get("bulk", False),
    ).as_bytes()  # fmt: skip
