"""The split of what is payable between payers: shares, their dates, and rounding."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from fractions import Fraction
from math import floor
from typing import Self

from app.domain.claim import Cut
from app.domain.errors import RuleRefused
from app.domain.money import Money, Rounding
from app.domain.period import Period
from app.domain.terms.base import share_fraction
from app.domain.terms.payment import AfterEnd, ShareOf, SplitRule
from app.domain.terms.timeline import TermsVersion
from app.domain.working import Step, terms_ref


class Standing(Enum):
    """How one share of the terms stands towards one line."""

    NOT_APPLYING = "not applying"
    """For other metrics, or for achievements from a later day."""
    PAYS = "pays"
    COMMISSIONER_PAYS = "commissioner pays"
    NOBODY_PAYS = "nobody pays"


@dataclass(frozen=True, slots=True)
class Share:
    """One share of the terms, read once. `closed`: the claim's period ends after its long-stop."""

    payer: str
    fraction: Fraction
    from_date: date | None
    to_date: date | None
    after_end: AfterEnd
    metrics: frozenset[str] | None
    closed: bool
    ref: str

    def standing(self, metric: str, achieved_on: date) -> Standing:
        """How the share stands for an outcome of a metric achieved on a day.

        Dates of shares go by the achievement date, also under a later version's claim. A share
        ends for achievements after `to_date` and for claims after `claim_longstop`; with policy
        original_split_if_achieved_before_end only the achievement date ends it.
        """
        if self.metrics is not None and metric not in self.metrics:
            return Standing.NOT_APPLYING
        if self.from_date is not None and achieved_on < self.from_date:
            return Standing.NOT_APPLYING
        if (self.to_date is None or achieved_on <= self.to_date) and not self.closed:
            return Standing.PAYS
        if self.after_end is AfterEnd.NO_PAYMENT:
            return Standing.NOBODY_PAYS
        return Standing.COMMISSIONER_PAYS


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a line that one payer bears, or that nobody does (a cut after a share's end)."""

    payer: str
    is_cut: bool
    fraction: Fraction


@dataclass(frozen=True, slots=True)
class Plan:
    """The parts of lines whose shares all stand alike, in payer order, with the words for them."""

    parts: tuple[Part, ...]
    words: str
    refs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Split:
    """A line's parts in minor units by payer, what fell away after a share's end, and why."""

    by_payer: dict[str, int]
    cuts: tuple[Cut, ...]
    working: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class FundingRules:
    """The funding terms of one version for one claim period, read once per claim."""

    shares: tuple[Share, ...]
    split_rule: SplitRule
    rounding: Rounding
    remainder_payer: str
    commissioner: str
    currency: str
    base_ref: str
    plans: dict[tuple[Standing, ...], Plan] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, version: TermsVersion, period: Period) -> Self:
        """Read the funding of the version in force at the claim period's end (terms /funding)."""
        funding, number = version.terms.funding, version.number

        def read(index: int, share: ShareOf) -> Share:
            longstop = share.claim_longstop
            past = longstop is not None and period.end > longstop
            keeps = share.after_end is AfterEnd.ORIGINAL_SPLIT_IF_ACHIEVED_BEFORE_END
            return Share(
                share.payer,
                share_fraction(share.share),
                share.from_date,
                share.to_date,
                share.after_end,
                None if share.metrics is None else frozenset(share.metrics),
                past and not keeps,
                terms_ref(number, f"/funding/shares/{index}"),
            )

        return cls(
            tuple(read(index, share) for index, share in enumerate(funding.shares)),
            funding.split_rule,
            funding.rounding,
            funding.remainder_payer,
            version.terms.commissioner,
            version.terms.currency,
            terms_ref(number, "/funding"),
        )

    def closed_to(self, payer: str) -> bool:
        """Whether no claim of this period may ask the payer any more: all its shares are past."""
        own = [share.closed for share in self.shares if share.payer == payer]
        return bool(own) and all(own)

    def plan(self, metric: str, achieved_on: date) -> Plan:
        """The parts of an outcome of a metric achieved on a day; the remainder payer has none.

        Raises RuleRefused `shares-exceed-whole` when the shares add up to more than the line.
        """
        standings = tuple(share.standing(metric, achieved_on) for share in self.shares)
        known = self.plans.get(standings)
        if known is None:
            # Remembered: a contract has a handful of combinations, a claim many lines of each.
            known = self.plans[standings] = self._planned(standings)
        return known

    def _planned(self, standings: tuple[Standing, ...]) -> Plan:
        fractions: dict[tuple[str, bool], Fraction] = {}
        whole = Fraction(0)
        refs = [self.base_ref]
        words: list[str] = []
        for share, standing in zip(self.shares, standings, strict=True):
            if standing is Standing.NOT_APPLYING:
                continue
            refs.append(share.ref)
            whole += share.fraction
            bearer, is_cut = share.payer, standing is Standing.NOBODY_PAYS
            if standing is Standing.COMMISSIONER_PAYS:
                bearer = self.commissioner
            words.append(_words(share, standing, self.commissioner))
            if is_cut or bearer != self.remainder_payer:
                key = (bearer, is_cut)
                fractions[key] = fractions.get(key, Fraction(0)) + share.fraction
        if whole > 1:
            raise RuleRefused(
                "shares-exceed-whole",
                f"The shares of payers add up to {whole} of a line, which is more than the whole. "
                "Agree a variation that brings them to 1 or less.",
                pointer="/funding/shares",
            )
        parts = tuple(Part(*key, fractions[key]) for key in sorted(fractions))
        told = "; ".join(sorted(words)) + "; " if words else ""
        return Plan(parts, f"{told}{self.remainder_payer} bears the rest", tuple(refs))


def _words(share: Share, standing: Standing, commissioner: str) -> str:
    if standing is Standing.PAYS:
        return f"{share.payer} bears {share.fraction}"
    ended = f"the share {share.fraction} of {share.payer} has ended"
    if standing is Standing.NOBODY_PAYS:
        return f"{ended} and is not paid"
    return f"{ended} and {commissioner} bears it"


class Splitter:
    """Splits the lines of one claim in their order. Only split rule per_claim has a memory."""

    __slots__ = ("_exact", "_given", "_rules")

    def __init__(self, rules: FundingRules) -> None:
        self._rules = rules
        self._exact: dict[tuple[str, bool], Fraction] = {}
        self._given: dict[tuple[str, bool], int] = {}

    def split(self, amount: int, metric: str, achieved_on: date) -> Split:
        """Split a non-negative amount (minor units) between payers; the parts add up to it.

        Per line, each share is rounded as the terms name it and the remainder payer bears the
        rest: 6,701.50 at 0.25 rounded down is 1,675.37 and 5,026.13 (half up 1,675.38 and
        5,026.12). Per claim, the shares of all lines so far are added up and rounded once, and
        the line bears what the earlier lines have not. See `whole_pennies` for ties. Source:
        terms /funding/shares, /funding/rounding, /funding/split_rule.
        """
        rules = self._rules
        plan = rules.plan(metric, achieved_on)
        per_claim = rules.split_rule is SplitRule.PER_CLAIM
        dues = self._dues(amount, plan) if per_claim else None
        if dues is None:
            pennies = _line_pennies(amount, plan.parts, rules.rounding)
        else:
            pennies = whole_pennies(amount, dues, rules.rounding)
        by_payer = {rules.remainder_payer: amount - sum(pennies)}
        cuts: list[Cut] = []
        for part, given in zip(plan.parts, pennies, strict=True):
            if per_claim:
                key = (part.payer, part.is_cut)
                self._given[key] = self._given.get(key, 0) + given
            if not part.is_cut:
                by_payer[part.payer] = given
            elif given:
                cuts.append(Cut(f"after_end:{part.payer}", Money(given, rules.currency)))
        return Split(by_payer, tuple(cuts), (self._step(plan, by_payer),))

    def _dues(self, amount: int, plan: Plan) -> tuple[Fraction, ...]:
        dues = []
        for part in plan.parts:
            key = (part.payer, part.is_cut)
            exact = self._exact.get(key, Fraction(0)) + part.fraction * amount
            self._exact[key] = exact
            dues.append(exact - self._given.get(key, 0))
        return tuple(dues)

    def _step(self, plan: Plan, by_payer: Mapping[str, int]) -> Step:
        rules = self._rules
        parts = ", ".join(
            f"{payer} {Money(by_payer[payer], rules.currency).readable()}"
            for payer in sorted(by_payer)
        )
        how = "on the claim so far" if rules.split_rule is SplitRule.PER_CLAIM else "on the line"
        rounding = "half up" if rules.rounding is Rounding.HALF_UP else "down"
        because = f"{plan.words}; rounded {rounding} {how}: {parts}."
        return Step("split", because, plan.refs)


def _line_pennies(amount: int, parts: tuple[Part, ...], rounding: Rounding) -> list[int]:
    """The same as `whole_pennies` of the exact shares, in whole-number arithmetic for speed."""
    if rounding is Rounding.FLOOR:
        return [amount * part.fraction.numerator // part.fraction.denominator for part in parts]
    pennies = [
        (2 * amount * part.fraction.numerator + part.fraction.denominator)
        // (2 * part.fraction.denominator)
        for part in parts
    ]
    if sum(pennies) <= amount:
        return pennies
    return whole_pennies(amount, tuple(part.fraction * amount for part in parts), rounding)


def whole_pennies(amount: int, dues: tuple[Fraction, ...], rounding: Rounding) -> list[int]:
    """Whole minor units for exact dues listed in payer order, never more than `amount` together.

    Each due is rounded as named. If that is more than the whole, pennies are taken back one by
    one where rounding gave most over the exact due; of equals, from the last payer id. So two
    payers with half of 0.01 each, half up, get 0.01 and 0.00: the larger remainder, and of equal
    remainders the first payer id, keeps the penny.
    """
    half = Fraction(1, 2) if rounding is Rounding.HALF_UP else Fraction(0)
    pennies = [floor(due + half) for due in dues]
    excess = sum(pennies) - amount
    while excess > 0:
        _, last = max((pennies[i] - due, i) for i, due in enumerate(dues) if pennies[i] > 0)
        pennies[last] -= 1
        excess -= 1
    return pennies
