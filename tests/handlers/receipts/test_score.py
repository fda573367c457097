"""The figures of the receipt reader stay where they were reached (section 5.1)."""

from __future__ import annotations

import pytest

from tests.handlers.receipts.score import FOLDER, Tally, f1_of, is_same_vendor, score

REACHED = {
    "all total": 99.0,
    "all date": 98.0,
    "all vendor": 96.0,
    "all vendor strict": 88.0,
    "all all three": 94.0,
    "all tax": 96.0,
    "all currency": 98.0,
    "all accepted": 92.0,
    "all accepted precision": 99.0,
    "scans total": 98.0,
    "photos total": 98.0,
    "scans vendor": 98.0,
    "photos vendor": 92.0,
}
REACHED_ITEM_F1 = 0.97


@pytest.fixture(scope="module")
def tally() -> Tally:
    if not (FOLDER / "ocr_lines.jsonl").exists():
        pytest.skip("shared/receipts is not beside the checkout")
    return score()


@pytest.mark.shared
@pytest.mark.parametrize(("figure", "least"), REACHED.items())
def test_figures_do_not_drop(tally: Tally, figure: str, least: float) -> None:
    assert tally.rate(figure) >= least


@pytest.mark.shared
def test_item_prices_do_not_drop(tally: Tally) -> None:
    assert tally.item_f1 >= REACHED_ITEM_F1


@pytest.mark.parametrize(
    ("answer", "label", "same"),
    [
        ("Luna Cafe", "LUNA CAFÉ SDN BHD", True),
        ("Luna Cafe", "Lunna Cafe", True),
        ("Luna", "Luna Cafe", True),
        ("Luna", "Luna Cafe and Bakery", False),
        ("", "Luna", False),
    ],
)
def test_vendors_are_compared_by_the_rule(answer: str, label: str, same: bool) -> None:
    assert is_same_vendor(answer, label) is same


def test_f1_of_prices_counts_each_once() -> None:
    assert f1_of(["1.00", "1.00"], ["1.00", "2.00"]) == 0.5
