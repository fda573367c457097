"""Which parts of a page its reader cannot see: styles that hide, sizes of nothing, writing in the colour of its ground.

Only what mails use is understood: attributes, inline styles, and plain rules of the page's own style sheet. Rules for
small screens and for printing are not, for they hide what a reader at a desk sees.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

MOST_RULES, MOST_STYLE = 300, 200_000
_NOTHING = r"0*\.?0*(?:px|pt|em|rem|%)?\s*(?:!important)?\s*(?:;|$)"
_HIDES = re.compile(
    r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all"
    rf"|opacity\s*:\s*{_NOTHING}|font-size\s*:\s*(?:{_NOTHING}|1px)"
    r"|text-indent\s*:\s*-\d{3,}|(?:left|top)\s*:\s*-\d{3,}px|clip\s*:\s*rect\(\s*0"
    rf"|max-(?:height|width)\s*:\s*{_NOTHING})",
    re.I,
)
_CUT = re.compile(rf"(?:^|;)\s*(?:height|width)\s*:\s*{_NOTHING}", re.I)
_COLOR = re.compile(r"(?:^|;)\s*color\s*:\s*([^;!]+)", re.I)
_GROUND = re.compile(r"(?:^|;)\s*background(?:-color)?\s*:\s*([^;!]+)", re.I)
_NAMES = {"white": "ffffff", "black": "000000", "red": "ff0000", "silver": "c0c0c0", "gray": "808080", "grey": "808080"}
_ALIKE = 24
"""How far two colours lie apart, added over red, green and blue, before an eye tells them apart."""

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Ground:
    """The colours that a text is written in and on; None for a colour that is not known (a picture, say)."""

    text: Colour | None = (0, 0, 0)
    paper: Colour | None = (255, 255, 255)
    clear: bool = False

    @property
    def shows(self) -> bool:
        """Tell whether a text can be told from its ground."""
        if self.clear:
            return False
        if self.text is None or self.paper is None:
            return True
        return sum(abs(a - b) for a, b in zip(self.text, self.paper, strict=True)) > _ALIKE


def look_of(node: LexborNode, ground: Ground) -> Ground | None:
    """Return the colours inside an element, or None when it is hidden."""
    attributes = node.attributes
    if not attributes:
        return ground
    style = re.sub(r"/\*.*?\*/", "", (attributes.get("style") or "")[:2000])
    if "hidden" in attributes or hides(style):
        return None
    paper = _GROUND.search(style)
    told = attributes.get("bgcolor") or (paper[1] if paper else None)
    if told:
        ground = replace(ground, paper=colour(told))
    if attributes.get("background"):
        ground = replace(ground, paper=None)
    text = _COLOR.search(style)
    told = text[1] if text else attributes.get("color") if node.tag == "font" else None
    if told:
        ground = replace(ground, text=colour(told), clear=told.strip().lower() == "transparent")
    return ground


def hides(style: str) -> bool:
    """Tell whether a style hides what bears it."""
    if _HIDES.search(style):
        return True
    return bool(_CUT.search(style)) and "overflow" in style.lower() and "hidden" in style.lower()


def colour(text: str) -> Colour | None:
    """Return a colour of a style, None for one that is no plain colour."""
    word = text.strip().lower().split(" ")[0] if "(" not in text else text.strip().lower()
    word = _NAMES.get(word, word.lstrip("#"))
    if re.fullmatch(r"[0-9a-f]{3}", word):
        word = "".join(c * 2 for c in word)
    if re.fullmatch(r"[0-9a-f]{6}", word):
        return int(word[:2], 16), int(word[2:4], 16), int(word[4:], 16)
    if match := re.match(r"rgba?\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})", word):
        return int(match[1]), int(match[2]), int(match[3])
    return None


def hidden_by_rules(tree: LexborHTMLParser) -> frozenset[int]:
    """Return the elements that rules of the page's own style sheet hide."""
    sheet = " ".join(node.text() for node in tree.css("style")[:20])[:MOST_STYLE]
    sheet = _without_conditions(re.sub(r"/\*.*?\*/|<!--|-->", "", sheet, flags=re.S))
    hidden: set[int] = set()
    for selector, style in re.findall(r"([^{}]{1,300})\{([^{}]{0,2000})\}", sheet)[:MOST_RULES]:
        if hides(style.strip()) and not re.search(r"[:@\[]", selector):
            try:
                hidden.update(node.mem_id for node in tree.css(selector.strip()))
            except (SelectolaxError, ValueError):
                continue
    return frozenset(hidden)


def _without_conditions(sheet: str) -> str:
    """Return a style sheet without its `@` blocks, which hold only under conditions."""
    kept, at = [], 0
    while (start := sheet.find("@", at)) >= 0:
        kept.append(sheet[at:start])
        at = _end_of_block(sheet, start)
    return "".join(kept) + sheet[at:]


def _end_of_block(sheet: str, start: int) -> int:
    depth = 0
    for match in re.finditer(r"[{};]", sheet[start:]):
        depth += {"{": 1, "}": -1, ";": 0}[match[0]]
        if depth <= 0:
            return start + match.end()
    return len(sheet)
