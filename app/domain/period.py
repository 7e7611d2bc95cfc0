"""Spans of days, both ends included; an open end is None."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Period:
    """A closed span of days, such as a claim period; both ends included."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError("a period cannot end before it starts")

    def contains(self, day: date) -> bool:
        """Whether a day falls in the period."""
        return self.start <= day <= self.end

    def __str__(self) -> str:
        return f"{self.start.isoformat()} to {self.end.isoformat()}"


def within(day: date, start: date | None, end: date | None) -> bool:
    """Whether a day falls in a span whose ends may be open (None)."""
    return (start is None or start <= day) and (end is None or day <= end)
