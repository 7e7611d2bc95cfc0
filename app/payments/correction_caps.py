"""Whether a correction that raises what payers owe fits under the caps. Nothing is cut from it."""

from app.domain.calendar import financial_year
from app.domain.claim import LineKind
from app.domain.correction import Correction
from app.domain.errors import RuleRefused
from app.domain.money import Money, total
from app.domain.terms.timeline import TermsVersion
from app.payments.caps import AmountCap, CapRules
from app.payments.corrected_lines import LineStanding, count_changed
from app.payments.payer_caps import PayerCapRules
from app.payments.usage import Tally, Usage


def require_headroom(
    version: TermsVersion, usage: Usage, standing: LineStanding, correction: Correction
) -> None:
    """Refuse a correction of which any part is over a cap; a person said the amounts, so no cut.

    `version` is the one in effect on the day, `usage` that of every live claim and approved
    correction. In the order of the caps: metric count, person or activity, contract, payer, the
    payer's year (of the claim's period). With 125.00 left under the contract cap, a line cannot be
    raised by 125.01. What lowers always fits. What a dispute withheld kept its headroom, so putting
    that back, and no more, needs none.

    Raises RuleRefused `correction-over-cap`. Source: terms /caps and /activity_payments.
    """
    currency = standing.line.payable.currency
    raised = total((part.amount for part in correction.shares), currency).minor
    rises = [part for part in correction.shares if part.amount.minor > 0]
    if not rises or _puts_back(standing, correction):
        return
    line, tally, caps = standing.line, Tally(usage), CapRules.of(version)
    if count_changed(standing, correction) > 0:
        for count_cap in caps.metric.get(line.metric, ()):
            allowed, step = count_cap.check(tally)
            if not allowed:
                raise RuleRefused("correction-over-cap", f"The line cannot be paid: {step.because}")
    if line.origin is LineKind.ACTIVITY:
        _require(caps.activity.get(line.metric), raised, tally.activity.get(line.metric, 0))
    else:
        _require(caps.person, raised, tally.person.get(line.participant_id, 0))
    _require(caps.contract, raised, tally.contract)
    payer_caps = PayerCapRules.of(version, standing.period)
    year = financial_year(standing.period.end)
    for part in rises:
        for limit in payer_caps.limits.get(part.payer, ()):
            used = tally.payer.get(part.payer, 0)
            if limit.by_year:
                used = tally.payer_year.get((part.payer, year), 0)
            _require(limit.cap, part.amount.minor, used)


def _require(cap: AmountCap | None, asked: int, used: int) -> None:
    if cap is None or asked <= cap.left(used):
        return
    left = Money(cap.left(used), cap.currency)
    raise RuleRefused(
        "correction-over-cap",
        f"{left.readable()} is left under the {cap.words}; the correction asks for "
        f"{Money(asked, cap.currency).readable()}.",
    )


def _puts_back(standing: LineStanding, correction: Correction) -> bool:
    """Whether it only puts back what its own dispute took out, payer by payer."""
    if correction.dispute_id is None:
        return False
    of_dispute = [one for one in standing.corrections if one.dispute_id == correction.dispute_id]
    net: dict[str, int] = {}
    for one in (*of_dispute, correction):
        for part in one.shares:
            net[part.payer] = net.get(part.payer, 0) + part.amount.minor
    return all(amount <= 0 for amount in net.values())
