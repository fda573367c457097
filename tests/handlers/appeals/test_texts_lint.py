"""Every text that a person reads, against the rules of tone, length and words, in all catalogues and locales."""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from pathlib import Path

import pytest
import textstat

from bot.core.sms import normalise, size
from bot.core.texts import Catalogue
from handlers.appeals.grounds import packaged_checklist
from handlers.appeals.registry import packaged_registry
from tests.rows import each

ROOT = Path(__file__).parents[3]
FOLDERS = [
    ROOT / "bot/engine/texts",
    *sorted(path for path in (ROOT / "handlers").rglob("texts*") if path.is_dir()),
]
CHANNELS = ("sms", "telegram")

LONGEST_CITY = max((f"{c.name}, {c.state}" for c in packaged_registry().cities.values()), key=len)
SAMPLES = {
    "city": LONGEST_CITY,
    "place": LONGEST_CITY,
    "address": "NYC Department of Finance, Hearings By Mail Unit, P.O. Box 29021, Brooklyn, NY 11202",
    "agency": "San Francisco State University",
    "code": "A-K7Q2M",
    "codes": "A-K7Q2M, A-P4T9W",
    "day": "Wed Nov 25, 2026",
    "until": "Wed Nov 25, 5pm",
    "issued": "Mon Nov 16, 2026",
    "price": "$12345.67",
    "tax": "$1234.56",
    "total": "$13580.23",
    "amount": "$12345.67",
    "url": "https://parley.example/p/7f3Kq2Zx81LmNpQ4rT6vWy",
    "number": "900000417",
    "name": "Dana Maria Reyes",
    "n": "12",
    "example": "A the tree, B the pole, C the block",
    "dates": "",
    "routes": "- Online: city page",
    "line": "issued Mon Nov 16, 2026, no late notice",
    "lead": "3 of 6: proof.",
    "question": "What is the meter number? It is printed on the meter.",
    "quote": "I got to the meter around two, and the screen said FAIL. I tried two cards.",
    "own": "I got to the meter around two, and the screen said FAIL. I tried two cards.",
    "paper": "the ticket, front and back",
    "papers": "the city dispute form, one per ticket",
    "exhibits": "Exhibits A, B and C",
    "hint": "9 digits, starts with 9",
    "shape": " (9 digits, starts with 9)",
    "names": "SFSU, UCSF, USF or CCSF",
    "swaps": "zeros for the letter O",
    "look": "a phone number",
    "source": "CVC 40215(a)",
    "zone": "San Francisco time",
    "said": "a tree in front of the pole",
    "text": "I got to the meter around two",
    "second": "",
    "mail": "It takes a form.",
    "limits": "Some cities do not accept it.",
    "value": "Mon Nov 16, 2026",
    "picked": "",
    "camera": "",
}

NEVER_SAY = (
    r"lawyer", r"attorney", r"law firm", r"legal representation", r"as good as a", r"we represent", r"represent you",
    r"you will win", r"you'll win", r"win rate", r"success rate", r"loophole", r"fight for you", r"we will fight",
    r"guarante\w*", r"strong case", r"odds", r"% of tickets", r"beat your", r"beat the", r"get out of", r"we recommend",
    r"you should contest", r"you should pay", r"avoid paying", r"final notice", r"on behalf of the city", r"official",
    r"government", r"act now", r"hurry", r"last chance", r"\burgent", r"considered more than online",
)  # fmt: skip
ALLOWED = (
    r"not a law firm", r"no(?:t)? legal advice", r"not a lawyer(?: or law firm)?", r"ask an attorney",
    r"not (?:a |an )?(?:city office|official)",
)  # fmt: skip
RESERVED = ("STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "UNSTOP", "YES", "INFO")


def catalogue() -> Catalogue:
    """Return all catalogues as one, as the engine reads them."""
    found = Catalogue()
    for folder in FOLDERS:
        found.add_folder(folder)
    return found


def rendered() -> list[tuple[str, str, str]]:
    """Return (key, channel, text) of every text with worst-case arguments."""
    texts, found = catalogue(), []
    locales = {path.stem for folder in FOLDERS for path in folder.glob("*.toml")}
    for locale in sorted(locales):
        entries = texts.entries(locale)
        for key in sorted({re.sub(r"\.(sms|telegram)$", "", key) for key in entries}):
            for channel in CHANNELS:
                raw = entries.get(f"{key}.{channel}", entries.get(key))
                if raw is None:
                    continue
                names = {name for _, name, _, _ in string.Formatter().parse(raw) if name}
                args = {name: SAMPLES.get(name, "12") for name in names}
                found.append((f"{locale}:{key}", channel, texts.text(key, locale, channel, **args)))
    return found


ALL = [entry for entry in rendered() if not entry[0].startswith(("en:admin.", "en:webhooks."))]
"""Texts for operators are no texts for the public."""

SMS = [entry for entry in ALL if entry[1] == "sms"]

APPEALS = [entry for entry in ALL if entry[0].startswith("en:appeals.")]


Entry = tuple[str, str, str]


def rooms(entries: list[Entry]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a test the texts of one room of the catalogue after the other (`en:appeals.informed`, by channel)."""
    found: dict[str, list[Entry]] = {}
    for key, channel, text in entries:
        found.setdefault(f"{'.'.join(key.split('.')[:2])}-{channel}", []).append((key, channel, text))
    return each("entries", found.values())


def without_allowed(text: str) -> str:
    for phrase in ALLOWED:
        text = re.sub(phrase, " ", text, flags=re.IGNORECASE)
    return text


def readable(text: str) -> str:
    """Leave out what is a fact and not our wording: links, numbers, dates, addresses, quotes, and codes."""
    text = text.replace(SAMPLES["address"], "it").replace(SAMPLES["city"], "the city")
    text = re.sub(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} \d+(?:, \d{4})?", "that day", text)
    text = re.sub(r"https?://\S+|\"[^\"]*\"|\([^)]*\)|Example:.*", " ", text)
    return re.sub(r"\b[A-Z]{2,}\b", "word", re.sub(r"[\d$.,:/#-]*\d[\d.,:/#-]*", " ", text))


@rooms(ALL)
def test_upl_2_leg_1_no_forbidden_word(entries: list[Entry]) -> None:
    for key, channel, text in entries:
        found = [word for word in NEVER_SAY if re.search(rf"\b{word}", without_allowed(text), re.IGNORECASE)]
        assert not found, f"{key} on {channel} says {found}: {text}"


def test_upl_2_the_lint_finds_what_it_looks_for() -> None:
    for text in ("We guarantee it.", "Your robot lawyer", "a strong case", "98% success rate", "Beat your ticket!"):
        assert any(re.search(rf"\b{word}", without_allowed(text), re.IGNORECASE) for word in NEVER_SAY), text
    assert not any(re.search(rf"\b{word}", without_allowed("not a law firm"), re.IGNORECASE) for word in NEVER_SAY)


@rooms(SMS)
def test_conv_2_sms_39_sms_text_fits_two_gsm_7_segments(entries: list[Entry]) -> None:
    for key, _, text in entries:
        body = size(normalise(text))
        assert body.encoding == "GSM-7", f"{key}: {text}"
        assert body.units <= 306, f"{key} has {body.units} characters: {text}"


@rooms(SMS)
def test_voc_1_sms_never_asks_for_a_carrier_word(entries: list[Entry]) -> None:
    for key, _, text in entries:
        asked = [word for word in RESERVED if re.search(rf"\b{word}\b(?! PLAN)", text)]
        assert not asked, f"{key} prints {asked}: {text}"


@rooms(ALL)
def test_sms_15_no_other_domain_and_at_most_one_link(entries: list[Entry]) -> None:
    for key, _, text in entries:
        without_ours = re.sub(r"https://parley\.example/\S*", "", text)
        assert not re.search(r"https?://|\bwww\.|\b[a-z0-9-]+\.(?:com|gov|org|net|us|ly|io)\b", without_ours), (
            f"{key}: {text}"
        )
        assert text.count("https://") <= 1
        assert "http://" not in text


@rooms(SMS)
def test_sms_41_no_iso_dates_and_amounts_with_cents(entries: list[Entry]) -> None:
    for key, _, text in entries:
        assert not re.search(r"\b20\d\d-\d\d-\d\d\b", text), key
        assert not re.search(r"\$\d+(?!\d*\.\d\d)(?!\d)", text), f"{key}: {text}"


@rooms(ALL)
def test_sms_16_texts_are_typographically_plain(entries: list[Entry]) -> None:
    for key, _, text in entries:
        assert normalise(text) == text, f"{key}: {text}"


def syllables(word: str) -> int:
    """Count vowel groups; textstat's own counter needs a dictionary that is fetched from the network."""
    plain = re.sub(r"(?:[^laeiouy]es|[^td]ed|[^l]e)$", lambda m: m[0][0], word.lower())
    return max(1, len(re.findall(r"[aeiouy]+", plain)))


def grade(text: str) -> float:
    """Return the Flesch-Kincaid grade with textstat's counts of words and sentences."""
    plain = readable(text)
    words = textstat.lexicon_count(plain)
    if words < 8:
        return 0.0
    per_word = sum(syllables(word) for word in re.findall(r"[A-Za-z']+", plain)) / words
    return float(0.39 * words / textstat.sentence_count(plain) + 11.8 * per_word - 15.59)


def test_ux_3_the_grade_tells_plain_from_learned_words() -> None:
    assert grade("Send a photo of the ticket, or type the number on it.") < 5
    assert (
        grade(
            "Notwithstanding administrative adjudication, reconsideration invariably requires additional documentation."
        )
        > 12
    )


PROMPTS = [
    entry for entry in APPEALS if re.search(r"\.ask\b|\.meant|\.check\.|\.which$|\.first$|\.one$|\.many$", entry[0])
]
NOTICES = [entry for entry in APPEALS if entry not in PROMPTS]


@rooms(PROMPTS)
def test_upl_7_ux_3_prompts_read_at_grade_6(entries: list[Entry]) -> None:
    for key, channel, text in entries:
        assert grade(text) <= 6, f"{key} on {channel} reads at grade {grade(text):.1f}: {text}"


@rooms(NOTICES)
def test_upl_7_ux_3_notices_read_at_grade_8(entries: list[Entry]) -> None:
    for key, channel, text in entries:
        assert grade(text) <= 8, f"{key} on {channel} reads at grade {grade(text):.1f}: {text}"


@rooms(PROMPTS)
def test_ux_2_a_prompt_asks_one_question(entries: list[Entry]) -> None:
    for key, _, text in entries:
        assert text.count("?") <= 2, f"{key}: {text}"
        assert len(text.split()) <= 60, f"{key}: {text}"


@pytest.mark.parametrize("step", ["number", "grounds", "words", "send"])
def test_ux_2_parts_are_counted(step: str) -> None:
    for channel in CHANNELS:
        shown = catalogue().text(f"appeals.{step}.ask", "en", channel, **{**SAMPLES})
        assert re.match(r"[1-6] of 6", shown), shown


def test_ux_2_every_typed_answer_has_an_example() -> None:
    typed = ("issued", "notice", "place", "plate", "telephone", "violation_code", "unit")
    for step in typed:
        assert "Example:" in catalogue().text(f"appeals.{step}.ask", "en", "sms", **SAMPLES), step


def test_every_question_of_every_ground_has_a_name_for_the_letter() -> None:
    texts = catalogue()
    for ground in packaged_checklist().grounds:
        assert texts.has(f"appeals.ground.{ground.id}")
        for question in ground.questions:
            assert texts.has(f"appeals.detail.{ground.id}.{question.id}"), f"{ground.id}.{question.id}"


def test_upl_5_the_free_route_stands_before_the_paid_one() -> None:
    for channel in CHANNELS:
        shown = catalogue().text("appeals.send.ask", "en", channel)
        assert "free" in shown.casefold() or channel == "sms"
        assert catalogue().text("appeals.send.free", "en", channel).casefold().startswith("free")


def test_every_text_that_the_conversation_names_exists() -> None:
    texts = catalogue()
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "handlers/appeals/flow").glob("*.py"))
    named = set(re.findall(r"['\"](appeals\.[a-z_.]+[a-z])['\"]", source))
    assert len(named) > 100
    missing = {key for key in named if not texts.has(key) and not texts.has(f"{key}.sms")}
    assert missing == set()


REASONS = (
    "unknown_city upl_blocked wrong_agency not_parking already_paid needs_in_person no_letter_route record_not_usable "
    "deadline_unknown past_deadline too_late_for_mail enclosure_missing signer_not_allowed number_rejected "
    "return_address mail_paused incomplete record_changed"
)


@each("reason", REASONS.split())
def test_every_refusal_has_its_plain_sentence(reason: str) -> None:
    assert catalogue().has(f"appeals.informed.{reason}")
    assert f'"{reason}"' in (ROOT / "handlers/appeals/gates.py").read_text("utf-8") or reason == "record_changed"
