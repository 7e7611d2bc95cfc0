"""The price of a verified achievement: the edition in force on the price date, and lateness."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from app.domain.errors import RuleRefused
from app.domain.money import Money, Rounding, share_of
from app.domain.period import within
from app.domain.terms.base import share_fraction
from app.domain.terms.outcomes import LatePolicy
from app.domain.terms.payment import Edition, PriceDate
from app.domain.terms.timeline import TermsVersion, Timeline
from app.domain.working import Step, terms_ref

_DATE_WORDS = {
    PriceDate.ACHIEVEMENT: "achieved",
    PriceDate.SUBMISSION: "submitted",
    PriceDate.VERIFICATION: "verified",
    PriceDate.SPELL_START: "begun",
}

# Terms hold amounts as text and a claim prices the same few texts many thousand times.
_amount = lru_cache(maxsize=1024)(Money.parse)
_share = lru_cache(maxsize=64)(share_fraction)


@dataclass(frozen=True, slots=True)
class Priced:
    """A price with its working. `terms_version` is the version whose rate card was read."""

    amount: Money
    edition: str
    terms_version: int
    working: tuple[Step, ...]


def price(
    metric: str,
    *,
    achieved_on: date,
    submitted_on: date,
    verified_on: date,
    anchor_on: date | None,
    late: bool,
    timeline: Timeline,
    terms_version: int,
) -> Priced:
    """What one outcome is worth before caps, in the contract's currency.

    The version that governs the achievement (`terms_version`) says which date chooses the price
    (terms /claims/price_date); the version that governs that date holds the edition. A metric
    without a home of its own has no spell: with price date spell_start it is priced by its
    achievement. If late, and the governing version prices late evidence lower (terms
    /submission/late_price_share), that share of the price, rounded down to the penny.

    An outcome achieved on 31 Mar 2022 and verified on 8 Apr 2022 is worth 10,000.00 by
    achievement and 10,310.00 by verification, when the new edition starts on 1 Apr 2022.

    Raises RuleRefused `no-price-in-force` when no edition prices the metric on that day.
    """
    governing = timeline.numbered(terms_version)
    chooser = governing.terms.claims.price_date
    day = _price_day(chooser, achieved_on, submitted_on, verified_on, anchor_on)
    holder = timeline.governing(day)
    found = _edition(holder, metric, day) if holder else None
    if holder is None or found is None:
        raise RuleRefused(
            "no-price-in-force",
            f"No edition of the rate card has a price for {metric} on {day.isoformat()}. "
            "Agree a variation that adds one, or correct the date.",
            pointer="/rate_card",
        )
    index, edition = found
    amount = _amount(edition.prices[metric], holder.terms.currency)
    step = Step(
        "price",
        f"{metric} {_DATE_WORDS[chooser]} on {day.isoformat()} is priced at {amount.readable()} "
        f"by edition {edition.code}.",
        (
            terms_ref(governing.number, "/claims/price_date"),
            terms_ref(holder.number, f"/rate_card/{index}/prices/{metric}"),
        ),
    )
    if not late or governing.terms.submission.late_policy is not LatePolicy.REDUCED_PRICE:
        return Priced(amount, edition.code, holder.number, (step,))
    reduced, why = _reduced(amount, governing)
    return Priced(reduced, edition.code, holder.number, (step, why))


def _price_day(
    chooser: PriceDate,
    achieved_on: date,
    submitted_on: date,
    verified_on: date,
    anchor_on: date | None,
) -> date:
    if chooser is PriceDate.SUBMISSION:
        return submitted_on
    if chooser is PriceDate.VERIFICATION:
        return verified_on
    if chooser is PriceDate.SPELL_START and anchor_on is not None:
        return anchor_on
    return achieved_on


def _edition(holder: TermsVersion, metric: str, day: date) -> tuple[int, Edition] | None:
    for index, edition in enumerate(holder.terms.rate_card):
        if metric in edition.prices and within(day, edition.from_date, edition.to_date):
            return index, edition
    return None


def _reduced(amount: Money, governing: TermsVersion) -> tuple[Money, Step]:
    text = governing.terms.submission.late_price_share
    if text is None:
        raise RuleRefused(
            "no-late-price-share",
            f"Version {governing.number} of the terms pays a reduced price for late evidence but "
            "does not say what share. Agree a variation that states late_price_share.",
            pointer="/submission/late_price_share",
        )
    reduced = share_of(amount, _share(text), Rounding.FLOOR)
    because = (
        f"Submitted late: the terms pay {text} of the price, rounded down: {reduced.readable()}."
    )
    ref = terms_ref(governing.number, "/submission/late_price_share")
    return reduced, Step("price.late", because, (ref,))
