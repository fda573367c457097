"""When a failed call is tried again."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.calls.channels import SendSms
from bot.core.calls.lob import MailLetter
from jobs.backoff import CAP, LEAST, PATIENCE, TRIES, WISH_CAP, next_try

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


@given(st.integers(1, 400), st.integers(0, 2**32))
def test_ven_4_the_wait_is_jittered_between_nothing_and_its_ceiling(attempts: int, seed: int) -> None:
    wait = next_try(SendSms, attempts, None, random.Random(seed), waited=timedelta())
    assert wait is not None
    assert LEAST <= wait <= max(min(CAP, SECOND * 2 ** min(attempts - 1, 30)), LEAST)


def test_ven_4_the_vendors_wish_is_honoured_up_to_fifteen_minutes() -> None:
    rng = random.Random(1)
    assert next_try(SendSms, 1, timedelta(seconds=90), rng, waited=timedelta()) == timedelta(seconds=90)
    assert next_try(SendSms, 1, HOUR, rng, waited=timedelta()) == WISH_CAP


def test_a_wish_for_nothing_is_no_busy_loop() -> None:
    assert next_try(SendSms, 1, timedelta(), random.Random(1), waited=timedelta()) == LEAST


def test_fake_5_tries_alone_never_end_a_call() -> None:
    rng = random.Random(1)
    assert next_try(SendSms, TRIES * 3, None, rng, waited=2 * HOUR) is not None
    assert next_try(SendSms, TRIES * 3, None, rng, waited=PATIENCE) is None
    assert next_try(SendSms, TRIES - 1, None, rng, waited=PATIENCE) is not None


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 1), (2, 5), (3, 15), (4, 60), (5, 120), (6, 240), (7, 480)])
def test_ful_8_letters_follow_their_schedule(attempts: int, minutes: int) -> None:
    wait = next_try(MailLetter, attempts, None, random.Random(1), waited=timedelta())
    assert wait == timedelta(minutes=minutes)


def test_ful_8_a_letter_is_given_up_after_its_schedule() -> None:
    assert next_try(MailLetter, 8, None, random.Random(1), waited=timedelta()) is None
