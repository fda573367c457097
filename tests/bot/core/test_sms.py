"""The segment counter agrees with the carrier's, and the normaliser never makes a text dearer."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.sms import BODY_LIMIT, cut_at_sentence, encoding_of, normalise, size, split
from tests.rows import each

_TEXTS = st.text(
    alphabet=st.one_of(
        st.sampled_from("ab .\n€[]~^áíóúçéñ’“”—…→•👍🏽\u200d\u00ad\u00a0`\t"), st.characters(codec="utf-8")
    ),
    max_size=400,
)


@each(
    ("text", "encoding", "units", "segments"),
    [
        ("", "GSM-7", 0, 0),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("a" * 158 + "€", "GSM-7", 160, 1),
        ("a" * 159 + "€", "GSM-7", 161, 2),
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 306, 3),
        ("a" * 154 + "’", "UCS-2", 155, 3),
        ("я" * 70, "UCS-2", 70, 1),
        ("я" * 71, "UCS-2", 71, 2),
        ("я" * 134, "UCS-2", 134, 2),
        ("я" * 135, "UCS-2", 135, 3),
        ("👍" * 35, "UCS-2", 70, 1),
        ("👍" * 36, "UCS-2", 72, 2),
        ("[x]", "GSM-7", 5, 1),
        ("á" + "a" * 69, "UCS-2", 70, 1),
        ("á" + "a" * 70, "UCS-2", 71, 2),
    ],
)
def test_sms_16_truth_table(text: str, encoding: str, units: int, segments: int) -> None:
    counted = size(text)
    assert (counted.encoding, counted.units, counted.segments) == (encoding, units, segments)


@each("char", "éèùìòàñüöäåøæÇÉÑ¿¡£¥§")
def test_sms_16_characters_that_gsm_7_has(char: str) -> None:
    assert encoding_of(char) == "GSM-7"


@pytest.mark.parametrize("char", ["á", "í", "ó", "ú", "ç", "\t", "`", "\u00a0", "’"])
def test_sms_16_characters_that_gsm_7_lacks(char: str) -> None:
    assert encoding_of(char) == "UCS-2"


@each(
    ("text", "plain"),
    [
        ("“it’s”", '"it\'s"'),
        ("Mon–Fri — ok", "Mon-Fri - ok"),
        ("wait…", "wait..."),
        ("a\u00a0b\u2009c\td", "a b c d"),
        ("• one", "- one"),
        ("here → there", "here -> there"),
        ("here ➡️ there", "here -> there"),
        ("`x`", "'x'"),
        ("zero\u200bwidth\u202e\u00ad", "zerowidth"),
        ("Paid 👍🏽 thanks", "Paid thanks"),
        ("Saved ✅", "Saved"),
        ("👋 Hi\n🧾 Receipt", "Hi\nReceipt"),
        ("café mañana", "café mañana"),
        ("cafe\u0301", "café"),
        ("línea uno\r\nlínea dos", "línea uno\nlínea dos"),
    ],
)
def test_sms_16_normaliser(text: str, plain: str) -> None:
    assert normalise(text) == plain


def test_sms_16_accents_are_folded_only_when_that_saves_a_segment() -> None:
    assert normalise("información") == "información"
    assert normalise("á" + "a" * 70) == "a" * 71
    assert normalise("á" + "я" * 80) == "á" + "я" * 80
    assert "ñ" in normalise("año " + "á" * 80)


def test_sms_16_operator_may_allow_emoji() -> None:
    assert normalise("ok 👍", keep_emoji=True) == "ok 👍"


@given(_TEXTS)
@settings(max_examples=400, deadline=None)
def test_sms_16_normalising_is_idempotent_and_never_adds_segments(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert size(once).segments <= size(text).segments


@given(_TEXTS)
@settings(max_examples=300, deadline=None)
def test_segments_join_to_the_text_and_each_fits(text: str) -> None:
    parts = split(text)
    assert "".join(parts) == text
    assert len(parts) == size(text).segments
    room = {("GSM-7", True): 160, ("GSM-7", False): 153, ("UCS-2", True): 70, ("UCS-2", False): 67}
    encoding = encoding_of(text)
    limit = room[encoding, len(parts) == 1]
    assert all(_units(part, encoding) <= limit for part in parts)


def _units(part: str, encoding: str) -> int:
    if encoding == "UCS-2":
        return len(part.encode("utf-16-le")) // 2
    return sum(2 if c in "^{}\\[]~|€\f" else 1 for c in part)


def test_sms_39_long_text_is_cut_at_a_sentence_end() -> None:
    text = "This is one sentence of the model. " * 30
    head, rest = cut_at_sentence(text, 3)
    assert size(head).segments <= 3
    assert head.endswith("model.")
    assert f"{head} {rest}".split() == text.split()


def test_sms_39_a_text_that_fits_is_left_whole() -> None:
    assert cut_at_sentence("Short. Text.", 1) == ("Short. Text.", "")


@given(_TEXTS.filter(lambda text: bool(text.strip())), st.integers(1, 3))
@settings(max_examples=200, deadline=None)
def test_sms_39_cutting_loses_nothing_but_space(text: str, segments: int) -> None:
    head, rest = cut_at_sentence(text, segments)
    assert size(head).segments <= segments
    assert "".join((head + rest).split()) == "".join(text.split())


def test_sms_39_more_reaches_the_end_of_any_text() -> None:
    rest, rounds = "x" * 5000, 0
    while rest:
        head, rest = cut_at_sentence(rest, 3)
        assert head
        assert len(head) <= BODY_LIMIT
        rounds += 1
    assert rounds == 11
