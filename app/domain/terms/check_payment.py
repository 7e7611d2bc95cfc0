"""Cross-checks on money: the rate card, the caps, the shares, activity payments."""

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction

from app.domain.errors import Fault
from app.domain.money import Money
from app.domain.terms.base import share_fraction
from app.domain.terms.document import Terms
from app.domain.terms.faults import (
    pointer,
    repeated,
    reversed_dates,
    unknown_metric,
    unknown_party,
)
from app.domain.terms.outcomes import Metric
from app.domain.terms.parties import Role
from app.domain.terms.payment import (
    Edition,
    PayerCap,
    PayerYearCap,
    PurchaseOrder,
    ShareOf,
    Shortfall,
    Vat,
    VatTreatment,
)

PAYING_ROLES = (Role.COMMISSIONER, Role.OUTCOME_PAYER, Role.OUTCOMES_FUND)
"""Who can be named as a payer."""


def payment_faults(terms: Terms) -> Iterator[Fault]:
    """Everything that must agree among prices, caps, shares and payers."""
    yield from _amount_faults(terms)
    yield from _edition_faults(terms)
    yield from _price_gaps(terms)
    yield from _activity_faults(terms)
    yield from _cap_faults(terms)
    yield from _share_faults(terms)
    yield from _sum_faults(terms)
    yield from _invoicing_faults(terms)


def amounts(terms: Terms) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every amount of the document with its place."""
    for index, edition in enumerate(terms.rate_card):
        for code, price in edition.prices.items():
            yield ("rate_card", index, "prices", code), price
    for index, activity in enumerate(terms.activity_payments):
        yield ("activity_payments", index, "amount"), activity.amount
        if activity.cap is not None:
            yield ("activity_payments", index, "cap"), activity.cap
    caps, funding = terms.caps, terms.funding
    for index, cap in enumerate(caps.payer):
        yield ("caps", "payer", index, "amount"), cap.amount
    for index, year_cap in enumerate(caps.payer_financial_year):
        yield ("caps", "payer_financial_year", index, "amount"), year_cap.amount
    for index, commitment in enumerate(funding.commitments):
        yield ("funding", "commitments", index, "amount"), commitment.amount
    single = (
        (("caps", "person"), caps.person),
        (("caps", "contract"), caps.contract),
        (("investment", "commitment"), terms.investment.commitment),
        (("claims", "second_approval_above"), terms.claims.second_approval_above),
    )
    yield from ((path, amount) for path, amount in single if amount is not None)


def _amount_faults(terms: Terms) -> Iterator[Fault]:
    for path, text in amounts(terms):
        try:
            Money.parse(text, terms.currency)
        except ValueError as error:
            yield Fault("too-many-decimals", pointer(*path), f"{error}.")


def _edition_faults(terms: Terms) -> Iterator[Fault]:
    metrics = set(terms.metric_order())
    yield from repeated((one.code for one in terms.rate_card), "duplicate-edition", "rate_card")
    for index, edition in enumerate(terms.rate_card):
        yield from reversed_dates(edition.from_date, edition.to_date, "rate_card", index, "to_date")
        for code in edition.prices:
            if code not in metrics:
                yield unknown_metric(code, "rate_card", index, "prices", code)
        for earlier in terms.rate_card[:index]:
            both = sorted(set(edition.prices) & set(earlier.prices))
            if both and _meet(edition, earlier):
                message = f"Edition {earlier.code} prices {', '.join(both)} on the same days."
                yield Fault("editions-overlap", pointer("rate_card", index), message)


def _meet(one: Edition | ShareOf | PurchaseOrder, other: Edition | ShareOf | PurchaseOrder) -> bool:
    """Whether two spans with both ends included, or open, share a day."""
    first = max(one.from_date or date.min, other.from_date or date.min)
    return first <= min(one.to_date or date.max, other.to_date or date.max)


def _price_gaps(terms: Terms) -> Iterator[Fault]:
    """Each metric has a price on every day on which this version can find it achieved."""
    for metric in terms.metrics:
        for first, last in unpriced(terms, metric):
            span = f"from {first} to {last}" if last else f"from {first} on"
            yield Fault("price-gap", "/rate_card", f"{metric.code} has no price {span}.")


def unpriced(terms: Terms, metric: Metric) -> Iterator[tuple[date, date | None]]:
    """The spans without a price, from the first day governed to the metric's last; None is open.

    Available from 1 Apr 2022, priced from 1 May 2022: one span, 1 Apr to 30 Apr 2022.
    """
    needed = max(terms.governs_from, metric.available_from or date.min)
    last = metric.available_to or date.max
    editions = [edition for edition in terms.rate_card if metric.code in edition.prices]
    for edition in sorted(editions, key=lambda edition: edition.from_date):
        if edition.from_date > needed and needed <= last:
            yield needed, min(edition.from_date - timedelta(days=1), last)
        if edition.to_date is None:
            return
        needed = max(needed, edition.to_date + timedelta(days=1))
    if needed <= last:
        yield needed, metric.available_to


def _activity_faults(terms: Terms) -> Iterator[Fault]:
    codes = [metric.code for metric in terms.metrics]
    for index, activity in enumerate(terms.activity_payments):
        here: tuple[str | int, ...] = ("activity_payments", index)
        if activity.code in codes:
            message = "A metric or another activity payment has this code already."
            yield Fault("duplicate-code", pointer(*here, "code"), message)
        codes.append(activity.code)
        yield from reversed_dates(activity.from_date, activity.to_date, *here, "to_date")


def _cap_faults(terms: Terms) -> Iterator[Fault]:
    metrics, caps = set(terms.metric_order()), terms.caps
    for index, metric_cap in enumerate(caps.metric):
        here: tuple[str | int, ...] = ("caps", "metric", index, "metrics")
        yield from repeated(metric_cap.metrics, "repeated-value", *here)
        for place, code in enumerate(metric_cap.metrics):
            if code not in metrics:
                yield unknown_metric(code, *here, place)
    yield from repeated((cap.payer for cap in caps.payer), "duplicate-cap", "caps", "payer")
    for index, cap in enumerate(caps.payer):
        yield from _payer_cap_faults(terms, cap, "caps", "payer", index)
    where = ("caps", "payer_financial_year")
    years = [(cap.payer, cap.financial_year) for cap in caps.payer_financial_year]
    yield from repeated(years, "duplicate-cap", *where)
    for index, year_cap in enumerate(caps.payer_financial_year):
        yield from _payer_cap_faults(terms, year_cap, *where, index)
        year = year_cap.financial_year
        if (int(year[:4]) + 1) % 100 != int(year[5:]):
            message = "A financial year runs from April to March and is written 2022/23."
            yield Fault("not-a-financial-year", pointer(*where, index, "financial_year"), message)


def _payer_cap_faults(
    terms: Terms, cap: PayerCap | PayerYearCap, *path: str | int
) -> Iterator[Fault]:
    yield from _payer_faults(terms, cap.payer, *path, "payer")
    absorbs = cap.shortfall is Shortfall.COMMISSIONER_ABSORBS
    if cap.payer in terms.parties_with(Role.COMMISSIONER) and absorbs:
        message = "The commissioner cannot absorb its own shortfall; choose unpaid, or no cap."
        yield Fault("commissioner-cannot-absorb", pointer(*path, "shortfall"), message)


def _payer_faults(terms: Terms, payer: str, *path: str | int) -> Iterator[Fault]:
    if payer not in {party.id for party in terms.parties}:
        yield unknown_party(payer, *path)
    elif payer not in terms.parties_with(*PAYING_ROLES):
        yield Fault(
            "not-a-payer",
            pointer(*path),
            f'"{payer}" has none of the roles commissioner, outcome_payer and outcomes_fund.',
        )


def _share_faults(terms: Terms) -> Iterator[Fault]:
    known = set(terms.metric_order()) | {one.code for one in terms.activity_payments}
    funding = terms.funding
    for index, share in enumerate(funding.shares):
        here: tuple[str | int, ...] = ("funding", "shares", index)
        yield from _payer_faults(terms, share.payer, *here, "payer")
        if share.payer == funding.remainder_payer:
            message = "The remainder payer bears what the shares leave, and has no share itself."
            yield Fault("remainder-payer-has-share", pointer(*here, "payer"), message)
        yield from reversed_dates(share.from_date, share.to_date, *here, "to_date")
        longstop = (*here, "claim_longstop")
        yield from reversed_dates(share.from_date, share.claim_longstop, *longstop)
        yield from repeated(share.metrics or (), "repeated-value", *here, "metrics")
        for place, code in enumerate(share.metrics or ()):
            if code not in known:
                yield unknown_metric(code, *here, "metrics", place)
        for earlier in funding.shares[:index]:
            same = earlier.payer == share.payer and _common_metrics(earlier, share)
            if same and _meet(earlier, share):
                message = f'"{share.payer}" has another share of the same outcomes on these days.'
                yield Fault("shares-overlap", pointer(*here), message)
    yield from _payer_faults(terms, funding.remainder_payer, "funding", "remainder_payer")
    committed = ("funding", "commitments")
    yield from repeated((one.payer for one in funding.commitments), "repeated-value", *committed)
    for index, commitment in enumerate(funding.commitments):
        yield from _payer_faults(terms, commitment.payer, *committed, index, "payer")


def _common_metrics(one: ShareOf, other: ShareOf) -> bool:
    if one.metrics is None or other.metrics is None:
        return True
    return bool(set(one.metrics) & set(other.metrics))


def _sum_faults(terms: Terms) -> Iterator[Fault]:
    """On no day do the shares of one metric pass the whole. A sum can rise only at a start."""
    codes = [*terms.metric_order(), *(one.code for one in terms.activity_payments)]
    found: dict[tuple[date, Fraction], list[str]] = {}
    for code in codes:
        shares = [one for one in terms.funding.shares if one.metrics is None or code in one.metrics]
        for first in sorted({share.from_date or date.min for share in shares}):
            live = [
                share_fraction(share.share)
                for share in shares
                if (share.from_date or date.min) <= first <= (share.to_date or date.max)
            ]
            if sum(live) > 1:
                found.setdefault((first, sum(live, Fraction())), []).append(code)
    for (first, total), metrics in found.items():
        when = "from the start" if first == date.min else f"on {first}"
        message = f"The shares of {', '.join(metrics)} add up to {total} {when}; at most 1."
        yield Fault("shares-exceed-whole", "/funding/shares", message)


def _invoicing_faults(terms: Terms) -> Iterator[Fault]:
    if terms.invoicing is None:
        return
    yield from _vat_faults(terms.invoicing.vat)
    orders = terms.invoicing.purchase_orders
    for index, order in enumerate(orders):
        here: tuple[str | int, ...] = ("invoicing", "purchase_orders", index)
        yield from _payer_faults(terms, order.payer, *here, "payer")
        yield from reversed_dates(order.from_date, order.to_date, *here, "to_date")
        for earlier in orders[:index]:
            if earlier.payer == order.payer and _meet(earlier, order):
                message = f'"{order.payer}" has another purchase order on these days.'
                yield Fault("purchase-orders-overlap", pointer(*here), message)


def _vat_faults(vat: Vat) -> Iterator[Fault]:
    """A rate belongs to the standard treatment, and to no other."""
    place = "/invoicing/vat/rate"
    if vat.treatment is not VatTreatment.STANDARD:
        if vat.rate is not None:
            yield Fault("not-applicable", place, "Only the standard treatment has a rate.")
    elif vat.rate is None:
        yield Fault("missing-field", place, "Give the rate of the standard treatment.")
    elif not share_fraction(vat.rate):
        message = "A standard rate is above 0; choose outside_scope or exempt for none."
        yield Fault("out-of-range", place, message)
