"""One line into fields: sizes, units, boards, numbers; and what is asked instead of guessed (QT-1, A114)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.quotes.corrugated import Boxes
from handlers.quotes.corrugated.reading import sides_mm

BOXES = Boxes()


def read(text: str, known: dict[str, Any] | None = None, asked: str = "") -> dict[str, Any]:
    return BOXES.read(text, known or {}, asked).fields


def doubts(text: str, known: dict[str, Any] | None = None) -> list[str]:
    return [key.removeprefix("quotes.doubt_") for key, _ in BOXES.read(text, known or {}).doubts]


def mm(fields: dict[str, Any]) -> str:
    return " ".join(f"{side.normalize():f}" for side in sides_mm(fields))


SIZES = {
    "300x200x150 mm": "300 200 150",
    "300 X 200 X 150mm": "300 200 150",
    "300*200*150 mm": "300 200 150",
    "300×200×150 mm": "300 200 150",
    "300 by 200 by 150 mm": "300 200 150",
    "30 x 20 x 15 cm": "300 200 150",
    "30,5x20,5x15 cm": "305 205 150",
    "30.5 cm x 20.5 cm x 15 cm": "305 205 150",
    "12x8x6 in": "304.8 203.2 152.4",
    '12"x8"x6"': "304.8 203.2 152.4",
    "12″ × 8″ × 6″": "304.8 203.2 152.4",
    "12 x 8 x 6 inches": "304.8 203.2 152.4",
    "carton 450x300x300 millimetres please": "450 300 300",
    "sheet 600x400 mm": "600 400",
    "L300 x W200 x H150 mm": "300 200 150",
    "12 1/2 x 8 x 6 in": "317.5 203.2 152.4",
    "12-1/4 x 8-3/8 x 6 inches": "311.15 212.725 152.4",
    "12½x8x6 in": "317.5 203.2 152.4",
    "4 ½ x 8½x6 in": "114.3 215.9 152.4",
}


@pytest.mark.parametrize(("text", "sides"), SIZES.items())
def test_qt_1_sizes_in_every_spelling(text: str, sides: str) -> None:
    assert mm(read(text)) == sides


LINES = {
    "300x200x150 mm 3ply B 1000": (3, "B", 1000),
    "1000 boxes, 300x200x150 mm, three ply, flute b": (3, "B", 1000),
    "300x200x150mm 3-ply, B flute, qty 1,000": (3, "B", 1000),
    "5 ply B/C 400x300x250 mm x 250 pcs": (5, "BC", 250),
    "double wall CB, 40x30x25 cm, 2.500 pieces": (5, "CB", 2500),
    "single wall E 30x20x10 cm 10k": (3, "E", 10_000),
    "7ply BCB 500x400x400 mm 1 200 nos": (7, "BCB", 1200),
    "500 off 12x8x6 in 3 ply B": (3, "B", 500),
    "3 layer c 350x250x200mm quantity: 1,50,000": (3, "C", 150_000),
    "300x200x150 mm 3ply B 1 lakh": (3, "B", 100_000),
    "300x200x150 mm 3ply B 1.5 lakhs pcs": (3, "B", 150_000),
    "300x200x150 mm 3ply B, 2 thousand": (3, "B", 2000),
    "300x200x150 mm 3ply B 5 dozen boxes": (3, "B", 60),
    "300x200x150 mm 3ply B qty-750": (3, "B", 750),
}


@pytest.mark.parametrize(("text", "board"), LINES.items())
def test_qt_1_one_line_may_hold_all(text: str, board: tuple[int, str, int]) -> None:
    fields = read(text)
    assert (fields["ply"], fields["flutes"], fields["quantity"]) == board
    assert BOXES.missing(fields) is None


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("", "sides"),
        ("300x200x150 3ply B 1000", "unit"),
        ("300x200x150 mm B 1000", "ply"),
        ("300x200x150 mm 3ply 1000", "flutes"),
        ("A box 300x200x150 mm 3ply 1000", "flutes"),
        ("300x200x150 mm 3ply B", "quantity"),
        ("300x200x150 mm 3ply B 500 1000", "quantity"),
        ("300x200x150 mm 3ply B -5", "quantity"),
        ("box 300x200 mm 3ply B 500", "sides"),
        ("300mm x 200mm x 15cm 3ply B 500", "sides"),
    ],
)
def test_qt_1_what_is_missing_or_unclear_is_asked(text: str, asked: str) -> None:
    question = BOXES.missing(read(text))
    assert question is not None
    assert question.field == asked


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("19x200x150 mm", ["bounds"]),
        ("2501x200x150 mm", ["bounds"]),
        ("1,200x800x600 mm", ["size"]),
        ("300x200x150 mm 0 pcs", ["quantity"]),
        ("300x200x150 mm 1000001 pcs", ["quantity"]),
        ("300x200x150 mm 4ply", ["ply"]),
        ("300x200x150 mm 5ply B", ["flutes"]),
        ("300x200x150 mm 3ply CB", ["flutes"]),
        ("300x200x150 mm 150/99 120/16 150/18", ["paper"]),
        ("300x200x150 mm 150/18 120/16", ["papers"]),
    ],
)
def test_qt_1_out_of_bounds_is_a_question_and_no_guess(text: str, why: list[str]) -> None:
    assert doubts(text) == why
    assert BOXES.missing(read(text)) is not None


@pytest.mark.parametrize("text", ["20x20x20 mm 3ply B 1", "2500x2500x2500 mm 3ply B 1000000"])
def test_qt_1_the_bounds_themselves_are_made(text: str) -> None:
    assert doubts(text) == []
    assert BOXES.missing(read(text)) is None


@pytest.mark.parametrize(
    ("asked", "text", "field", "value"),
    [
        ("unit", "cm", "unit", "cm"),
        ("unit", "inches", "unit", "in"),
        ("ply", "3", "ply", 3),
        ("ply", "five", "ply", 5),
        ("flutes", "b", "flutes", "B"),
        ("flutes", "c+b", "flutes", "CB"),
        ("quantity", "2,000", "quantity", 2000),
        ("quantity", "500 pcs", "quantity", 500),
    ],
)
def test_qt_1_a_bare_answer_means_what_was_asked(asked: str, text: str, field: str, value: object) -> None:
    known = {"sides": ["30", "20", "15"], "style": "box"} | ({"ply": 5} if "+" in text else {})
    assert read(text, known, asked)[field] == value


def test_qt_7_papers_options_and_fixed_costs() -> None:
    fields = read(
        "300x200x150 mm KRA150/18 120/16 @ 37,5 WHI150/18 B 700 pcs print 1.50 x 2 colours lamination 0.80 "
        "varnish 0.2 punching 0,15 plates 2,500 die 3000"
    )
    assert fields["papers"] == ["KRA150/18", "KRA120/16@37.5", "WHI150/18"]
    assert (fields["ply"], fields["quantity"], fields["print"], fields["colours"]) == (3, 700, "1.50", 2)
    assert [fields[name] for name in ("lamination", "varnish", "punching", "plates", "die")] == [
        "0.80", "0.2", "0.15", "2500", "3000",
    ]  # fmt: skip


def test_a_correction_changes_what_it_names_and_nothing_else() -> None:
    known = read("300x200x150 mm 3ply B 1000")
    assert read("2000 pcs", known) == {**known, "quantity": 2000}
    assert read("5ply CB", known) == {**known, "ply": 5, "flutes": "CB"}
    assert read("in", read("30x20x15 cm"))["unit"] == "in"
    assert "unit" not in read("40x30x20", known)


def test_a114_inches_are_echoed_in_millimetres() -> None:
    (_, args), *_ = BOXES.told(read("12x8x6 in 3 ply B 500"))
    assert args["what"] == "Box 304.8 x 203.2 x 152.4 mm"


@given(
    sides=st.tuples(*[st.integers(200, 25_000)] * 3), apart=st.sampled_from(["x", " X ", "*", " × "]),
    mark=st.sampled_from([".", ","]), quantity=st.integers(1, 1_000_000),
)  # fmt: skip
@settings(max_examples=80, deadline=None)
def test_qt_1_what_is_written_out_is_read_back(
    sides: tuple[int, int, int], apart: str, mark: str, quantity: int
) -> None:
    shown = apart.join(f"{side // 10}{mark}{side % 10}" for side in sides)
    fields = read(f"{shown} mm 3ply B {quantity} pcs")
    assert sides_mm(fields) == tuple(Decimal(side) / 10 for side in sides)
    assert fields["quantity"] == quantity


@given(st.text(max_size=120))
@settings(max_examples=100, deadline=None)
def test_no_text_breaks_the_reader(text: str) -> None:
    found = BOXES.read(text, {})
    question = BOXES.missing(found.fields)
    if question is None:
        assert BOXES.price(found.fields, BOXES.snapshot()).unit_minor >= 0
