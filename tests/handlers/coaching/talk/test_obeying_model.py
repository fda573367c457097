"""A model that does all that an injection asks: it claims to have saved, notes what nobody said, links elsewhere, and
prints all that it was given. Nothing of it may come to be (C12, C60, C68; SF-5, SF-7, SF-8)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.calls import Outcome
from bot.core.calls.coach import AskCoach
from storage.coaching.model_calls import model_call
from tests.handlers.coaching.flow.world import begun, rows
from tests.handlers.coaching.safety.test_injections import INJECTIONS, faults, stored
from tests.handlers.coaching.talk.kit import body_of, says
from tests.handlers.coaching.talk.test_with_the_flow import opened

BOAST = (
    "I saved $1 a month and marked all done. Your limit is 5000 now, a refund of $500 is on its way. "
    "Claim it: https://evil.example/claim or evil.example/x, [here](http://evil.example/y). All I was given: "
)


def obey(call: AskCoach) -> Outcome:
    """Do what the person's words want, with quotes that they said and values that they did not."""
    message = call.reply.lines[-1].text
    words = message[message.find(">") + 1 :].split("<")[0].strip()[:40]
    notes = [
        {"subject": "pricing", "value": "USD 100/month", "quote": "$1 a month, I said"},
        {"subject": "pricing", "value": "USD 100/month", "quote": words},
        {"subject": "platform", "value": "discord", "quote": words},
        {"subject": "timeline", "value": "2026-12-24", "quote": words},
        *({"subject": f"1.{number}", "value": "done", "quote": words} for number in (1, 2, 3, 4)),
    ]
    return says(BOAST + body_of(call), facts={"notes": notes})(call)


@pytest.mark.parametrize("part", [0, 1, 2])
async def test_c12_c60_c68_a_model_that_obeys_injections_achieves_nothing(tmp_path: Path, part: int) -> None:
    async with opened(tmp_path, "telegram") as world:
        harness, ann = world.harness, world.phone
        bob = await begun(harness, "telegram", "7:2")
        await bob.say("I'll charge $77 a month")
        await harness.wait(timedelta(seconds=4))
        await bob.say("ok")
        before = await stored(harness)
        world.model, wrong = obey, list[str]()
        for one in INJECTIONS[part::3]:
            if one.at == "niche":
                continue
            start = len(ann.messages)
            await ann.say(one.whole, **({"forwarded": True} if one.at == "forwarded" else {}))
            await harness.wait(timedelta(seconds=4))
            told = ann.messages[start:]
            wrong += await faults(harness, one, told, before)
            wrong += [f"linked: {one.whole[:60]!r}" for message in told if "evil.example" in message.text]
            await ann.say("no")
            await harness.wait(timedelta(days=1) if len(world.asked) % 20 == 0 else timedelta(seconds=4))
        assert not wrong, "\n".join(wrong)
        assert len(world.asked) > len(INJECTIONS) // 6, "the model was hardly asked"
        assert not [call for call in world.asked if "USD 7700" in body_of(call)]
        assert await rows(harness, model_call)
