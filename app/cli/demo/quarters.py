"""The claim quarters of the demo, from October 2019 to September 2024."""

from dataclasses import dataclass
from datetime import date, timedelta

from app.domain.calendar import add_months, quarter_end

_FIRST = date(2019, 10, 1)
_COUNT = 20
_MONTHS = ("Jan-Mar", "Apr-Jun", "Jul-Sep", "Oct-Dec")


@dataclass(frozen=True, slots=True)
class Quarter:
    """A calendar quarter, and the days on which its claim is made, decided and paid."""

    start: date

    @property
    def end(self) -> date:
        """The last day."""
        return quarter_end(self.start)

    @property
    def name(self) -> str:
        """Such as 2021 Jul-Sep."""
        return f"{self.start.year} {_MONTHS[(self.start.month - 1) // 3]}"

    @property
    def claimed_on(self) -> date:
        """Nine days after the quarter."""
        return self.end + timedelta(days=9)

    @property
    def approved_on(self) -> date:
        """Two weeks after the claim."""
        return self.claimed_on + timedelta(days=14)

    @property
    def invoiced_on(self) -> date:
        """The day after the approval."""
        return self.approved_on + timedelta(days=1)

    @property
    def council_pays_on(self) -> date:
        """Within the 30 days that the terms give."""
        return self.approved_on + timedelta(days=21)

    @property
    def reclaimed_on(self) -> date:
        """The council reclaims the fund's share once it has paid."""
        return self.approved_on + timedelta(days=26)

    @property
    def fund_pays_on(self) -> date:
        """Two weeks after it was asked."""
        return self.approved_on + timedelta(days=40)


def quarters() -> tuple[Quarter, ...]:
    """Every claim quarter in order; the last one ends on 30 September 2024."""
    return tuple(Quarter(add_months(_FIRST, 3 * number)) for number in range(_COUNT))
