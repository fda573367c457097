"""Rows that are one test are all judged, and each one that fails is named."""

from __future__ import annotations

import pytest

from tests.rows import each


def test_all_rows_are_judged_and_those_that_fail_are_named() -> None:
    seen: list[int] = []

    @each("number, is_even", [(1, False), (3, True), pytest.param(4, True, id="four"), (5, True)])
    def judge(number: int, is_even: bool) -> None:
        seen.append(number)
        assert (number % 2 == 0) is is_even

    with pytest.raises(pytest.fail.Exception, match=r"(?s)2 of 4 rows fail.*\n3, True.*\n5, True"):
        judge()
    assert seen == [1, 3, 4, 5]


def test_fixtures_are_handed_on_and_no_row_at_all_is_a_failure() -> None:
    @each("one", [])
    def judge(one: int, tmp_path: object) -> None: ...

    with pytest.raises(AssertionError, match="no row"):
        judge(tmp_path=None)
