"""What caps have been used once a claim's lines are added: for tests of several claims."""

from collections.abc import Iterable

from app.domain.calendar import financial_year
from app.domain.claim import ClaimLine
from app.domain.period import Period
from app.payments.usage import Tally, Usage


def usage_after(usage: Usage, lines: Iterable[ClaimLine], period: Period) -> Usage:
    """The usage once the lines of a claim for a period have been added.

    Caps are measured net of clawback (terms /caps): after 6,500.00 and its clawback nothing is
    used. A clawback gives back to the financial year of its own claim, not of the first one.
    """
    tally = Tally(usage)
    year = financial_year(period.end)
    for line in lines:
        tally.add(line, year)
    return Usage(
        tally.contract,
        dict(tally.count),
        dict(tally.person),
        dict(tally.activity),
        dict(tally.payer),
        dict(tally.payer_year),
    )
