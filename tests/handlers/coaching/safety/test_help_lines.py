"""Help near the person: by their number, else by their zone (SF-3)."""

from __future__ import annotations

from handlers.coaching.safety.help_lines import country_of, help_in
from tests.rows import each


@each("number, zone, country", [
    ("+14155550123", None, "US"), ("+14165550123", "America/New_York", "CA"), ("+34600111222", None, "ES"),
    ("+353851234567", None, "IE"), ("+3581234567", None, "FI"), ("+447700900123", None, "GB"),
    (None, "Europe/Madrid", "ES"), (None, "America/Los_Angeles", "US"), (None, "Asia/Tokyo", "JP"),
    (None, None, None), (None, "Etc/UTC", None), ("+999123", None, None),
])  # fmt: skip
def test_sf_3_the_country_is_that_of_the_number_or_the_zone(number: str, zone: str, country: str) -> None:
    assert country_of(number=number, zone=zone) == country


def test_sf_3_in_the_united_states_988_takes_calls_and_texts_and_911_is_the_emergency() -> None:
    there = help_in("US")
    assert there is not None
    assert there.self_harm is not None
    assert (there.emergency, there.self_harm.number, there.self_harm.takes_texts) == ("911", "988", True)


def test_sf_3_elsewhere_the_numbers_are_the_ones_of_the_country_and_unknown_ones_are_not_guessed() -> None:
    spain, somewhere = help_in("ES"), help_in("XX")
    assert spain is not None
    assert spain.abuse is not None
    assert (spain.emergency, spain.abuse.number) == ("112", "016")
    assert somewhere is None
