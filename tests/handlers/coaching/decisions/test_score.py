"""The labelled sets keep the figures that they have reached, and section 4's aims as floors."""

from __future__ import annotations

from tests.handlers.coaching.decisions.score import Score, names, score
from tests.rows import each

PRECISION, RECALL = 0.98, 0.90


@each("name", names())
def test_each_set_stays_above_the_floors(name: str) -> None:
    result = score(name)
    assert result.messages >= 100, "a set of a hundred messages and more"
    assert result.precision >= PRECISION - 0.01, result.misses
    assert result.recall >= RECALL, result.misses


def test_all_sets_together_reach_the_aims_of_section_4() -> None:
    total = Score()
    for name in names():
        part = score(name)
        total.right += part.right
        total.proposed += part.proposed
        total.wanted += part.wanted
        total.done_right += part.done_right
        total.done_proposed += part.done_proposed
        total.done_wanted += part.done_wanted
    assert total.precision >= PRECISION
    assert total.recall >= RECALL
    assert total.done_right >= PRECISION * total.done_proposed
    assert total.done_right >= RECALL * total.done_wanted


def test_a_score_counts_wrong_and_missing_values() -> None:
    result = Score(right=1, proposed=2, wanted=4)
    assert (result.precision, result.recall) == (0.5, 0.25)
