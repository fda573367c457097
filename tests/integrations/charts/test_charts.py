"""Charts, judged on their pixels (rule CHA-1). A picture of each kind is kept in `test-artefacts/`."""

from __future__ import annotations

import io
import itertools
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from bot.core.calls import Again, Done, Outcome, Refused
from bot.core.calls.charts import ChartBar, ChartDrawn, DrawChart
from bot.core.ports import Attempt
from integrations.charts import Charts
from integrations.child import Bounds
from tests.integrations.press.test_press import Shelf

NOW = datetime(2026, 3, 18, tzinfo=UTC)
KEPT = Path(__file__).parents[3] / "test-artefacts"
MMS_BYTES, WIDTH, MARGIN = 600_000, 1080, 52
PARTS = [
    ChartBar("Groceries", "$412.07", 1000, 0),
    ChartBar("Food", "$206.00", 500, 1),
    ChartBar("Transport", "$103.00", 250, 2),
    ChartBar("Other", "$41.20", 100, -1),
]
BUDGETS = [ChartBar("Restaurants", "$120 of $100", 1000, 0, 833), ChartBar("All", "$700 of $1,000", 700, 0, 1000)]


async def ask(call: DrawChart, charts: Charts | None = None) -> tuple[Outcome, Shelf]:
    shelf = Shelf()
    return await (charts or Charts()).draw(call, Attempt("k", 1, NOW, NOW, shelf)), shelf


async def drawn(bars: list[ChartBar], title: str = "Spent in March, USD", *, dark: bool = False) -> Image.Image:
    outcome, shelf = await ask(DrawChart(title, "1 to 18 March, 63 receipts", bars, dark))
    assert isinstance(outcome, Done)
    assert isinstance(outcome.result, ChartDrawn)
    data, media_type = shelf.blobs[outcome.result.blob]
    assert (media_type, len(data) < MMS_BYTES) == ("image/png", True)
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    assert picture.size == (outcome.result.width, outcome.result.height)
    return picture


def bars_of(picture: Image.Image, paper: tuple[int, int, int]) -> list[int]:
    """Return the coloured pixels of each bar along its middle line, from the top."""
    lengths, above = [], False
    for y in range(200, picture.height):
        row = [picture.getpixel((x, y)) for x in range(MARGIN, WIDTH - MARGIN)]
        inside = sum(pixel != paper for pixel in row) > len(row) * 0.97
        if inside and not above:
            middle = [picture.getpixel((x, y + 16)) for x in range(MARGIN + 4, WIDTH - MARGIN - 4)]
            lengths.append(sum(pixel == middle[0] for pixel in middle))
        above = inside
    return lengths


@pytest.mark.parametrize(("dark", "paper"), [(False, (255, 255, 255)), (True, (18, 22, 26))])
async def test_cha_1_bars_are_as_long_as_their_values_in_light_and_dark(
    dark: bool, paper: tuple[int, int, int]
) -> None:
    picture = await drawn(PARTS, dark=dark)
    assert picture.width == WIDTH
    assert picture.getpixel((2, 2)) == paper
    lengths = bars_of(picture, paper)
    assert len(lengths) == len(PARTS)
    for length, bar in zip(lengths, PARTS, strict=True):
        assert length / (WIDTH - 2 * MARGIN) == pytest.approx(bar.length / 1000, abs=0.02)
    keep(picture, f"chart-parts-{'dark' if dark else 'light'}.png")


async def test_cha_1_a_budget_passed_is_told_without_colour() -> None:
    picture = await drawn(BUDGETS, "Budgets this month, USD")
    passed, within = (hatching(picture, n) for n in range(len(BUDGETS)))
    assert passed > 10 * max(within, 1)
    keep(picture, "chart-budgets.png")


def hatching(picture: Image.Image, number: int) -> int:
    """Count the changes of tone along the middle of a bar."""
    tops = [y for y in range(150, picture.height - 40) if _is_bar(picture, y) and not _is_bar(picture, y - 1)]
    row = [picture.getpixel((x, tops[number] + 16)) for x in range(MARGIN + 8, MARGIN + 600)]
    return sum(a != b for a, b in itertools.pairwise(row))


def _is_bar(picture: Image.Image, y: int) -> bool:
    row = [picture.getpixel((x, y)) for x in range(MARGIN, WIDTH - MARGIN)]
    return sum(pixel != (255, 255, 255) for pixel in row) > len(row) * 0.5


async def test_cha_1_two_years_of_months_fit_an_mms() -> None:
    months = [ChartBar(f"{month:02d}/2026", f"${month * 100}.00", month * 40, 0) for month in range(1, 25)]
    keep(await drawn(months, "By month, USD"), "chart-months.png")


async def test_the_same_chart_has_the_same_bytes() -> None:
    pictures = [(await ask(DrawChart("Same", "", PARTS)))[1].blobs for _ in range(2)]
    assert pictures[0] == pictures[1]


@pytest.mark.parametrize("words", ["#panic()", "*bold* $x$ @ref <b>", "合計", "\u202eabc", "a" * 300, "", "\\"])
async def test_sec_r2_words_of_a_person_are_drawn_and_not_obeyed(words: str) -> None:
    picture = await drawn([ChartBar(words, words, 500)], words)
    assert picture.width == WIDTH


@pytest.mark.parametrize(("bars", "code"), [([], "nothing_to_draw"), (PARTS * 7, "too_many_bars")])
async def test_what_cannot_be_drawn_is_refused(bars: list[ChartBar], code: str) -> None:
    outcome, _ = await ask(DrawChart("None", "", bars))
    assert isinstance(outcome, Refused)
    assert outcome.code == code


async def test_a_child_that_is_too_slow_costs_one_attempt() -> None:
    outcome, _ = await ask(DrawChart("Slow", "", PARTS), Charts(Bounds(memory=1_500_000_000, seconds=0.01)))
    assert isinstance(outcome, Again)


def keep(picture: Image.Image, name: str) -> None:
    KEPT.mkdir(exist_ok=True)
    picture.save(KEPT / name)
