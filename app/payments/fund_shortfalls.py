"""What a fund did not bear of its share, line by line, and who bore it instead."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from app.domain.claim import Claim, ClaimLine, LineKind, PayerShare
from app.domain.fund_claim import FundShortfall, ShortfallBearer, ShortfallReason
from app.domain.money import Money, share_of
from app.domain.terms.timeline import TermsVersion
from app.payments.funding import FundingRules, Splitter, Standing

_BEFORE_THE_SPLIT = ("metric", "person", "contract", "activity")
"""Caps that cut a line before payers share it; what all others cut was a payer's part."""


def fund_shortfalls(
    fund: str, claims: Iterable[tuple[Claim, TermsVersion]]
) -> tuple[FundShortfall, ...]:
    """Where a fund's caps or end date bit, by how much, and who bore it, over all approved claims.

    `claims` in order, each with its terms version. Each line is split once more as the terms say,
    and compared with what the fund bears: with 1,241.26 left of its award and a part of 2,062.00,
    the commissioner bears 820.74 for the cap (terms /caps/payer, /caps/payer_financial_year). Of
    3,252.00 achieved after the fund's last day, a quarter, 813.00, falls to the commissioner for
    the end date (terms /funding/shares/after_end); for per_claim splits that part is rounded on
    the line. A clawback takes the line's shortfall back, and a carried-forward line that the fund
    bears reduces what is carried.
    """
    found: list[FundShortfall] = []
    by_source: dict[str, tuple[FundShortfall, ...]] = {}
    for claim, version in claims:
        rules = FundingRules.of(version, claim.period)
        splitter = Splitter(rules)
        for line in claim.lines:
            if line.kind is LineKind.CLAWBACK:
                taken = by_source.pop(line.source_id, ())
                rows = tuple(
                    replace(
                        row,
                        claim_number=claim.claim_number,
                        line_number=line.line_number,
                        amount=-row.amount,
                    )
                    for row in taken
                )
            else:
                rows = tuple(
                    FundShortfall(claim.claim_number, line.line_number, reason, bearer, amount)
                    for reason, bearer, amount in _rows(fund, line, rules, splitter)
                    if amount
                )
                by_source[line.source_id] = rows
            found += rows
    return tuple(found)


_Row = tuple[ShortfallReason, ShortfallBearer, Money]


def _rows(fund: str, line: ClaimLine, rules: FundingRules, splitter: Splitter) -> Iterator[_Row]:
    currency = line.payable.currency
    borne = _part(fund, line.shares, currency)
    if line.kind is LineKind.CARRIED_FORWARD:
        yield ShortfallReason.CAP, ShortfallBearer.CARRIED_FORWARD, -borne
        return
    shared = line.payable.minor + sum(
        cut.amount.minor for cut in line.cuts if cut.cap.partition(":")[0] not in _BEFORE_THE_SPLIT
    )
    if not shared:
        return
    split = splitter.split(shared, line.metric, line.achieved_on)
    due = Money(split.by_payer.get(fund, 0), currency)
    short = due - borne
    cut = _cut(line, currency, f"payer:{fund}", f"payer_financial_year:{fund}:")
    carried = _part(fund, line.carried, currency)
    yield ShortfallReason.CAP, ShortfallBearer.COMMISSIONER, short - cut
    yield ShortfallReason.CAP, ShortfallBearer.NOBODY, cut - carried
    yield ShortfallReason.CAP, ShortfallBearer.CARRIED_FORWARD, carried
    for share in rules.shares:
        standing = share.standing(line.metric, line.achieved_on)
        if share.payer == fund and standing is Standing.COMMISSIONER_PAYS:
            amount = share_of(Money(shared, currency), share.fraction, rules.rounding)
            yield ShortfallReason.END_DATE, ShortfallBearer.COMMISSIONER, amount
    ended = _cut(line, currency, f"after_end:{fund}")
    yield ShortfallReason.END_DATE, ShortfallBearer.NOBODY, ended


def _part(fund: str, shares: Iterable[PayerShare], currency: str) -> Money:
    return Money(sum(one.amount.minor for one in shares if one.payer == fund), currency)


def _cut(line: ClaimLine, currency: str, whole_name: str, name_start: str | None = None) -> Money:
    """What caps of one name, or of names with one start, took off a line."""
    found = sum(
        cut.amount.minor
        for cut in line.cuts
        if cut.cap == whole_name or (name_start is not None and cut.cap.startswith(name_start))
    )
    return Money(found, currency)
