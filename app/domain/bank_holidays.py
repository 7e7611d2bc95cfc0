"""Bank holidays of England and Wales, 2019 to 2028, for counting working days.

As announced by the government at gov.uk/bank-holidays, under the Banking and Financial Dealings
Act 1971: with the substitute days of holidays on a week-end, the moved May holiday of 2020, the
holidays by proclamation of 2022 and 2023, and without the days that were no holidays for it.
"""

from collections.abc import Collection
from datetime import date

_DAYS = {
    2019: "01-01 04-19 04-22 05-06 05-27 08-26 12-25 12-26",
    2020: "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28",
    2021: "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28",
    2022: "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27",
    2023: "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26",
    2024: "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26",
    2025: "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
    2026: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
    2027: "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
    2028: "01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26",
}

ENGLAND_AND_WALES = frozenset(
    date.fromisoformat(f"{year}-{day}") for year, days in _DAYS.items() for day in days.split()
)


def bank_holidays(timezone: str) -> Collection[date]:
    """The bank holidays that a contract's working days skip, by its time zone.

    Source: terms /timezone. Europe/London has those of England and Wales, from 2019 to 2028 (25
    Dec 2024 is one); any other zone, and any other year, has none: only week-ends are skipped.
    """
    return ENGLAND_AND_WALES if timezone == "Europe/London" else frozenset()
