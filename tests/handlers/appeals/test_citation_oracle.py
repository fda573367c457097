"""`try citation` against a second derivation of the rules, written from the rules alone and slowly.

The oracle reads the raw records, counts every day one by one, makes its own holidays, and knows nothing of the code
under test. Whatever differs is a mistake of one of the two.
"""

from __future__ import annotations

import calendar
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from handlers.appeals.trial import check
from tests.rows import each

ROOT = Path(__file__).parents[3]
DATA = ROOT / "handlers/appeals/data"
CITIES: dict[str, dict[str, Any]] = {
    record["city_id"]: record for record in map(json.loads, (p.read_text() for p in (DATA / "cities").glob("*.json")))
}
BLOCKED = set(json.loads((DATA / "states.json").read_text())["upl_blocked_states"])
DAY = timedelta(days=1)

NUMBERS = {
    "us-ca-san_francisco": "900000417", "us-ca-los_angeles": "4300000417", "us-ca-san_diego": "10000417",
    "us-ca-oakland": "10000417", "us-ca-sacramento": "010000417", "us-ca-san_jose": "70000417",
    "us-ny-new_york": "1400000417", "us-il-chicago": "9000000417", "us-wa-seattle": "260000417K",
    "us-or-portland": "HA1000417", "us-co-denver": "1000417", "us-ma-boston": "800004171",
    "us-pa-philadelphia": "700000417", "us-dc-washington": "600004171", "us-md-baltimore": "60000417",
    "us-ga-atlanta": "1000000417", "us-fl-miami": "M1234567", "us-tx-dallas": "100004178", "us-tx-houston": "HX1000417",
    "us-tx-austin": "10004178", "us-az-phoenix": "60000417", "us-mn-minneapolis": "100000041700",
    "us-nv-las_vegas": "10000417", "us-ut-salt_lake_city": "10000417", "us-mi-detroit": "J1000417",
    "us-nc-charlotte": "60000417", "us-ky-louisville": "60000417",
}  # fmt: skip
"""A made-up number in the shape of each city."""


# -- the oracle --------------------------------------------------------------------------------------------------------


def _nth(year: int, month: int, weekday: int, nth: int) -> date:
    days = [d for d in calendar.Calendar().itermonthdates(year, month) if d.month == month and d.weekday() == weekday]
    return days[nth]


@cache
def holidays(year: int) -> frozenset[date]:
    """Return the days without mail: each federal holiday, and the day it is observed on."""
    found = set()
    for one in (year, year + 1):
        for month, day in ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25)):
            fixed = date(one, month, day)
            found.add(fixed)
            found.add(fixed - DAY if fixed.weekday() == 5 else fixed + DAY if fixed.weekday() == 6 else fixed)
    for month, weekday, nth in ((1, 0, 2), (2, 0, 2), (5, 0, -1), (9, 0, 0), (10, 0, 1), (11, 3, 3)):
        found.add(_nth(year, month, weekday, nth))
    return frozenset(day for day in found if day.year == year)


def is_mail_day(day: date) -> bool:
    return day.weekday() < 5 and day not in holidays(day.year)


def mail_by(deadline: date, needed: int) -> date:
    """Return the latest business day from which that many business days still reach the deadline, by trying each."""
    start = deadline
    while True:
        if is_mail_day(start):
            day, left = start, needed
            while left:
                day += DAY
                left -= is_mail_day(day)
            if day <= deadline:
                return start
        start -= DAY


def last_day(start: date, rule: dict[str, Any]) -> date:
    day, left = start, int(rule["days"])
    while left:
        day += DAY
        left -= rule.get("unit", "calendar") == "calendar" or day.weekday() < 5
    return day


def clocks(city: dict[str, Any], issued: date | None, notice: date | None) -> Iterator[tuple[date, dict[str, Any]]]:
    for rule in city["deadlines"]:
        if issued is None or rule["role"] != "contest" or rule.get("level", 1) != 1 or not rule.get("days"):
            continue
        basis = {
            "issue_date": issued,
            "service_date": issued,
            "court_entry": issued,
            "delinquent_notice_mailed": notice,
        }
        start = basis.get(rule["basis"])
        if start is not None:
            yield last_day(start, rule), rule


Told = tuple[str | None, str | None, str | None, str | None]


def told(city_id: str, issued: date | None, notice: date | None, now: datetime) -> Told:
    """Return deadline, mail-by of both classes, and the first refusal, for a number that fits."""
    city, today = CITIES[city_id], now.date()
    running = list(clocks(city, issued, notice))
    confirmed = [clock for clock in running if clock[1]["status"] == "confirmed"]
    deadline, rule = max(confirmed or running, key=lambda clock: clock[0], default=(None, None))
    mail, blocked = city["mail"], city["upl_blocked"] or city["state"] in BLOCKED
    standard = certified = None
    if deadline and rule and mail["policy"] == "letter" and not blocked:
        least = mail.get("min_business_days_left") or 0
        standard = mail_by(deadline, max(7, least))
        postmark = rule.get("counted_at") == "postmark"
        certified = mail_by(deadline, max(2, least)) if postmark else standard
    order = today if now.time() < time(17) else today + DAY
    while not is_mail_day(order):
        order += DAY
    address = next((a for a in mail.get("addresses", ()) if a["purpose"] == "level1_letter"), None)
    statuses = [r["status"] for r in city["deadlines"] if r["role"] == "contest" and r.get("days")]
    planned = rule["status"] == "confirmed" if rule else "confirmed" in statuses
    usable = mail["status"] == "confirmed" and address is not None and address["status"] == "confirmed" and planned
    usable = usable and city["launch"] in ("first", "with_form")
    reason = (
        "upl_blocked" if blocked
        else "no_letter_route" if mail["policy"] != "letter"
        else "record_not_usable" if not usable
        else "deadline_unknown" if deadline is None
        else "past_deadline" if deadline < today
        else "too_late_for_mail" if certified is None or standard is None or order > max(standard, certified)
        else None
    )  # fmt: skip
    written = [day.isoformat() if day else None for day in (deadline, standard, certified)]
    return written[0], written[1], written[2], reason


def five_years_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 5)
    except ValueError:
        return day.replace(year=day.year - 5, day=28)


# -- dates -------------------------------------------------------------------------------------------------------------

SPECIAL = [
    date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1), date(2028, 2, 29), date(2028, 2, 28), date(2027, 12, 24),
    date(2028, 12, 31), date(2026, 11, 26), date(2026, 11, 1), date(2027, 3, 14), date(2025, 12, 20), date(2024, 2, 29),
]  # fmt: skip


def cases(city_id: str, count: int) -> Iterator[tuple[date | None, date | None, datetime]]:
    random = Random(city_id)
    zone = ZoneInfo(CITIES[city_id]["timezone"])
    for n in range(count):
        issued = random.choice(SPECIAL) if n % 4 == 0 else date(2026, 1, 1) + random.randrange(1000) * DAY
        today = (
            issued
            + random.choice([random.randrange(-3, 60), random.randrange(60), 5 * 365 + random.randrange(4)]) * DAY
        )
        clock = random.choice([time(0), time(12), time(16, 59, 59), time(17), time(23, 59, 59)])
        notice = random.choice([None, None, issued + random.randrange(-3, 50) * DAY])
        yield None if n % 37 == 0 else issued, notice, datetime.combine(today, clock, zone)


@pytest.mark.parametrize("city_id", sorted(CITIES))
def test_dl_11_reg_1_dates_and_permission_are_those_of_the_oracle(city_id: str) -> None:
    for issued, notice, now in cases(city_id, 250):
        today = now.date()
        known = issued if issued and five_years_before(today) <= issued <= today else None
        mailed = notice if notice and known and known <= notice <= today else None
        expected = told(city_id, known, mailed, now)
        answer = check({
            "city": city_id, "number": NUMBERS[city_id], "issued": issued and issued.isoformat(),
            "notice": notice and notice.isoformat(), "today": now.isoformat(),
        })  # fmt: skip
        got = tuple(answer[name] for name in ("deadline", "mail_by", "mail_by_certified", "reason"))
        assert got == expected, (issued, notice, now)
        assert answer["may_mail"] is (expected[3] is None)
        assert (answer["valid"], answer["normalized"]) == (True, NUMBERS[city_id])


def test_dl_6_the_packaged_mail_calendar_is_that_of_the_oracle() -> None:
    table = json.loads((DATA / "mail_calendar.json").read_text())
    for year in table["years"]:
        stated = {date.fromisoformat(day["date"]) for day in table["non_business_days"] if day["date"][:4] == str(year)}
        assert stated == holidays(year)


@each("city_id", sorted(CITIES))
def test_a_bare_date_is_noon_in_the_city(city_id: str) -> None:
    zone = ZoneInfo(CITIES[city_id]["timezone"])
    asked = {"city": city_id, "number": NUMBERS[city_id], "issued": "2026-11-16"}
    noon = datetime(2026, 11, 20, 12, tzinfo=zone).isoformat()
    assert check({**asked, "today": "2026-11-20"}) == check({**asked, "today": noon})


# -- cities ------------------------------------------------------------------------------------------------------------


@each("city_id", sorted(CITIES))
def test_every_name_and_alias_in_every_case_means_its_city(city_id: str) -> None:
    city = CITIES[city_id]
    for name in (city_id, city["name"], *city.get("aliases", ())):
        for typed in (name, name.lower(), name.upper(), f"  {name} ", name.replace(" ", "  ")):
            told = check({"city": typed})
            assert city_id == told["city"] or f"{city['name']}, {city['state']}" in str(told["candidates"]), typed
        assert check({"city": f"{name}, {city['state']}"})["city"] == city_id


@pytest.mark.parametrize("city", ["San Fransisco", "Atlantis", "North Oakland"])
def test_a_city_that_the_chat_would_ask_about_gives_no_permission(city: str) -> None:
    told = check({"city": city, "number": "900000417", "issued": "2026-11-16", "today": "2026-11-18"})
    assert (told["valid"], told["may_mail"], told["reason"]) == (False, False, "unknown_city")
    assert len(told["candidates"]) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "city", ["Gotham City", "", "   ", None, "12345", "us-xx-nowhere", "Paris, France", "the moon"]
)
def test_g1_an_unknown_city_is_told_and_nothing_is_parsed(city: str | None) -> None:
    told = check({"city": city, "number": "900000417", "issued": "2026-11-16", "today": "2026-11-18"})
    assert (told["valid"], told["normalized"], told["deadline"], told["may_mail"]) == (False, None, None, False)
    assert told["reason"] == "unknown_city"


# -- numbers -----------------------------------------------------------------------------------------------------------

WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
LABELS = (
    "#{}", "Ticket no. {}", "citation number: {}", "No. {}", "Summons {}", "notice no {}", "NUMBER {}", "ticket#{}",
    "my ticket is {}", '"{}"', "{}.", "{}\n", "\t{} ",
)  # fmt: skip


@each("city_id", sorted(CITIES))
def test_num_2_a_number_in_any_clothes_is_the_same_number(city_id: str) -> None:
    number = NUMBERS[city_id]
    head = len(re.match(r"[A-Z]*", number)[0]) + 3  # type: ignore[index]
    joined = [f"{number[:head]}{mark}{number[head:]}" for mark in (" ", "-", ".", "/", " - ", "  ", "–", "\u00a0")]
    typed = [number, number.lower(), number.translate(WIDE), number.translate(ARABIC), " ".join(number), *joined]
    for text in [*typed, *(label.format(number) for label in LABELS)]:
        told = check({"city": city_id, "number": text, "issued": "2026-11-16", "today": "2026-11-18"})
        assert (told["valid"], told["normalized"]) == (True, number), repr(text)


@pytest.mark.parametrize("city_id", sorted(CITIES))
def test_num_5_a_number_is_valid_exactly_when_a_format_of_the_city_fits(city_id: str) -> None:
    random, formats = Random(city_id), CITIES[city_id].get("citation_formats", [])
    for _ in range(150):
        letters = "".join(random.choice("AFHJKMPVX") for _ in range(random.choice((0, 0, 0, 1, 2))))
        number = letters + "".join(random.choice("123456789") for _ in range(random.randrange(4, 13)))
        fits = any(re.fullmatch(shape["regex"], number) for shape in formats) if formats else 5 <= len(number) <= 12
        told = check({"city": city_id, "number": number, "issued": "2026-11-16", "today": "2026-11-18"})
        assert told["valid"] is (fits and len(number) <= 12), number
        strengths = {shape["strength"] for shape in formats if re.fullmatch(shape["regex"], number)}
        if told["valid"] and not strengths & {"measured", "plausible"}:
            assert told["needs_confirm"], number


@each("city_id", sorted(CITIES))
@each("number", ["hello", "12", "1234", "9" * 40, "", "  ", "-----", "ABCDEFG", "None", "0", "😀", None])
def test_ac_6_what_is_no_number_is_never_valid_and_always_has_a_reason(city_id: str, number: str | None) -> None:
    told = check({"city": city_id, "number": number, "issued": "2026-11-16", "today": "2026-11-18"})
    assert (told["valid"], told["may_mail"]) == (False, False)
    assert told["reason"]


# -- the command -------------------------------------------------------------------------------------------------------

FIELDS = {"valid", "normalized", "deadline", "mail_by", "may_mail", "reason"}
WRONG: list[object] = [1, 1.5, True, [], {}, ["2026-11-16"], {"a": 1}]


def test_the_command_answers_every_line_with_every_field() -> None:
    good = {"city": "sf", "number": "900000417", "issued": "2026-11-16", "notice": None, "today": "2026-11-18"}
    wrong = [{**good, name: value} for name in good for value in WRONG if not (name == "number" and value == 1)]
    lines = [json.dumps(one) for one in [good, *wrong]] + [
        "not json",
        '{"city":',
        "[]",
        '"x"',
        "null",
        "7",
        '{"a": NaN}',
    ]
    sent = ("\n".join([lines[0], "", *lines[1:]]) + "\n").encode() + b'\xff\xfe{"city": "sf"}\n'
    run = subprocess.run(
        [sys.executable, "main.py", "try", "citation"],
        input=sent,
        capture_output=True,
        cwd=ROOT,
        check=True,
        timeout=60,
    )
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(answers) == len(lines) + 1
    assert all(set(answer) >= FIELDS for answer in answers)
    assert (answers[0]["may_mail"], answers[0]["deadline"]) == (True, "2026-12-07")
    assert {(answer["may_mail"], answer["reason"]) for answer in answers[1:]} == {(False, "bad_request")}
