"""Where the messages of our own number go (IncomingPhoneNumbers, rule TWI-11): read, changed, and put back."""

from __future__ import annotations

from urllib.parse import urlencode

from bot.core.errors import Misconfigured, Temporary
from integrations.http import Lost, Wire, basic_auth

FIELDS = {
    "sms_url": "SmsUrl",
    "sms_method": "SmsMethod",
    "sms_fallback_url": "SmsFallbackUrl",
    "sms_fallback_method": "SmsFallbackMethod",
}
RETRIES = "#rc=5&rp=all"
"""Twilio's own retries, as a fragment of the address: five, after any failure."""


class NumberSettings:
    """The settings of one number of one account."""

    def __init__(
        self, account_sid: str, auth_token: str, number: str, *, base_url: str = "https://api.twilio.com"
    ) -> None:
        self._number = number
        self._path = f"/2010-04-01/Accounts/{account_sid}/IncomingPhoneNumbers"
        self._wire = Wire("twilio", base_url, headers=basic_auth(account_sid, auth_token))

    async def close(self) -> None:
        """Release connections."""
        await self._wire.close()

    async def read(self) -> tuple[str, dict[str, str]]:
        """Return the number's sid and where its messages go; raise Misconfigured when the account lacks it."""
        query = urlencode({"PhoneNumber": self._number})
        rows = (await self._ask("GET", f"{self._path}.json?{query}", "list_numbers")).get("incoming_phone_numbers")
        for row in rows if isinstance(rows, list) else []:
            if row.get("phone_number") == self._number:
                return str(row["sid"]), {name: str(row.get(name) or "") for name in FIELDS}
        raise Misconfigured("TWILIO_FROM", "this account has no such number")

    async def write(self, sid: str, values: dict[str, str]) -> dict[str, str]:
        """Set where messages go, and return what Twilio then has."""
        form = urlencode({FIELDS[name]: value for name, value in values.items() if name in FIELDS})
        row = await self._ask("POST", f"{self._path}/{sid}.json", "change_number", form)
        return {name: str(row.get(name) or "") for name in FIELDS}

    async def _ask(self, method: str, path: str, operation: str, form: str | None = None) -> dict[str, object]:
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if form else None
        answer = await self._wire.ask(method, path, operation=operation, seconds=15.0, data=form, headers=headers)
        if isinstance(answer, Lost):
            raise Temporary("Twilio cannot be reached")
        if answer.status in (401, 403):
            raise Misconfigured("TWILIO_AUTH_TOKEN", "Twilio does not accept the account and token")
        if answer.status not in (200, 201):
            raise Temporary(f"Twilio answers {answer.status}")
        return answer.record()
