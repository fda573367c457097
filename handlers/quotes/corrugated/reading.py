"""One line about a box, read into fields: `300x200x150 mm 3ply B 1000` (QT-1).

What is recognised is taken out of the line, the most telling first, so that what is left over can only be a quantity.
Nothing is guessed: a unit that is not there is missing, a number of two readings is a doubt.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from handlers.quotes.calculator import Fields, Read, Said
from handlers.quotes.corrugated import numbers
from handlers.quotes.corrugated.papers import Paper
from handlers.quotes.corrugated.rates import PLIES, Rates

UNITS = {"mm": Decimal(1), "cm": Decimal(10), "in": Decimal("25.4")}
_UNIT = r"mm|millimet(?:er|re)s?|cm|centimet(?:er|re)s?|inch(?:es)?|in|\"|''"
_UNIT_NAMES = {"m": "mm", "c": "cm", "i": "in", '"': "in", "'": "in"}
_APART = r"\s*(?:x|\*|by)\s*"
_ONE_SIDE = rf"(?:\b[lwhd]\s*[:=]?\s*)?({numbers.SIDE})\s*({_UNIT})?"
_SIDES = re.compile(
    rf"(?<![\d./,])(?:size\s*)?{_ONE_SIDE}{_APART}{_ONE_SIDE}(?:{_APART}{_ONE_SIDE})?(?![\d/]|\.\d)", re.I
)
_PLY_WORDS = {"one": 1, "single": 1, "three": 3, "five": 5, "seven": 7, "nine": 9}
_WALLS = {"single": 3, "double": 5, "triple": 7}
_PLY = re.compile(r"\b(?:(\d{1,2})|(one|three|five|seven|nine|single))\s*-?\s*(?:ply|plies|layers?)\b", re.I)
_WALL = re.compile(r"\b(single|double|triple)\s*-?\s*wall(?:ed)?\b", re.I)
_LETTERS = r"[ABCEF](?:[/+&-]?[ABCEF]){0,3}"
_FLUTE_NAMED = re.compile(rf"\b(?:flutes?\s*:?\s*({_LETTERS})|({_LETTERS})\s*-?\s*flutes?)\b", re.I)
_FLUTE_AFTER_PLY = re.compile(rf"(?<=\x00)\s*-?\s*({_LETTERS})\b", re.I)
_FLUTE_BARE = re.compile(r"(?<!\S)(?!A\b)([ABCEF](?:[/+&-]?[ABCEF]){0,3})(?![\w/])")
_PAPER = re.compile(r"\b(?:[A-Za-z]{2,4})?\d{2,3}/\d{2}(?:\s*@\s*\d{1,3}(?:[.,]\d{1,2})?)?(?!\d)")
_COLOURS = re.compile(r"(?:\bx\s*|\*\s*)?\b(\d)\s*-?\s*(?:colou?rs?|col)\b", re.I)
_MONEY_OF = {
    "print": r"print(?:ing|ed)?", "lamination": r"laminat(?:ion|ed|e)", "varnish": r"varnish(?:ed|ing)?",
    "punching": r"punch(?:ing|ed)?", "plates": r"plates?", "die": r"dies?",
}  # fmt: skip
_MONEY = {
    name: re.compile(rf"\b{word}\s*(?:at|@|:|=|cost)?\s*(?:rs\.?|inr|usd|\$)?\s*({numbers.MONEY})(?!\d)", re.I)
    for name, word in _MONEY_OF.items()
}
_OUTSIDE = re.compile(r"\b(?:outside|outer|external|od)(?:\s+(?:size|dimensions?|measures?))?\b", re.I)
_INSIDE = re.compile(r"\b(?:inside|inner|internal|id)(?:\s+(?:size|dimensions?|measures?))?\b", re.I)
_SHEET = re.compile(r"\b(?:flat\s+)?sheets?\b", re.I)
_PIECES = r"(?:pcs?|pieces?|box(?:es)?|cartons?|sheets?|nos?|units?|off|ea)"
_COUNTED = re.compile(
    rf"\b(?:qty|quantity|pcs|pieces)\s*[:=-]?\s*({numbers.COUNT})\b|(?<![\d.,/])({numbers.COUNT})\s*{_PIECES}\b", re.I
)
_BARE_COUNT = re.compile(rf"(?<![\w.,/@-])({numbers.COUNT})(?![\w/]|[.,]\d)", re.I)
_MADE_PLAIN = str.maketrans({"×": "x", "✕": "x", "✖": "x", "″": '"', "”": '"', "“": '"', "′": "'", "\u00a0": " "})
_MARK = "\x00"
"""Stands where a number of plies stood, so that the letter behind it is known as a flute."""


class Line:
    """A line that gets shorter: what one pattern takes, no other sees."""

    def __init__(self, text: str) -> None:
        self.text = unicodedata.normalize("NFKC", numbers.without_fractions(text.translate(_MADE_PLAIN)))

    def take(self, pattern: re.Pattern[str], leave: str = " ") -> re.Match[str] | None:
        """Take the first match out of the line."""
        found = pattern.search(self.text)
        if found is not None:
            self.text = self.text[: found.start()] + leave + self.text[found.end() :]
        return found


def read(text: str, known: Fields, rates: Rates, asked: str = "") -> Read:
    """Return the fields with what the text adds; of what does not fit, the field is missing and the doubt is told."""
    direct = _direct(text.strip(), asked)
    if direct is not None:
        return checked({**known, **direct}, rates)
    line, fields, doubts = Line(text), dict(known), list[Said]()
    _take_papers(line, fields)
    _take_money(line, fields)
    _take_sides(line, fields, doubts)
    _take_board(line, fields)
    _take_quantity(line, fields, alone="quantity" not in known)
    done = checked(fields, rates)
    return Read(done.fields, (*doubts, *done.doubts))


def unit_named(text: str) -> str | None:
    """Return the unit that a word names."""
    found = re.fullmatch(_UNIT, text.strip().rstrip("."), re.I)
    return _UNIT_NAMES[found[0][0].lower()] if found else None


def _direct(text: str, asked: str) -> Fields | None:
    """Return what a bare answer means by what was asked."""
    match asked:
        case "unit":
            unit = unit_named(text)
            return {"unit": unit} if unit else None
        case "ply" if re.fullmatch(r"\d{1,2}", text):
            return {"ply": int(text)}
        case "ply" if text.casefold() in _PLY_WORDS and text.casefold() != "single":
            return {"ply": _PLY_WORDS[text.casefold()]}
        case "flutes" if re.fullmatch(_LETTERS, text, re.I):
            return {"flutes": _letters(text)}
        case "quantity" if re.fullmatch(numbers.COUNT, text, re.I):
            return {"quantity": numbers.count(text)}
        case _:
            return None


def _letters(text: str) -> str:
    return re.sub(r"[^A-F]", "", text.upper())


def _take_papers(line: Line, fields: Fields) -> None:
    labels = []
    while (found := line.take(_PAPER)) is not None:
        paper = Paper.of(re.sub(r"\s", "", found[0]))
        if paper is not None:
            labels.append(paper.label)
    if labels:
        fields["papers"] = labels
        fields.pop("ply", None)


def _take_money(line: Line, fields: Fields) -> None:
    """Take options per piece and fixed costs, with the number of colours that a print has."""
    for name, pattern in _MONEY.items():
        found = line.take(pattern)
        if found is not None:
            fields[name] = str(numbers.money(found[1]))
    colours = line.take(_COLOURS)
    if colours is not None:
        fields["colours"] = int(colours[1])


def _take_sides(line: Line, fields: Fields, doubts: list[Said]) -> None:
    if line.take(_OUTSIDE):
        fields["outside"] = True
    elif line.take(_INSIDE):
        fields["outside"] = False
    found = line.take(_SIDES)
    if found is None:
        if "sides" in fields and (bare := re.fullmatch(rf"\s*({_UNIT})\s*", line.text, re.I)):
            fields["unit"] = unit_named(bare[1])
        return
    given = [numbers.side(text) for text in found.group(1, 3, 5) if text]
    units = {unit_named(text) for text in found.group(2, 4, 6) if text}
    fields.pop("sides", None)
    fields.pop("unit", None)
    is_sheet = fields.get("style") == "sheet" or _SHEET.search(line.text) is not None
    if None in given or len(units) > 1 or (len(given) == 2 and not is_sheet):
        doubts.append(("quotes.doubt_size", {"text": " ".join(found[0].split())}))
        return
    fields["sides"] = [str(number) for number in given]
    fields["style"] = "box" if len(given) == 3 else "sheet"
    if units:
        fields["unit"] = units.pop()


def _take_board(line: Line, fields: Fields) -> None:
    """Take plies and waves; without new ones those of before stand."""
    plies, wall = line.take(_PLY, _MARK), line.take(_WALL, _MARK)
    if plies is not None or wall is not None:
        ply = (int(plies[1]) if plies[1] else _PLY_WORDS[plies[2].lower()]) if plies else _WALLS[wall[1].lower()]  # type: ignore[index]
        if fields.get("ply") != ply:
            fields.pop("papers", None) if len(fields.get("papers", ())) != ply else None
            fields.pop("flutes", None)
        fields["ply"] = ply
    for pattern in (_FLUTE_NAMED, _FLUTE_AFTER_PLY, _FLUTE_BARE):
        found = line.take(pattern)
        if found is not None:
            fields["flutes"] = _letters(next(group for group in found.groups() if group))
            break
    line.text = line.text.replace(_MARK, " ")


def _take_quantity(line: Line, fields: Fields, *, alone: bool) -> None:
    """Take a counted number, or the only bare one that is left; of two bare ones neither is the quantity."""
    found = line.take(_COUNTED)
    if found is not None:
        text = next(group for group in found.groups() if group)
    else:
        bare = _BARE_COUNT.findall(line.text)
        if len(bare) != 1 or not (alone or not line.text.replace(bare[0], "").strip()):
            return
        text = bare[0]
    fields["quantity"] = numbers.count(text)


# -- what can be made --------------------------------------------------------------------------------------------------


def checked(fields: Fields, rates: Rates) -> Read:
    """Take out what cannot be made, and say so: it is asked for again."""
    fields, doubts = dict(fields), list[Said]()
    _check_board(fields, rates, doubts)
    _check_sides(fields, rates, doubts)
    least, most = rates.bounds.quantity
    if "quantity" in fields and not least <= fields["quantity"] <= most:
        doubts.append(("quotes.doubt_quantity", {"number": f"{fields.pop('quantity'):,}", "most": f"{most:,}"}))
    return Read(fields, tuple(doubts))


def _check_board(fields: Fields, rates: Rates, doubts: list[Said]) -> None:
    papers = fields.get("papers")
    if papers is not None:
        _check_papers(fields, rates, doubts)
    if "ply" in fields and fields["ply"] not in PLIES:
        doubts.append(("quotes.doubt_ply", {"number": fields.pop("ply")}))
    if fields.get("ply") == 1:
        fields["flutes"] = ""
    wanted = (fields["ply"] - 1) // 2 if "ply" in fields else None
    if wanted is not None and "flutes" in fields and len(fields["flutes"]) != wanted:
        said = {"flutes": fields.pop("flutes") or "-", "ply": fields["ply"], "number": wanted}
        doubts.append(("quotes.doubt_flutes", said))


def _check_papers(fields: Fields, rates: Rates, doubts: list[Said]) -> None:
    known = [Paper.of(label) for label in fields["papers"]]
    odd = next((one for one in known if one is None or not _has_rate(one, rates)), None)
    if odd is not None:
        doubts.append(("quotes.doubt_paper", {"label": odd.label}))
    elif len(known) in PLIES and fields.get("ply", len(known)) == len(known):
        fields["ply"] = len(known)
        return
    else:
        doubts.append(("quotes.doubt_papers", {"number": len(known)}))
    fields.pop("papers")


def _has_rate(paper: Paper, rates: Rates) -> bool:
    has_base = paper.rate is not None or paper.burst in rates.papers.base
    return has_base and paper.shade in rates.papers.shades


def _check_sides(fields: Fields, rates: Rates, doubts: list[Said]) -> None:
    if "sides" not in fields or "unit" not in fields:
        return
    low, high = rates.bounds.side_mm
    sides = sides_mm(fields)
    if all(low <= side <= high for side in sides):
        return
    shown = " x ".join(numbers.plain(side) for side in sides)
    doubts.append(("quotes.doubt_bounds", {"sides": shown, "low": numbers.plain(low), "high": numbers.plain(high)}))
    fields.pop("sides")
    fields.pop("unit")


def sides_mm(fields: Fields) -> tuple[Decimal, ...]:
    """Return the measures as given, in mm."""
    return tuple(Decimal(side) * UNITS[fields["unit"]] for side in fields["sides"])
