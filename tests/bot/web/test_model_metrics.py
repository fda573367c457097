"""OBS-2: what a model takes is counted by purpose, for texts and for pictures alike; other purposes are `other`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bot.core.calls import Done, Outcome, Refused
from bot.core.calls.workshop import AskModel, ModelAnswer, ReadText, TextFound
from bot.core.clock import FixedClock
from bot.core.ports import Attempt, LookUp, Perform
from bot.web.metrics import Metrics
from bot.web.scrape import registry_of
from tests.integrations.door import attempt

ASK = AskModel("letter_translate", "v", "letters", "x", {}, {}, 9, "k")


class Model:
    """A model that answers as it is told."""

    vendor = "claude"

    def __init__(self, outcome: Outcome) -> None:
        async def perform(call: Any, at: Attempt) -> Outcome:
            return outcome

        self.calls: Mapping[type, Perform] = {AskModel: perform, ReadText: perform}
        self.look_ups: Mapping[type, LookUp] = {}

    async def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize(
    ("call", "outcome", "purpose", "expected"),
    [
        (ReadText([1], "ticket_photo"), Done(TextFound("x", [], "m", 1500, 90, 195)), "ticket_photo", (1500, 90, 195)),
        (ASK, Done(ModelAnswer({}, "m", 10, 5, 70)), "letter_translate", (10, 5, 70)),
        (ReadText([1], "a canary"), Done(TextFound("x", [], "m", 3, 2, None)), "other", (3, 2, 0)),
        (ASK, Refused("no_result"), "letter_translate", (0, 0, 0)),
    ],
)
async def test_obs_2_a_models_tokens_and_cost_are_counted_by_purpose(
    call: Any, outcome: Outcome, purpose: str, expected: tuple[int, int, int], clock: FixedClock
) -> None:
    metrics, model = Metrics(clock=clock), Model(outcome)
    metrics.watch([model])
    await model.calls[type(call)](call, attempt())
    value = registry_of(metrics).get_sample_value
    assert (
        value("parley_llm_tokens_total", {"direction": "input"}),
        value("parley_llm_tokens_total", {"direction": "output"}),
        value("parley_llm_cost_micros_total", {"purpose": purpose}),
    ) == expected
