"""Codes as people type them and as machines make them (CP-2, CP-4, CP-9)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

LEAST, MOST = 4, 24
DRAWN = 8
"""So many characters of a generated code follow its prefix."""
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without I, L, O and U."""
_MISREAD = str.maketrans("OIL", "011")
_CODE = re.compile(rf"[A-Z0-9]{{{LEAST},{MOST}}}")


def normalised(text: str) -> str:
    """Return a code as it is stored: NFKC, upper case, without spaces and dashes of any kind."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join(sign for sign in folded if not sign.isspace() and unicodedata.category(sign) != "Pd")


def is_code(text: str) -> bool:
    """Tell whether a normalised text may be a code."""
    return _CODE.fullmatch(text) is not None


def folded(code: str) -> str:
    """Return the form under which a generated code is found: O read as 0, I and L as 1."""
    return code.translate(_MISREAD)


def drawn(prefix: str, digits: Callable[[int], str]) -> str:
    """Return a prefix with eight characters drawn; `digits` gives so many random decimal digits."""
    number = int(digits(15)) % len(_ALPHABET) ** DRAWN
    signs = []
    for _ in range(DRAWN):
        number, sign = divmod(number, len(_ALPHABET))
        signs.append(_ALPHABET[sign])
    return prefix + "".join(signs)
