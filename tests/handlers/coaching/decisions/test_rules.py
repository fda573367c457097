"""What the recogniser promises beyond the table: quotes, certainty, rationale, contexts, own tasks, odd texts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.coaching.decisions import (
    Category,
    Certainty,
    Context,
    Decision,
    Task,
    Verdict,
    check_quote,
    read_value,
    recognise,
)
from handlers.coaching.decisions.trial import check, plan_tasks
from tests.handlers.coaching.decisions.score import names, rows
from tests.rows import each

CONTEXT = Context(date(2026, 3, 2), tasks=plan_tasks())


def only(text: str, context: Context = CONTEXT) -> Decision:
    (decision,) = recognise(text, context).decisions
    return decision


@each(
    "text, quote",
    [
        ("I’ll charge $29\u00a0a month", "I’ll charge $29\u00a0a month"),
        ("Ok! So   we open on  May 3. Bye", "we open on  May 3"),
        ("going with Dis\u200bcord", "going with Dis\u200bcord"),
        ("Discord it is. What should I charge?", "Discord it is"),
    ],
)
def test_the_quote_is_the_persons_exact_words(text: str, quote: str) -> None:
    assert only(text).quote == quote
    assert quote in text


@each(
    "text, quote, value, verdict",
    [
        ("I'll charge $39/month", "$39/month", "USD 2900/month", Verdict.ASK),
        ("I'll charge $39/month", "$39/month", "USD 3900/month", Verdict.STANDS),
        ("I’ll charge $39\u00a0a  month", "I'll charge $39 a month", "USD 3900/month", Verdict.STANDS),
        ("I'll charge $39/month", "thirty-nine a month", "USD 3900/month", Verdict.DROP),
        ("I'll charge $39/month", "I'll charge", "USD 3900/month", Verdict.DROP),
        ("I'll charge $20-39/month", "$20-39/month", "USD 3900/month", Verdict.DROP),
        ("I'll charge $39/month", " ", "USD 3900/month", Verdict.DROP),
    ],
)
def test_c09_c10_c11_a_proposal_stands_on_its_quote(text: str, quote: str, value: str, verdict: Verdict) -> None:
    assert check_quote(text, quote, Category.PRICING, value, CONTEXT) is verdict


@each(
    "text, pending, certainty",
    [
        ("I'm going with Circle", None, Certainty.EXPLICIT),
        ("Circle", None, Certainty.BARE),
        ("Circle, final answer", None, Certainty.EXPLICIT),
        ("Circle", Category.PLATFORM, Certainty.ANSWER),
    ],
)
def test_certainty_tells_how_it_was_said(text: str, pending: Category | None, certainty: Certainty) -> None:
    assert only(text, replace(CONTEXT, pending=pending)).certainty is certainty


@each(
    "text, rationale",
    [
        ("I'm going with Discord because my viewers are there", "my viewers are there"),
        ("Me quedo con Discord porque es gratis", "es gratis"),
        ("I'm going with Discord. It is because of my viewers", ""),
        ("three tiers sounds good", ""),
    ],
)
def test_pp5_the_rationale_stands_in_the_same_sentence(text: str, rationale: str) -> None:
    assert only(text).rationale == rationale


def test_dd5_what_was_not_said_is_marked_as_assumed() -> None:
    assert only("35", replace(CONTEXT, pending=Category.PRICING)).assumed == ("period", "currency")
    assert only("I'll charge $35").assumed == ("period",)
    assert only("I'll charge $35 a month").assumed == ()


@each("text, value", [
    ("29.99/month", "USD 2999/month"), ("$9/mo", "USD 900/month"), ("12 EUR per seat", "EUR 1200/month"),
    ("12 EUR/seat", "EUR 1200/month"), ("$10/user", "USD 1000/month"), ("29.99 p/mo", "USD 2999/month"),
])  # fmt: skip
def test_dd5_a_price_a_head_or_behind_a_stroke_is_a_price(text: str, value: str) -> None:
    assert only(text).value == value


@each("text", ["if it grows, $39/mo", "30/seat at the meetup", "my software is $12/user", "one seat left, 12 gone"])
def test_dd3_a_condition_or_somebody_elses_seat_is_none(text: str) -> None:
    assert recognise(text, CONTEXT).decisions == ()


def test_dd5_a_founders_discount_is_an_attribute_of_the_price() -> None:
    assert only("I'll charge $35 a month with 40% off for founders").discount_percent == 40


def test_dd8_the_name_of_another_host_is_kept() -> None:
    decision = only("I'll host it on my own website")
    assert (decision.value, decision.text) == ("other", "own website")


@each("currency, value", [("USD", "USD 3000/month"), ("AUD", "AUD 3000/month"), ("EUR", "USD 3000/month")])
def test_dd6_a_dollar_is_the_persons_own_dollar(currency: str, value: str) -> None:
    assert only("I'll charge $30 a month", replace(CONTEXT, currency=currency)).value == value


@each("locale, day", [("en-US", "2026-04-05"), ("en-GB", "2026-05-04"), ("es-ES", "2026-05-04")])
def test_dd7_numeric_dates_follow_the_locale(locale: str, day: str) -> None:
    assert only("launch 4/5", replace(CONTEXT, locale=locale)).value == day


def test_c29_tomorrow_is_counted_from_the_day_that_is_given() -> None:
    assert only("we open tomorrow", replace(CONTEXT, today=date(2026, 12, 31))).value == "2027-01-01"


def test_dd9_own_tasks_are_known_by_id_and_by_title() -> None:
    context = replace(CONTEXT, tasks=(*CONTEXT.tasks, Task("c1", "Film the trailer video")))
    assert [done.task for done in recognise("c1 done", context).completions] == ["c1"]
    assert [done.task for done in recognise("I filmed the trailer video", context).completions] == ["c1"]
    assert recognise("I'll film the trailer video tomorrow", context).completions == ()


def test_dd9_without_tasks_nothing_is_done() -> None:
    assert recognise("1.1 done", replace(CONTEXT, tasks=())).completions == ()


def test_forwarded_text_proposes_nothing() -> None:
    for text in ("Forwarded from Sam: we charge $12 a month", "> I'll charge $12 a month", "Fwd: 1.1 done"):
        assert recognise(text, CONTEXT) == recognise("", CONTEXT)
    assert recognise("I'll charge $12 a month. 1.1 done", replace(CONTEXT, is_forwarded=True)).decisions == ()


@each("name", names()[1::3])
def test_pp1_every_quote_of_the_sets_stands_in_its_message_and_reads_the_same(name: str) -> None:
    for row in rows(name):
        context = replace(CONTEXT, pending=Category(row.context["pending"]) if row.context.get("pending") else None)
        if set(row.context) - {"pending"}:
            continue
        for decision in recognise(row.text, context).decisions:
            assert decision.quote
            assert decision.quote in row.text
            read = read_value(decision.quote, decision.category, context)
            is_counted = decision.category is Category.STRUCTURE and read is None
            assert is_counted or read == decision.value, (row.text, decision, read)


@given(st.text(max_size=300))
@settings(max_examples=15, deadline=None)
def test_no_text_raises(text: str) -> None:
    found = recognise(text, CONTEXT)
    assert found == recognise(text, CONTEXT)
    for decision in found.decisions:
        assert decision.quote in text


_WORDS = [
    *["i", "will", "charge", "$29", "a", "month", "or", "not", "discord", "circle", "one", "tier", "two", "launch"],
    *["on", "may", "3", "we", "open", "members", "get", "weekly", "q&a", ",", ".", "?", "!", "but", "maybe", "if"],
    *["because", "going", "with", "1.2", "done", "35", "€", "-", "/", "'", '"', "(", ")", "no", "wait", "actually"],
    *["free", "from", "to"],
]
LONG = ["1" * 2000, "a " * 1000, "$1 or " * 300, "maybe " * 300, "1.1," * 500, "(" * 2000, "weekly q&a and " * 130]


@given(st.lists(st.sampled_from(_WORDS), max_size=40))
@settings(max_examples=15, deadline=None)
def test_no_heap_of_telling_words_raises(heap: list[str]) -> None:
    assert check({"text": " ".join(heap), "today": "2026-03-02"}).get("error") is None


@pytest.mark.timeout(20)
@each("text", LONG)
def test_long_texts_take_no_long_time(text: str) -> None:
    recognise(text, CONTEXT)


@each(
    "request_, field",
    [
        ({}, "text"),
        ({"text": 5}, "text"),
        ({"text": "x", "today": "no"}, "today"),
        ({"text": "x", "currency": "dollars"}, "currency"),
        ({"text": "x", "pending": "colour"}, "pending"),
        ({"text": "x", "options": "Discord"}, "options"),
        ({"text": "x", "forwarded": "yes"}, "forwarded"),
        ({"text": "x", "saved": []}, None),
        ({"text": "x", "saved": [1]}, "saved"),
        ([], "request"),
    ],
)
def test_a_bad_request_names_its_field(request_: object, field: str | None) -> None:
    answer = check(request_)
    assert answer.get("error") == (f"bad field: {field}" if field else None)
    assert json.dumps(answer)
