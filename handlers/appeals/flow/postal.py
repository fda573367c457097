"""A US postal address out of one line of free text, by `usaddress`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.core.errors import Mistake
from handlers.appeals.place_names import PlaceNames, key_of

_LINE = 64
_STREET = (
    "AddressNumberPrefix", "AddressNumber", "AddressNumberSuffix", "StreetNamePreModifier", "StreetNamePreDirectional",
    "StreetNamePreType", "StreetName", "StreetNamePostType", "StreetNamePostDirectional", "StreetNamePostModifier",
    "USPSBoxGroupType", "USPSBoxGroupID", "USPSBoxType", "USPSBoxID",
)  # fmt: skip
_UNIT = ("OccupancyType", "OccupancyIdentifier", "SubaddressType", "SubaddressIdentifier")
_CANADA = re.compile(r"\b[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ -]?\d[ABCEGHJ-NPRSTV-Z]\d\b", re.IGNORECASE)
_ABROAD = re.compile(
    r"\b(?:canada|mexico|m[eé]xico|united kingdom|england|scotland|ireland|germany|france|india|china|japan|"
    r"deutschland|spain|espa[nñ]a|italy|australia|brazil|philippines)\.?\s*$",
    re.IGNORECASE,
)
_MINOR = re.compile(r"[#.]")


@dataclass(frozen=True, slots=True)
class Typed:
    """An address in its parts; `country` is not US when the text names another one."""

    line1: str = ""
    line2: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    country: str = "US"


def read_address(text: str, names: PlaceNames) -> Typed:
    """Split a typed address; raise Mistake naming the part that is missing."""
    flat = " ".join(text.replace("\n", ", ").split()).strip(" ,")
    if _CANADA.search(flat) or _ABROAD.search(flat):
        return Typed(country="CA" if _CANADA.search(flat) or "canada" in flat.casefold() else "XX")
    parts = _labelled(flat)
    state = _state(_joined(parts, ("StateName",)), names)
    found = Typed(
        line1=_joined(parts, _STREET),
        line2=_joined(parts, _UNIT),
        city=_city(_joined(parts, ("PlaceName",)), state, names),
        state=state,
        zip=_zip(_joined(parts, ("ZipCode",)), flat),
    )
    for part in ("line1", "city", "state", "zip"):
        if not getattr(found, part):
            raise Mistake(f"appeals.address.no_{part}")
    if (
        not any(c.isdigit() for c in found.line1)
        or max(len(found.line1), len(found.line2)) > _LINE
        or len(found.city) > 60
    ):
        raise Mistake("appeals.address.no_line1")
    return found


def _labelled(text: str) -> list[tuple[str, str]]:
    import usaddress

    return [(label, token.strip(" ,;")) for token, label in usaddress.parse(text)]


def _joined(parts: list[tuple[str, str]], labels: tuple[str, ...]) -> str:
    return " ".join(_cased(token) for label, token in parts if label in labels and token)


def _cased(token: str) -> str:
    """Write words as an address does, ordinals as "5th", units and directions in capitals."""
    if token.casefold() in ("po", "p.o.", "p.o", "ne", "nw", "se", "sw", "n", "s", "e", "w"):
        return token.upper().replace(".", "")
    if any(c.isdigit() for c in token):
        return token.lower() if re.fullmatch(r"\d+(?:st|nd|rd|th)", token, re.IGNORECASE) else token.upper()
    return (
        token[:1].upper() + token[1:].lower()
        if token.islower() or (token.isupper() and len(token) > 3)
        else token[:1].upper() + token[1:]
    )


def _state(text: str, names: PlaceNames) -> str:
    return names.states.get(tuple(_MINOR.sub("", text).casefold().split()), "")


def _city(text: str, state: str, names: PlaceNames) -> str:
    """Write a city's initials out ("SF", CA), where they mean one city of that state."""
    if not re.fullmatch(r"[A-Za-z.]{2,4}", text):
        return text
    meant = [place.name for place in names.places.get(key_of(text), ()) if place.state == state]
    return meant[0] if len(meant) == 1 else text


def _zip(found: str, text: str) -> str:
    match = re.search(r"\b(\d{5})(?:-?(\d{4}))?$", found or text)
    return f"{match[1]}-{match[2]}" if match and match[2] else match[1] if match else ""


def split_name(text: str) -> tuple[str, str]:
    """Split "Lee Park, 20 Sample St, Brooklyn NY 11201" into the name and the address."""
    match = re.search(r"\s*[,\n]\s*(?=(?:p\.?\s*o\.?\s*box\b|\d))", text, re.IGNORECASE)
    if match is None or not re.search(r"\b\d{5}(?:-\d{4})?\s*$", text):
        return text, ""
    return text[: match.start()], text[match.end() :]
