"""The Messages resource: create, list, fetch, redact, cancel, delete."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

from integrations.fakes.kit import FakeServer, Form
from integrations.fakes.twilio.carrier import Carrier
from integrations.fakes.twilio.refusals import Refused, not_found
from integrations.fakes.twilio.segments import segments

E164 = re.compile(r"\+[1-9]\d{6,14}")
_URL = re.compile(r"https?://\S+")
_BODY = 1600
_MEDIA = 10
_TEN_HOURS = 36_000


class Messages:
    """One account's messages, both directions."""

    def __init__(self, server: FakeServer, account: str, service: str, carrier: Carrier) -> None:
        self._server, self._account, self._service, self._carrier = server, account, service, carrier
        self.shelf, self._numbers = server.book.shelf("message"), server.book.shelf("number")
        self._optouts = server.book.shelf("optout")
        self._by_number: dict[str, list[str]] = defaultdict(list)
        for message in self.shelf:
            self._index(message)

    def _index(self, message: dict[str, Any]) -> None:
        for number in (message["from"], message["to"]):
            self._by_number[number].append(message["sid"])

    def _keep(self, message: dict[str, Any], kind: str) -> None:
        self.shelf.put(message["sid"], message, kind=kind)
        self._index(message)

    def of_number(self, number: str) -> list[dict[str, Any]]:
        """Return what a number sent and got, oldest first."""
        found = (self.shelf.get(sid) for sid in self._by_number.get(number, []))
        return [message for message in found if message]

    # -- create --------------------------------------------------------------------------------------------------

    def create(self, form: Form) -> dict[str, Any]:
        """Take a message in, or refuse it with Twilio's number."""
        sender, service = self._sender(form)
        to, body, media = form.first("To") or "", form.first("Body") or "", form.all("MediaUrl")
        self._check_recipient(to, sender, service)
        _check_content(body, media, form.first("ContentSid"))
        callback = form.first("StatusCallback") or ""
        if callback and not _URL.fullmatch(callback):
            raise Refused(400, 21609, f"Invalid 'StatusCallback' URL: {callback}")
        message = self._outgoing(sender, to, body, media)
        validity = timedelta(seconds=_validity(form.first("ValidityPeriod")))
        plan = self._carrier.plan(sender, to, max(segments(body), 1), validity)
        message |= {"messaging_service_sid": service, "_plan": plan, "_callback": callback}
        message["status"] = "accepted" if service else "queued"
        self._keep(message, "message.created")
        self._carrier.take(message["sid"])
        return shown(message)

    def reply(self, sender: str, to: str, body: str) -> None:
        """Send the answer to a keyword or the text of a TwiML answer."""
        plan = self._carrier.plan(sender, to, max(segments(body), 1), timedelta(seconds=_TEN_HOURS))
        message = self._outgoing(sender, to, body, []) | {"direction": "outbound-reply", "_plan": plan}
        self._keep(message, "message.replied")
        self._carrier.take(message["sid"])

    def _sender(self, form: Form) -> tuple[str, str | None]:
        service, sender = form.first("MessagingServiceSid"), form.first("From")
        if service:
            if service != self._service:
                raise Refused(400, 21705, "The Messaging Service Sid is invalid")
            return str(next(iter(self._numbers))["phone_number"]), service
        if not sender:
            raise Refused(400, 21603, "A 'From' or 'MessagingServiceSid' parameter is required")
        if not E164.fullmatch(sender) and not re.fullmatch(r"\d{5,6}", sender):
            raise Refused(400, 21212, f"Invalid 'From' Phone Number: {sender}")
        if not any(number["phone_number"] == sender for number in self._numbers):
            why = "is not a Twilio phone number or Short Code owned by your account"
            raise Refused(400, 21606, f"The 'From' phone number provided ({sender}) {why}")
        return sender, None

    def _check_recipient(self, to: str, sender: str, service: str | None) -> None:
        if not to:
            raise Refused(400, 21604, "A 'To' phone number is required.")
        if not E164.fullmatch(to):
            raise Refused(400, 21211, f"Invalid 'To' Phone Number: {to}")
        if to == sender:
            raise Refused(400, 21266, "'To' and 'From' number cannot be the same")
        if self.opted_out(sender, to):
            raise Refused(400, 21610, "Attempt to send to unsubscribed recipient")

    def _outgoing(self, sender: str, to: str, body: str, media: list[str]) -> dict[str, Any]:
        return self._new("MM" if media else "SM", sender, to, body) | {
            "direction": "outbound-api",
            "status": "queued",
            "num_media": str(len(media)),
            "_media_urls": media,
        }

    def _new(self, prefix: str, sender: str, to: str, body: str) -> dict[str, Any]:
        now = self._server.clock.now().isoformat()
        return {
            "sid": self._server.make_hex(prefix),
            "account_sid": self._account,
            "messaging_service_sid": None,
            "from": sender,
            "to": to,
            "body": body,
            "num_segments": str(segments(body) or 1),
            "error_code": None,
            "error_message": None,
            "_created": now,
            "_updated": now,
            "_sent": None,
            "_plan": [],
            "_callback": "",
            "_media_urls": [],
            "_number": len(self.shelf),
        }

    def receive(self, sender: str, to: str, body: str, media: int) -> dict[str, Any]:
        """Store a message from a handset."""
        message = self._new("MM" if media else "SM", sender, to, body)
        message |= {"direction": "inbound", "status": "received", "num_media": str(media), "_sent": message["_created"]}
        self._keep(message, "message.received")
        return message

    # -- opt-outs ------------------------------------------------------------------------------------------------

    def opted_out(self, number: str, handset: str) -> bool:
        """Tell whether a handset has blocked one of our numbers."""
        return f"{number}|{handset}" in self._optouts

    def block(self, number: str, handset: str) -> None:
        """Block a handset for a number, as STOP does."""
        self._optouts.put(f"{number}|{handset}", {"number": number, "handset": handset}, kind="optout.blocked")

    def unblock(self, number: str, handset: str) -> None:
        """Lift the block, as START does."""
        self._optouts.drop(f"{number}|{handset}", kind="optout.lifted")

    # -- read and change -----------------------------------------------------------------------------------------

    def find(self, sid: str) -> dict[str, Any]:
        """Return a stored message; refuse one that is not there."""
        found = self.shelf.get(sid)
        if found is None:
            raise not_found(f"/2010-04-01/Accounts/{self._account}/Messages/{sid}.json")
        return found

    def page(self, query: dict[str, str]) -> dict[str, Any]:
        """Return one page of the list, newest first."""
        found = [message for message in self.shelf if _wanted(message, query)]
        found.sort(key=lambda message: -message["_number"])
        path = f"/2010-04-01/Accounts/{self._account}/Messages.json"
        return paged("messages", [shown(message) for message in found], path, query)

    def change(self, sid: str, form: Form) -> dict[str, Any]:
        """Redact the body (`Body=`) or cancel a message that has not left (`Status=canceled`)."""
        message = self.find(sid)
        if form.first("Status") == "canceled":
            if message["status"] not in ("queued", "accepted", "scheduled"):
                raise Refused(409, 30409, "Message is not in a cancelable state")
            self.shelf.patch(sid, {"status": "canceled", "_plan": []}, kind="message.canceled")
        elif form.first("Body") == "":
            self.shelf.patch(sid, {"body": ""}, kind="message.redacted")
        else:
            raise Refused(400, 20001, "Only an empty Body or Status=canceled may be set")
        return shown(self.shelf[sid])

    def delete(self, sid: str) -> None:
        """Delete a message that is no longer on its way."""
        if self.find(sid)["_plan"]:
            raise Refused(409, 20009, "Cannot delete message because delivery has not been completed.")
        self.shelf.drop(sid, kind="message.deleted")


def _check_content(body: str, media: list[str], content: str | None) -> None:
    if content:
        raise Refused(400, 21655, "The ContentSid is Invalid")
    if not body and not media:
        raise Refused(400, 21602, "Message body is required.")
    if len(body) > _BODY:
        raise Refused(400, 21617, "The concatenated message body exceeds the 1600 character limit")
    if len(media) > _MEDIA:
        raise Refused(400, 21623, "Number of media files exceeds allowed limit")
    for url in media:
        if not _URL.fullmatch(url):
            raise Refused(400, 21620, f"Invalid media URL: {url}")


def _validity(text: str | None) -> int:
    seconds = int(text) if text and text.isdigit() else None
    if text and (seconds is None or not 1 <= seconds <= _TEN_HOURS):
        raise Refused(400, 20001, f"ValidityPeriod must be between 1 and {_TEN_HOURS}")
    return seconds or _TEN_HOURS


def _wanted(message: dict[str, Any], query: dict[str, str]) -> bool:
    day = datetime.fromisoformat(message["_sent"] or message["_created"]).date()
    return (
        query.get("To") in (None, "", message["to"])
        and query.get("From") in (None, "", message["from"])
        and all(_day_fits(day, name, value) for name, value in query.items() if name.startswith("DateSent") and value)
    )


def _day_fits(day: date, name: str, value: str) -> bool:
    """Compare by whole days in UTC, which is all that Twilio's filter knows."""
    try:
        wanted = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        raise Refused(400, 20001, f"Invalid date: {value}") from None
    limit = wanted.astimezone(UTC).date() if wanted.tzinfo else wanted.date()
    match name.removeprefix("DateSent"):
        case ">":
            return day >= limit
        case "<":
            return day <= limit
    return day == limit


def shown(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message as the API shows it."""
    base = f"/2010-04-01/Accounts/{message['account_sid']}/Messages/{message['sid']}"
    unsent = message["status"] == "accepted"
    return {name: value for name, value in message.items() if not name.startswith("_")} | {
        "from": None if unsent else message["from"],
        "num_segments": "0" if unsent else message["num_segments"],
        "api_version": "2010-04-01",
        "date_created": _rfc2822(message["_created"]),
        "date_updated": _rfc2822(message["_updated"]),
        "date_sent": _rfc2822(message["_sent"]),
        "price": None,
        "price_unit": "USD",
        "uri": f"{base}.json",
        "subresource_uris": {"media": f"{base}/Media.json"},
    }


def _rfc2822(moment: str | None) -> str | None:
    return format_datetime(datetime.fromisoformat(moment)) if moment else None


def paged(name: str, rows: list[dict[str, Any]], path: str, query: dict[str, str]) -> dict[str, Any]:
    """Cut one page out of a list and wrap it as Twilio does."""
    try:
        size, page = min(max(int(query.get("PageSize") or 50), 1), 1000), max(int(query.get("Page") or 0), 0)
    except ValueError:
        raise Refused(400, 20001, "Page and PageSize must be numbers") from None
    start = page * size
    part = rows[start : start + size]

    def uri(number: int) -> str:
        kept = {key: value for key, value in query.items() if key not in ("Page", "PageToken", "PageSize")}
        token = {"PageToken": f"PA{rows[min(number * size, len(rows)) - 1]['sid']}"} if number else {}
        return f"{path}?{urlencode({**kept, 'PageSize': size, 'Page': number, **token})}"

    return {
        name: part,
        "page": page,
        "page_size": size,
        "start": start,
        "end": start + len(part) - (1 if part else 0),
        "uri": uri(page),
        "first_page_uri": uri(0),
        "next_page_uri": uri(page + 1) if start + size < len(rows) else None,
        "previous_page_uri": uri(page - 1) if page else None,
    }
