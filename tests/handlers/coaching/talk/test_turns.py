"""A turn of the coach from the message to the booking: one reply, one charge, always an answer (CT-1 to CT-7, LI-1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.core.calls import Again
from bot.core.clock import FixedClock
from bot.core.sms import encoding_of, size
from bot.engine.rights import Booked, Unlimited
from bot.engine.turn import Turn
from storage.alerts import alert
from storage.coaching.messages import message
from storage.outbox import outbox
from tests.handlers.coaching.talk.kit import ON, body_of, fails, says, talking

CHARGE = 8_900_000


async def test_ct_1_a_message_is_answered_counted_and_paid_once(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        (reply,) = [one.text for one in await talk.say("how do I write the welcome post?")][-1:]
        assert reply == "Good. What will members get?"
        assert await talk.turns() == [("answered", True, 0, CHARGE)]
        assert await talk.spent() == (CHARGE, 0)
        (call,) = await talk.calls()
        assert (call.purpose, call.attempt, call.nano_usd, call.usage_known) == ("reply", 1, CHARGE, True)
        assert call.price_row == "claude-sonnet-5-5@2026-10-07"
        states = [(row.role, row.state) for row in await talk.rows(message)]
        assert states == [("person", "answered"), ("coach", "answered")]


async def test_ct_1_no_call_leaves_before_the_reservation_is_committed(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        await talk.telegram.say("hello coach")
        assert talk.asked == []
        ((state, counts, reserved, _),) = await talk.turns()
        assert (state, counts) == ("waiting", True)
        assert reserved > 31_000_000
        assert await talk.spent() == (0, reserved)


async def test_c38_the_same_update_three_times_gives_one_reply_and_one_charge(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.harness.redeliver = True
        sent = await talk.say("what now?")
        assert [one.text for one in sent].count("Good. What will members get?") == 1
        assert len(talk.asked) == 1
        assert await talk.turns() == [("answered", True, 0, CHARGE)]


async def test_ct_6_a_process_that_is_replaced_after_every_turn_changes_nothing(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.harness.restart = True
        await talk.say("what now?")
        assert talk.telegram.last.text == "Good. What will members get?"
        assert await talk.turns() == [("answered", True, 0, CHARGE)]


async def test_c40_two_quick_messages_are_one_turn_in_their_order(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        await talk.telegram.say("I play chess")
        await talk.harness.wait(timedelta(seconds=2))
        await talk.say("and what should I charge?")
        (call,) = talk.asked
        asked = call.reply.lines[-1].text
        assert asked.index("I play chess") < asked.index("and what should I charge?")
        assert await talk.turns() == [("answered", True, 0, CHARGE)]
        assert {row.state for row in await talk.rows(message)} == {"answered"}


async def test_ct_2_what_comes_while_a_turn_runs_joins_the_next_one(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        slow = iter([True])

        def model(call):  # type: ignore[no-untyped-def]
            return Again("slow", timedelta(seconds=10)) if next(slow, False) else says(f"Reply {call.turn % 2}")(call)

        talk.model = model
        await talk.telegram.say("first")
        await talk.harness.wait(timedelta(seconds=4))
        await talk.telegram.say("second")
        await talk.telegram.say("third")
        await talk.harness.wait(timedelta(seconds=30))
        assert len(talk.asked) == 3, "the first was tried twice"
        last = talk.asked[-1].reply.lines
        assert [line.role for line in last] == ["user", "assistant", "user"]
        assert last[-1].text.index("second") < last[-1].text.index("third")
        assert [state for state, *_ in await talk.turns()] == ["answered", "answered"]


@pytest.mark.parametrize("word", ["STOP", "Please stop texting me"])
async def test_ct_4_c41_nothing_is_sent_after_a_stop_while_the_turn_runs(word: str, tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        await talk.sms.say("what now?")
        before = len(talk.sms.messages)
        await talk.sms.say(word)
        stopped = len(talk.sms.messages)
        await talk.harness.wait(timedelta(seconds=60))
        assert len(talk.sms.messages) == stopped
        assert stopped - before <= 1
        assert talk.asked == []
        assert await talk.turns() == [("released", False, 0, 0)]


async def test_c41_a_result_that_comes_after_a_stop_is_booked_and_not_sent(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        waits = iter([True])
        talk.model = lambda call: Again("slow", timedelta(seconds=9)) if next(waits, False) else says()(call)
        await talk.sms.say("what now?")
        await talk.harness.wait(timedelta(seconds=4))
        await talk.sms.say("STOP")
        sent = len(talk.sms.messages)
        await talk.harness.wait(timedelta(seconds=60))
        assert len(talk.sms.messages) == sent
        assert await talk.turns() == [("released", False, 0, CHARGE)]


@pytest.mark.parametrize("reason", ["status_529", "timeout", "status_429", "cut", "circuit open", "status_401"])
async def test_c32_a_failure_is_answered_in_short_and_does_not_count(reason: str, tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.model = fails(reason)
        (reply,) = [one.text for one in await talk.say("how?")][-1:]
        assert "unavailable" in reply
        assert "did not count" in reply
        assert "Scripted: how?" in reply
        assert reason not in reply
        assert await talk.turns() == [("fallback", False, 0, 0)]
        assert {row.state for row in await talk.rows(message) if row.role == "person"} == {"fallback"}
        alerts = [row.kind for row in await talk.rows(alert)]
        assert alerts == (["coach_model_refused"] if reason == "status_401" else [])


async def test_c35_a_cut_stream_is_one_message_and_charged_by_a_flagged_estimate(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        await talk.say("hi")
        talk.model = fails("cut", {"outcome": "cut", "usage_known": False, "output_tokens": 40, "stop_reason": ""})
        sent = await talk.say("how?")
        assert len(sent) == 1
        _, call = await talk.calls()
        assert (call.outcome, call.usage_known) == ("cut", False)
        assert (await talk.turns())[1] == ("fallback", False, 0, 1200 * 2000 + 5000 * 100 + 40 * 10_000)


async def test_c33_a_turn_without_any_result_is_given_up_and_answered(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.model = lambda call: Again("never", timedelta(minutes=5))
        await talk.say("how?")
        await talk.harness.wait(timedelta(seconds=120))
        assert "Scripted: how?" in talk.telegram.last.text
        ((state, counts, reserved, spent),) = await talk.turns()
        assert (state, counts, reserved) == ("fallback", False, 0)
        (call,) = await talk.calls()
        assert (call.usage_known, call.nano_usd) == (False, spent)
        await talk.harness.wait(timedelta(minutes=10))
        assert len([one for one in talk.telegram.messages if "Scripted" in one.text]) == 1, "the late result is dropped"


async def test_c36_a_refusal_is_told_plainly_with_the_way_to_a_person_and_counts(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.model = says("I can't talk about", "refusal")
        (reply,) = [one.text for one in await talk.say("something odd")][-1:]
        assert "AGENT" in reply
        assert "I can't talk about" not in reply
        assert (await talk.turns())[0][:2] == ("answered", True)


async def test_c37_a_reply_that_broke_off_ends_at_a_sentence(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.model = says("Charge one price. Then tell people about the fou", "max_tokens")
        assert (await talk.say("price?"))[-1].text == "Charge one price."


async def test_c56_a_long_reply_by_sms_is_cut_at_a_sentence_and_more_gives_the_rest(tmp_path: Path) -> None:
    text = " ".join(f"Sentence number {n} — with a “quote” in it." for n in range(22))
    assert 850 < len(text) < 950
    async with talking(tmp_path) as talk:
        talk.model = says(text)
        await talk.say("hello", talk.sms)
        (sent,) = [one.text for one in await talk.say("explain it all", talk.sms)]
        assert len(sent) <= 459
        assert encoding_of(sent) == "GSM-7"
        head, hint = sent.rsplit("\n", 1)
        assert hint == "Reply MORE for the rest."
        assert head.endswith(".")
        (second,) = [one.text for one in await talk.sms.say("MORE")]
        assert second.startswith(f"Sentence number {head.count('Sentence')}")
        await talk.sms.say("MORE")
        assert "Sentence number 21" in talk.sms.last.text
        assert len(talk.asked) == 2, "MORE is no message to the model"


async def test_c56_the_rest_of_a_reply_is_kept_a_day(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.model = says("A sentence of some length is here. " * 20)
        await talk.say("explain", talk.sms)
        await talk.harness.wait(timedelta(hours=25))
        await talk.sms.say("MORE")
        assert "A sentence" not in talk.sms.last.text


async def test_c60_a_foreign_link_does_not_reach_the_person(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        talk.model = says("Read https://evil.example/a first, then https://discord.com/x.\u202e")
        assert (await talk.say("where?"))[-1].text == "Read first, then https://discord.com/x."


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_ch_2_of_a_reply_of_which_nothing_is_left_the_person_hears_an_honest_word(
    channel: str, tmp_path: Path
) -> None:
    async with talking(tmp_path) as talk:
        phone = talk.harness.phone(channel)
        await talk.say("hi", phone)
        for reply in ("https://evil.example/claim", "\u200b\u200b\u2060", "[](https://evil.example)", "\x01\x02"):
            talk.model = says(reply)
            told = [one.text for one in await talk.say(f"what do you think of {reply!r}", phone)]
            assert len(told) == 1, (reply, told)
            assert "unavailable" in told[0], reply
            assert "evil" not in told[0].split("Scripted")[0], reply
        assert [one[:2] for one in await talk.turns()] == [("answered", True), *[("fallback", False)] * 4]
        assert all(nano for *_, nano in await talk.turns()), "the vendor is paid all the same"


async def test_c55_who_refused_the_provider_is_answered_without_it(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        await talk.say("hi")
        asked = len(talk.asked)
        await talk.profile(model_allowed=False)
        (reply,) = [one.text for one in await talk.telegram.say("how?")]
        assert reply == "Scripted: how?"
        await talk.harness.wait(timedelta(seconds=60))
        assert len(talk.asked) == asked


async def test_without_a_model_the_scripted_coach_answers_at_once(tmp_path: Path) -> None:
    async with talking(tmp_path, replace(ON, has_model=False)) as talk:
        assert (await talk.telegram.say("how?"))[-1].text.endswith("Scripted: how?")
        assert await talk.turns() == []


# -- limits ------------------------------------------------------------------------------------------------------------


async def test_c30_the_day_ends_at_the_persons_midnight(tmp_path: Path) -> None:
    clock = FixedClock(datetime(2026, 11, 21, 7, 50, tzinfo=UTC))  # 23:50 in Los Angeles
    async with talking(tmp_path, replace(ON, messages_per_day=2, burst_per_minute=0), clock=clock) as talk:
        for text in ("one", "two"):
            assert (await talk.say(text))[-1].text == "Good. What will members get?"
        (reply,) = [one.text for one in await talk.telegram.say("three")]
        assert "2 coach messages" in reply
        assert "00:00 (PST)" in reply
        assert "Scripted: three" in reply
        assert (await talk.telegram.say("four"))[-1].text == "Scripted: four", "said once a day"
        await talk.harness.wait(timedelta(minutes=10))
        assert (await talk.say("five"))[-1].text == "Good. What will members get?"
        assert [state for state, *_ in await talk.turns()] == ["answered"] * 3


async def test_a_fallback_gives_the_message_back(tmp_path: Path) -> None:
    async with talking(tmp_path, replace(ON, messages_per_day=1)) as talk:
        talk.model = fails()
        await talk.say("one")
        talk.model = says()
        assert (await talk.say("two"))[-1].text == "Good. What will members get?"


class _Paying(Unlimited):
    """A person who pays."""

    def pays(self, turn: Turn) -> bool:
        return True


async def test_li_1_a_new_account_that_pays_nothing_may_be_given_fewer_messages_for_three_days(tmp_path: Path) -> None:
    few = replace(ON, new_account_messages_per_day=2, burst_per_minute=0)
    async with talking(tmp_path, few) as talk:
        replies = [(await talk.say(text))[-1].text for text in ("one", "two", "three")]
        assert replies[:2] == ["Good. What will members get?"] * 2
        assert "today's 2 coach messages" in replies[2]
        assert replies[2].endswith("Scripted: three")
        talk.harness.registry.rights = _Paying()
        assert (await talk.say("four"))[-1].text == "Good. What will members get?"
        talk.harness.registry.rights = Unlimited()
        await talk.harness.wait(timedelta(days=3))
        for text in ("five", "six", "seven"):
            assert (await talk.say(text))[-1].text == "Good. What will members get?"


async def test_li_1_new_accounts_have_no_limit_of_their_own_unless_it_is_set(tmp_path: Path) -> None:
    async with talking(tmp_path, replace(ON, burst_per_minute=0)) as talk:
        for number in range(12):
            assert (await talk.say(f"number {number}"))[-1].text == "Good. What will members get?"


async def test_a_burst_is_told_once(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        for number in range(8):
            await talk.telegram.say(f"message {number}")
        notices = [one.text for one in talk.telegram.messages if "a lot for one minute" in one.text]
        assert len(notices) == 1
        await talk.harness.wait(timedelta(seconds=5))
        assert len(talk.asked) == 1
        assert "message 5" in body_of(talk.asked[0])
        assert [row.turn_id is None for row in await talk.rows(message)][:8] == [False] * 6 + [True] * 2


async def test_a_persons_money_of_the_day_ends_in_scripted_answers(tmp_path: Path) -> None:
    async with talking(tmp_path, replace(ON, cents_per_person_day=4)) as talk:
        await talk.say("one")
        assert (await talk.telegram.say("two"))[-1].text == "Scripted: two"
        assert len(talk.asked) == 1


async def test_c51_past_its_thresholds_the_house_warns_degrades_and_stops(tmp_path: Path) -> None:
    settings = replace(ON, warn_cents=1, degrade_cents=2, stop_cents=6, burst_per_minute=0)
    async with talking(tmp_path, settings) as talk:
        for number in range(4):
            await talk.say(f"text {number}")
        assert [call.reply.model for call in talk.asked] == ["claude-sonnet-5-5"] * 3 + ["claude-haiku-5-5"]
        for number in range(10):
            await talk.harness.wait(timedelta(minutes=1))
            talk.model = lambda call: says()(replace(call, reply=replace(call.reply, model="claude-opus-5-5")))
            await talk.say(f"more {number}")
        assert talk.scripted
        kinds = sorted(row.kind for row in await talk.rows(alert))
        assert kinds == ["coach_spend_degraded", "coach_spend_warning"], "stopped before it passed the last one"
        talk.harness.clock.advance(timedelta(days=1))
        asked = len(talk.asked)
        await talk.say("tomorrow")
        assert len(talk.asked) == asked + 1
        assert talk.asked[-1].reply.model == "claude-sonnet-5-5"


async def test_rows_of_a_turn_hold_no_draft_and_one_message(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        await talk.say("hi")
        before = len(await talk.rows(outbox))
        await talk.say("again")
        kinds = [row.kind for row in (await talk.rows(outbox))[before:]]
        assert kinds == ["call", "call", "message"], "typing, the turn, the reply"


async def test_turns_go_the_same_way_on_both_databases(database: str) -> None:
    async with talking(database) as talk:
        await talk.say("first")
        talk.model = fails("cut", {"outcome": "cut", "usage_known": False})
        await talk.say("second")
        assert [(state, counts) for state, counts, *_ in await talk.turns()] == [
            ("answered", True),
            ("fallback", False),
        ]
        spent, reserved = await talk.spent()
        assert (spent, reserved) == (sum(row.nano_usd for row in await talk.calls()), 0)
        assert "first" in body_of(talk.asked[-1])


@pytest.mark.parametrize("channel", ["telegram", "sms"])
async def test_li_4_five_near_equal_messages_ask_the_model_four_times(tmp_path: Path, channel: str) -> None:
    async with talking(tmp_path, replace(ON, burst_per_minute=0)) as talk:
        phone = talk.sms if channel == "sms" else talk.telegram
        told = [await talk.say(f"Are you  there{'?' * n}", phone) for n in range(6)]
        assert len(talk.asked) == 4
        assert [len(one) for one in told[1:4]] == [1] * 3
        (stopped,) = told[4]
        assert stopped.text == (
            "I got the same message several times and stop answering it. Write something else, or AGENT."
        )
        assert size(stopped.text).segments == 1
        assert told[5] == [], "said once, then silence"
        assert (await talk.say("how do I start?", phone))[-1].text == "Good. What will members get?"
        await talk.harness.wait(timedelta(minutes=2))
        await talk.say("are you there", phone)
        assert len(talk.asked) == 6


class _Plan(Unlimited):
    """A plan that grants so many, and what it was asked to book."""

    def __init__(self, left: int) -> None:
        self.left, self.settled = left, list[tuple[str, int]]()

    def reserve(self, turn: Turn, feature: str, operation: str, amount: int = 1) -> Booked:
        if feature != "coaching.messages" or self.left < amount:
            return Booked.REFUSED
        self.left -= amount
        return Booked.GRANTED

    def settle(self, turn: Turn, feature: str, operation: str, *, used: int) -> None:
        self.left += 1 - used
        self.settled.append((feature, used))


async def test_li_2_a_plan_counts_answers_alone_and_leaves_the_script_to_whoever_has_none_left(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        plan = talk.harness.registry.rights = _Plan(1)
        talk.model = fails()
        await talk.say("how do I write the welcome post?")
        assert (plan.left, plan.settled) == (1, [("coaching.messages", 0)])
        talk.model = says("Good. What will members get?")
        await talk.say("and the rules of the house?")
        assert (plan.left, plan.settled[-1]) == (0, ("coaching.messages", 1))
        before = len(talk.asked)
        sent = await talk.say("what else belongs into it?")
        assert len(talk.asked) == before
        assert "Until then I answer in short" in sent[0].text
        assert (await talk.spent())[1] == 0
