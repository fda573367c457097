"""Every text of receipts: said with all its arguments, never dead, short and plain on both channels (SMS-39, UX-19).

The calls that say a text are read from the source: a text whose argument nobody gives would fail before a person only.
"""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.core.sms import normalise, size
from bot.core.texts import Catalogue
from tests.rows import each

ROOT = Path(__file__).parents[3]
ROOM = ROOT / "handlers/receipts"
SAYING = {"say": 0, "text": 0, "notify": 0, "Ask": 0, "Mistake": 0, "Refusal": 0}
"""Calls that take a text key first; `Ask` has its arguments in a dict, the others by name."""
OPTIONS = {"purpose", "policy", "ttl", "link", "choices", "expects"}

SAMPLES = {
    "line": "North Harbor Bakery & Cafe refund -$12,345.67, Mar 15, 2025, Home and garden #work (with Lee)",
    "names": "Claude (Anthropic) and Google Cloud Vision",
    "list": "1 North Harbor Bakery & Cafe $12,345.67 2 Metropolitan Museum $12,345.67 3 unclear",
    "lines": "1 Mar 16 $300.00 Demo Checking ..0042 to Demo Card ..4421; 2 Mar 18 $50.00 Savings ..7731 to Card ..4421",
    "name": "North Harbor Bakery & Cafe", "merchant": "North Harbor Bakery & Cafe", "bank": "First Harbor Credit Union",
    "amount": "-$12,345.67", "amounts": "$12,345.67, €1,234.50", "code": "R7K2", "day": "Mar 15, 2025",
    "category": "Home and garden", "so_far": "March so far $12,345.67 (2 waiting, $38.10)", "words": "lunch at Joe's",
    "told": " Free plan: 15 of 15 receipts used, resets Apr 1.", "accounts": "Checking ..0042, Card ..4421",
    "choices": " 1 $48.90 2 $48.92 3 other", "known": "North Harbor Bakery, Mar 15. ", "unpaid": "", "moved": "",
    "older": "North Harbor Bakery $26.23, Mar 15", "parts": "Groceries $250.00 61%, Food $160.07 39%",
    "points": "Jan $120.00, Feb $380.00, Mar $392.07", "url": "https://parley.example/p/7f3Kq2Zx81LmNpQ4rT6vWy",
    "text": "March: $392.07 (12). Biggest \"Trader Joe's\" $250.00.", "address": "luna.k3q9x7zp@in.parley.example",
    "subject": "Your order 114-2231", "sender": "billing@shop.example",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """A place in the source that says a text: its key (a regular expression when part of it is made), its arguments."""

    where: str
    key: str
    is_made: bool
    given: frozenset[str] | None


def texts() -> Catalogue:
    """Return what receipts say."""
    found = Catalogue()
    for folder in sorted(path for path in ROOM.rglob("texts") if path.is_dir()):
        found.add_folder(folder)
    return found


ENTRIES = texts().entries("en")
KEYS = sorted({re.sub(r"\.(sms|telegram)$", "", key) for key in ENTRIES})


def fields_of(key: str) -> set[str]:
    """Return the arguments that any channel's wording of a text wants."""
    wordings = [ENTRIES[name] for name in (key, f"{key}.sms", f"{key}.telegram") if name in ENTRIES]
    return {name for raw in wordings for _, name, _, _ in string.Formatter().parse(raw) if name}


def places() -> Iterator[Said]:
    """Yield every call that says a text."""
    for path in sorted(ROOM.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args and _name(node.func) in SAYING:
                key = _key(node.args[0])
                if key is not None:
                    where = f"{path.relative_to(ROOT)}:{node.lineno}"
                    yield Said(where, *key, _given(node))


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _key(node: ast.expr) -> tuple[str, bool] | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value, False
    if isinstance(node, ast.JoinedStr):
        parts = [re.escape(str(one.value)) if isinstance(one, ast.Constant) else r"\w+" for one in node.values]
        return "".join(parts), True
    return None


def _given(node: ast.Call) -> frozenset[str] | None:
    """Return the names of the arguments; None when they are not written out in the call."""
    if _name(node.func) in ("Ask",):
        if len(node.args) < 2:
            return frozenset()
        table = node.args[1]
        if isinstance(table, ast.Dict) and all(isinstance(one, ast.Constant) for one in table.keys):
            return frozenset(str(one.value) for one in table.keys if isinstance(one, ast.Constant))
        return None
    names = [one.arg for one in node.keywords]
    return None if None in names else frozenset(str(one) for one in names) - OPTIONS


def test_ux_19_every_text_that_is_said_is_there_with_all_its_arguments() -> None:
    wrong, seen = [], 0
    for said in places():
        own = [key for key in KEYS if re.fullmatch(said.key if said.is_made else re.escape(said.key), key)]
        is_ours = re.match(r"(receipts|books|bank|mail|api)\\?\.", said.key)
        if not own and is_ours:
            wrong.append(f"{said.where}: no text {said.key}")
        for key in own:
            seen += 1
            missing = set() if said.given is None or said.is_made else fields_of(key) - said.given
            if missing:
                wrong.append(f"{said.where}: {key} wants {sorted(missing)}")
    assert wrong == []
    assert seen > 300


def test_ux_19_no_text_is_dead() -> None:
    source = "\n".join(path.read_text("utf-8") for path in sorted(ROOM.rglob("*.py")))
    source += (ROOT / "bot/assembly/registration.py").read_text("utf-8")
    made = {
        re.sub(r"\{[^{}]*\}", "@", found).replace("@", r"\w+")
        for found in re.findall(r'f"([a-z_]+\.[a-z_.{}:\'\[\]()!]*\{[^"]*)"', source)
    }
    dead = [
        key for key in KEYS
        if f'"{key}"' not in source and not any(re.fullmatch(one, key) for one in made if _is_pattern(one))
    ]  # fmt: skip
    assert dead == []


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


@each("key", KEYS)
def test_sms_39_every_text_renders_on_both_channels_and_fits_by_sms(key: str) -> None:
    args = {name: SAMPLES.get(name, "12") for name in fields_of(key)}
    for channel in ("sms", "telegram"):
        if not any(name in ENTRIES for name in (key, f"{key}.{channel}")):
            continue
        shown = texts_once().text(key, "en", channel, **args)
        assert "{" not in shown
        assert "}" not in shown
        if channel == "sms":
            body = size(normalise(shown))
            assert body.encoding == "GSM-7", shown
            assert body.segments <= 2, f"{body.units}: {shown}"


_TEXTS = texts()


def texts_once() -> Catalogue:
    """Return the catalogue, read once."""
    return _TEXTS
