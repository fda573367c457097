"""X-Twilio-Signature, made from the public URL and the form fields.

Written from Twilio's description and not with its SDK, so that a signer and a checker that err in the same way would
be noticed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import urldefrag


def sign(token: str, url: str, fields: Iterable[tuple[str, str]]) -> str:
    """Return the signature of a form posted to a URL; the fragment is not sent and not signed."""
    text = urldefrag(url).url + "".join(name + value for name, value in sorted(set(fields)))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()
