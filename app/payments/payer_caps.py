"""Caps on what each payer bears, over the project and per financial year, and their shortfalls."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from app.domain.calendar import financial_year
from app.domain.claim import Cut, PayerShare
from app.domain.money import Money
from app.domain.period import Period
from app.domain.terms.payment import Shortfall
from app.domain.terms.timeline import TermsVersion
from app.domain.working import Step
from app.payments.caps import AmountCap, read_amount_cap
from app.payments.usage import Tally


@dataclass(frozen=True, slots=True)
class PayerLimit:
    """One cap of one payer: over the project, or for claims that end in the financial year."""

    cap: AmountCap
    shortfall: Shortfall
    by_year: bool


@dataclass(frozen=True, slots=True)
class Borne:
    """Who bears what of a line after payer caps (by payer id, nothing left out but zeros)."""

    shares: tuple[PayerShare, ...]
    cuts: tuple[Cut, ...]
    carried: tuple[PayerShare, ...]
    working: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class PayerCapRules:
    """The payer caps of one terms version for one claim period, read once per claim."""

    limits: Mapping[str, tuple[PayerLimit, ...]]
    commissioner: str
    year: str
    currency: str

    @classmethod
    def of(cls, version: TermsVersion, period: Period) -> Self:
        """Read the payer caps that concern a claim for the period.

        Source: terms /caps/payer and, for the UK financial year in which the period ends, terms
        /caps/payer_financial_year. A payer's project cap comes before its year's cap.
        """
        year = financial_year(period.end)
        limits: dict[str, tuple[PayerLimit, ...]] = {}
        for index, item in enumerate(version.terms.caps.payer):
            words = f"cap of payer {item.payer}"
            cap = read_amount_cap(
                version, f"payer:{item.payer}", words, item.amount, f"/caps/payer/{index}"
            )
            limit = PayerLimit(cap, item.shortfall, by_year=False)
            limits[item.payer] = (*limits.get(item.payer, ()), limit)
        for index, yearly in enumerate(version.terms.caps.payer_financial_year):
            if yearly.financial_year != year:
                continue
            cap = read_amount_cap(
                version,
                f"payer_financial_year:{yearly.payer}:{year}",
                f"{year} cap of payer {yearly.payer}",
                yearly.amount,
                f"/caps/payer_financial_year/{index}",
            )
            limit = PayerLimit(cap, yearly.shortfall, by_year=True)
            limits[yearly.payer] = (*limits.get(yearly.payer, ()), limit)
        return cls(limits, version.terms.commissioner, year, version.terms.currency)


@dataclass(slots=True)
class _Line:
    """What one line has met so far, in minor units: cuts by name, carried amounts by payer."""

    cuts: dict[str, int] = field(default_factory=dict)
    carried: dict[str, int] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    absorbed: int = 0


def within_payer_caps(
    rules: PayerCapRules,
    tally: Tally,
    by_payer: Mapping[str, int],
    *,
    carried_only: bool = False,
) -> Borne:
    """Hold each payer's part of a line (minor units) to its caps, net of clawback.

    Payers go in the order of their ids, the commissioner last, because it may have to absorb
    what others cannot bear. What is over a payer's cap follows the cap's shortfall policy: the
    commissioner absorbs it, it is cut as unpaid, or it is cut and carried forward to be asked of
    the same payer later. The commissioner cannot absorb for itself: its own excess is unpaid.
    `carried_only`: a carried-forward line asks one payer only, and what that payer cannot bear
    now stays carried. A fund with 1,241.26 left and a part of 2,062.00 bears 1,241.26; the
    commissioner's part of 6,186.00 becomes 7,006.74. Source: terms /caps/payer.
    """
    if not rules.limits:
        return Borne(_shares(by_payer.items(), rules.currency), (), (), ())
    line = _Line()
    borne: dict[str, int] = {}
    for payer in sorted(by_payer):
        if payer != rules.commissioner:
            borne[payer] = _hold(rules, tally, payer, by_payer[payer], line, carried_only)
    own = by_payer.get(rules.commissioner, 0) + line.absorbed
    if own:
        borne[rules.commissioner] = _hold(rules, tally, rules.commissioner, own, line, carried_only)
    return Borne(
        _shares(borne.items(), rules.currency),
        tuple(Cut(name, Money(amount, rules.currency)) for name, amount in line.cuts.items()),
        _shares(line.carried.items(), rules.currency) if line.carried else (),
        tuple(line.steps),
    )


def _hold(
    rules: PayerCapRules,
    tally: Tally,
    payer: str,
    asked: int,
    line: _Line,
    carried_only: bool,  # noqa: FBT001 - named at the only public door
) -> int:
    """What the payer bears of `asked`; the rest goes to the line by each cap's policy."""
    amount = asked
    for limit in rules.limits.get(payer, ()):
        if limit.by_year:
            used = tally.payer_year.get((payer, rules.year), 0)
        else:
            used = tally.payer.get(payer, 0)
        left = limit.cap.left(used)
        if amount <= left:
            line.steps.append(limit.cap.fits)
            continue
        carries = carried_only or limit.shortfall is Shortfall.CARRIED_FORWARD
        absorbs = not carries and limit.shortfall is Shortfall.COMMISSIONER_ABSORBS
        absorbs = absorbs and payer != rules.commissioner
        outcome = "it stays unpaid"
        if carries:
            outcome = f"it is carried forward for {payer}"
        elif absorbs:
            outcome = f"{rules.commissioner} absorbs it"
        line.steps.append(limit.cap.over(amount, left, outcome))
        short, amount = amount - left, left
        if absorbs:
            line.absorbed += short
            continue
        line.cuts[limit.cap.name] = line.cuts.get(limit.cap.name, 0) + short
        if carries:
            line.carried[payer] = line.carried.get(payer, 0) + short
    return amount


def _shares(amounts: Iterable[tuple[str, int]], currency: str) -> tuple[PayerShare, ...]:
    return tuple(
        PayerShare(payer, Money(amount, currency)) for payer, amount in sorted(amounts) if amount
    )
