"""The golden table cell by cell, the parts of a rate, and what holds for every box (QT-5 to QT-8, QT-10, A112)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.errors import Misconfigured
from handlers.quotes.corrugated import Boxes
from handlers.quotes.corrugated.papers import Paper
from handlers.quotes.corrugated.pricing import Box, bct, blank_of, cost, inside, strength_of, thickness_of
from handlers.quotes.corrugated.rates import FILE, PLIES, rates
from handlers.quotes.sums import sums

RATES = rates()


def box(sides: tuple[int, int, int], ply: int, flutes: str, options: str = "0", fixed: str = "0") -> Box:
    length, width, height = map(Decimal, sides)
    papers = tuple(filter(None, map(Paper.of, RATES.plies[ply].papers)))
    return Box("box", length, width, height, flutes, papers, Decimal(options), Decimal(fixed))


GOLDEN = {
    "A": (box((300, 200, 150), 3, "B"), 1000),
    "B": (box((400, 300, 250), 5, "CB", "2.00", "3000"), 500),
    "C": (box((600, 400, 80), 3, "B"), 1000),
}
# sheet mm, area m2, effective GSM, kg, paper, with waste, conversion, base, unit, subtotal, tax, total
CELLS = {
    "A": "1045x375 0.3919 462 0.1810 7.350 7.718 2.716 10.433 1200 1200000 60000 1260000",
    "B": "1450x580 0.8410 786 0.6610 26.835 28.176 9.915 46.092 5301 2650500 132525 2783025",
    "C": "2045x505 1.0327 462 0.4771 19.370 20.338 7.157 27.495 3162 3162000 158100 3320100",
}


def rounded(number: Decimal, places: int) -> str:
    return str(number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


@pytest.mark.parametrize("name", GOLDEN)
def test_a112_qt_5_every_cell_of_the_golden_table(name: str) -> None:
    one, quantity = GOLDEN[name]
    found = cost(RATES, one, quantity)
    # The base of B is told with its options and its share of the die, before the margin.
    base = found.base + one.options + found.fixed
    total = sums(found.unit_minor * quantity, discount_bps=0, tax_bps=RATES.factors.tax_bps)
    cells = [
        f"{found.blank.length}x{found.blank.width}", rounded(found.blank.area_m2, 4), f"{found.effective_gsm:.0f}",
        rounded(found.kg, 4), rounded(found.paper, 3), rounded(found.with_waste, 3), rounded(found.conversion, 3),
        rounded(base, 3), str(found.unit_minor), str(total.subtotal_minor), str(total.tax_minor),
        str(total.total_minor),
    ]  # fmt: skip
    assert cells == CELLS[name].split()


@pytest.mark.parametrize(
    ("name", "ect", "thick", "perimeter", "newton", "kgf"),
    [("A", "3.615", "2.5", 1000, "1061", "108.2"), ("B", "6.22", "6.1", 1400, "3374", "344.1")],
)
def test_qt_10_strength_is_told_as_in_the_table(
    name: str, ect: str, thick: str, perimeter: int, newton: str, kgf: str
) -> None:
    one = GOLDEN[name][0]
    by_hand = bct(Decimal(ect), Decimal(thick), Decimal(perimeter))
    assert (rounded(by_hand.newton, 0), rounded(by_hand.kgf, 1)) == (newton, kgf)
    assert thickness_of(RATES, one.flutes) == Decimal(thick)
    assert strength_of(RATES, one) == by_hand


def test_qt_10_no_strength_without_a_measured_board() -> None:
    assert strength_of(RATES, box((300, 200, 150), 3, "C")) is None


def test_a115_qt_8_price_breaks_of_b() -> None:
    one = GOLDEN["B"][0]
    assert [cost(RATES, one, n).unit_minor for n in (500, 1000, 2000, 5000)] == [5301, 4956, 4783, 4680]


def test_a113_outside_measures_come_to_the_same_box() -> None:
    sides = inside((Decimal(305), Decimal(205), Decimal("152.5")), thickness_of(RATES, "B"))
    assert sides == (Decimal(300), Decimal(200), Decimal(150))


@pytest.mark.parametrize(
    ("ply", "flap", "allowance", "second"),
    [(1, 50, 30, 50), (3, 45, 25, 50), (5, 50, 30, 60), (7, 60, 35, 70), (9, 70, 40, 80)],
)
def test_qt_6_flaps_and_allowances_by_ply(ply: int, flap: int, allowance: int, second: int) -> None:
    flutes = "B" * ((ply - 1) // 2)
    small, large = (blank_of(RATES, box(sides, ply, flutes)) for sides in ((300, 200, 150), (900, 500, 150)))
    assert (small.length, small.width, small.is_two_piece) == (
        Decimal(1000 + flap), Decimal(350 + allowance), False,
    )  # fmt: skip
    assert (large.length, large.is_two_piece) == (Decimal(2800 + flap + second), True)


def test_qt_6_a_sheet_grows_by_the_allowance_only() -> None:
    one = Box("sheet", Decimal(600), Decimal(400), Decimal(), "B", GOLDEN["A"][0].papers)
    assert (blank_of(RATES, one).length, blank_of(RATES, one).width) == (Decimal(625), Decimal(425))


@pytest.mark.parametrize(
    ("label", "rate"),
    [
        ("KRA150/18", "42"),
        ("KRA120/16", "38"),
        ("KRA180/20", "46"),
        ("KRA101/16", "39.50"),
        ("KRA102/16", "38"),
        ("KRA200/16", "38"),
        ("KRA201/16", "38.75"),
        ("WHI150/18", "50"),
        ("KRA150/18@44,5", "44.5"),
        ("150/18", "42"),
    ],
)
def test_qt_7_a_rate_is_base_step_and_shade_unless_set_by_hand(label: str, rate: str) -> None:
    paper = Paper.of(label)
    assert paper is not None
    assert RATES.papers.per_kg(paper) == Decimal(rate)


def test_qt_7_the_market_moves_every_rate_but_those_set_by_hand() -> None:
    moved = RATES.papers.model_copy(update={"market": Decimal("1.25")})
    assert [moved.per_kg(Paper("KRA", 150, 18, hand)) for hand in (None, Decimal(44))] == [Decimal("43.25"), 44]


@given(
    sides=st.tuples(*[st.integers(20, 2500)] * 3), ply=st.sampled_from(PLIES), letter=st.sampled_from("ABCEF"),
    fixed=st.integers(1, 50_000), steps=st.lists(st.integers(1, 1_000_000), min_size=2, max_size=5),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_qt_8_with_fixed_costs_a_unit_never_costs_more_for_more(
    sides: tuple[int, int, int], ply: int, letter: str, fixed: int, steps: list[int]
) -> None:
    one = box(sides, ply, letter * ((ply - 1) // 2), fixed=str(fixed))
    prices = [cost(RATES, one, quantity).unit_minor for quantity in sorted(steps)]
    assert prices == sorted(prices, reverse=True)


@pytest.mark.parametrize(
    ("subtotal", "discount_bps", "expected"),
    [
        (1_200_000, 0, (0, 60_000, 1_260_000)),
        (1_200_000, 500, (60_000, 57_000, 1_197_000)),
        (333, 500, (17, 16, 332)),
        (1, 500, (0, 0, 1)),
    ],
)
def test_qt_8_tax_is_of_what_is_left_after_the_discount(
    subtotal: int, discount_bps: int, expected: tuple[int, int, int]
) -> None:
    found = sums(subtotal, discount_bps=discount_bps, tax_bps=500)
    assert (found.discount_minor, found.tax_minor, found.total_minor) == expected


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('waste = "0.05"', 'waste = "much"', "factors.waste"),
        ("[plies.9]", "[plies.11]", "plies are"),
        ('"KRA120/16", "KRA150/18"]\n\n[plies.5]', '"KRA150/18"]\n\n[plies.5]', "plies.3: 2 papers"),
        ('papers = ["KRA180/20"]', 'papers = ["KRA180/99"]', "no rate for KRA180/99"),
        ("[factors]", "[factors]\nwast = 1", "factors.wast"),
        ('currency = "INR"', 'currency = "JPY"', "JPY has no hundredths"),
        ('currency = "INR"', 'currency = "KWD"', "KWD has no hundredths"),
    ],
)
def test_a_broken_file_of_rates_is_refused_by_name(tmp_path: Path, old: str, new: str, named: str) -> None:
    mine = tmp_path / "rates.toml"
    text = FILE.read_text("utf-8")
    assert old in text
    mine.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(Misconfigured, match=r"rates\.toml") as refused:
        Boxes(mine)
    assert named in str(refused.value)
