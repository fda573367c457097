"""Twilio: sending messages and finding them again (`TwilioAdapter`), fetching what people sent (`TwilioMedia`)."""

from integrations.twilio.adapter import TwilioAdapter
from integrations.twilio.media import TwilioMedia

__all__ = ["TwilioAdapter", "TwilioMedia"]
