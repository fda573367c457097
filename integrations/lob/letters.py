"""A letter in Lob's words and back."""

from __future__ import annotations

import re
from typing import Any

import aiohttp

from bot.core.calls.lob import AddressVerdict, MailLetter, PostedLetter, VerifyAddress
from bot.core.calls.people import PostalAddress


def letter_form(call: MailLetter, pdf: bytes) -> aiohttp.FormData:
    """Return the multipart form of a letter: black and white, both sides, first class, certified or not (FUL-5)."""
    fields = {
        **_address("to", call.to),
        **_address("from", call.sender),
        "color": "false",
        "double_sided": "true",
        "mail_type": "usps_first_class",
        "address_placement": "top_first_page",
        "use_type": "operational",
        "return_envelope": "false",
        "size": "us_letter",
        "description": call.letter_id,
        "metadata[letter_id]": call.letter_id,
        "metadata[payment_id]": call.payment_id,
        "metadata[v]": str(call.version),
    }
    if call.certified:
        fields["extra_service"] = "certified"
    form = aiohttp.FormData()
    for name, value in fields.items():
        form.add_field(name, value)
    form.add_field("file", pdf, filename="letter.pdf", content_type="application/pdf")
    return form


def posted(letter: dict[str, Any], *, test_mode: bool) -> PostedLetter:
    """Read a letter with its tracking events, oldest first."""
    events = [event for event in letter.get("tracking_events") or [] if isinstance(event, dict)]
    events.sort(key=lambda event: str(event.get("time") or event.get("date_created") or ""))
    return PostedLetter(
        lob_id=letter["id"],
        letter_id=_text((letter.get("metadata") or {}).get("letter_id")),
        tracking_number=_text(letter.get("tracking_number")),
        expected_delivery=_text(letter.get("expected_delivery_date")),
        send_date=_text(letter.get("send_date")),
        test_mode=test_mode,
        deleted=letter.get("deleted") is True,
        events=[_event_name(event) for event in events],
    )


def question(call: VerifyAddress) -> dict[str, str]:
    """Return the body of an address verification."""
    fields = {
        "primary_line": call.primary_line,
        "secondary_line": call.secondary_line,
        "city": call.city,
        "state": call.state,
        "zip_code": call.zip,
    }
    return {name: value for name, value in fields.items() if value}


def verdict(answer: dict[str, Any]) -> AddressVerdict:
    """Read a verification."""
    parts = answer.get("components") or {}
    plus_four = parts.get("zip_code_plus_4")
    return AddressVerdict(
        deliverability=answer["deliverability"],
        primary_line=answer.get("primary_line") or "",
        secondary_line=answer.get("secondary_line") or "",
        city=parts.get("city") or "",
        state=parts.get("state") or "",
        zip=(parts.get("zip_code") or "") + (f"-{plus_four}" if plus_four else ""),
    )


def _address(side: str, address: PostalAddress) -> dict[str, str]:
    fields = {
        "name": address.name,
        "company": address.company,
        "address_line1": address.address_line1,
        "address_line2": address.address_line2,
        "address_city": address.city,
        "address_state": address.state,
        "address_zip": address.zip,
        "address_country": address.country,
    }
    return {f"{side}[{name}]": value for name, value in fields.items() if value}


def _event_name(event: dict[str, Any]) -> str:
    """Turn `In Transit`, or the `letter.in_transit` of a webhook, into `in_transit`; other words stay as they are."""
    name = str(event.get("name") or "").rpartition(".")[2].lower()
    name = re.sub(r"[\s_]+", "_", name)
    return "re-routed" if name == "re_routed" else name


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
