"""Soft findings: what a document may say, but its parties should look at before they accept it."""

from collections import Counter
from collections.abc import Iterator

from app.domain.errors import Fault
from app.domain.money import Money, total
from app.domain.terms.document import Terms
from app.domain.terms.faults import pointer
from app.domain.terms.outcomes import Deadline, EventMetric
from app.domain.terms.parties import Role
from app.domain.terms.payment import ClaimCalendar, Flow, MetricCapPolicy
from app.domain.terms.recorded import recorded_findings

_MONTHS_TO_END_OF_NEXT_QUARTER = 6
"""The most that lies between a day and the end of the next quarter: 1 Jan to 30 Jun."""


def warnings(terms: Terms) -> tuple[Fault, ...]:
    """Findings on a document that parses, last what is not acted upon. None keeps it from force.

    A target of 74 above a cap of 70, for instance: four outcomes hoped for would be paid nothing.
    """
    return tuple(_findings(terms))


def _findings(terms: Terms) -> Iterator[Fault]:
    yield from _metric_findings(terms)
    yield from _submission_findings(terms)
    yield from _cap_findings(terms)
    yield from _payer_findings(terms)
    yield from recorded_findings(terms)


def _metric_findings(terms: Terms) -> Iterator[Fault]:
    events: Counter[str] = Counter()
    for index, metric in enumerate(terms.metrics):
        if metric.evidence is None:
            message = f"{metric.code} asks for no evidence: the verifier decides on none."
            yield Fault("no-evidence-rule", pointer("metrics", index, "evidence"), message)
        if metric.savings_gated and terms.savings_gate.mode == "off":
            message = f"{metric.code} is savings-gated, but the savings gate is off."
            yield Fault("savings-gate-off", pointer("metrics", index, "savings_gated"), message)
        if isinstance(metric, EventMetric):
            events[metric.event] += 1
            if events[metric.event] > 1:
                message = f"The event {metric.event} meets another metric as well."
                yield Fault("event-met-twice", pointer("metrics", index, "event"), message)


def _submission_findings(terms: Terms) -> Iterator[Fault]:
    submission = terms.submission
    longstop = submission.longstop_months
    by_quarter = submission.deadline is Deadline.END_OF_NEXT_QUARTER
    if by_quarter and longstop is not None and longstop < _MONTHS_TO_END_OF_NEXT_QUARTER:
        message = f"A long-stop of {longstop} months can come before the end of the next quarter."
        yield Fault("longstop-before-deadline", "/submission/longstop_months", message)


def _cap_findings(terms: Terms) -> Iterator[Fault]:
    caps = terms.caps
    targets = {metric.code: metric.target for metric in terms.metrics}
    for index, cap in enumerate(caps.metric):
        target = sum(targets[code] or 0 for code in cap.metrics)
        if cap.policy is MetricCapPolicy.PAY_TO_CAP_THEN_ZERO and target > cap.count_max:
            message = f"The target of {target} is above the {cap.count_max} that are paid."
            yield Fault("target-above-cap", pointer("caps", "metric", index, "count_max"), message)
    if caps.contract is None:
        message = "Nothing limits what the contract can cost."
        yield Fault("no-contract-cap", "/caps/contract", message)
    elif caps.person is not None and _money(caps.contract, terms) < _money(caps.person, terms):
        message = "One person's cap is above the contract's, and so limits nothing."
        yield Fault("person-cap-above-contract-cap", "/caps/person", message)
    second = terms.claims.second_approval_above
    if second and caps.contract and not _money(second, terms) < _money(caps.contract, terms):
        message = "No claim can be above the contract's cap, so none needs a second approval."
        yield Fault("second-approval-never-needed", "/claims/second_approval_above", message)
    if second and terms.claims.calendar is ClaimCalendar.ANY:
        message = (
            "Claims are for any days, and only those are added up whose days overlap: what would "
            "take a second approval can be claimed, and asked of a fund, for one span of days "
            "after another."
        )
        yield Fault("second-approval-in-parts", "/claims/calendar", message)


def _payer_findings(terms: Terms) -> Iterator[Fault]:
    shares = terms.funding.shares
    payers = {share.payer for share in shares} | {terms.funding.remainder_payer}
    caps = {cap.payer: _money(cap.amount, terms) for cap in terms.caps.payer}
    commitments = {one.payer: _money(one.amount, terms) for one in terms.funding.commitments}
    for index, cap in enumerate(terms.caps.payer):
        here: tuple[str | int, ...] = ("caps", "payer", index)
        if cap.payer not in payers:
            message = f'"{cap.payer}" has a cap, but no share to cap.'
            yield Fault("cap-without-share", pointer(*here, "payer"), message)
        if commitments.get(cap.payer, caps[cap.payer]) != caps[cap.payer]:
            message = f'"{cap.payer}" has committed {commitments[cap.payer]}.'
            yield Fault("cap-differs-from-commitment", pointer(*here, "amount"), message)
    yield from _sum_finding(terms, payers, caps, "payer-caps-differ", "/caps/payer")
    yield from _sum_finding(
        terms, payers, commitments, "commitments-differ", "/funding/commitments"
    )
    funds = terms.parties_with(Role.OUTCOMES_FUND)
    for index, share in enumerate(shares):
        if share.payer in funds and share.payer not in caps:
            message = f'Nothing limits what "{share.payer}" pays in all.'
            yield Fault("fund-share-without-cap", pointer("funding", "shares", index), message)
    if terms.funding.flow is Flow.FUND_PAYS_DIRECT and not payers & set(funds):
        message = "No outcomes fund has a share, so nothing is paid direct."
        yield Fault("flow-without-fund", "/funding/flow", message)


def _sum_finding(
    terms: Terms, payers: set[str], limits: dict[str, Money], code: str, where: str
) -> Iterator[Fault]:
    """What all payers are limited to should add up to the contract's cap, once all are known."""
    contract = terms.caps.contract
    if contract is not None and set(limits) >= payers:
        together = total(limits.values(), terms.currency)
        if together != _money(contract, terms):
            message = f"For all payers these add up to {together}; the contract cap is {contract}."
            yield Fault(f"{code}-from-contract-cap", where, message)


def _money(text: str, terms: Terms) -> Money:
    return Money.parse(text, terms.currency)
