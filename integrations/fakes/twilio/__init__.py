"""Twilio as a local server: the Messages API on one side, handsets on the other, a carrier in between.

`TwilioFake` paces and delivers what it is given, blocks and answers keywords as the account is set up, signs its
webhooks, and keeps the list that reconciliation reads. `fake.phone("+1...")` is a person's handset: `say`, `mms`,
`messages`; the same over HTTP under `/_phone/`.
"""

from integrations.fakes.twilio.phone import Phone, Text
from integrations.fakes.twilio.server import ACCOUNT_SID, AUTH_TOKEN, NUMBER, SERVICE_SID, TwilioFake

__all__ = ["ACCOUNT_SID", "AUTH_TOKEN", "NUMBER", "SERVICE_SID", "Phone", "Text", "TwilioFake"]
