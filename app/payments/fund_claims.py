"""The fund's share: what the commissioner reclaims for a period, and how the award stands."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from app.domain.calendar import financial_year
from app.domain.claim import ClaimLine
from app.domain.errors import RuleRefused
from app.domain.fund_claim import FundClaim, FundClaimLine, FundMetricTotal, FundPosition
from app.domain.money import Money, total
from app.domain.period import Period
from app.domain.terms.document import Terms
from app.domain.terms.payment import AfterEnd, Flow, Shortfall

ClaimedLine = tuple[int, int, str | None]
"""A claim's number, its line's, and the id of the line's correction, None for the line itself."""


@dataclass(frozen=True, slots=True)
class ApprovedLine:
    """A line of an approved claim: the claim's number and period, and the day of approval.

    `flow` is that of the terms of the claim; for a clawback, of the claim whose line it takes back.
    An approved correction of a line counts as a line: `line` then has the amounts and the count
    that it changed, `approved_on` the day of its approval, and `correction_id` names it.
    """

    claim_number: int
    period: Period
    approved_on: date
    flow: Flow
    line: ClaimLine
    correction_id: str | None = None

    @property
    def key(self) -> ClaimedLine:
        """What tells it from every other line and correction: claim, line, correction."""
        return self.claim_number, self.line.line_number, self.correction_id

    def borne_by(self, payer: str) -> Money:
        """The payer's part of the line; negative on a clawback."""
        currency = self.line.payable.currency
        return total((share.amount for share in self.line.shares if share.payer == payer), currency)


def fund_claim_for(
    fund: str,
    period: Period,
    approved: Iterable[ApprovedLine],
    claimed: Collection[ClaimedLine],
    *,
    fund_claim_number: int,
    prepared_on: date,
) -> FundClaim | None:
    """What the commissioner reclaims from a fund for a period, or None if that is nothing.

    Every part of the fund of a line approved by the period's end (included) that no earlier claim
    to the fund holds (`claimed`), also parts taken back and corrections, so a claim may be below
    zero. What is approved after the period waits for the next. A fund that pays the SPV
    itself is invoiced, and those lines are left out. The LCF's part of a line of 6,701.50 at 0.25
    rounded down is 1,675.37. Raises RuleRefused `period-not-over` before the period's last day.
    """
    if prepared_on < period.end:
        raise RuleRefused(
            "period-not-over",
            f"The period ends on {period.end}, after the claim to {fund} is prepared. Prepare it "
            "once the period is over.",
            pointer="/period/end",
        )
    waiting = sorted(
        (
            item
            for item in approved
            if item.approved_on <= period.end
            and item.key not in claimed
            and item.flow is Flow.COMMISSIONER_PAYS_THEN_RECLAIMS
            and item.borne_by(fund)
        ),
        key=lambda item: (item.claim_number, item.line.line_number, item.correction_id or ""),
    )
    if not waiting:
        return None
    lines = tuple(
        FundClaimLine(
            item.claim_number,
            item.line.line_number,
            item.line.metric,
            item.line.count,
            item.borne_by(fund),
            item.correction_id,
        )
        for item in waiting
    )
    return FundClaim(fund_claim_number, fund, period, prepared_on, lines)


def fund_metric_totals(
    lines: Iterable[FundClaimLine], currency: str
) -> tuple[FundMetricTotal, ...]:
    """What is asked for each metric, by its code. Of several claims' lines: cumulative.

    P3's S12 of 1,241.26, claimed and later taken back, leaves 0 outcomes and 0.00 of it.
    """
    counts: dict[str, int] = {}
    amounts: dict[str, int] = {}
    for line in lines:
        counts[line.metric] = counts.get(line.metric, 0) + line.count
        amounts[line.metric] = amounts.get(line.metric, 0) + line.amount.minor
    return tuple(
        FundMetricTotal(metric, counts[metric], Money(amounts[metric], currency))
        for metric in sorted(counts)
    )


def fund_position(fund: str, terms: Terms, lines: Iterable[ApprovedLine]) -> FundPosition:
    """How a fund's award stands after the lines claimed from it so far, and what will stop it.

    `lines` are those of all claims to the fund up to this one, or, when the fund pays direct, all
    approved lines; `terms` those in force now. The award is the fund's cap (terms /caps/payer),
    else its commitment (/funding/commitments), else not known. Years are UK financial years of the
    claim period's end, as in /caps/payer_financial_year. With 19,000.00 awarded and 17,758.74
    claimed net of a clawback the headroom is 1,241.26; above the award it is below zero.
    """
    currency = terms.currency
    by_year: dict[str, list[Money]] = {
        cap.financial_year: [] for cap in terms.caps.payer_financial_year if cap.payer == fund
    }
    for item in lines:
        by_year.setdefault(financial_year(item.period.end), []).append(item.borne_by(fund))
    year_caps = {
        cap.financial_year: Money.parse(cap.amount, currency)
        for cap in terms.caps.payer_financial_year
        if cap.payer == fund
    }
    years = tuple(
        (year, total(by_year[year], currency), year_caps.get(year)) for year in sorted(by_year)
    )
    claimed = total((amount for _, amount, _ in years), currency)
    award = _award(fund, terms)
    shares = [share for share in terms.funding.shares if share.payer == fund]
    return FundPosition(
        fund=fund,
        award=award,
        claimed=claimed,
        headroom=None if award is None else award - claimed,
        years=years,
        supports_achievements_to=_latest(share.to_date for share in shares),
        claims_to=_latest(share.claim_longstop for share in shares),
        shortfall_borne_by=_shortfall_words(fund, terms),
    )


def _award(fund: str, terms: Terms) -> Money | None:
    """The cap that stops the fund, else what it said that it may pay."""
    limits = [item.amount for item in terms.caps.payer if item.payer == fund]
    limits += [item.amount for item in terms.funding.commitments if item.payer == fund]
    return Money.parse(limits[0], terms.currency) if limits else None


def _latest(ends: Iterable[date | None]) -> date | None:
    """The last of several ends; None if one of them is open, or if there are none."""
    known: list[date] = []
    for end in ends:
        if end is None:
            return None
        known.append(end)
    return max(known, default=None)


def _shortfall_words(fund: str, terms: Terms) -> str:
    """Who bears what, a clause for each cap and end of the fund."""
    commissioner = terms.commissioner
    after_cap = {
        Shortfall.COMMISSIONER_ABSORBS: f"borne by {commissioner}",
        Shortfall.UNPAID: "not paid",
        Shortfall.CARRIED_FORWARD: f"carried forward for {fund}",
    }
    after_end = {
        AfterEnd.COMMISSIONER_PAYS_FULL: f"borne by {commissioner}",
        AfterEnd.NO_PAYMENT: "not paid",
        AfterEnd.ORIGINAL_SPLIT_IF_ACHIEVED_BEFORE_END: f"borne by {commissioner}",
    }
    caps = terms.caps
    clauses = [
        f"above {cap.amount} in all: {after_cap[cap.shortfall]}"
        for cap in caps.payer
        if cap.payer == fund
    ]
    clauses += [
        f"above {cap.amount} in {cap.financial_year}: {after_cap[cap.shortfall]}"
        for cap in caps.payer_financial_year
        if cap.payer == fund
    ]
    for share in terms.funding.shares:
        if share.payer != fund:
            continue
        if share.to_date is not None:
            clauses.append(f"achieved after {share.to_date}: {after_end[share.after_end]}")
        keeps = share.after_end is AfterEnd.ORIGINAL_SPLIT_IF_ACHIEVED_BEFORE_END
        if share.claim_longstop is not None and not keeps:
            clauses.append(
                f"claimed for periods after {share.claim_longstop}: {after_end[share.after_end]}"
            )
    return "; ".join(clauses) or "no cap and no end date"
