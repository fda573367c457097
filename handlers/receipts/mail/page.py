"""The page of an HTML mail as lines of text: what its reader sees, and nothing else (rule EML-5).

Nothing is loaded: pictures, links and style sheets elsewhere are not even looked at. What is hidden (by an attribute, a
style, a rule of the page's own style sheet, size nothing, or the colour of its ground) is left out, because it is where
preheaders, tracking and instructions to machines are put. A row of a table becomes one line, so that a label stands
beside its amount; cells with as many lines as each other are read line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from selectolax.lexbor import LexborHTMLParser, LexborNode

from handlers.receipts.mail.hiding import Ground, hidden_by_rules, look_of

MOST_LINES, MOST_NODES, LONGEST_PAGE, LONGEST_CELL, DEEPEST = 600, 60_000, 1_000_000, 600, 400
_UNSEEN = frozenset(
    ("script", "style", "head", "title", "template", "noscript", "svg", "img", "object", "iframe", "embed", "video")
) | {"audio", "select", "input", "button", "textarea", "canvas", "map", "link", "meta", "base"}
_BLOCKS = (
    frozenset(
        ("address", "article", "aside", "blockquote", "body", "center", "dd", "div", "dl", "dt", "fieldset", "figure")
    )
    | frozenset(
        (
            "footer",
            "form",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "header",
            "hr",
            "li",
            "main",
            "nav",
            "ol",
            "p",
            "pre",
            "ul",
        )
    )
    | {"section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "caption"}
)
_CLOSED_BY_THEMSELVES = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
) | {"p", "li", "td", "th", "tr", "dt", "dd", "option", "tbody", "thead", "tfoot"}
_TAG = re.compile(r"<(/?)([a-z][a-z0-9:-]*)", re.I)
_INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
_SPACES = re.compile(r"[\s\u00a0\u2000-\u200a\u202f\u3000]+")


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of a page, and the texts of its blocks of JSON-LD."""

    lines: list[str]
    data: list[str]


def page_of(html: str) -> Page:
    """Return what a page shows; never raises, whatever is written there."""
    html = html[:LONGEST_PAGE]
    if _is_too_deep(html):
        return Page([], [])
    tree = LexborHTMLParser(html)
    data = [node.text()[:200_000] for node in tree.css('script[type="application/ld+json"]')[:20]]
    body = tree.body
    if body is None:
        return Page([], data)
    walk = _Walk(hidden_by_rules(tree))
    return Page(tidy(walk.lines(body)), data)


def _is_too_deep(html: str) -> bool:
    """Tell whether tags stay open without end: each one costs the parser a look at all that are open before it."""
    depth = 0
    for match in _TAG.finditer(html):
        if match[2].lower() in _CLOSED_BY_THEMSELVES:
            continue
        depth = max(0, depth - 1) if match[1] else depth + 1
        if depth > DEEPEST:
            return True
    return False


def tidy(lines: Iterator[str] | list[str]) -> list[str]:
    """Return lines without invisible characters, spare spaces and repeated empty lines, at most 600."""
    kept: list[str] = []
    for line in lines:
        plain = _INVISIBLE.sub("", line).rstrip()
        parts = [_SPACES.sub(" ", part).strip() for part in re.split(r"\s{2,}|\t", plain.lstrip())]
        text = "  ".join(part for part in parts if part)
        if text or (kept and kept[-1]):
            kept.append(text)
        if len(kept) == MOST_LINES:
            break
    return kept[:-1] if kept and not kept[-1] else kept


class _Walk:
    """Goes through the tree without recursion, so that no depth of it matters."""

    def __init__(self, hidden: frozenset[int]) -> None:
        self._hidden, self._left = hidden, MOST_NODES

    def lines(self, root: LexborNode, ground: Ground | None = None) -> list[str]:
        """Return the lines of everything below a node."""
        lines, line = list[str](), list[str]()

        def end() -> None:
            text = _SPACES.sub(" ", "".join(line)).strip()
            line.clear()
            if text:
                lines.append(text)

        for node, opens, seen in self._steps(root, ground or Ground()):
            tag = node.tag or ""
            if tag == "-text":
                line.append(node.text_content or "")
            elif tag == "br":
                end()
            elif tag == "tr" and opens and self._is_row(node):
                end()
                lines.extend(self._row(node, seen))
            elif tag in _BLOCKS:
                end()
                if not opens and tag in ("p", "table", "h1", "h2", "h3") and lines and lines[-1]:
                    lines.append("")
        end()
        return lines

    def _steps(self, root: LexborNode, ground: Ground) -> Iterator[tuple[LexborNode, bool, Ground]]:
        """Yield each visible node at its opening and its closing; rows that hold no others are not entered."""
        stack: list[tuple[LexborNode, bool, Ground]] = [
            (child, True, ground) for child in reversed(list(root.iter(include_text=True)))
        ]
        while stack and self._left > 0:
            node, opens, over = stack.pop()
            if not opens:
                yield node, False, over
                continue
            self._left -= 1
            tag = node.tag or ""
            if tag in _UNSEEN or tag.startswith(("!", "-c")):
                continue
            if tag == "-text":
                if over.shows:
                    yield node, True, over
                continue
            look = look_of(node, over)
            if look is None or node.mem_id in self._hidden:
                continue
            yield node, True, look
            if tag == "tr" and self._is_row(node):
                continue
            stack.append((node, False, look))
            stack.extend((child, True, look) for child in reversed(list(node.iter(include_text=True))))

    @staticmethod
    def _is_row(node: LexborNode) -> bool:
        return node.css_first("table") is None

    def _row(self, row: LexborNode, ground: Ground) -> list[str]:
        cells = []
        for cell in row.iter():
            look = look_of(cell, ground)
            if look is None or cell.mem_id in self._hidden:
                continue
            found = [line[:LONGEST_CELL] for line in self.lines(cell, look) if line]
            if found:
                cells.append(found)
        if len(cells) > 1 and len({len(cell) for cell in cells}) == 1:
            return ["  ".join(parts) for parts in zip(*cells, strict=True)]
        if sum(len(cell) > 1 for cell in cells) > 1:
            return [line for cell in cells for line in cell]
        return ["  ".join(part for part in parts if part) for parts in _beside(cells)]


def _beside(cells: list[list[str]]) -> list[tuple[str, ...]]:
    """Put cells of one line beside the first line of the one that has several."""
    return list(zip_longest(*cells, fillvalue=""))
