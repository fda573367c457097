"""Rules 1 to 3 of the opt-out procedure: keywords, fillers, typos, and the words that come back (SMS-1, SMS-7)."""

from __future__ import annotations

import pytest

from bot.engine.optout import Verdict, decide
from tests.rows import each

KEYWORDS = [
    "STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "OPT OUT", "OPT-OUT",
    "ALTO", "PARAR", "BAJA", "CANCELAR", "DARME DE BAJA",
]  # fmt: skip
DRESSES = [
    "{}", "{}.", "{}!", "{}!!!", '"{}"', "“{}”", "'{}'", "«{}»", "  {}  ", "\n{}\n", "{} 🙏", "😡 {}", "*{}*", "({})",
    "{}…",
    "{}\u200b", "{}?", "- {}",
]  # fmt: skip


@each("dress", DRESSES)
@each("word", KEYWORDS)
def test_sms_1_keyword_in_any_case_and_dress(word: str, dress: str) -> None:
    for spelled in (word, word.lower(), word.title(), word.swapcase()):
        verdict = decide(dress.format(spelled))
        assert (verdict.verdict, verdict.reason) == (Verdict.OUT, "S1"), spelled


@each("collecting", [False, True])
@each("word", KEYWORDS)
def test_voc_3_keyword_counts_in_every_state(word: str, collecting: bool) -> None:
    for opted_out in (False, True):
        for toll_free in (False, True):
            verdict = decide(word, collecting_free_text=collecting, opted_out=opted_out, toll_free=toll_free)
            assert verdict.optout


@pytest.mark.parametrize("text", ["SALIR", "salir", "menu", "exit", "leave", "back", "main"])
def test_sms_1_leaving_the_flow_is_no_opt_out(text: str) -> None:
    assert not decide(text).optout
    assert not decide(text).ask


@pytest.mark.parametrize(
    ("text", "keyword"), [("STOP", True), ("stop", True), (" stop ", True), ("Stop.", False), ('"STOP"', False)]
)
def test_only_a_bare_keyword_may_have_been_answered_by_the_carrier(text: str, keyword: bool) -> None:
    assert decide(text).keyword is keyword


@pytest.mark.parametrize("text", ["🛑", "🛑🛑🛑", "🛑!", " 🛑 ", "🛑 please"])
def test_s1_stop_sign_counts_as_stop(text: str) -> None:
    assert decide(text).optout


@pytest.mark.parametrize("text", ["s.t.o.p", "S T O P", "s-t-o-p", "s_t_o_p", "S.T.O.P.", "s t o p please", "b.a.j.a"])
def test_s1_letters_apart_are_joined(text: str) -> None:
    assert decide(text).optout


@each(
    "text",
    [
        "sToP pLeAsE", "please stop", "stop now", "pls stop", "ok stop", "stop it", "just stop", "stop already",
        "stop thank you", "STOP sir", "stop por favor", "stop ya", "unsubscribe please", "opt out now",
        "please opt out",
        "revoke please", "stop stop stop", "stop all please", "stop everything", "hey stop", "stop immediately",
        "stop asap thanks", "stop this now", "stop " * 300, "STOP 4155550199", "please stop 🙏",
    ],
)  # fmt: skip
def test_s2_sure_word_with_fillers_is_an_opt_out(text: str) -> None:
    verdict = decide(text)
    assert (verdict.verdict, verdict.reason) == (Verdict.OUT, "S2")


@pytest.mark.parametrize(
    "text",
    [
        "cancel please",
        "please cancel",
        "end now",
        "quit please",
        "cancel it",
        "quit it",
        "end this",
        "cancelar por favor",
    ],
)
def test_s2_unsure_word_with_fillers_is_asked_about(text: str) -> None:
    verdict = decide(text)
    assert (verdict.verdict, verdict.reason, verdict.optout, verdict.ask) == (Verdict.ASK, "S2", False, True)


@pytest.mark.parametrize(
    "text", ["cancel plan", "cancel letter", "cancel appeal", "cancel my letter", "cancel the order", "end the appeal"]
)
def test_voc_4_two_words_with_cancel_are_commands(text: str) -> None:
    assert decide(text, idle=True).verdict is Verdict.ORDINARY


@each(
    "text",
    [
        "stpo", "sotp", "tsop", "stopp", "sstop", "stoppp", "STPO", "st0p", "5top", "stpo please",
        "unsubcribe", "unsuscribe", "unsubscibe", "unsubsribe", "unsubscribee", "unsub", "UNSUBCRIBE!!",
    ],
)  # fmt: skip
def test_s3_typos_of_stop_and_unsubscribe(text: str) -> None:
    verdict = decide(text)
    assert verdict.optout
    assert verdict.reason in ("S2", "S3")


@each(
    "text",
    ["shop", "step", "stomp", "top", "spot", "stoop", "stops", "stopped", "post", "subscribe", "subscribed", "stamp"],
)
def test_s3_never_by_substitution(text: str) -> None:
    for said in (text, text.upper(), f"{text} please", f"please {text}"):
        assert decide(said, idle=True).verdict is Verdict.ORDINARY, said


@pytest.mark.parametrize(
    "text", ["my stop", "the stop", "this stop", "next stop", "last stop", "the end", "at the end"]
)
def test_a_stop_or_an_end_with_its_article_is_a_place(text: str) -> None:
    assert decide(text, idle=True).verdict is Verdict.ORDINARY


@each("text", ["START", "start", "Start.", "UNSTOP", '"unstop"'])
@each("toll_free", [False, True])
@each("opted_out", [False, True])
def test_sms_7_start_and_unstop_come_back_everywhere(text: str, toll_free: bool, opted_out: bool) -> None:
    assert decide(text, opted_out=opted_out, toll_free=toll_free).verdict is Verdict.START


@pytest.mark.parametrize(
    "text", ["YES", "yes", "Yes!", "SI", "sí", "text me again", "you can text me again", "opt me back in"]
)
def test_sms_7_more_words_come_back_only_while_opted_out(text: str) -> None:
    assert decide(text, opted_out=True).verdict is Verdict.START
    assert decide(text, opted_out=False).verdict is Verdict.ORDINARY
    assert decide(text, opted_out=True, toll_free=True).verdict is Verdict.ORDINARY


def test_voc_5_yes_is_an_answer_while_texts_are_on() -> None:
    assert decide("YES").verdict is Verdict.ORDINARY
    assert decide("YES", opted_out=True).verdict is Verdict.START


@pytest.mark.parametrize(
    "text",
    ["not interested", "Not interested, thanks", "remove", "please remove", "enough", "no me interesa", "ya no mas"],
)
def test_only_with_no_question_open_can_a_word_be_about_us(text: str) -> None:
    assert decide(text, idle=True).optout
    assert not decide(text, idle=False).optout


@pytest.mark.parametrize("text", ["Not interested. Remove.", "Enough! Not interested.", "remove, thanks"])
def test_several_dismissals_in_a_row_are_one(text: str) -> None:
    assert decide(text, idle=True).optout


@pytest.mark.parametrize("text", ["delete", "block", "borrar"])
def test_an_ending_without_a_thing_is_asked_about_when_idle(text: str) -> None:
    assert decide(text, idle=True).ask
    assert decide(text).verdict is Verdict.ORDINARY
