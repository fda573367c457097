"""Telegram's HTML subset as the real server reads it."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.fakes.telegram.markup import parse_html, to_html, utf16_length
from integrations.fakes.telegram.refusals import Refused
from tests.rows import each

REFUSED = {
    "a < b": 'Unclosed start tag at byte offset 2|Unsupported start tag "" at byte offset 2',
    "<b>bold": 'Can\'t find end tag corresponding to start tag "b"',
    "<div>x</div>": 'Unsupported start tag "div" at byte offset 0',
    "é <p>x</p>": 'Unsupported start tag "p" at byte offset 3',
    "<b><i>x</b></i>": 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"',
    "x</b>": "Unexpected end tag at byte offset 1",
    "<b": "Unclosed start tag at byte offset 0",
    "<b>x</b": "Unclosed end tag at byte offset 4",
    '<span class="red">x</span>': 'Tag "span" must have class "tg-spoiler" at byte offset 0',
    '<a ="x">y</a>': 'Empty attribute name in the tag "a" at byte offset 0',
    "<a href=http://x>y</a>": "Unexpected end of name token at byte offset 8",
    '<a href="http://x>y</a>': "Unclosed start tag at byte offset 0",
    "<a href": 'Unclosed start tag at byte offset 0|Unclosed start tag "a" at byte offset 0',
    "5 <6": "Unclosed start tag at byte offset 2",
}


@each("text", REFUSED)
def test_broken_markup_is_refused_in_the_servers_words(text: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_html(text)
    wanted = [f"Bad Request: can't parse entities: {part}" for part in REFUSED[text].split("|")]
    assert refused.value.code == 400
    assert refused.value.description in wanted


@pytest.mark.parametrize(
    ("text", "plain", "entities"),
    [
        ("plain", "plain", []),
        ("<b>x</b>y", "xy", [("bold", 0, 1)]),
        ("a <b>x</b> b", "a x b", [("bold", 2, 1)]),
        ("\U0001f600<i>x</i>", "\U0001f600x", [("italic", 2, 1)]),
        ("<b>a<i>b</i></b>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
        ("&lt;b&gt; &amp; &quot;q&quot; &#33; &#x21;", '<b> & "q" ! !', []),
        ("Fish & Chips &nbsp; &copy;", "Fish & Chips &nbsp; &copy;", []),
        ("<code>a</code><pre>b</pre>", "ab", [("code", 0, 1), ("pre", 1, 1)]),
        ("<b></b>x", "x", []),
        ("<blockquote expandable>q</blockquote>", "q", [("expandable_blockquote", 0, 1)]),
        ("<tg-spoiler>s</tg-spoiler>", "s", [("spoiler", 0, 1)]),
    ],
)
def test_markup_becomes_text_and_entities(text: str, plain: str, entities: list[tuple[str, int, int]]) -> None:
    found, marks = parse_html(text)
    assert found == plain
    assert [(mark["type"], mark["offset"], mark["length"]) for mark in marks] == entities


def test_a_link_keeps_its_decoded_address() -> None:
    text, entities = parse_html('<a href="https://e.test/?a=1&amp;b=2">pay</a>')
    assert text == "pay"
    assert entities == [{"type": "text_link", "url": "https://e.test/?a=1&b=2", "offset": 0, "length": 3}]


def test_a_page_shows_the_same_formatting_and_nothing_else() -> None:
    text, entities = parse_html(
        '&lt;script&gt; <b>bo<i>th</i></b> <a href="https://e.test/?a=1&amp;b">x</a> \U0001f600!'
    )
    shown = to_html(text, entities)
    assert shown.startswith("&lt;script&gt; <b>bo<i>th</i></b> <a ")
    assert 'href="https://e.test/?a=1&amp;b"' in shown
    assert shown.endswith("\U0001f600!")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_escaped_text_comes_back_unchanged(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert parse_html(escaped) == (text, [])


@given(st.text(alphabet="<>/b i&;#a=\"'x\U0001f600é"))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(Refused):
        plain, entities = parse_html(text)
        assert all(mark["offset"] + mark["length"] <= utf16_length(plain) for mark in entities)
