"""Rules 4 to 7 of the opt-out procedure: requests in sentences, and what takes them back (SMS-2, SMS-5)."""

from __future__ import annotations

import pytest

from bot.engine.optout import Verdict, decide
from tests.rows import each

REQUESTS = {
    "P1": [
        "stop texting me please", "please quit sending me these", "Cease contacting this number", "stop calling me",
        "quit bothering us", "stop spamming my phone", "can you stop messaging me", "I told you to stop texting me",
        "stop blowing up my phone", "plz stp txtin me", "cease and desist", "you need to stop",
    ],
    "P2": [
        "no more texts", "end these messages", "turn off the notifications", "cancel all texts", "stop the reminders",
        "no more alerts please", "enough of these messages", "turn these off", "stop your msgs",
        "how do i make these messages stop",
    ],
    "P3": [
        "don't text me again", "do not contact this number", "never message me again", "dont send me anything",
        "do not send me any more texts", "don't bother me", "you may not text me",
    ],
    "P4": [
        "take this number off your list", "take me off your list", "remove me", "remove my number from your database",
        "lose my number", "delete my number", "get me off this list", "put me on your do not call list",
        "how do I get off this list?",
    ],
    "P5": [
        "unsubscribe me", "opt me out", "I opt out", "I revoke my consent", "I withdraw my consent to be texted",
        "you do not have my permission to text me", "consent withdrawn",
    ],
    "P6": [
        "I do not want to receive any more texts", "I don't want these messages", "I no longer wish to be contacted",
        "I'd rather not get these texts", "I wish you would not text me",
    ],
    "P7": [
        "leave me alone", "go away", "get lost", "f off", "LEAVE ME ALONE!!!", "just go away already", "f*** off",
        "I'm blocking this number",
    ],
    "P8": [
        "wrong number, I never had a ticket", "you have the wrong person", "this is not Mike's phone",
        "I'm not Angela.",
        "not my ticket and I don't know you", "there is no Robert here", "this number belongs to someone else now",
        "Mike doesn't have this number anymore",
    ],
    "P9": [
        "no me escriban mas", "no me manden mensajes", "dejen de mandarme mensajes", "paren de escribirme",
        "no más mensajes", "ya no quiero mensajes", "quítenme de la lista", "bórrenme de su lista",
        "quiero darme de baja",
        "número equivocado", "déjenme en paz", "sáquenme de la lista", "no me molesten",
    ],
}  # fmt: skip
EXCLUDED = {
    "X1": [
        "do not end my alerts", "never unsubscribe me", "please never stop the alerts", "don't stop texting me",
        "don't take me off the list", "I don't want to stop the texts", "I never said stop texting me",
        "no quiero que dejen de mandarme avisos",
    ],
    "X2": [
        "I ran the stop sign on 5th", "the bus stop sign was hidden", "stop payment on my check", "cancel my letter",
        "cancel my plan", "cancel my appointment", "end of March", "I quit my job, what next", "remove line 4",
        "delete the receipt", "wrong amount", "opt out of the tip pool", "no stopping zone, 2 hours",
        "I typed the wrong number for the plate", "habia una señal de alto", "la parada estaba cerrada",
        "wrong number, it's 912345678", "no calls please, text only",
    ],
    "X3": [
        "the officer told me to stop", "I stopped at the light", "the sign said STOP",
        "my ex told me to stop texting him",
        'she said "leave me alone" and left', "Reply STOP to end alerts", "I told the officer to stop writing",
        "el oficial me dijo que dejara de escribir",
    ],
    "X4": [
        "what does STOP do?", "what happens if I reply STOP?", "can I cancel later?", "can I unsubscribe at any time",
        "if I opt out does my letter still go?", "why did you stop texting me", "que pasa si me doy de baja",
    ],
    "X5": [
        "make the city stop towing", "tell them to leave me alone", "tell the city to leave me alone",
        "how do I get the city to stop sending me notices", "they should stop texting people",
        "díganle a la ciudad que no me molesten",
    ],
}  # fmt: skip
PAUSES = [
    "maybe later", "ask me on Friday", "mute for three days", "nothing before 9 am", "text me after 6 pm", "not now",
    "don't text me before 9", "snooze until monday", "mándame un mensaje mañana", "no texts before 9",
]  # fmt: skip
TABLE_OUT = [
    "Stop.", '"STOP"', "sToP pLeAsE", "stpo", "unsubcribe", "opt out", "stop texting me please",
    "please quit sending me these", "no more texts", "take this number off your list",
    "I withdraw my consent to be texted", "how do i make these messages stop", "wrong number, I never had a ticket",
    "leave me alone", "dejen de mandarme mensajes", "BAJA", "cancel", "end",
]  # fmt: skip
TABLE_ORDINARY = [
    "I ran the stop sign on 5th", "the bus stop sign was hidden", "stop payment on that check", "shop",
    "cancel my letter", "cancel plan", "end of March", "I quit my job, what next", "please never stop the alerts",
    "what happens if I reply STOP?", "can I cancel later", "no stopping zone, 2 hours",
    "I typed the wrong number for the plate", "tell the city to leave me alone", "habia una señal de alto",
    "la parada estaba cerrada", "the meter ended at 6", "stop by the office tomorrow",
]  # fmt: skip


@each(("family", "text"), [(family, text) for family, texts in REQUESTS.items() for text in texts])
def test_rule_4_each_family_of_requests(family: str, text: str) -> None:
    """P1 to P9; where several families fit, the first that matches is named."""
    verdict = decide(text)
    assert verdict.optout
    assert verdict.reason[0] in "PS"
    assert decide(REQUESTS[family][0]).reason == family


@each(("rule", "text"), [(rule, text) for rule, texts in EXCLUDED.items() for text in texts])
def test_rule_5_each_exclusion_wins(rule: str, text: str) -> None:
    """X1 to X5."""
    for idle in (False, True):
        verdict = decide(text, idle=idle)
        assert not verdict.optout, verdict.reason
        assert not verdict.ask


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("coaching texts off, receipts stay", "coaching"), ("stop the coaching texts, receipts are fine", "coaching"),
        ("no more reminders but keep the case updates", "reminders"),
        ("turn off the digest, keep everything else", "digest"),
    ],
)  # fmt: skip
def test_x6_one_topic_ends_and_the_rest_is_kept(text: str, topic: str) -> None:
    verdict = decide(text)
    assert (verdict.verdict, verdict.topic, verdict.reason) == (Verdict.TOPIC, topic, "X6")
    assert not verdict.optout


@pytest.mark.parametrize("text", PAUSES)
def test_x7_a_pause_is_no_opt_out(text: str) -> None:
    verdict = decide(text)
    assert (verdict.verdict, verdict.reason) == (Verdict.PAUSE, "X7")


@pytest.mark.parametrize("text", ["silence these messages for good", "mute this forever, no more texts"])
def test_x7_for_good_is_no_pause(text: str) -> None:
    assert decide(text).optout


@pytest.mark.parametrize(
    "text",
    ["how do I get off this list?", "how do I unsubscribe", "what do I text to stop this", "can I be removed please?"],
)
def test_rule_4_a_question_for_the_way_out_is_the_request(text: str) -> None:
    assert decide(text).optout


def test_rule_6_a_limited_request_ends_everything() -> None:
    assert decide("stop the reminders").optout


@pytest.mark.parametrize(
    ("text", "topic"),
    [("stop the reminders", "reminders"), ("no more coaching texts", "coaching"), ("no more digests please", "digest")],
)
def test_sms_5_by_topic_a_limited_request_ends_that_topic(text: str, topic: str) -> None:
    assert decide(text).verdict is Verdict.OUT
    limited = decide(text, by_topic=True)
    assert (limited.verdict, limited.topic) == (Verdict.TOPIC, topic)


@pytest.mark.parametrize("text", ["STOP", "stop texting me", "stop all reminders and texts", "leave me alone", "BAJA"])
def test_sms_5_one_stop_ends_all_topics_under_both_settings(text: str) -> None:
    assert decide(text).optout
    assert decide(text, by_topic=True).optout


@pytest.mark.parametrize(
    "text",
    [
        "They should stop ticketing this street.", "I stopped there for two minutes", "leave me alone", "go away",
        "the wrong person got the ticket", "cancel the ticket", "I asked him to stop and he kept writing",
        "remove the fine", "not interested", "I don't know you", "this is not my car",
    ],
)  # fmt: skip
def test_rule_7_while_free_text_is_collected_a_story_is_a_story(text: str) -> None:
    assert decide(text, collecting_free_text=True).verdict is Verdict.ORDINARY


@pytest.mark.parametrize(
    "text",
    [
        "stop texting me", "STOP", "stop please", "stpo", "no more texts", "take me off your list", "unsubscribe me",
        "dejen de mandarme mensajes", "don't text me again", "I do not want to receive any more texts", "cancel",
    ],
)  # fmt: skip
def test_rule_7_requests_that_name_our_messages_count_in_free_text(text: str) -> None:
    assert decide(text, collecting_free_text=True).optout


def test_rule_7_cancel_with_fillers_is_asked_about_in_free_text_too() -> None:
    assert decide("cancel please", collecting_free_text=True).ask


@each("text", TABLE_OUT)
def test_table_2_4_opt_outs(text: str) -> None:
    assert decide(text, idle=True).optout


@each("text", TABLE_ORDINARY)
def test_table_2_4_ordinary(text: str) -> None:
    verdict = decide(text, idle=True)
    assert verdict.verdict is Verdict.ORDINARY


@pytest.mark.parametrize(
    "text", ["stop everywhere", "stop texting me on all channels", "stop texting me everywhere", "stop, telegram too"]
)
def test_sms_25_everywhere_is_heard(text: str) -> None:
    verdict = decide(text)
    assert verdict.optout
    assert verdict.everywhere


@pytest.mark.parametrize("text", ["STOP", "stop texting me", "leave me alone"])
def test_sms_25_otherwise_only_this_channel(text: str) -> None:
    assert not decide(text).everywhere


@pytest.mark.parametrize(
    "text",
    [
        "Get your act together. Stop texting me.",
        "Hello, I paid the ticket. Please take me off your list. Thanks, Ruth",
        "I got a ticket once, not any more.\nstop texting me", "the officer told me to stop. anyway, stop texting me",
        "who is this? don't text me again",
    ],
)  # fmt: skip
def test_one_clause_is_enough(text: str) -> None:
    """An exclusion in one sentence does not excuse a request in the next."""
    assert decide(text).optout


@pytest.mark.parametrize("text", ["5top texting me", "d0nt text me", "un5ubscribe me", "stop t3xting me", "r3move me"])
def test_digits_for_letters(text: str) -> None:
    assert decide(text).optout
