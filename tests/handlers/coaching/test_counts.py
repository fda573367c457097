"""Numbers of a profile as people write them (PR-1)."""

from __future__ import annotations

from handlers.coaching.counts import has_link, read_count, read_percent
from tests.rows import each

MOST = 1_000_000_000


@each(
    "text, expected",
    [
        ("12k", 12_000),
        ("1.2M", 1_200_000),
        ("1,2 m", 1_200_000),
        ("850", 850),
        ("12,500", 12_500),
        ("12.500", 12_500),
        ("12 500", 12_500),
        ("about 3k followers", 3_000),
        ("~900", 900),
        ("about 12k i guess", 12_000),
        ("I have like 3k or so", 3_000),
        ("12k-ish", 12_000),
        ("we're at 850 right now", 850),
        ("maybe 900", 900),
        ("I started 3 years ago", None),
        ("2 million", 2_000_000),
        ("0", 0),
        ("1000000000", MOST),
        ("1000000001", None),
        ("2000M", None),
        ("a lot", None),
        ("-5", None),
        ("12k or 15k", None),
        ("1.5", None),
        ("", None),
        ("9" * 400, None),
    ],
)
def test_pr_1_a_count_is_one_whole_number(text: str, expected: int | None) -> None:
    assert read_count(text, most=MOST) == expected


@each(
    "text, expected",
    [
        ("7", 7),
        ("7 hours a week", 7),
        ("10 h", 10),
        ("maybe 6 or so", 6),
        ("5 hrs i think", 5),
        ("80", 80),
        ("81", None),
        ("0", None),
    ],
)
def test_pr_1_hours_a_week(text: str, expected: int | None) -> None:
    assert read_count(text, least=1, most=80) == expected


@each(
    "text, expected", [("4.5%", 450), ("4,5 %", 450), ("100", 10_000), ("101", None), ("3 percent", 300), ("x", None)]
)
def test_pr_1_a_rate_is_kept_in_basis_points(text: str, expected: int | None) -> None:
    assert read_percent(text) == expected


@each(
    "text, linked",
    [("see www.x.com", True), ("twitch.tv/ann", True), ("retro speedruns", False), ("v1.2 guides", False)],
)
def test_pr_1_a_niche_has_no_links(text: str, linked: bool) -> None:
    assert has_link(text) is linked
