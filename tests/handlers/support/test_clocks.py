"""The clocks of a ticket: every worked row of the rules, and what must hold of any history."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.support.calendar import Calendar, Desk, desk, read, round_the_clock
from handlers.support.clocks import Clocks, Counting, Happening, What
from handlers.support.targets import PRIORITIES, lifted, targets
from tests.rows import each

ZONE = ZoneInfo("America/Los_Angeles")
OFFICE = Calendar("America/Los_Angeles", (((540, 1020),),) * 5 + ((), ()), federal=True)
SPLIT = Calendar("America/Los_Angeles", (((540, 780), (840, 1080)),) * 5 + ((), ()))
COUNTING = Counting(Desk(OFFICE), targets())


def at(text: str, year: int = 2026) -> datetime:
    """Read `3-6 16:30` as a local moment."""
    return datetime.strptime(f"{year}-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)


def shown(moment: datetime | None) -> str:
    return f"{moment.astimezone(ZONE):%-m-%-d %H:%M}" if moment is not None else "-"


def history(priority: str, opened: str, *then: tuple[str, What] | tuple[str, What, str]) -> list[Happening]:
    return [Happening(at(opened), "opened", priority), *(Happening(at(one[0]), one[1], *one[2:]) for one in then)]


def after(priority: str, opened: str, *then: tuple[str, What] | tuple[str, What, str]) -> Clocks:
    return COUNTING.after(history(priority, opened, *then))


def first(clocks: Clocks) -> str:
    return shown(clocks.first.due if clocks.first else None)


def following(clocks: Clocks) -> str:
    return shown(clocks.next.due if clocks.next else None)


# -- the worked table --------------------------------------------------------------------------------------------------


@each(
    "priority, opened, first_due, resolution_due",
    [
        ("medium", "3-6 16:30", "3-9 12:30", "3-11 16:30"),
        ("high", "3-6 16:30", "3-9 09:30", "3-10 12:30"),
        ("urgent", "3-6 16:55", "3-9 09:10", None),
        ("urgent", "3-7 10:00", "3-9 09:15", "3-9 13:00"),
        ("low", "3-2 09:00", "3-2 17:00", "3-9 17:00"),
        ("medium", "11-25 16:00", "11-27 12:00", None),
    ],
)
def test_a84_first_response_and_resolution(
    priority: str, opened: str, first_due: str, resolution_due: str | None
) -> None:
    clocks = after(priority, opened)
    assert first(clocks) == first_due
    assert resolution_due in (None, shown(clocks.resolution))


def test_a84_warning_critical_and_escalation() -> None:
    told = {(one.clock, one.kind): shown(one.at) for one in COUNTING.notices(after("medium", "3-6 16:30"))}
    assert told["first", "warning"] == "3-9 11:30"
    assert told["first", "critical"] == "3-9 12:06"
    assert told["first", "breach"] == "3-9 12:30"
    assert told["resolution", "escalation"] == "3-11 12:30"
    assert told["resolution", "breach"] == "3-11 16:30"


def test_a84_a_break_at_noon_does_not_count() -> None:
    counting = Counting(Desk(SPLIT), targets())
    assert first(counting.after(history("high", "3-4 12:30"))) == "3-4 14:30"


@each(
    "priority, then, resolution_due",
    [
        ("medium", [("3-2 10:00", "waits"), ("3-3 11:00", "goes_on")], "3-6 10:00"),
        (
            "high",
            [("3-2 12:00", "waits"), ("3-2 15:00", "goes_on"), ("3-3 10:00", "waits"), ("3-4 10:00", "goes_on")],
            "3-4 16:00",
        ),
        ("high", [("3-2 17:00", "waits"), ("3-3 08:30", "goes_on")], "3-3 13:00"),
    ],
)
def test_a84_waiting_for_the_person_rests_the_resolution(
    priority: str, then: list[tuple[str, What]], resolution_due: str
) -> None:
    assert shown(after(priority, "3-2 09:00", *then).resolution) == resolution_due


def test_a84_next_response_of_a_message_in_an_open_ticket() -> None:
    clocks = after("medium", "3-2 09:00", ("3-2 10:00", "staff"), ("3-3 16:45", "person"))
    assert (first(clocks), following(clocks)) == ("-", "3-4 12:45")


def test_a84_sla_3_a_raise_moves_the_first_response_forward() -> None:
    assert first(after("medium", "3-2 09:00")) == "3-2 13:00"
    assert first(after("medium", "3-2 09:00", ("3-2 11:00", "priority", "high"))) == "3-2 12:00"


@each("opened, due", [("3-7 20:00", "3-8 05:00"), ("10-31 20:00", "11-1 03:00")])
def test_a84_round_the_clock_over_a_change_of_clocks(opened: str, due: str) -> None:
    counting = Counting(Desk(OFFICE, frozenset({"low"})), targets())
    assert first(counting.after(history("low", opened))) == due


# -- the rules beside the table ----------------------------------------------------------------------------------------


def test_sla_1_all_clocks_stop_on_resolve() -> None:
    clocks = after("high", "3-2 09:00", ("3-2 09:10", "person"), ("3-2 09:30", "resolved"))
    assert (clocks.first, clocks.next, clocks.resolution) == (None, None, None)
    assert COUNTING.notices(clocks) == []


def test_sla_1_a_second_message_keeps_the_start_of_the_next_response() -> None:
    once = after("medium", "3-2 09:00", ("3-2 10:00", "staff"), ("3-2 11:00", "person"))
    twice = after("medium", "3-2 09:00", ("3-2 10:00", "staff"), ("3-2 11:00", "person"), ("3-2 12:00", "person"))
    assert once.next == twice.next


def test_sla_3_a_raise_never_gives_more_time_and_lowering_counts_from_the_opening() -> None:
    late = after("medium", "3-2 09:00", ("3-2 12:50", "priority", "high"))
    lowered = after("high", "3-2 09:00", ("3-2 09:30", "priority", "low"))
    assert first(late) == "3-2 13:00"
    assert (first(lowered), shown(lowered.resolution)) == ("3-2 17:00", "3-9 17:00")


def test_sla_3_a_raise_moves_the_resolution_forward() -> None:
    assert shown(after("low", "3-2 09:00", ("3-2 11:00", "priority", "urgent")).resolution) == "3-2 15:00"


@each(
    "resolved, reopened, due",
    [("3-2 10:00", "3-4 09:00", "3-5 12:00"), ("3-3 12:59", "3-4 09:00", "3-4 12:00")],
)
def test_sla_4_a_reopened_ticket_has_what_was_left_and_at_least_a_quarter(
    resolved: str, reopened: str, due: str
) -> None:
    clocks = after("high", "3-2 09:00", ("3-2 09:30", "staff"), (resolved, "resolved"), (reopened, "reopened"))
    assert (shown(clocks.resolution), following(clocks)) == (due, "3-4 10:00")


def test_sp_4_a_plan_lifts_one_step_and_never_to_urgent() -> None:
    assert [lifted(one) for one in PRIORITIES] == ["medium", "high", "high", "urgent"]


def test_the_calendar_of_the_installation_is_the_documents_default() -> None:
    assert desk() == Desk(OFFICE)


@each(
    "broken",
    [
        {"zone": "America/Los_Angeles", "holidays": "none", "week": {}},
        {"zone": "America/Los_Angeles", "holidays": "none", "week": {"7": ["09:00-17:00"]}},
        {"zone": "America/Los_Angeles", "holidays": "none", "week": {"0": ["17:00-09:00"]}},
        {"zone": "America/Los_Angeles", "holidays": "none", "week": {"0": ["09:00-12:00", "11:00-13:00"]}},
        {"zone": "America/Los_Angeles", "holidays": "mine", "week": {"0": ["09:00-17:00"]}},
        {"zone": "America/Nowhere", "holidays": "none", "week": {"0": ["09:00-17:00"]}},
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises((ValueError, KeyError)):
        read(broken)


def test_a_day_off_of_our_own_does_not_count() -> None:
    closed = Calendar(OFFICE.zone, OFFICE.week, closed=frozenset({date(2026, 3, 3)}))
    assert shown(closed.due(at("3-2 16:00"), timedelta(hours=2))) == "3-4 10:00"


# -- what holds of any moment ------------------------------------------------------------------------------------------

UNHURRIED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
YEAR = int(timedelta(days=700) / timedelta(minutes=1))
MOMENTS = st.builds(
    lambda minutes, zone: (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)).astimezone(zone),
    st.integers(0, YEAR),
    st.sampled_from([UTC, ZONE]),
)
SPANS = st.integers(1, 5000).map(lambda minutes: timedelta(minutes=minutes))
CALENDARS = st.sampled_from([OFFICE, SPLIT, round_the_clock("America/Los_Angeles"), round_the_clock("Europe/Paris")])


@UNHURRIED
@given(CALENDARS, MOMENTS, SPANS)
def test_a_due_instant_is_the_first_at_which_the_time_is_used_up(
    calendar: Calendar, start: datetime, span: timedelta
) -> None:
    due = calendar.due(start, span)
    assert calendar.between(start, due) == span
    assert calendar.between(start, due - timedelta(microseconds=1)) < span


@UNHURRIED
@given(CALENDARS, MOMENTS, SPANS, SPANS)
def test_due_instants_are_monotone(calendar: Calendar, start: datetime, one: timedelta, more: timedelta) -> None:
    assert calendar.due(start, one) < calendar.due(start, one + more)
    assert calendar.due(start, one) <= calendar.due(start + more, one)
    assert calendar.due(calendar.due(start, one), more) == calendar.due(start, one + more)


@UNHURRIED
@given(MOMENTS, SPANS)
def test_round_the_clock_is_plain_time_on_every_day_of_the_year(start: datetime, span: timedelta) -> None:
    assert round_the_clock("America/Los_Angeles").due(start, span) == start.astimezone(UTC) + span


@UNHURRIED
@given(MOMENTS, st.integers(1, 700), st.integers(1, 5000), st.sampled_from(PRIORITIES))
def test_a_pause_costs_exactly_its_working_time(start: datetime, before: int, pause: int, priority: str) -> None:
    target = targets()[priority].resolution
    waits = OFFICE.due(start, min(timedelta(minutes=before), target - timedelta(minutes=1)))
    goes_on = waits + timedelta(minutes=pause)
    clocks = COUNTING.after(
        [Happening(start, "opened", priority), Happening(waits, "waits"), Happening(goes_on, "goes_on")]
    )
    assert clocks.resolution is not None
    assert OFFICE.between(start, clocks.resolution) == target + OFFICE.between(waits, goes_on)


@UNHURRIED
@given(st.lists(st.tuples(st.integers(1, 3000), st.sampled_from(["staff", "person", "waits", "goes_on"])), max_size=9))
def test_sla_2_a_pause_of_no_length_changes_nothing_wherever_it_stands(steps: list[tuple[int, What]]) -> None:
    moment, plain, cut = at("3-2 09:00"), history("medium", "3-2 09:00"), history("medium", "3-2 09:00")
    waits = False
    for minutes, what in steps:
        moment += timedelta(minutes=minutes)
        waits = what == "waits" or (waits and what != "goes_on")
        plain.append(Happening(moment, what))
        cut += [Happening(moment, what)] + ([] if waits else [Happening(moment, "waits"), Happening(moment, "goes_on")])
    one, other = COUNTING.after(plain), COUNTING.after(cut)
    assert (one.first, one.next, one.resolution) == (other.first, other.next, other.resolution)
    told, again = ([n for n in COUNTING.notices(clocks) if n.at > moment] for clocks in (one, other))
    assert told == again


def test_a_deadline_over_the_change_of_clocks_counts_real_hours_from_a_local_start() -> None:
    calendar = round_the_clock("America/Los_Angeles")
    assert shown(calendar.due(at("3-8 00:30"), timedelta(hours=3))) == "3-8 04:30"
    assert calendar.between(at("11-1 00:30"), at("11-1 04:30")) == timedelta(hours=5)
