"""Bank holidays of England and Wales: held against the rules that they follow."""

from collections import Counter
from datetime import date, timedelta

import pytest

from app.domain.bank_holidays import ENGLAND_AND_WALES, bank_holidays
from tests.factories import day

EASTER_SUNDAYS = [
    "2019-04-21", "2020-04-12", "2021-04-04", "2022-04-17", "2023-04-09",
    "2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28", "2028-04-16",
]  # fmt: skip
MOVED = {day("2020-05-04"): day("2020-05-08"), day("2022-05-30"): day("2022-06-02")}
PROCLAIMED = {day("2022-06-03"), day("2022-09-19"), day("2023-05-08")}


def monday_from(start: date) -> date:
    return start + timedelta(days=-start.weekday() % 7)


def by_rule(easter: date) -> set[date]:
    """The holidays of a year by the Act: substitutes are the next days that are not one yet."""
    year = easter.year
    found = {
        easter - timedelta(days=2),
        easter + timedelta(days=1),
        monday_from(date(year, 5, 1)),
        monday_from(date(year, 5, 25)),
        monday_from(date(year, 8, 25)),
    }
    fixed = [date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)]
    found |= {one for one in fixed if one.weekday() < 5}
    for one in fixed:
        substitute = one
        while substitute.weekday() >= 5 or (one.weekday() >= 5 and substitute in found):
            substitute += timedelta(days=1)
        found.add(substitute)
    return {MOVED.get(one, one) for one in found}


def test_every_year_has_the_days_of_the_act_and_those_proclaimed():
    expected = set().union(*(by_rule(day(easter)) for easter in EASTER_SUNDAYS)) | PROCLAIMED
    assert expected == ENGLAND_AND_WALES
    assert Counter(one.year for one in expected) == dict.fromkeys(range(2019, 2029), 8) | {
        2022: 10,
        2023: 9,
    }


@pytest.mark.parametrize(("zone", "has"), [("Europe/London", True), ("America/New_York", False)])
def test_another_time_zone_has_none(zone, has):
    assert (day("2024-12-26") in bank_holidays(zone)) is has
