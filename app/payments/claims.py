"""A claim: its lines in a fixed order, each capped, split and explained, and its totals."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.domain.claim import ClaimLine, LineKind, PayerShare
from app.domain.money import Money
from app.domain.outcome import Entitlement
from app.domain.period import Period
from app.domain.terms.timeline import TermsVersion
from app.payments.activity import ActivityDue
from app.payments.evaluation import Ask, CarriedForward, Clawback, Evaluation
from app.payments.usage import Usage


@dataclass(frozen=True, slots=True)
class MetricTotal:
    """One metric's or activity code's part of a claim; `count` is of outcomes, net.

    `count` is None where it is withheld, because it is below 5 and the reader may see nobody.
    """

    metric: str
    count: int | None
    gross: Money
    capped: Money
    payable: Money


@dataclass(frozen=True, slots=True)
class ClaimTotals:
    """What a claim's lines add up to: gross = capped + payable, payable = sum of `by_payer`."""

    gross: Money
    capped: Money
    payable: Money
    by_payer: tuple[PayerShare, ...]
    by_metric: tuple[MetricTotal, ...]


def prepare(
    period: Period,
    version: TermsVersion,
    entitlements: Iterable[Entitlement],
    *,
    usage: Usage,
    activity: Iterable[ActivityDue] = (),
    carried_forward: Iterable[CarriedForward] = (),
    clawbacks: Iterable[Clawback] = (),
) -> tuple[ClaimLine, ...]:
    """The lines of a claim for a period, in order; see `claim_lines` for the rules.

    A claim of nothing has no lines. One outcome of 6,701.50 with a fund at 0.25 rounded down gives
    one line: gross and payable 6,701.50, shares 1,675.37 and 5,026.13.
    """
    return tuple(
        claim_lines(
            period,
            version,
            entitlements,
            usage=usage,
            activity=activity,
            carried_forward=carried_forward,
            clawbacks=clawbacks,
        )
    )


def claim_lines(
    period: Period,
    version: TermsVersion,
    entitlements: Iterable[Entitlement],
    *,
    usage: Usage,
    activity: Iterable[ActivityDue] = (),
    carried_forward: Iterable[CarriedForward] = (),
    clawbacks: Iterable[Clawback] = (),
) -> Iterator[ClaimLine]:
    """The lines of a claim one by one, for claims too large to hold.

    `version` is the one in force at the period's end: its caps and funding hold for every line,
    also for outcomes achieved (and priced) under an older version; only the dates of shares go
    by the achievement date. `usage` is what all earlier claims have used.

    Order: clawbacks, then carried-forward amounts from the oldest, then outcomes, then activity
    payments. Clawbacks come first so that the headroom they restore serves this same claim; the
    consequence is that an outcome here may be paid with room that another person's clawback gave
    back. Outcomes go by achievement date, metric order in the terms, participant id; activity
    payments follow, so that they never crowd an outcome out.

    Per line: metric count cap, person cap, contract cap, split, payer cap, payer's financial-year
    cap (terms /caps). Raises RuleRefused `after-claim-period` for what was decided after the
    period's end, `claimed-twice` for the same source twice, and what `FundingRules.plan` raises.
    """
    taken_back = sorted(clawbacks, key=lambda item: (item.claim_number, item.line.line_number))
    gone = {(item.claim_number, item.line.line_number) for item in taken_back}
    still_carried = sorted(
        (c for c in carried_forward if (c.claim_number, c.line.line_number) not in gone),
        key=lambda item: (item.claim_number, item.line.line_number, item.payer),
    )
    evaluation = Evaluation(period, version, usage)
    for clawback in taken_back:
        yield evaluation.take_back(clawback)
    for carried in still_carried:
        line = evaluation.ask_again(carried)
        if line is not None:
            yield line
    for ask in _outcomes(version, entitlements):
        yield evaluation.line(ask)
    for due in sorted(activity, key=lambda item: (item.due_on, item.code, item.participant_id)):
        yield evaluation.line(_activity(due))


def _outcomes(version: TermsVersion, entitlements: Iterable[Entitlement]) -> Iterator[Ask]:
    """Outcomes in claim order. A metric no longer in the terms comes after those that are."""
    order = version.terms.metric_order()
    last = len(order)
    ordered = sorted(
        entitlements,
        key=lambda item: (
            item.achieved_on,
            order.get(item.metric, last),
            item.metric,
            item.participant_id,
            item.entitlement_id,
        ),
    )
    for item in ordered:
        _same_currency(item.amount, version)
        yield Ask(
            LineKind.OUTCOME,
            item.entitlement_id,
            item.participant_id,
            item.metric,
            item.achieved_on,
            item.verified_on,
            item.amount.minor,
            LineKind.OUTCOME,
            (),
        )


def _activity(due: ActivityDue) -> Ask:
    return Ask(
        LineKind.ACTIVITY,
        due.source_id,
        due.participant_id,
        due.code,
        due.due_on,
        due.due_on,
        due.amount.minor,
        LineKind.ACTIVITY,
        due.working,
    )


def _same_currency(amount: Money, version: TermsVersion) -> None:
    if amount.currency != version.terms.currency:
        raise AssertionError("an entitlement is priced in the contract's currency")


def claim_totals(lines: Iterable[ClaimLine], currency: str) -> ClaimTotals:
    """Add up a claim's lines, by payer and by metric (each in the order of their names).

    A claim of P3 S12 (8,248.00: 1,241.26 and 7,006.74) and P2 S18 (4,500.25 cut by 1,248.25) has
    gross 12,748.25, capped 1,248.25 and payable 11,500.00: 1,241.26 and 10,258.74. Amounts taken
    back count as negative. A line carried forward again asks for money that was capped before, so
    gross is what the claims asked for and not what outcomes were worth.
    """
    metrics: dict[str, list[int]] = {}
    payers: dict[str, int] = {}
    for line in lines:
        sums = metrics.setdefault(line.metric, [0, 0, 0])
        sums[0] += line.count
        sums[1] += line.gross.minor
        sums[2] += line.payable.minor
        for share in line.shares:
            payers[share.payer] = payers.get(share.payer, 0) + share.amount.minor
    by_metric = tuple(
        MetricTotal(
            metric,
            count,
            Money(gross, currency),
            Money(gross - payable, currency),
            Money(payable, currency),
        )
        for metric, (count, gross, payable) in sorted(metrics.items())
    )
    gross = sum(item.gross.minor for item in by_metric)
    payable = sum(item.payable.minor for item in by_metric)
    return ClaimTotals(
        Money(gross, currency),
        Money(gross - payable, currency),
        Money(payable, currency),
        tuple(
            PayerShare(payer, Money(amount, currency)) for payer, amount in sorted(payers.items())
        ),
        by_metric,
    )
