"""Which category a purchase gets, by table (CG-*), and in which order it is decided (CAT-1, CAT-2)."""

from __future__ import annotations

import pytest

from handlers.receipts.categories import Decision, Reason, Rules, choose, decide
from handlers.receipts.categories.phrases import _brand_table, brands, common_brands, keywords
from handlers.receipts.categories.tree import default_tree

CASES = [
    ("cg_1", "Barnes & Noble", "shopping.books"),
    ("cg_2", "Sam's Barber Shop", "personal.hair"),
    ("cg_3", "Publix", "groceries.supermarket"),
    ("cg_4", "Metropolitan Museum", "fun.museums"),
    ("cg_5", "Billabong", "shopping.clothing"),
    ("cg_6a", "Target Optical", "health.vision"),
    ("cg_6b", "Target", "shopping"),
    ("cg_7", "Best Buy", "shopping.electronics"),
    ("cg_8", "Las Vegas Gasthof", "food.restaurants"),
    ("cg_9a", "Uber Eats", "food.delivery"),
    ("cg_9b", "Uber", "transport.taxi"),
    ("cg_10", "Xyzzy Ltd", None),
    ("upper_case", "TRADER JOE'S #123", "groceries.supermarket"),
    ("everyday_brand", "Apple Tree Cafe", "food.coffee"),
    ("everyday_brand_alone", "SHELL OIL 5744", "transport.fuel"),
    ("spanish", "Panadería Rosa", "groceries.bakery"),
    ("inside_a_word", "Barcelona Bicentennial", None),
]


@pytest.mark.parametrize(("merchant", "expected"), [pytest.param(m, e, id=i) for i, m, e in CASES])
def test_cg_the_table_of_merchants(merchant: str, expected: str | None) -> None:
    found = decide(merchant)
    assert found.category == expected
    assert found.is_asked == (expected is None)


def test_cat_1_the_order_of_decision() -> None:
    rules = Rules(merchants={"target": 7}, texts={"cat food": 8})
    assert decide("Target", ["Cat food"], rules=rules) == Decision(7, Reason("merchant_rule", "Target"))
    assert decide("Publix", ["CAT FOOD 2x"], rules=rules) == Decision(8, Reason("text_rule", "cat food"))
    assert decide("Publix", ["Espresso"]).category == "groceries.supermarket"
    assert decide("Xyzzy", ["Espresso"], "haircut").category == "food.coffee"
    assert decide("Xyzzy", [], "haircut") == Decision("personal.hair", Reason("keyword", "haircut"))
    assert decide(None, [], "scatter food") == decide(None, [], "food")


def test_cat_1_items_vote() -> None:
    assert decide("Xyzzy", ["shampoo", "wine", "milk", "eggs"]).category == "groceries.supermarket"


@pytest.mark.parametrize(("score", "chosen", "expected"), [(0.51, 5, 5), (0.5, 5, None), (0.9, 6, None)])
def test_cat_1_a_model_chooses_from_the_closed_list_above_a_half(
    score: float, chosen: int, expected: int | None
) -> None:
    assert choose(decide("Xyzzy"), chosen=chosen, score=score, own=frozenset({5})).category == expected


def test_cat_1_a_model_never_overrules() -> None:
    assert choose(decide("Publix"), chosen=5, score=1.0, own={5}) == decide("Publix")


def test_cat_2_the_longest_match_wins() -> None:
    for merchant in ("Target Optical", "Uber Eats", "Walmart Vision Center", "Costco Optical", "Apple TV"):
        found = brands().find(merchant)
        assert found is not None
        assert found.end == len(merchant.split())


def test_cat_6_a_contested_merchant_is_asked() -> None:
    found = decide("Joe's", rules=Rules(merchants={"joe": 1}, contested=("joe",)), merchant_key="joe")
    assert found.category is None
    assert found.is_asked


def test_a_reason_is_stored_and_read_again() -> None:
    for reason in (Reason("none"), Reason("brand", "barnes & noble"), Reason("keyword", "a:b")):
        assert Reason.parse(str(reason)) == reason


def test_every_table_names_categories_of_the_default_tree() -> None:
    keys = {seed.key for seed in default_tree("en")}
    for phrases in (brands(), keywords()):
        assert {key for key, _ in phrases._known.values()} <= keys
        assert all(phrases._known)
    listed = _brand_table()["brands"]
    assert isinstance(listed, dict)
    assert common_brands() <= {name for names in listed.values() for name in names}


def test_both_languages_have_the_same_tree() -> None:
    english, spanish = default_tree("en"), default_tree("es-MX")
    assert [one.key for one in english] == [one.key for one in spanish]
    assert all(one.name for one in spanish)
    assert {one.name for one in spanish} != {one.name for one in english}
