"""The table of limits: its rows are those of the rule, and a broken one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.errors import Misconfigured
from bot.core.limits import FILE, limits


def test_or_4_the_table_holds_the_limits_of_the_rule() -> None:
    found = limits()
    assert (found.inbound_a_minute, found.pay_links_an_hour, found.link_codes_an_hour) == (20, 5, 5)
    assert (found.exports_a_day, found.forged_requests_a_minute) == (3, 20)


@pytest.mark.parametrize(
    ("was", "now", "named"),
    [
        ("exports_a_day = 3", "", "exports_a_day is missing"),
        ("exports_a_day = 3", "exports_a_day = 3\nletters = 2", "letters is unknown"),
        ("exports_a_day = 3", "exports_a_day = true", "exports_a_day is no number"),
        ("exports_a_day = 3", "exports_a_day = -1", "exports_a_day is no number"),
    ],
)
def test_or_4_a_broken_table_is_named(tmp_path: Path, was: str, now: str, named: str) -> None:
    file = tmp_path / "limits.toml"
    file.write_text(FILE.read_text("utf-8").replace(was, now), "utf-8")
    with pytest.raises(Misconfigured, match=named):
        limits(file)
