"""The circuit of a vendor, on a clock that stands still (rule VEN-5)."""

from __future__ import annotations

from datetime import timedelta

from bot.core.clock import FixedClock
from jobs.breaker import FAILURES, PAUSE, Breaker
from tests.jobs.plant import NOW

SECOND = timedelta(seconds=1)


def _opened() -> tuple[Breaker, FixedClock]:
    clock = FixedClock(NOW)
    breaker = Breaker(clock.now)
    for _ in range(FAILURES):
        breaker.failed()
    return breaker, clock


def test_ven_5_it_opens_after_five_failures_in_thirty_seconds() -> None:
    breaker, _ = _opened()
    assert breaker.state == "open"
    assert breaker.wait() == PAUSE


def test_ven_5_slow_failures_do_not_open_it() -> None:
    clock = FixedClock(NOW)
    breaker = Breaker(clock.now)
    for _ in range(FAILURES * 3):
        breaker.failed()
        clock.advance(8 * SECOND)
    assert breaker.state == "closed"
    assert breaker.wait() is None


def test_ven_5_exactly_one_probe_goes_through() -> None:
    breaker, clock = _opened()
    clock.advance(PAUSE)
    assert breaker.state == "half_open"
    assert [breaker.wait() is None for _ in range(4)] == [True, False, False, False]


def test_ven_5_a_good_probe_closes_it_and_a_bad_one_does_not() -> None:
    breaker, clock = _opened()
    clock.advance(PAUSE)
    assert breaker.wait() is None
    breaker.failed()
    assert breaker.wait() == PAUSE
    clock.advance(PAUSE)
    assert breaker.wait() is None
    breaker.succeeded()
    assert breaker.state == "closed"
    assert breaker.since is None


def test_a_probe_that_never_ends_is_replaced() -> None:
    breaker, clock = _opened()
    clock.advance(PAUSE)
    assert breaker.wait() is None
    clock.advance(PAUSE - SECOND)
    assert breaker.wait() is not None
    clock.advance(SECOND)
    assert breaker.wait() is None


def test_the_start_of_an_outage_is_not_moved_by_failing_probes() -> None:
    breaker, clock = _opened()
    for _ in range(5):
        clock.advance(PAUSE)
        assert breaker.wait() is None
        breaker.failed()
    assert breaker.since == NOW
