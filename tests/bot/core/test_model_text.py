"""What a model wrote, as a person may see it (CH-2, C37, C60)."""

from __future__ import annotations

from bot.core.model_text import clean, cut_at_sentence, whole_sentences
from tests.rows import each


@each(
    "text, seen",
    [
        ("See https://evil.example/x now.", "See now."),
        ("See https://evil.example.", "See."),
        ("Open https://discord.com/invite and go.", "Open https://discord.com/invite and go."),
        ("Use https://support.stripe.com/a?b=1#c, then rest.", "Use https://support.stripe.com/a?b=1#c, then rest."),
        ("https://discord.com@evil.com/ is odd", "is odd"),
        ("https://discord.com.evil.com/ is odd", "is odd"),
        ("https://evildiscord.com is odd", "is odd"),
        ("https://dіscord.com is odd", "is odd"),
        ("HTTPS://EVIL.COM/A", ""),
        ("javascript://discord.com/%0aalert(1)", ")"),
        ("tg://resolve?domain=x and t.me/abc", "and"),
        ("mailto:a@b.com", ""),
        ("Look at evil.com/path or www.evil.com.", "Look at or."),
        ("Pay at evil.example/x, evil.de or evil.monster:80/a.", "Pay at, or."),
        ("1.1/1.2 are done, and/or e.g. 4.4/5", "1.1/1.2 are done, and/or e.g. 4.4/5"),
        ("Look at circle.so or discord.com/x", "Look at circle.so or discord.com/x"),
        ("[Click here](https://evil.com/a_(b))", "Click here"),
        ("[the guide](https://discord.com/guide)", "the guide (https://discord.com/guide)"),
        ("![x](http://evil.com/p.png?q=secret)", "x"),
        ("our page https://parley.example/about", "our page https://parley.example/about"),
    ],
)
def test_c60_a_link_stays_only_when_its_host_is_allowed(text: str, seen: str) -> None:
    assert clean(text, "parley.example") == seen


@each(
    "text, seen",
    [
        ("a\u202eb\u2066c\u200bd\ufeffe\x00f\x1bg\u00ad", "abcdefg"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("one\n\n\n\n\ntwo  \n", "one\n\ntwo"),
        ("tab\there", "tab here"),
        ("Café — “ok” 👩‍🚀 ¡ya!", "Café — “ok” 👩‍🚀 ¡ya!"),
        ("hidden\u200b.com is ht\u200btps://evil.com", "is"),
    ],
)
def test_ch_2_what_cannot_be_seen_goes(text: str, seen: str) -> None:
    assert clean(text) == seen


@each(
    "text",
    [
        "Charge $29.99 a month. Do 1.2 first, e.g. tonight; it is 3.5 h.",
        "Use Node.js or not.So be it: tier.one, v2.1, 9:30-10:00.",
        "Ask them: what would you pay?\n\n1. One tier\n2. Two tiers",
        "Write to #general or @mods, 50% off (founders).",
    ],
)
def test_ordinary_words_stay_as_they_are(text: str) -> None:
    assert clean(text) == text
    assert clean(clean(text)) == clean(text)


def test_c37_a_text_that_broke_off_ends_at_a_sentence() -> None:
    assert whole_sentences('Start with one price. Say "now!" And then you') == 'Start with one price. Say "now!"'
    assert whole_sentences("no end at all") == "no end at all"
    assert whole_sentences("It costs $29.99 a") == "It costs $29.99 a"


def test_a_long_text_is_cut_between_sentences_and_nothing_is_lost() -> None:
    text = "One sentence here. " * 20
    head, rest = cut_at_sentence(text.strip(), 100)
    assert head.endswith(".")
    assert len(head) <= 100
    assert f"{head} {rest}" == text.strip()
    assert cut_at_sentence("x" * 30, 10) == ("x" * 10, "x" * 20)
