"""The merchant of a print: the head of the receipt, what it thanks for, its site, and the brands that everyone knows.

The name is the first line at the head that is no address, number or heading; a split name is joined, a registered
company name near it is preferred, and the foot ("thank you for shopping at ...", a domain) settles doubts and fills a
missing head.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import median

from handlers.receipts.merchants import LEGAL_FORMS, display_name, folded, merchant_key, telling_brands
from handlers.receipts.reading.amounts import amounts_in
from handlers.receipts.reading.results import Context
from handlers.receipts.reading.rows import Cell, Row

_WORDS = Path(__file__).parents[1] / "data" / "vendor.toml"
_THANKS = re.compile(
    r"(?:(?:receipt|invoice|purchase) from|thank(?:s| ?you)? ?(?:again)? ?(?:for|4)? ?(?:your)? ?"
    r"(?:[a-z]{3,12}ing(?: by)?|business|visit)?"
    r" ?(?:with us)? ?(?:at|from|with|to)|welcome ?to|shopping ?at|dining at)\s*[:\-]?\s*(.*)$",
    re.I,
)
_SITE = re.compile(
    r"(?:www\.|https?://(?:www\.|m\.)?)?([a-z0-9\-]{3,40})\.(?:com|net|org|co|biz|us|info|my|sg|de|fr|uk|ca|au|example)\b(?:/([\w.\-]{4,40}))?",
    re.I,
)
_PUBLIC_SITES = frozenset(
    "facebook twitter instagram gmail yahoo hotmail youtube google tripadvisor yelp surveymonkey m".split()  # noqa: SIM905
)
_REGISTRATION = re.compile(r"\W*(?:co\w*\.?\s*(?:reg\w*\.?)?\s*no\W*)?\(?\d{4,}\s?-?\s?[A-Z]{1,2}\)?\W*$", re.I)
_PHONE_LIKE = re.compile(r"\(?\d{2,4}\)?[\s.-]\d{3,4}[\s.-]?\d{3,4}")
_PLACE = re.compile(
    r"\b(?:mall|plaza|place|airport|cent(?:er|re)|square|village|towers?|outlets?|branch|court|terminal|park)\b", re.I
)
HEAD_ROWS = 14


@dataclass(frozen=True, slots=True)
class Vendor:
    """A merchant as read: what is shown, the raw print, confidence, and the cell where it starts."""

    name: str
    raw: str
    confidence: float
    cell: Cell | None


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    row: int
    height: float
    cell: Cell
    is_legal: bool
    is_business: bool
    brand: str | None
    middle: float
    registered: bool = False
    addresses_before: int = 0


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    table = tomllib.loads(_WORDS.read_text("utf-8"))
    return {
        name: re.compile(pattern.replace(" ", r"\s*") if name != "address" else pattern)
        for name, pattern in table.items()
        if name != "version"
    }


def tells_address(plain: str) -> bool:
    """Say whether folded words are an address or a part of one."""
    return bool(_patterns()["address"].search(plain))


def tells_noise(plain: str) -> bool:
    """Say whether folded words are a heading, a number or anything else that stands around a name."""
    return bool(_patterns()["noise"].search(plain))


def tells_registered(plain: str) -> bool:
    """Say whether folded words hold a legal form."""
    return bool(_patterns()["legal"].search(plain))


def speaks_of_customer(plain: str) -> bool:
    """Say whether the print speaks of the customer from here on."""
    return bool(_patterns()["customer"].search(plain))


def vendor_of(rows: Sequence[Row], context: Context) -> Vendor | None:
    """Return the merchant, or None when no line names one (then a known telephone number may)."""
    head = _head(rows)
    lines = _lines(head)
    foot = _foot_names(rows)
    if known := _known(lines, foot, context):
        return known
    if not lines:
        return _from_foot(foot)
    best = _best(lines, foot)
    name = _joined(best, lines, foot)
    shown = display_name(name)
    if shown is None:
        return _from_foot(foot)
    return Vendor(_like_foot(shown, foot), name, _confidence(best, shown, foot), best.cell)


def _head(rows: Sequence[Row]) -> list[tuple[int, Row]]:
    """Return the rows above the first priced line."""
    head = []
    for at, row in enumerate(rows[:HEAD_ROWS]):
        if _patterns()["customer"].search(folded(row.text)):
            break
        if at > 2 and any(amount.is_money for cell in row.cells for amount in amounts_in(cell.text)):
            break
        head.append((at, row))
    return head


def _lines(head: Sequence[tuple[int, Row]]) -> list[_Line]:
    """Return the lines that may be a name, with what stands around them."""
    lines: list[_Line] = []
    addresses = 0
    for at, row in head:
        line = _line(_named_part(row), at)
        text = " ".join(cell.text for cell in row.cells)
        if line is None:
            addresses += bool(_patterns()["address"].search(folded(text))) or bool(_PHONE_LIKE.search(text))
            if lines and lines[-1].row == at - 1 and _REGISTRATION.match(text):
                lines[-1] = replace(lines[-1], registered=True)
        elif (
            lines and lines[-1].row == at - 1 and lines[-1].text.count("(") > lines[-1].text.count(")") and ")" in text
        ):
            lines[-1] = _merged(lines[-1], line)
        else:
            lines.append(replace(line, addresses_before=addresses, registered=bool(_REGISTRATION.search(text))))
    return lines


def _named_part(row: Row) -> Row:
    """Return the part of a row of columns that may be a name: `Luna Books   Invoice # 12` is no heading as a whole."""
    parts = columns_of(row)
    if len(parts) < 2 or not _patterns()["noise"].search(folded(_cleaned(row))):
        return row
    named = [part for part in parts if _patterns()["legal"].search(folded(part.text))]
    first = parts[0].text
    plain = ":" not in first and len(first.split()) > 1 and not _patterns()["noise"].search(folded(_cleaned(parts[0])))
    return named[0] if named else parts[0] if plain else row


def columns_of(row: Row) -> list[Row]:
    """Return the parts of a row that stand far apart."""
    parts = [[row.cells[0]]]
    for before, cell in pairwise(row.cells):
        if cell.left - before.right > 2 * max(cell.height, before.height):
            parts.append([])
        parts[-1].append(cell)
    return [Row(tuple(part)) for part in parts]


def _merged(first: _Line, second: _Line) -> _Line:
    """Return two lines as one name that was broken inside its brackets."""
    return replace(
        first,
        text=f"{first.text} {second.text}",
        row=second.row,
        is_legal=first.is_legal or second.is_legal,
        is_business=first.is_business or second.is_business,
    )


def _line(row: Row, at: int) -> _Line | None:
    text = _cleaned(row)
    plain = folded(text)
    letters = sum(c.isalpha() for c in text)
    patterns = _patterns()
    is_legal = bool(patterns["legal"].search(plain))
    brand = telling_brands().get(merchant_key(text))
    if not brand and (letters < 3 or letters < 0.5 * len(re.sub(r"\s", "", text))):
        return None
    if any(amount.is_money for cell in row.cells for amount in amounts_in(cell.text)):
        return None
    if patterns["noise"].search(plain) and not (brand or (is_legal and not plain.startswith(("gst", "bill")))):
        return None
    if re.search(r":\s*\d", text) and not (brand or is_legal):
        return None
    is_name_like = at == 0 and not re.search(r"\d|,", plain)
    is_lot = bool(re.match(r"\W*(?:lot|no\b)", plain))
    if patterns["address"].search(plain) and not is_name_like and (is_lot or not is_legal):
        return None
    first = row.cells[0]
    return _Line(
        text,
        at,
        median(cell.height for cell in row.cells),
        first,
        is_legal,
        bool(patterns["business"].search(plain)),
        brand,
        row.middle,
    )


def _cleaned(row: Row) -> str:
    """Return the row without registration numbers, decoration and welcome; misread digits in words are repaired."""
    text = re.sub(r"^\s*#\s*\d+\s*", "", " ".join(cell.text for cell in row.cells))
    text = re.sub(r"\W+(?:est(?:d|ablished)?|since)\b\W*(?:in\W+)?(?:1[89]|20)\d\d.*$", "", text, flags=re.I)
    text = re.sub(
        r"^\W*(?:welcome\s*to|dimiliki|owned by|operated by|d\.?b\.?a\.?|trading as)\b\W*", "", text, flags=re.I
    )
    text = re.sub(
        r"\(?\s*(?:co(?:mpany)?\.?\s*(?:reg\.?)?\s*(?:no\.?|:)\s*[:.]?\s*)?\(?\b\d{4,}\s?[-–]?\s?[A-Z]{0,2}\b\)?.*$",
        "",
        text,
        flags=re.I,
    )
    text = re.sub(r"\b(?:tel|phone|ph|fax|gst)\b.*$|(?:\bstore\s*)?#\s*\d+.*$", "", text, flags=re.I)
    text = re.sub(r"(?<=[A-Z])1(?=[A-Z])|\b1(?=[A-Z]{3})", "I", re.sub(r"(?<=[A-Z])0(?=[A-Z])", "O", text))
    text = re.sub(r"\bS[DO0]N(\W{0,2})B[HN]D\b", r"SDN\1BHD", text, flags=re.I)
    return re.sub(r"\s+", " ", text).strip(" *-=~_.,:;|<>+'\"`^")


def _foot_names(rows: Sequence[Row]) -> list[str]:
    """Return names that the print thanks for or that its sites bear."""
    names = []
    for at, row in enumerate(rows):
        text = " ".join(cell.text for cell in row.cells)
        if match := _THANKS.search(text):
            name = match[1].strip(" .!*-") or (rows[at + 1].text.strip(" .!*-") if at + 1 < len(rows) else "")
            if 3 <= sum(c.isalpha() for c in name) <= 40 and not re.search(
                r"\d{3}|come again|www|please|thank|visit|our |your ", name, re.I
            ):
                names.append(re.sub(r"\s*#\s*\d+.*$", "", re.sub(r"\s+", " ", name)))
        for site in _SITE.finditer(text):
            label = site[2] if site[1].lower() in _PUBLIC_SITES and site[2] else site[1]
            if label.lower() not in _PUBLIC_SITES and "@" not in text[max(0, site.start() - 1) : site.start()]:
                names.append("site:" + label)
    return names


def _known(lines: Sequence[_Line], foot: Sequence[str], context: Context) -> Vendor | None:
    """Return a merchant that the person has confirmed before and that stands on this print."""
    known = {merchant_key(name): name for name in context.known_merchants}
    for line in lines:
        if name := known.get(merchant_key(line.text)):
            return Vendor(name, line.text, 0.98, line.cell)
    for name in foot:
        if shown := known.get(merchant_key(name)):
            return Vendor(shown, name, 0.95, None)
    return None


def _from_foot(foot: Sequence[str]) -> Vendor | None:
    for name in sorted(foot, key=lambda name: name.startswith("site:")):
        if shown := display_name(name.removeprefix("site:")):
            return Vendor(shown, name.removeprefix("site:"), 0.6 if name.startswith("site:") else 0.8, None)
    return None


def _best(lines: Sequence[_Line], foot: Sequence[str]) -> _Line:
    typical = median(line.height for line in lines)

    def score(line: _Line) -> float:
        place = lines.index(line)
        points = 3.0 - 0.7 * place - 0.1 * line.row
        points += 3.4 * line.is_legal + 1.2 * line.is_business + 1.5 * bool(line.brand)
        points += 1.5 * line.registered - 0.8 * min(2, line.addresses_before) * (not line.is_legal)
        points += 0.8 * (line.height > 1.3 * typical)
        points += 1.6 * any(_alike(line.text, name) for name in foot)
        points -= 1.5 * (sum(c.isalpha() for c in line.text) < 4 and not line.brand)
        points -= 1.0 * (line.cell.score < 800)
        points -= 1.0 * line.text.islower() + 1.5 * (":" in line.text)
        return points

    return max(lines, key=score)


def _alike(line: str, name: str) -> bool:
    a, b = merchant_key(line), merchant_key(name.removeprefix("site:"))
    if len(a) < 4 or len(b) < 4:
        return False
    return a in b or b in a or SequenceMatcher(None, a, b).ratio() >= 0.8


def _joined(best: _Line, lines: Sequence[_Line], foot: Sequence[str]) -> str:
    """Return the name of the best line, joined with the neighbour that belongs to it."""
    at = lines.index(best)
    following = lines[at + 1] if at + 1 < len(lines) and lines[at + 1].row == best.row + 1 else None
    before = lines[at - 1] if at and lines[at - 1].row >= best.row - 1 - best.text.count("(") else None
    if best.brand:
        return best.text
    if before and best.is_legal and not before.is_legal and _is_long_name(before, best):
        return f"{before.text} {best.text}"
    if before and not best.is_legal and before.row == best.row - 1:
        is_end = len(best.text.split()) <= 2 and _belongs(before, best, foot)
        if is_end or _only_describes(best.text):
            return f"{before.text} {best.text}"
    if following and not best.is_legal and _belongs(best, following, foot):
        return f"{best.text} {following.text}"
    return best.text


def _is_long_name(before: _Line, best: _Line) -> bool:
    """Say whether the line above a registered name belongs to it: `NORTH HARBOR` over `BAKERY & CAFE LLC`."""
    if _alike(before.text, best.text) or _starts_with_brand(before.text):
        return False
    words = [word for word in re.findall(r"[a-z]+", folded(best.text)) if word not in LEGAL_FORMS]
    is_general = all(_patterns()["business"].search(word) or len(word) < 4 for word in words)
    own, above = len(merchant_key(best.text)), len(merchant_key(before.text))
    is_general = is_general or bool(_patterns()["continuing"].match(folded(best.text)))
    return is_general or own < above


def _only_describes(text: str) -> bool:
    """Say whether a line cannot be a name alone: `AND FARM SUPPLY`, `PARKING`, `RESTAURANT & BAR`."""
    plain = folded(text)
    words = re.findall(r"[^\W\d_]+", plain)
    return bool(re.match(r"\W*(?:and\b|&)", plain)) or all(
        _patterns()["business"].fullmatch(word) or word in {"and", "of", "the", "amp"} for word in words
    )


def _starts_with_brand(text: str) -> bool:
    words = text.split()
    return any(merchant_key(" ".join(words[:count])) in telling_brands() for count in (1, 2, 3))


def _belongs(first: _Line, second: _Line, foot: Sequence[str]) -> bool:
    """Say whether two lines are one name that was split."""
    joined = merchant_key(first.text + second.text)
    if any(merchant_key(name.removeprefix("site:")) == joined for name in foot) or joined in telling_brands():
        return True
    near = second.middle - first.middle < 2.2 * max(first.height, second.height)
    alike = 0.55 < first.height / second.height < 1.45
    short = len(first.text.split()) <= 2 and len(second.text.split()) <= 4 and not re.search(r"\d", second.text)
    if re.search(r"['’]s$", first.text, re.I) and near and second.is_business and len(second.text.split()) <= 3:
        return not re.search(r"\d", second.text)
    if re.match(r"\W*(?:dr|prof|mrs?|ms|inh|prop)\b\.?|\(", second.text, re.I):
        return False
    if re.match(r"\W*(?:&|and\b)\W*\w", second.text, re.I) and near:
        return True
    is_place = bool(_PLACE.search(second.text))
    is_logo = len(first.text.split()) == 1 and first.height > second.height
    alike = alike or (is_logo and (second.is_business or " & " in second.text) and not _alike(first.text, second.text))
    return near and alike and short and not first.is_business and not is_place


def _like_foot(shown: str, foot: Sequence[str]) -> str:
    """Return the spelling at the foot when it is the same name with a slip in one of the two."""
    for name in foot:
        if name.startswith("site:"):
            continue
        other = display_name(name)
        if other and SequenceMatcher(None, merchant_key(shown), merchant_key(other)).ratio() >= 0.85:
            return other
    return shown


def _confidence(best: _Line, shown: str, foot: Sequence[str]) -> float:
    points = 0.55 + 0.2 * best.is_legal + 0.1 * best.is_business + 0.25 * bool(best.brand) + 0.1 * (best.row <= 1)
    points += 0.15 * any(_alike(shown, name) for name in foot)
    return round(min(0.98, points * min(1.0, best.cell.score / 950)), 2)
