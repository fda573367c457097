"""Names of merchants: what is shown, and the key by which two spellings are one (rules MER-4, MER-5, MER-6).

Names arrive from card descriptors, from print and from what people type. The rules are the same for all: the trimmings
of card networks go, ALL CAPS and all lower case become what the brand writes itself, and nothing that could be a link,
markup or an invisible character stays.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path

LONGEST_NAME = 60
_CITY_WORDS = 4

LEGAL_FORMS = frozenset(["inc", "llc", "ltd", "gmbh", "sdn", "bhd", "co", "corp", "plc", "the"])
_TRAILING_FORMS = (
    r"(?:sdn\.?\s*bhd\b\.?(?:\s*\([A-Z]{0,2}\)?)?|gmbh|inc\.?|l\.?l\.?c\.?"
    r"|(?<!pte\s)(?<!pte\.\s)(?<!pty\s)ltd\.?|corp\.?|plc)"
)
_DATA = Path(__file__).with_name("data")
_HOST_AT_END = re.compile(
    r"(?<=\S)\s+(?:[\w-]{1,40}\.){1,3}(?:com|net|org|co|io|tv|me)(?:/\S*)?(?:\s+[A-Z]{2,3})?\s*$", re.I
)
_FOLDS = str.maketrans({"ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d"})
_SMALL_WORDS = frozenset(
    ("of", "and", "the", "de", "la", "le", "du", "des", "del", "di", "da", "van", "von", "der", "den", "by", "at")
) | {"in", "on", "for", "y", "e", "et", "und"}


def folded(text: str) -> str:
    """Return the text without case and Latin accents."""
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_FOLDS)
    return unicodedata.normalize("NFC", "".join(c for c in plain if not "\u0300" <= c <= "\u036f"))


def _plain_key(name: str) -> str:
    """Return the key of a name whose trimmings are gone."""
    plain = re.sub(r"\.(?=[^\W\d_]{2})", " ", folded(name))
    words = re.findall(r"[^\W_]+", re.sub(r"['’`´.]", "", plain))
    return "".join(word for word in words if word not in LEGAL_FORMS) or "".join(words)


def merchant_key(name: str) -> str:
    """Return the key of a name: folded letters and digits without trimmings and legal forms (rule MER-5).

    Never empty for a name with a letter or a digit; two prints of one merchant ("SQ *JOE'S #12", "Joe's") share it.
    """
    return _plain_key(without_trimmings(name))


@cache
def _prefixes() -> re.Pattern[str]:
    """Return the matcher of what payment companies print before a shop's name ("SQ *", "SP " before a word)."""
    listed = tomllib.loads((_DATA / "brands.toml").read_text("utf-8"))["prefixes"]
    names = "|".join(re.escape(prefix) for prefix in sorted(listed, key=len, reverse=True))
    return re.compile(rf"^\s*(?:(?:{names})\s*\*|(?-i:SP\s(?=[A-Z0-9&'.-]{{3}})))\s*(?=\S)", re.I)


@cache
def _brand_keys() -> frozenset[str]:
    table = tomllib.loads((_DATA / "brands.toml").read_text("utf-8"))
    return frozenset(_plain_key(name) for name in (*table["names"], *table["aliases"]))


@cache
def brands() -> Mapping[str, str]:
    """Return key -> how the brand writes itself, aliases included; an ampersand may be spelled out."""
    table = tomllib.loads((_DATA / "brands.toml").read_text("utf-8"))
    spelled = [re.sub(r"\s?&\s?", " and ", name) for name in table["names"] if "&" in name]
    known = {merchant_key(name): name for name in (*spelled, *table["names"])}
    return known | {merchant_key(alias): name for alias, name in table["aliases"].items()}


@cache
def written_brands() -> frozenset[str]:
    """Return every name of a brand as the table writes it, aliases included."""
    table = tomllib.loads((_DATA / "brands.toml").read_text("utf-8"))
    return frozenset((*table["names"], *table["aliases"]))


@cache
def telling_brands() -> Mapping[str, str]:
    """Return the brands whose name alone is evidence of a merchant (no common nouns)."""
    plain = tomllib.loads((_DATA / "brands.toml").read_text("utf-8"))["plain"]
    common = {merchant_key(name) for name in plain}
    return {key: name for key, name in brands().items() if key not in common and len(key) > 2}


@cache
def _cities() -> frozenset[str]:
    """Return the cities that card descriptors end in, folded."""
    table = tomllib.loads((_DATA / "places.toml").read_text("utf-8"))
    listed = {folded(city) for cities in table["cities"].values() for city in cities}
    return frozenset(listed | set(table["descriptor_cities"]))


@cache
def towns() -> frozenset[str]:
    """Return the towns that people say they are in ("lunch in vienna"), folded."""
    return _cities() | set(tomllib.loads((_DATA / "places.toml").read_text("utf-8"))["towns"])


@cache
def _regions() -> frozenset[str]:
    table = tomllib.loads((_DATA / "places.toml").read_text("utf-8"))
    return frozenset(f"{table['us_states']} {table['ca_provinces']} {table['au_states']} {table['countries']}".split())


def without_prefix(name: str) -> str:
    """Return a card descriptor without what the payment company printed before the shop's name."""
    return _prefixes().sub("", name)


def without_trimmings(name: str) -> str:
    """Return a card descriptor without network prefixes, store and phone numbers, and city with state (rule MER-4)."""
    text = _before_star(without_prefix(name))
    text = _HOST_AT_END.sub("", text)
    text = re.sub(r"\s*\(?\+?1?[\s.-]?\(?\b\d{3}\)?[\s.-]\d{3}[\s.-]?\d{4}\b.*$|\s+\d{10}\b.*$", "", text)
    text = without_place(text.strip())
    if _plain_key(unnumbered := re.sub(r"\s+#?\d{3,6}\s*$", "", text)) in _brand_keys():
        return unnumbered  # "THE UPS STORE 4471"
    text = re.sub(r"\s*(?:#|\bno\.?\s*|\bstore\s+#?)\s*\d+\s*$|\s+\d{3,6}\s*$", "", text, flags=re.I)
    return text.strip(" ,;:-*#") or name.strip()


def _before_star(text: str) -> str:
    """Return the shop of "SHOP *WHAT WAS BOUGHT": the text before the star when it is a known brand."""
    head, star, tail = text.partition("*")
    head = re.sub(r"\s+[A-Z]{2}$", "", head.strip()) if " " in head.strip() else head.strip()
    if not star or not head:
        return text
    known = _brand_keys()
    words = tail.split()
    if words and (longer := f"{head} {words[0]}") and _plain_key(longer) in known and _plain_key(head) in known:
        return longer
    return head if _plain_key(head) in known else text


def without_place(text: str) -> str:
    """Return a descriptor without the city and region at its end ("SHELL OAKLAND CA" -> "SHELL")."""
    ending = re.search(r"^(.*\S)[\s,]+([A-Z]{2,3})$", text)
    if not ending or ending[2] not in _regions():
        return text
    if len(ending[2]) == 2 and _plain_key(ending[1]) in _brand_keys():
        return ending[1]
    words = ending[1].split()
    for count in range(min(_CITY_WORDS, len(words) - 1), 0, -1):
        if folded(" ".join(words[-count:])) in _cities():
            return " ".join(words[:-count]).rstrip(" ,")
    return text


def display_name(name: str) -> str | None:
    """Return how a merchant is shown, or None when nothing readable remains.

    Trimmings of card descriptors and legal forms at the end go; ALL CAPS and all lower case become the brand's own
    writing or word-wise title case; at most 60 characters without control, bidi or zero-width characters, links or
    markup.
    """
    text = without_trimmings(_harmless(name))
    bare = re.sub(rf"[\s,]+{_TRAILING_FORMS}\s*$", "", text, flags=re.I).strip(" ,;:-&") or text
    for spelling in (text, bare):
        if brand := brands().get(merchant_key(spelling)):
            return _plain(brand) if spelling.isascii() else brand
    if not any(c.isalnum() for c in bare):
        return None
    return _shortened(_cased(bare))


def _plain(brand: str) -> str:
    """Return a brand as one writes it who writes no accents ("El Corte Ingles")."""
    return "".join(c for c in unicodedata.normalize("NFKD", brand) if not unicodedata.combining(c))


def _harmless(name: str) -> str:
    text = unicodedata.normalize("NFC", name)
    text = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    text = re.sub(r"<[^<>]*>|[<>`{}\\|]", "", text)
    text = re.sub(r"\bhttps?://\S*", lambda match: _site(match.group()), text, flags=re.I)
    text = re.sub(r"(?<![\w@.])(?:www\.)[\w.-]+(?:/\S*)?", lambda match: _site(match.group()), text, flags=re.I)
    return re.sub(r"\s+", " ", text).strip()


def _site(address: str) -> str:
    """Return the registrable name of an address: `https://shop.luna.example/x` -> `luna`."""
    host = re.sub(r"^(?:https?://)?(?:www\.)?", "", address, flags=re.I).split("/")[0].split(":")[0]
    labels = host.split(".")
    while len(labels) > 1 and (len(labels[-1]) <= 3 or labels[-1] in {"example", "info", "shop", "store"}):
        labels.pop()
    return labels[-1] if labels else ""


def _cased(text: str) -> str:
    letters = [c for c in text if c.isalpha()]
    if not letters or not (all(c.isupper() for c in letters) or all(c.islower() for c in letters)):
        return text
    if "@" in text:
        return text
    words = text.split(" ")
    return " ".join(_cased_word(word, first=at == 0, shouted=letters[0].isupper()) for at, word in enumerate(words))


def _cased_word(word: str, *, first: bool, shouted: bool) -> str:
    bare = re.sub(r"[^\w]", "", word)
    if not first and bare.lower() in _SMALL_WORDS:
        return word.lower()
    if (
        shouted
        and 1 < len(bare) <= 4
        and not re.search(r"[AEIOUY]", bare)
        and bare not in {"MR", "DR", "ST", "MRS", "JR", "LTD", "BHD", "SDN"}
    ):
        return word
    if shouted and (re.fullmatch(r"[IVX]+", bare) or re.fullmatch(r"(?:[A-Z]\.)+[A-Z]?\.?|[A-Z]&[A-Z]", word)):
        return word
    cased = re.sub(r"[^\W\d_]+", lambda match: match.group()[0].upper() + match.group()[1:].lower(), word)
    return re.sub(
        r"(?<=[^\W\d_]{2}['’])[A-Z](?![a-z]{2})|(?<=\d)(?:St|Nd|Rd|Th)\b", lambda match: match.group().lower(), cased
    )


def _shortened(text: str) -> str:
    if len(text) <= LONGEST_NAME:
        return text
    cut = text[: LONGEST_NAME + 1].rsplit(" ", 1)[0]
    return cut[:LONGEST_NAME].rstrip(" ,;:-&")
