"""The labelled sets keep the figures that they have reached, and section 4's aims as floors."""

from __future__ import annotations

import pytest

from tests.handlers.coaching.decisions.score import Score, names, score

PRECISION, RECALL = 0.98, 0.90
DONE_PRECISION = 0.95  # of some thirty completions a part


@pytest.mark.parametrize("part", [0, 1, 2])
def test_the_sets_stay_above_the_floors_and_together_reach_the_aims(part: int) -> None:
    total = Score()
    for name in names()[part::3]:
        result = score(name)
        assert result.messages >= 100, "a set of a hundred messages and more"
        assert result.precision >= PRECISION - 0.01, (name, result.misses)
        assert result.recall >= RECALL, (name, result.misses)
        total += result
    assert total.precision >= PRECISION
    assert total.recall >= RECALL
    assert total.done_right >= DONE_PRECISION * total.done_proposed
    assert total.done_right >= RECALL * total.done_wanted


def test_a_score_counts_wrong_and_missing_values() -> None:
    result = Score(right=1, proposed=2, wanted=4)
    assert (result.precision, result.recall) == (0.5, 0.25)
