"""What must be said, and what is never said, on every surface that a person reads (UX-17, section 10 of the rules)."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from bot.core.texts import Catalogue
from tests.rows import each

ROOT = Path(__file__).parents[3]
NEVER = (
    "lawyer", "attorney", "robot lawyer", "legal representation", "we will fight", "guaranteed", "win rate",
    "success rate", "% of tickets dismissed", "beat your ticket", "get out of", "we recommend you plead",
    "you should contest", "avoid paying", "official", "government", "on behalf of the city",
    "abogado", "representacion legal", "garantizado", "garantizamos", "usted deberia apelar", "no pague", "oficial",
)  # fmt: skip
"""The list of the rules, and what it means in Spanish."""
EXCEPT = (r"not an? (?:lawyer|attorney|official\w*)", r"ask an attorney", r"not (?:a )?city office or an? official")
ALWAYS = {
    "self-help letters": r"self-help (?:letter )?(?:letters|service)|self-help letters",
    "not a law firm": r"not a law firm",
    "no legal advice": r"(?:no|or|not a law firm or) legal advice",
    "no promise of a result": r"no result is promised",
}
CHOSEN = r"you cho(?:o)?se the reasons and approved? the words"


def said(text: str) -> list[str]:
    """Return what a text says that it must not."""
    plain = " ".join(text.casefold().split())
    for phrase in EXCEPT:
        plain = re.sub(phrase, " ", plain)
    return [word for word in NEVER if re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", plain)]


def surfaces() -> dict[str, str]:
    """Return everything that a person may read, by where it stands."""
    found: dict[str, str] = {}
    for path in sorted(path for room in ("bot", "handlers") for path in (ROOT / room).rglob("texts*/*.toml")):
        catalogue = Catalogue()
        catalogue.add_folder(path.parent)
        entries = catalogue.entries(path.stem)
        name = path.relative_to(ROOT).as_posix()
        found |= {f"{name} {key}": text for key, text in entries.items() if not key.startswith("admin.")}
    pages = (ROOT / "bot/web").rglob("*.html")
    found |= {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in pages}
    letter = tomllib.loads((ROOT / "handlers/appeals/data/letter.toml").read_text("utf-8"))
    return found | {"letter.toml": str(letter)}


def test_ux_17_no_surface_says_what_must_not_be_said() -> None:
    found = surfaces()
    assert len(found) > 300
    assert {where: said(text) for where, text in found.items() if said(text)} == {}


@each("word", NEVER)
def test_ux_17_the_lint_sees_every_word_of_the_list(word: str) -> None:
    assert word in said(f"Parley: your {word.upper()} is here.")


def test_ux_17_the_exceptions_are_only_what_they_say() -> None:
    assert said("We are not a lawyer. For advice, ask an attorney.") == []
    assert said("Our attorney can help.") == ["attorney"]


def _entry(key: str) -> str:
    catalogue = Catalogue()
    catalogue.add_folder(ROOT / "bot/engine/texts")
    return catalogue.entries("en")[key]


@pytest.mark.parametrize("key", ["engine.intro", "engine.intro.sms", "engine.intro_appeal", "engine.intro_appeal.sms"])
@pytest.mark.parametrize("due", ALWAYS)
def test_ux_17_the_first_message_says_what_must_be_said(key: str, due: str) -> None:
    assert re.search(ALWAYS[due], _entry(key), re.IGNORECASE), due


@pytest.mark.parametrize("page", ["about.html", "pay.html"])
@pytest.mark.parametrize("due", [*ALWAYS, "the person chooses and approves"])
def test_ux_17_the_help_page_and_the_pay_page_say_all_of_it(page: str, due: str) -> None:
    text = (ROOT / "bot/web/templates" / page).read_text("utf-8")
    assert re.search({**ALWAYS, "the person chooses and approves": CHOSEN}[due], text, re.IGNORECASE), due


@pytest.mark.parametrize("key", ["engine.help", "engine.help.sms", "engine.help_appeal", "engine.help_appeal.sms"])
def test_ux_17_help_says_that_it_is_no_law_firm_and_leads_on(key: str) -> None:
    assert "not a law firm" in _entry(key)
    assert "your own letter" in _entry(key) or "self-help letters" in _entry(key)


def test_ux_17_none_of_it_stands_in_the_letter() -> None:
    letter = str(tomllib.loads((ROOT / "handlers/appeals/data/letter.toml").read_text("utf-8"))).casefold()
    typeset = (ROOT / "integrations/press/letter.typ").read_text("utf-8").casefold()
    for words in ("law firm", "legal advice", "self-help", "parley", "no result"):
        assert words not in letter
        assert f'"{words}' not in typeset
