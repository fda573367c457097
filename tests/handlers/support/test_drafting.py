"""A model proposes, one of the staff decides: nothing is ever sent alone (SP-5)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.core.calls import Done, Refused
from bot.core.calls.workshop import AskModel, ModelAnswer
from bot.core.clock import FixedClock
from bot.engine.harness import Harness
from handlers.support import drafting
from integrations.claude import ClaudeAdapter
from integrations.fakes.claude import ClaudeFake
from storage import audit, operators
from tests.handlers.support.counter import Counter
from tests.integrations.door import attempt
from tests.rows import each

WORDS = "It was mailed on Friday. Which address did you expect it at?"


def propose(call: AskModel, harness: Harness) -> Any:
    return Done(ModelAnswer({"answer": WORDS}, "model-x", 10, 20, 1))


async def _asked(counter: Counter, words: str = "/support my letter never came") -> None:
    counter.world[AskModel] = propose
    await counter.eve.say(words)
    assert "nothing is sent without you" in await counter.act("ticket draft", "T-1001")


async def test_sp_5_a_draft_reaches_whoever_asked_and_is_sent_by_their_press_alone(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path, drafts=True) as counter:
        await _asked(counter)
        counter.ann.expect("DRAFT for T-1001, not sent", WORDS, "[Send]", "[Edit]", "[Discard]")
        assert not any(WORDS in one.text for one in [*counter.eve.messages, *counter.bob.messages])
        assert (await counter.row()).first_response_at is None
        data = counter.ann.last.buttons["Send"]
        await counter.bob.press(data)
        await counter.eve.press(data)
        assert (await counter.row()).state == "new"
        assert [one.partition(" staff.")[2] for one in await counter.acts() if " staff.denied" in one] == [
            "denied command:ticket reply"
        ] * 2
        await counter.ann.tap("Send")
        counter.eve.expect(f"T-1001, our staff: {WORDS}")
        assert (await counter.row()).state == "waiting_user"
        await counter.ann.press(data)
        assert len([one for one in counter.eve.messages if WORDS in one.text]) == 1


async def test_sp_5_edit_gives_the_words_to_change_and_discard_forgets_them(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path, drafts=True) as counter:
        await _asked(counter)
        await counter.ann.tap("Edit")
        counter.ann.expect(f"/ticket reply T-1001 {WORDS}")
        await counter.act("ticket draft", "T-1001")
        await counter.ann.tap("Discard")
        counter.ann.expect("The draft for T-1001 is gone.")
        assert not any(WORDS in one.text for one in counter.eve.messages)


async def test_sp_5_who_is_logged_out_sends_nothing(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path, drafts=True) as counter:
        await _asked(counter)
        data = counter.ann.last.buttons["Send"]
        await counter.ann.say("/logout")
        await counter.ann.press(data)
        counter.ann.expect("Log in first")
        await counter.login()
        await counter.ann.press(data)
        counter.eve.expect(WORDS)


async def test_sp_5_an_answer_to_somebody_who_left_is_refused_and_the_draft_stays(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path, drafts=True) as counter:
        counter.world[AskModel] = propose
        await counter.dana.say("agent")
        await counter.dana.say("my letter never came")
        await counter.act("ticket draft", "T-1001")
        await counter.dana.say("STOP")
        await counter.ann.tap("Send")
        counter.ann.expect("stopped our messages")
        await counter.dana.say("START")
        await counter.ann.tap("Send")
        counter.dana.expect(WORDS)


async def test_sp_5_without_a_model_or_when_it_fails_staff_are_told(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await counter.eve.say("/support my letter never came")
        assert "No model is set up" in await counter.act("ticket draft", "T-1001")
    (tmp_path / "other").mkdir()
    async with Counter.staffed(tmp_path / "other", drafts=True) as counter:
        await counter.eve.say("agent")
        counter.world[AskModel] = lambda call, harness: Refused("timed_out")
        number = (await counter.act("tickets")).partition(" ")[0]
        assert "holds no words" in await counter.act("ticket draft", number)
        await counter.eve.say("my letter never came")
        await counter.act("ticket draft", number)
        counter.ann.expect(f"The model gave no draft for {number}")


async def test_llm_9_drafts_count_against_the_allowance_of_who_asks(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path, drafts=True) as counter:
        await _asked(counter)
        said = [await counter.act("ticket draft", "T-1001") for _ in range(5)]
        assert "as often as it may be" in said[-1]
        assert "Asked." in await counter.act("ticket draft", "T-1001", by="bob")


@each(
    "text, gone",
    [
        ("mail me at dana@example.com", "dana@"),
        ("call +1 (415) 555-0123 please", "555"),
        ("card 4242 4242 4242 4242", "4242 4242 4242"),
    ],
)
def test_txt_4_what_is_private_stays_here(text: str, gone: str) -> None:
    assert gone not in drafting.without_private(text)


async def test_sp_5_the_question_works_with_the_fake_model_by_http(tmp_path: Path, clock: FixedClock) -> None:
    async with Counter.staffed(tmp_path, drafts=True) as counter:
        await _asked(counter)
        call = next(one for one in counter.calls if isinstance(one, AskModel))
    async with ClaudeFake(clock, api_key="key") as fake:
        adapter = ClaudeAdapter("key", base_url=fake.url)
        outcome = await adapter.calls[AskModel](call, attempt())
        await adapter.close()
    assert isinstance(outcome, Done)
    assert isinstance(outcome.result.answer["answer"], str)
    assert outcome.result.answer["answer"]


async def test_cm_1_who_lost_the_role_while_a_draft_lay_there_sends_nothing_and_it_is_audited(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path, drafts=True) as counter:
        await _asked(counter)
        data = counter.ann.last.buttons["Send"]
        await counter.writers.run(lambda work: work.claim(operators.operator.update().values(role="marketing")))
        await counter.ann.press(data)
        counter.ann.expect("Your role does not allow that")
        assert (await counter.row()).state == "new"
        assert not any(WORDS in one.text for one in counter.eve.messages)
        entries = await counter.database.read(lambda c: list(c.execute(sa.select(audit.audit))))
        assert [one.object for one in entries if one.action == "staff.denied"] == ["command:ticket reply"]
