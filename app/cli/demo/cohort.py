"""The invented cohort: 116 people whose numbers are those of the published margins.

Published (final evaluation 2025): 116 accepted; 28 withdrew while in care, 70 moved, 18 were still
preparing; after the move 4 of 70 withdrew from the programme within 6 months, 3 of the 59 who were
still with it and had been moved for 6 months withdrew before 12, and 4 of 50 later. Everything else
about a person here is invented: dates, ages, homes, and what became of the tenancies of those who
withdrew, because withdrawing from support is not losing a home.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

LAST_DAY = date(2024, 9, 30)
"""The day as of which the cohort has the published numbers; the last claim ends on it."""

REFERRALS_FROM = date(2019, 11, 28)
VARIATION_FROM = date(2022, 4, 1)

# Moves by month. 63 people had moved for 6 months by the last day and 57 for 12, so that 59 and 50
# remain once those who withdrew earlier (4, then 3 more) are taken off. Nobody moves in a month
# whose anniversaries would fall in September 2024, too late to be verified by its end.
_MOVES = {
    2020: (1, 1, 0, 0, 0, 1, 2, 2, 1, 1, 2, 1),
    2021: (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1),
    2022: (1, 2, 1, 2, 1, 2, 2, 1, 0, 2, 2, 1),
    2023: (2, 2, 0, 3, 3, 2, 2, 2, 0, 1, 1, 1),
    2024: (2, 1, 0, 2, 1, 2, 1, 1, 0, 0, 0, 0),
}
_PREPARING, _PREPARING_ENGAGED = 18, 16
# Of the 28 who withdrew in care: engaged before April 2022, engaged later, never engaged.
_WITHDREW_ENGAGED_BEFORE, _WITHDREW_ENGAGED_AFTER, _WITHDREW_NEVER_ENGAGED = 8, 16, 4

_HOMES = (
    *["social_rent"] * 4,
    *["supported_housing"] * 3,
    *["own_tenancy"] * 2,
    "private_rent",
    "extra_care",
)


@dataclass(frozen=True, slots=True)
class Leaving:
    """How a person left the programme after moving: days after the move, and the home's end.

    `home_ended_after` is None for those who withdrew from support and kept the home.
    """

    withdrew_after: int
    home_ended_after: int | None = None
    reason: str | None = None


# By the month of the move; the first who moved in that month. Withdrawals within 6 months: four,
# one of whom keeps the home; between 6 and 12: three; later: four, three of whom keep the home.
LEAVING = {
    (2020, 2): Leaving(110, 125, "returned_to_care"),
    (2020, 7): Leaving(610),
    (2020, 11): Leaving(800),
    (2021, 1): Leaving(460, 490, "evicted"),
    (2021, 2): Leaving(120, 150, "abandoned"),
    (2021, 8): Leaving(430),
    (2021, 10): Leaving(220, 240, "surrendered"),
    (2021, 11): Leaving(250, 270, "returned_to_care"),
    (2022, 4): Leaving(60, 85, "evicted"),
    (2022, 6): Leaving(150),
    (2023, 5): Leaving(280, 300, "left_area"),
}
AUDITED_MOVE = (2021, 5)
"""Who moved in this month is found out, after 24 months were paid, to have left in month 23."""


@dataclass(frozen=True, slots=True)
class Person:
    """One invented participant: the days of the way, None for what did not happen."""

    participant_id: str
    referred_on: date
    setting: str
    age_at_referral: int
    accepted_on: date
    engaged_on: date | None = None
    withdrew_in_care_on: date | None = None
    moved_on: date | None = None
    home: str | None = None
    leaving: Leaving | None = None
    audited: bool = False

    @property
    def home_ended_on(self) -> date | None:
        """The day the home was given up or lost, as known at the time."""
        if self.moved_on is None or self.leaving is None or self.leaving.home_ended_after is None:
            return None
        return self.moved_on + timedelta(days=self.leaving.home_ended_after)


def cohort(seed: int) -> tuple[Person, ...]:
    """The 116 people in order of referral; the same seed gives the same people."""
    chance = Random(seed)  # noqa: S311 - invented data, not a secret
    ways = [*_movers(chance), *_withdrawn(chance), *_preparing(chance)]
    ways.sort(key=lambda way: way.referred_on)
    return tuple(_numbered(way, number, chance) for number, way in enumerate(ways, start=1))


@dataclass(frozen=True, slots=True)
class _Way:
    referred_on: date
    accepted_on: date
    engaged_on: date | None = None
    withdrew_in_care_on: date | None = None
    moved_on: date | None = None
    leaving: Leaving | None = None
    audited: bool = False


def _numbered(way: _Way, number: int, chance: Random) -> Person:
    return Person(
        f"PI-{number:03d}",
        way.referred_on,
        chance.choice(("residential_care", "residential_care", "nursing_care")),
        chance.randint(24, 64),
        way.accepted_on,
        way.engaged_on,
        way.withdrew_in_care_on,
        way.moved_on,
        chance.choice(_HOMES) if way.moved_on else None,
        way.leaving,
        way.audited,
    )


def _movers(chance: Random) -> Iterator[_Way]:
    for year, counts in _MOVES.items():
        for month, count in enumerate(counts, start=1):
            days = sorted(chance.sample(range(5, 27), count))
            for place, day in enumerate(days):
                moved_on = date(year, month, day)
                first = place == 0
                yield _mover(
                    moved_on,
                    chance,
                    LEAVING.get((year, month)) if first else None,
                    audited=first and (year, month) == AUDITED_MOVE,
                )


def _mover(moved_on: date, chance: Random, leaving: Leaving | None, *, audited: bool) -> _Way:
    """Support begins some seven to eleven months before the move, where the project had begun."""
    engaged_on = moved_on - timedelta(days=chance.randint(200, 330))
    # 29 people moved in 2023 or later, and all of these engaged under the variation.
    if moved_on.year >= 2023:
        engaged_on = max(engaged_on, VARIATION_FROM + timedelta(days=chance.randint(1, 20)))
    else:
        engaged_on = min(engaged_on, VARIATION_FROM - timedelta(days=chance.randint(4, 20)))
    engaged_on = max(engaged_on, REFERRALS_FROM + timedelta(days=chance.randint(14, 25)))
    referred_on, accepted_on = _before(engaged_on, chance)
    return _Way(referred_on, accepted_on, engaged_on, None, moved_on, leaving, audited)


def _withdrawn(chance: Random) -> Iterator[_Way]:
    for _ in range(_WITHDREW_ENGAGED_BEFORE):
        yield _withdrew(chance, date(2020, 2, 1), date(2022, 2, 20))
    for _ in range(_WITHDREW_ENGAGED_AFTER):
        yield _withdrew(chance, date(2022, 4, 10), date(2024, 2, 20))
    for _ in range(_WITHDREW_NEVER_ENGAGED):
        accepted_on = _some_day(chance, date(2020, 6, 1), date(2024, 1, 31))
        yield _Way(
            accepted_on - timedelta(days=chance.randint(5, 12)),
            accepted_on,
            withdrew_in_care_on=accepted_on + timedelta(days=chance.randint(20, 120)),
        )


def _withdrew(chance: Random, first: date, last: date) -> _Way:
    engaged_on = _some_day(chance, first, last)
    referred_on, accepted_on = _before(engaged_on, chance)
    withdrew_on = engaged_on + timedelta(days=chance.randint(45, 200))
    return _Way(referred_on, accepted_on, engaged_on, withdrew_on)


def _preparing(chance: Random) -> Iterator[_Way]:
    for number in range(_PREPARING):
        engaged_on = _some_day(chance, date(2023, 11, 1), date(2024, 8, 20))
        referred_on, accepted_on = _before(engaged_on, chance)
        yield _Way(referred_on, accepted_on, engaged_on if number < _PREPARING_ENGAGED else None)


def _before(engaged_on: date, chance: Random) -> tuple[date, date]:
    """Referral and acceptance, a few weeks before engagement, never before referrals opened."""
    accepted_on = engaged_on - timedelta(days=chance.randint(5, 12))
    referred_on = accepted_on - timedelta(days=chance.randint(1, 9))
    return max(referred_on, REFERRALS_FROM), accepted_on


def _some_day(chance: Random, first: date, last: date) -> date:
    return first + timedelta(days=chance.randint(0, (last - first).days))
