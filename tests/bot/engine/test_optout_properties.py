"""What holds for any text: a verdict, the same one however it is dressed, and none for a number."""

from __future__ import annotations

import subprocess
import sys
import time

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.engine.optout import Verdict, decide
from bot.engine.optout.trial import try_optout

WORDS = st.sampled_from(
    [
        "stop", "texting", "me", "please", "do", "not", "the", "list", "number", "wrong", "my", "off", "take", "no",
        "more", "texts", "i", "you", "city", "officer", "told", "to", "if", "what", "unsubscribe", "opt", "out", "end",
        "cancel", "quit", "leave", "alone", "letter", "ticket", "mensajes", "dejen", "de", "escriban", "ya", "remove",
        ",", ".", "?", "!", "\n",
    ]
)  # fmt: skip
SENTENCES = st.lists(WORDS, max_size=20).map(" ".join)
FLAGS = st.fixed_dictionaries(
    {
        "collecting_free_text": st.booleans(),
        "opted_out": st.booleans(),
        "toll_free": st.booleans(),
        "idle": st.booleans(),
        "by_topic": st.booleans(),
    }
)


@settings(max_examples=300)
@given(text=st.text() | SENTENCES, flags=FLAGS)
@example(text="", flags={})
@example(text="\u202e\x00", flags={})
@example(text="ß ﬁ İ ǅ", flags={})
def test_any_text_has_a_verdict(text: str, flags: dict[str, bool]) -> None:
    verdict = decide(text, **flags)
    assert isinstance(verdict.verdict, Verdict)
    assert verdict.optout is (verdict.verdict is Verdict.OUT)
    assert (verdict.topic is not None) is (verdict.verdict is Verdict.TOPIC)


@settings(max_examples=300)
@given(text=SENTENCES, before=st.sampled_from(["", " ", "  \n", "\t"]), after=st.sampled_from(["", " ", "\n"]))
def test_voc_8_outer_whitespace_does_not_count(text: str, before: str, after: str) -> None:
    plain, dressed = decide(text), decide(before + text + after)
    assert (plain.verdict, plain.reason, plain.topic) == (dressed.verdict, dressed.reason, dressed.topic)


@settings(max_examples=300)
@given(text=SENTENCES)
def test_voc_8_case_does_not_count(text: str) -> None:
    assert decide(text).verdict is decide(text.upper()).verdict


@given(text=st.text("0123456789", min_size=1) | st.integers().map(str))
def test_a_number_is_never_an_opt_out(text: str) -> None:
    assert decide(text, idle=True).verdict is Verdict.ORDINARY


@given(digits=st.text("0123456789", min_size=1, max_size=12), letters=st.text("ABCDEFGHJKLM", min_size=1, max_size=3))
def test_a_citation_number_or_a_plate_is_never_an_opt_out(digits: str, letters: str) -> None:
    for text in (letters + digits, digits + letters, f"{letters} {digits}", f"CA {digits}{letters}"):
        assert decide(text, idle=True).verdict is Verdict.ORDINARY


@given(text=st.text() | SENTENCES)
def test_the_trial_says_the_same(text: str) -> None:
    record, verdict = try_optout({"text": text}), decide(text, idle=True)
    assert (record["optout"], record["ask"], record["reason"]) == (verdict.optout, verdict.ask, verdict.reason)
    assert record.get("topic") == verdict.topic


def test_texts_made_to_be_slow_are_not() -> None:
    """A bound far above what is seen (7 ms), and far below what would stall the others."""
    decide("warm up, stop texting me")
    for unit in (
        "stop ",
        "i do not want to ",
        "stop, text, me, not, ",
        "do not text. stop it. ",
        "no the your all any ",
        "a b ",
    ):
        text = (unit * 1600)[:1600]
        started = time.process_time()
        decide(text)
        assert time.process_time() - started < 0.5, unit


def test_sms_24_no_model_and_no_storage_is_asked() -> None:
    """The decision needs nothing that could be slow, down or over its quota."""
    foreign = "('storage', 'integrations', 'handlers', 'anthropic', 'aiohttp', 'sqlalchemy')"
    probe = (
        "import sys; from bot.engine.optout import decide; assert decide('stop texting me').optout;"
        f"print([name for name in sys.modules if name.split('.')[0] in {foreign}])"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"
