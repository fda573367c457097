"""The account's own numbers and where their messages go (IncomingPhoneNumbers)."""

from __future__ import annotations

from email.utils import format_datetime
from typing import Any

from integrations.fakes.kit import FakeServer, Form
from integrations.fakes.twilio.messages import paged
from integrations.fakes.twilio.refusals import Refused, not_found

_CHANGEABLE = {
    "SmsUrl": "sms_url",
    "SmsMethod": "sms_method",
    "SmsFallbackUrl": "sms_fallback_url",
    "SmsFallbackMethod": "sms_fallback_method",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
    "FriendlyName": "friendly_name",
    "VoiceUrl": "voice_url",
    "SmsApplicationSid": "sms_application_sid",
}


class Numbers:
    """Our numbers."""

    def __init__(self, server: FakeServer, account: str) -> None:
        self._server, self._account = server, account
        self.shelf = server.book.shelf("number")

    def own(self, number: str, sms_url: str = "") -> None:
        """Buy a number, unless the account has it; a URL that is given is set either way."""
        if known := self.by_number(number):
            if sms_url and sms_url != known["sms_url"]:
                self.shelf.patch(known["sid"], {"sms_url": sms_url}, kind="number.changed")
            return
        sid, now = self._server.make_hex("PN"), format_datetime(self._server.clock.now())
        record = {
            "sid": sid,
            "account_sid": self._account,
            "phone_number": number,
            "friendly_name": number,
            "api_version": "2010-04-01",
            "capabilities": {"sms": True, "mms": True, "voice": True, "fax": False},
            "date_created": now,
            "date_updated": now,
            "sms_url": sms_url,
            "sms_method": "POST",
            "sms_fallback_url": "",
            "sms_fallback_method": "POST",
            "sms_application_sid": None,
            "status_callback": "",
            "status_callback_method": "POST",
            "voice_url": None,
            "origin": "twilio",
            "status": "in-use",
            "uri": f"/2010-04-01/Accounts/{self._account}/IncomingPhoneNumbers/{sid}.json",
        }
        self.shelf.put(sid, record, kind="number.bought")

    def by_number(self, number: str) -> dict[str, Any] | None:
        """Return the record of one of our numbers."""
        return next((known for known in self.shelf if known["phone_number"] == number), None)

    def find(self, sid: str) -> dict[str, Any]:
        """Return a number's record; refuse one that is not there."""
        found = self.shelf.get(sid)
        if found is None:
            raise not_found(f"/2010-04-01/Accounts/{self._account}/IncomingPhoneNumbers/{sid}.json")
        return found

    def page(self, query: dict[str, str]) -> dict[str, Any]:
        """Return one page of the list."""
        wanted = query.get("PhoneNumber", "")
        found = [number for number in self.shelf if wanted in number["phone_number"]]
        path = f"/2010-04-01/Accounts/{self._account}/IncomingPhoneNumbers.json"
        return paged("incoming_phone_numbers", found, path, query)

    def change(self, sid: str, form: Form) -> dict[str, Any]:
        """Set where messages of a number go."""
        self.find(sid)
        changes = {_CHANGEABLE[name]: value for name, value in form.fields if name in _CHANGEABLE}
        for name, value in changes.items():
            if name.endswith("_url") and value and not value.startswith(("http://", "https://")):
                raise Refused(400, 21502, f"{name} is not a valid URL")
            if name.endswith("_method") and value not in ("GET", "POST"):
                raise Refused(400, 21403, f"{name} must be GET or POST")
        changes["date_updated"] = format_datetime(self._server.clock.now())
        self.shelf.patch(sid, changes, kind="number.changed")
        return self.find(sid)
