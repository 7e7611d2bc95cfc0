"""Caps on what is paid for a line before it is split: metric count, person, activity, contract."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from app.domain.claim import Cut, LineKind
from app.domain.money import Money
from app.domain.terms.payment import MetricCap, MetricCapPolicy
from app.domain.terms.timeline import TermsVersion
from app.domain.working import Step, terms_ref
from app.payments.usage import Tally


@dataclass(frozen=True, slots=True)
class AmountCap:
    """A cap on money, read once from the terms: the name of its cuts, its words and its amount.

    `rule` is the code of its steps, `name` the name of its cuts. `fits` is the step of a line that
    the cap leaves alone: shared by all such lines, as most are and text costs time and memory.
    """

    rule: str
    name: str
    words: str
    amount_max: int
    currency: str
    refs: tuple[str, ...]
    fits: Step

    def left(self, used: int) -> int:
        """What is left after `used` (minor units).

        Never below nothing, even if a variation set the cap below what is used.
        """
        return max(0, self.amount_max - used)

    def over(self, asked: int, left: int, outcome: str) -> Step:
        """The step of a line that asks for more than is left; `outcome` is the rest's fate."""
        because = (
            f"{Money(left, self.currency).readable()} was left under the {self.words} of "
            f"{Money(self.amount_max, self.currency).readable()}: "
            f"{Money(asked - left, self.currency).readable()} of "
            f"{Money(asked, self.currency).readable()} is over it; {outcome}."
        )
        return Step(self.rule, because, self.refs)


def read_amount_cap(
    version: TermsVersion, name: str, words: str, text: str, pointer: str
) -> AmountCap:
    """The cap at a place of a terms version; `name` up to its first colon codes the steps."""
    currency = version.terms.currency
    rule = f"cap.{name.partition(':')[0]}"
    amount = Money.parse(text, currency)
    refs = (terms_ref(version.number, pointer),)
    because = f"Within what was left under the {words} of {amount.readable()}; nothing is cut."
    fits = Step(rule, because, refs)
    return AmountCap(rule, name, words, amount.minor, currency, refs, fits)


@dataclass(frozen=True, slots=True)
class CountCap:
    """A cap on how many outcomes of a metric, or of several pooled, are paid."""

    metrics: tuple[str, ...]
    count_max: int
    policy: MetricCapPolicy
    refs: tuple[str, ...]
    fits: Step

    @classmethod
    def read(cls, cap: MetricCap, ref: str) -> Self:
        """The cap as the terms state it; a metric named twice counts once."""
        metrics = tuple(dict.fromkeys(cap.metrics))
        because = (
            f"Fewer than {cap.count_max} paid so far for {', '.join(metrics)}; nothing is cut."
        )
        fits = Step("cap.metric", because, (ref,))
        return cls(metrics, cap.count_max, cap.policy, (ref,), fits)

    def check(self, tally: Tally) -> tuple[bool, Step]:
        """Whether one more outcome may be paid, and why. Cost: one look-up per pooled metric."""
        used = sum(tally.count.get(metric, 0) for metric in self.metrics)
        if used < self.count_max:
            return True, self.fits
        so_far = f"{used} of at most {self.count_max} paid so far for {', '.join(self.metrics)}"
        if self.policy is MetricCapPolicy.TARGET_IS_NOT_CAP:
            because = f"{so_far}: a target and not a cap, so nothing is cut."
            return True, Step("cap.metric", because, self.refs)
        return False, Step("cap.metric", f"{so_far}: the whole price is cut.", self.refs)


@dataclass(frozen=True, slots=True)
class Capped:
    """What is left of a line in minor units, what was cut on the way, and why."""

    amount: int
    cuts: tuple[Cut, ...]
    working: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class CapRules:
    """The caps of one terms version, read once per claim so that lines cost no parsing."""

    metric: Mapping[str, tuple[CountCap, ...]]
    person: AmountCap | None
    activity: Mapping[str, AmountCap]
    contract: AmountCap | None
    currency: str

    @classmethod
    def of(cls, version: TermsVersion) -> Self:
        """Read the caps of a terms version (terms /caps and /activity_payments)."""
        terms, caps, number = version.terms, version.terms.caps, version.number
        counts: dict[str, tuple[CountCap, ...]] = {}
        for index, cap in enumerate(caps.metric):
            read = CountCap.read(cap, terms_ref(number, f"/caps/metric/{index}"))
            for metric in read.metrics:
                counts[metric] = (*counts.get(metric, ()), read)
        activity = {
            payment.code: read_amount_cap(
                version,
                f"activity:{payment.code}",
                f"cap of activity payment {payment.code}",
                payment.cap,
                f"/activity_payments/{index}/cap",
            )
            for index, payment in enumerate(terms.activity_payments)
            if payment.cap is not None
        }
        person = contract = None
        if caps.person is not None:
            person = read_amount_cap(
                version, "person", "cap per person", caps.person, "/caps/person"
            )
        if caps.contract is not None:
            contract = read_amount_cap(
                version, "contract", "contract cap", caps.contract, "/caps/contract"
            )
        return cls(counts, person, activity, contract, terms.currency)


def within_caps(
    rules: CapRules,
    tally: Tally,
    *,
    kind: LineKind,
    origin: LineKind,
    metric: str,
    participant_id: str,
    gross: int,
) -> Capped:
    """Cut a line's gross (minor units) to what the caps before the split leave of it.

    In this order (terms /caps): an outcome passes the metric count cap, then the person cap, then
    the contract cap; a carried-forward outcome was counted before and meets only the last two,
    and what they cut from it stays carried.
    An activity payment is not an outcome: it meets its own cap and the contract cap. All are
    measured net of clawback. With 24,500.00 used by a person whose cap is 28,000.00, an outcome
    of 4,778.75 is cut by 1,278.75 to 3,500.00.
    """
    amount = gross
    cuts: list[Cut] = []
    steps: list[Step] = []
    fate = "it stays carried forward" if kind is LineKind.CARRIED_FORWARD else "it is cut"

    def take(cap: AmountCap | None, used: int) -> None:
        nonlocal amount
        if cap is None:
            return
        left = cap.left(used)
        if amount <= left:
            steps.append(cap.fits)
            return
        steps.append(cap.over(amount, left, fate))
        cuts.append(Cut(cap.name, Money(amount - left, rules.currency)))
        amount = left

    if kind is LineKind.OUTCOME:
        for count_cap in rules.metric.get(metric, ()):
            allowed, step = count_cap.check(tally)
            steps.append(step)
            if not allowed:
                whole = (Cut("metric", Money(gross, rules.currency)),) if gross else ()
                return Capped(0, whole, tuple(steps))
    if origin is LineKind.OUTCOME:
        take(rules.person, tally.person.get(participant_id, 0))
    else:
        take(rules.activity.get(metric), tally.activity.get(metric, 0))
    take(rules.contract, tally.contract)
    return Capped(amount, tuple(cuts), tuple(steps))
