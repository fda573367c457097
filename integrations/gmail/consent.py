"""Where a person is sent to agree, with PKCE (rule EML-10)."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import urlencode

SCOPE = "https://www.googleapis.com/auth/gmail.readonly"
AUTHORISE = "https://accounts.google.com/o/oauth2/v2/auth"


def authorise_url(*, base: str, client_id: str, redirect_uri: str, state: str, verifier: str) -> str:
    """Return the page where Google asks; `base` is a local stand-in's address, empty for Google itself."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = {
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": SCOPE,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        "access_type": "offline",
        "prompt": "consent",
    }
    page = f"{base.rstrip('/')}/o/oauth2/v2/auth" if base else AUTHORISE
    return f"{page}?{urlencode(query)}"
