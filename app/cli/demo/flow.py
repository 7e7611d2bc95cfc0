"""The cohort's flow, counted from the recorded events as the interface gives them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.domain.calendar import add_months


@dataclass(frozen=True, slots=True)
class Withdrawals:
    """Who withdrew from support in a stretch after the move, of those who were there to do so.

    `observed`: moved long enough ago, and still in the programme when the stretch began.
    """

    stretch: str
    withdrew: int
    observed: int


@dataclass(frozen=True, slots=True)
class Flow:
    """Where the people of the cohort stand on a day."""

    accepted: int
    withdrew_in_care: int
    moved: int
    preparing: int
    withdrawals: tuple[Withdrawals, ...]

    @property
    def still_possible(self) -> int:
        """Moved, or may still move."""
        return self.moved + self.preparing

    @property
    def withdrew_after_moving(self) -> int:
        """In any stretch."""
        return sum(one.withdrew for one in self.withdrawals)


@dataclass(frozen=True, slots=True)
class _Moved:
    on: date
    withdrew_on: date | None

    def in_programme_at(self, months: int) -> bool:
        return self.withdrew_on is None or self.withdrew_on >= add_months(self.on, months)

    def withdrew_between(self, first: int, end: int | None) -> bool:
        left = self.withdrew_on
        return (
            left is not None
            and left >= add_months(self.on, first)
            and (end is None or left < add_months(self.on, end))
        )


def flow(participants: Sequence[Mapping[str, Any]], on: date) -> Flow:
    """Count the flow on a day. A move that was followed by a return to care is still a move."""
    days = [_days(one, on) for one in participants]
    accepted = [one for one in days if "accepted" in one]
    moved = [
        _Moved(one["moved_on"], one.get("support_withdrawn"))
        for one in accepted
        if "moved_on" in one
    ]
    withdrew = sum(1 for one in accepted if "withdrew_before_move" in one and "moved_on" not in one)
    return Flow(
        len(accepted),
        withdrew,
        len(moved),
        len(accepted) - withdrew - len(moved),
        (
            _withdrawals("within 6 months", moved, on, 0, 6),
            _withdrawals("6 to 12 months", moved, on, 6, 12),
            _withdrawals("after 12 months", moved, on, 12, None),
        ),
    )


def living_independently(participants: Iterable[Mapping[str, Any]], on: date) -> int:
    """How many have moved by a day and not lost or left that home by then."""
    days = [_days(one, on) for one in participants]
    return sum(1 for one in days if "moved_on" in one and "tenancy_ended" not in one)


def percent(part: int, whole: int) -> str:
    """A share with one decimal place, halves up: 70 of 116 is 60.3%."""
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{tenths // 10}.{tenths % 10}%"


def _withdrawals(
    stretch: str, moved: Sequence[_Moved], on: date, first: int, end: int | None
) -> Withdrawals:
    there = [one for one in moved if add_months(one.on, first) <= on and one.in_programme_at(first)]
    return Withdrawals(stretch, sum(one.withdrew_between(first, end) for one in there), len(there))


def _days(participant: Mapping[str, Any], on: date) -> dict[str, date]:
    """The first day of each kind of event that stands and has happened by a day."""
    found: dict[str, date] = {}
    for event in participant["events"]:
        day = date.fromisoformat(event["on"])
        if event["stands"] and day <= on:
            found[event["kind"]] = min(day, found.get(event["kind"], day))
    return found
