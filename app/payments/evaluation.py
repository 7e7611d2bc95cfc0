"""The evaluation of one claim: each line capped, split and held to payer caps, in turn."""

from dataclasses import dataclass
from datetime import date

from app.domain.calendar import financial_year
from app.domain.claim import ClaimLine, LineKind, PayerShare
from app.domain.errors import RuleRefused
from app.domain.money import Money
from app.domain.period import Period
from app.domain.terms.timeline import TermsVersion
from app.domain.working import Step
from app.payments.caps import CapRules, within_caps
from app.payments.funding import FundingRules, Split, Splitter
from app.payments.payer_caps import Borne, PayerCapRules, within_payer_caps
from app.payments.usage import Tally, Usage

_UNSPLIT = Split({}, (), ())
_NOTHING_BORNE = Borne((), (), (), ())


@dataclass(frozen=True, slots=True)
class Clawback:
    """An approved line to be taken back whole.

    An outcome whose carried amounts were paid is taken back by several: its own line and theirs.
    """

    claim_number: int
    line: ClaimLine
    decided_on: date


@dataclass(frozen=True, slots=True)
class CarriedForward:
    """An amount that an approved line still carries for a payer, not asked successfully since.

    Each line's amount is asked once: what cannot be paid moves to the new line's `carried`.
    Amounts of lines taken back in an earlier claim must not be passed.
    """

    claim_number: int
    line: ClaimLine
    payer: str

    @property
    def source_id(self) -> str:
        """claim:<n>/line:<m>/<payer>, unique among carried-forward lines."""
        return f"claim:{self.claim_number}/line:{self.line.line_number}/{self.payer}"


@dataclass(frozen=True, slots=True)
class Ask:
    """What a line asks for before caps; `carried_payer` only on a carried-forward line."""

    kind: LineKind
    source_id: str
    participant_id: str
    metric: str
    achieved_on: date
    verified_on: date
    gross: int
    origin: LineKind
    working: tuple[Step, ...]
    carried_payer: str | None = None


class Evaluation:
    """One claim under evaluation: the rules read once, the running tally, the line numbers."""

    def __init__(self, period: Period, version: TermsVersion, usage: Usage) -> None:
        self._period = period
        self._currency = version.terms.currency
        self._caps = CapRules.of(version)
        self._funding = FundingRules.of(version, period)
        self._splitter = Splitter(self._funding)
        self._payer_caps = PayerCapRules.of(version, period)
        self._tally = Tally(usage)
        self._year = financial_year(period.end)
        self._number = 0
        self._sources: set[tuple[LineKind, str]] = set()

    def take_back(self, clawback: Clawback) -> ClaimLine:
        """The line that reverses an approved line whole, penny for penny per payer."""
        original = clawback.line
        self._admit(LineKind.CLAWBACK, original.source_id, clawback.decided_on)
        if original.kind is LineKind.CLAWBACK:
            raise RuleRefused(
                "clawback-of-clawback",
                "A clawback cannot itself be clawed back. Submit the outcome again instead.",
            )
        where = f"claim:{clawback.claim_number}/line:{original.line_number}"
        because = f"Takes back {original.payable.readable()} whole, with its split by payer."
        step = Step("clawback", because, (where,))
        taken = ClaimLine(
            line_number=self._number,
            kind=LineKind.CLAWBACK,
            source_id=original.source_id,
            participant_id=original.participant_id,
            metric=original.metric,
            achieved_on=original.achieved_on,
            verified_on=clawback.decided_on,
            gross=-original.payable,
            cuts=(),
            payable=-original.payable,
            shares=tuple(PayerShare(share.payer, -share.amount) for share in original.shares),
            carried=(),
            origin=original.origin,
            count=-original.count,
            working=(step,),
        )
        self._tally.add(taken, self._year)
        return taken

    def ask_again(self, carried: CarriedForward) -> ClaimLine | None:
        """The line that asks a payer for its carried amount, or None if none can be paid now.

        What any cap leaves no room for stays carried: with 125.00 left under the contract cap,
        625.00 carried pay 125.00 now and the new line carries 500.00.
        """
        original, payer = carried.line, carried.payer
        if self._funding.closed_to(payer):
            return None
        amount = sum(share.amount.minor for share in original.carried if share.payer == payer)
        where = f"claim:{carried.claim_number}/line:{original.line_number}"
        ask = Ask(
            LineKind.CARRIED_FORWARD,
            carried.source_id,
            original.participant_id,
            original.metric,
            original.achieved_on,
            original.verified_on,
            amount,
            original.origin,
            (Step("carried_forward", f"Carried forward for {payer}.", (where,)),),
            payer,
        )
        line = self._evaluated(ask, self._number + 1)
        if not line.payable:
            return None
        self._admit(ask.kind, ask.source_id, ask.verified_on)
        self._tally.add(line, self._year)
        return line

    def line(self, ask: Ask) -> ClaimLine:
        """The line of an outcome or an activity payment."""
        self._admit(ask.kind, ask.source_id, ask.verified_on)
        line = self._evaluated(ask, self._number)
        self._tally.add(line, self._year)
        return line

    def _admit(self, kind: LineKind, source_id: str, decided_on: date) -> None:
        """Number the next line, unless it is too late for the period or already in the claim."""
        if decided_on > self._period.end:
            raise RuleRefused(
                "after-claim-period",
                f"Something decided on {decided_on.isoformat()} cannot be in a claim for the "
                f"period to {self._period.end.isoformat()}. It belongs to a later claim.",
            )
        if (kind, source_id) in self._sources:
            raise RuleRefused(
                "claimed-twice",
                f"{kind} {source_id} is in this claim twice. Put it forward once.",
            )
        self._sources.add((kind, source_id))
        self._number += 1

    def _evaluated(self, ask: Ask, number: int) -> ClaimLine:
        capped = within_caps(
            self._caps,
            self._tally,
            kind=ask.kind,
            origin=ask.origin,
            metric=ask.metric,
            participant_id=ask.participant_id,
            gross=ask.gross,
        )
        split, borne = self._shared(ask, capped.amount)
        payable = Money(sum(share.amount.minor for share in borne.shares), self._currency)
        carried = borne.carried
        if ask.carried_payer is not None and ask.gross > payable.minor:
            rest = Money(ask.gross, self._currency) - payable
            carried = (PayerShare(ask.carried_payer, rest),)
        counts = ask.kind is LineKind.OUTCOME and (payable or carried)
        return ClaimLine(
            line_number=number,
            kind=ask.kind,
            source_id=ask.source_id,
            participant_id=ask.participant_id,
            metric=ask.metric,
            achieved_on=ask.achieved_on,
            verified_on=ask.verified_on,
            gross=Money(ask.gross, self._currency),
            cuts=capped.cuts + split.cuts + borne.cuts,
            payable=payable,
            shares=borne.shares,
            carried=carried,
            origin=ask.origin,
            count=1 if counts else 0,
            working=ask.working + capped.working + split.working + borne.working,
        )

    def _shared(self, ask: Ask, amount: int) -> tuple[Split, Borne]:
        """How payers share what the first caps left; a carried amount has only its own payer."""
        if not amount:
            return _UNSPLIT, _NOTHING_BORNE
        if ask.carried_payer is None:
            split = self._splitter.split(amount, ask.metric, ask.achieved_on)
        else:
            split = Split({ask.carried_payer: amount}, (), ())
        return split, within_payer_caps(
            self._payer_caps,
            self._tally,
            split.by_payer,
            carried_only=ask.carried_payer is not None,
        )
