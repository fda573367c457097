"""A listed inbound message in the words of the webhook that it would have been (rule REC-1 of vendors.md 3)."""

from __future__ import annotations

from typing import Any


def webhook_fields(row: dict[str, Any], media: list[dict[str, Any]], base_url: str) -> dict[str, str]:
    """Return the form fields of the webhook for a row of the message list and its media."""
    sid = str(row.get("sid", ""))
    fields = {
        "MessageSid": sid,
        "SmsSid": sid,
        "SmsMessageSid": sid,
        "AccountSid": str(row.get("account_sid") or ""),
        "From": str(row.get("from") or ""),
        "To": str(row.get("to") or ""),
        "Body": str(row.get("body") or ""),
        "NumMedia": str(len(media)),
        "NumSegments": str(row.get("num_segments") or "1"),
        "ApiVersion": str(row.get("api_version") or "2010-04-01"),
        "SmsStatus": "received",
    }
    if row.get("messaging_service_sid"):
        fields["MessagingServiceSid"] = str(row["messaging_service_sid"])
    for index, item in enumerate(media):
        fields[f"MediaUrl{index}"] = _whole(str(item.get("uri") or ""), base_url).removesuffix(".json")
        fields[f"MediaContentType{index}"] = str(item.get("content_type") or "")
    return fields


def _whole(uri: str, base_url: str) -> str:
    return uri if "://" in uri else base_url + uri
