"""Whether a quote is really the person's: no quote, no proposal (rule PP-1)."""

from __future__ import annotations

import re

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´ʼ", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u00a0\u202f\u2007\u2009\u3000\t\r\n", " "),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff", ""),
    }
)
_SPACES = re.compile(" {2,}")


def plain(text: str) -> str:
    """Return a text with plain quotes, dashes and single spaces, as quotes are compared (C11)."""
    return _SPACES.sub(" ", text.translate(_PLAIN)).strip()


def is_quoted(quote: str, message: str) -> bool:
    """Tell whether a quote stands in a message, word for word (C10)."""
    wanted = plain(quote)
    return bool(wanted) and wanted in plain(message)
