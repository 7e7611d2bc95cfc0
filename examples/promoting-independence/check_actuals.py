# ruff: noqa: INP001, T201 - a script to be run by hand
"""Reads the published payments of Promoting Independence and says what is odd about them.

    python examples/promoting-independence/check_actuals.py

Every row is counted once, whatever is odd about its period.
"""

import csv
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

HERE = Path(__file__).parent
FUND_SHARE = Fraction(1, 4)  # terms-2022.yaml /funding/shares/0/share
CONTRACT_CAP_PENCE = 2_744_750_00  # terms-2022.yaml /caps/contract


@dataclass(frozen=True)
class Actual:
    """One published payment: its first and last month as months since year 0, and its pence."""

    first: int
    last: int
    pence: int

    @property
    def months(self) -> int:
        """How many months it covers: a quarter has 3."""
        return self.last - self.first + 1

    @property
    def name(self) -> str:
        """Its period: 2019-10 to 2020-06."""
        return f"{_month_name(self.first)} to {_month_name(self.last)}"


@dataclass(frozen=True)
class Record:
    """All payments, who bore them, what the cap leaves, and what is odd about their periods."""

    actuals: tuple[Actual, ...]
    total: int
    fund: int
    council: int
    headroom: int
    odd: tuple[str, ...]


def read() -> Record:
    """The published record. The fund bears a quarter of each payment, the council the rest."""
    with (HERE / "actual-payments.csv").open(encoding="utf-8", newline="") as file:
        actuals = tuple(
            Actual(_month(row["period_start"]), _month(row["period_end"]), _pence(row["amount"]))
            for row in csv.DictReader(file)
        )
    total = sum(one.pence for one in actuals)
    fund = sum(int(one.pence * FUND_SHARE) for one in actuals)
    return Record(
        actuals, total, fund, total - fund, CONTRACT_CAP_PENCE - total, tuple(_odd(actuals))
    )


def _odd(actuals: tuple[Actual, ...]) -> list[str]:
    """Periods that are no calendar quarter, quarters paid twice, and months that nobody paid."""
    found = [
        f"{one.name} covers {one.months} months, not one quarter"
        for one in actuals
        if one.months != 3 or one.first % 3
    ]
    times = Counter(one.name for one in actuals)
    found += [f"{name} was paid {count} times" for name, count in times.items() if count > 1]
    covered = {month for one in actuals for month in range(one.first, one.last + 1)}
    every = range(min(covered), max(covered) + 1)
    found += [f"{_month_name(month)} is in no payment" for month in every if month not in covered]
    return found


def _month(text: str) -> int:
    year, month = text.split("-")
    return int(year) * 12 + int(month) - 1


def _month_name(month: int) -> str:
    return f"{month // 12}-{month % 12 + 1:02d}"


def _pence(text: str) -> int:
    pounds, pence = text.split(".")
    return int(pounds) * 100 + int(pence)


def _pounds(pence: int) -> str:
    return f"{pence // 100:,}.{pence % 100:02d}"


if __name__ == "__main__":
    record = read()
    print(f"{len(record.actuals)} payments, GBP {_pounds(record.total)}")
    print(f"  council {_pounds(record.council)}, fund {_pounds(record.fund)}")
    print(f"  left under the contract cap {_pounds(record.headroom)}")
    for finding in record.odd:
        print(f"  {finding}")
