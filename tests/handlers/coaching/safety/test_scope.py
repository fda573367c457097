"""What lies outside is told from the launch of a community (SF-2); abuse from swearing at the world (SF-9).

The last rows of `scope` were a blind set: before the patterns were changed for it, 9 of its 24 questions of other
fields were known, and 4 of its 18 others were taken for such. Of the second set 19 of 50 and 0 of 25; after the
subjects were written for it, the third, which nobody had mended for, gave 28 of 30 and 1 of 20 (11 and 1 before).
"""

from __future__ import annotations

from pathlib import Path

from handlers.coaching.safety.abuse import is_abusive
from handlers.coaching.safety.scope import outside
from tests.rows import each

CORPORA = Path(__file__).parent / "corpora"


def rows(name: str) -> list[list[str]]:
    return [line.split("\t") for line in (CORPORA / f"{name}.tsv").read_text("utf-8").splitlines()]


@each("topic, text", rows("scope"))
def test_sf_2_questions_of_other_fields_are_told_from_ours(topic: str, text: str) -> None:
    assert str(outside(text) or "none") == topic


@each("name", ["scope_second", "scope_third"])
def test_sf_2_what_was_won_on_the_blind_sets_is_kept(name: str) -> None:
    asked = [(topic, text) for topic, text in rows(name) if topic != "none"]
    missed = [text for topic, text in asked if str(outside(text)) != topic]
    assert len(missed) <= len(asked) // 20, missed


@each(
    "name",
    [
        "scope_second",
        "scope_third",
        "ordinary",
        "ordinary_second",
        "ordinary_third",
        "ages",
        "ages_second",
        "ages_third",
    ],
)
def test_sf_2_ordinary_messages_are_ours(name: str) -> None:
    ours = [text for topic, text in rows(name) if topic == "none" or not name.startswith("scope")]
    assert [text for text in ours if outside(text)] == []


@each("kind, text", rows("abusive"))
def test_sf_9_who_swears_at_the_world_abuses_nobody(kind: str, text: str) -> None:
    assert is_abusive(text) is (kind == "abuse")
