"""Codes as they are typed and drawn (CP-2, CP-4, CP-9, A64)."""

from __future__ import annotations

import random

import pytest

from handlers.billing.coupons.typed import drawn, folded, is_code, normalised


@pytest.mark.parametrize(
    "typed",
    ["SPRING20", "spring 20", " Spring-20 ", "s p r i n g 2 0", "spring\u201320", "ｓｐｒｉｎｇ２０", "spring\u00a020"],
)
def test_a64_cp_2_a_code_is_found_however_it_is_typed(typed: str) -> None:
    assert normalised(typed) == "SPRING20"


@pytest.mark.parametrize("typed", ["", "abc", "a" * 25, "spr!ng", "печать", "50%off"])
def test_cp_1_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert not is_code(normalised(typed))


def test_cp_4_generated_codes_hold_no_letter_that_is_misread() -> None:
    draw = random.Random(1)
    made = [drawn("SPOIL", lambda n: f"{draw.randrange(10**n):0{n}d}") for _ in range(300)]
    assert len(set(made)) == 300
    assert all(len(code) == 13 and code.startswith("SPOIL") and is_code(code) for code in made)
    tails = "".join(code[5:] for code in made)
    assert set(tails) == set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    assert folded("SPOILO1L") == folded("SP0I1011") == "SP011011"
