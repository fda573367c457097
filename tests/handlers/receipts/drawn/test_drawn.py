"""The figures of the receipt reader on the drawn receipts stay where they were reached (section 5.1)."""

from __future__ import annotations

import pytest

from tests.handlers.receipts.drawn.score import labels_of, records_of, score
from tests.handlers.receipts.score import Tally

REACHED = {
    "total": 98.0,
    "date": 98.0,
    "vendor": 96.0,
    "vendor strict": 87.0,
    "all three": 95.0,
    "tax": 96.0,
    "currency": 96.0,
    "address": 92.0,
    "language": 99.0,
    "accepted precision": 98.0,
}
WITH_SLIPS = {"total": 95.0, "date": 95.0, "vendor": 93.0, "all three": 88.0, "accepted precision": 96.0}


@pytest.fixture(scope="module")
def tally() -> Tally:
    return score()


@pytest.mark.parametrize(("figure", "least"), REACHED.items())
def test_ra_3_figures_on_drawn_receipts_do_not_drop(tally: Tally, figure: str, least: float) -> None:
    assert tally.rate(f"all {figure}") >= least


def test_ocr_8_slips_of_the_reader_cost_little() -> None:
    tally = score(("rough_asia", "rough_west", "states"), seed=1)
    reached = {figure: tally.rate(f"all {figure}") for figure in WITH_SLIPS}
    assert {figure: rate for figure, rate in reached.items() if rate < WITH_SLIPS[figure]} == {}


def test_every_receipt_that_is_drawn_has_stored_lines() -> None:
    assert {one["file"] for one in records_of()} == set(labels_of())
    assert len(labels_of()) >= 60
