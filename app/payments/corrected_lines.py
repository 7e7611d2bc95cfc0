"""What an approved claim line came to with its corrections, and what may still be corrected."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.claim import ClaimLine, LineKind, PayerShare
from app.domain.correction import Correction, CorrectionKind
from app.domain.errors import RuleRefused
from app.domain.ledger import Entry
from app.domain.money import Money, total
from app.domain.period import Period
from app.domain.terms.document import Terms
from app.payments.corrections import (
    adjustment_entry,
    divided,
    left_to_reverse,
    proportional,
    reversal,
)
from app.payments.posting import payers


@dataclass(frozen=True, slots=True)
class LineStanding:
    """An approved line as it stands: its entry, what reversed it, its approved corrections.

    `period` is that of its claim; `terms` those under which its money was first claimed, which say
    who pays whom. `entry` is None where the line pays nothing.
    """

    claim_number: int
    period: Period
    line: ClaimLine
    terms: Terms
    entry: Entry | None
    reversals: tuple[Entry, ...] = ()
    corrections: tuple[Correction, ...] = ()

    @property
    def place(self) -> str:
        """claim:3/line:1."""
        return f"claim:{self.claim_number}/line:{self.line.line_number}"

    @property
    def shares(self) -> tuple[PayerShare, ...]:
        """What each payer bears now, by payer: the line's shares and its corrections."""
        return corrected_shares(self.line, self.corrections)

    @property
    def amount(self) -> Money:
        """What the line came to."""
        return _sum(self.shares, self.line.payable.currency)


def corrected_shares(line: ClaimLine, corrections: Iterable[Correction]) -> tuple[PayerShare, ...]:
    """What each payer bears of a line once its approved corrections are counted, by payer.

    A line of 6,701.50, 1,675.37 of it the fund's, of which 1,000.00 was reversed as 750.00 and
    250.00: the council bears 4,276.13 and the fund 1,425.37. Payers that bear nothing are listed
    if a correction touched them.
    """
    currency = line.payable.currency
    borne: dict[str, Money] = {}
    for share in (*line.shares, *(part for one in corrections for part in one.shares)):
        borne[share.payer] = borne.get(share.payer, Money(0, currency)) + share.amount
    return tuple(PayerShare(payer, borne[payer]) for payer in sorted(borne))


def left_of_line(standing: LineStanding) -> tuple[PayerShare, ...]:
    """What of each payer's part can still be reversed: at most what the entry still holds.

    And never more than the line comes to: of 1,000.00 lowered by an adjustment of 300.00 no more
    than 700.00 is left, though nothing of its entry was reversed. Raises RuleRefused
    `nothing-to-reverse` for a line that posted nothing, and `reversal-of-reversal`.
    """
    left = left_to_reverse(_reversible(standing), standing.reversals)
    now = {share.payer: share.amount for share in standing.shares}
    return tuple(
        PayerShare(share.payer, min(share.amount, now.get(share.payer, share.amount)))
        for share in left
    )


def shares_taken_back(
    standing: LineStanding,
    amount: Money | None = None,
    shares: Sequence[PayerShare] | None = None,
) -> tuple[PayerShare, ...]:
    """The parts of a reversal, below zero: of payers as named, of an amount, or all that is left.

    `amount` and `shares` are what is taken back, above zero. An amount is divided as what is left
    of the line: 1,000.00 of a line borne 5,026.13 and 1,675.37 is -750.00 and -250.00. Raises
    RuleRefused as `reversal` does.
    """
    left = left_of_line(standing)
    if shares is None:
        taken = left if amount is None else proportional(left, amount)
    else:
        taken = tuple(shares)
    return tuple(PayerShare(part.payer, -part.amount) for part in taken if part.amount)


def shares_adjusted(
    standing: LineStanding,
    amount: Money | None = None,
    shares: Sequence[PayerShare] | None = None,
) -> tuple[PayerShare, ...]:
    """The parts of an adjustment: of payers as named, or of an amount above or below zero.

    An amount that lowers is divided as what the line comes to, one that raises as the line was
    split; where it was not, payers have to be named. Raises RuleRefused `adjustment-needs-shares`,
    `reversal-exceeds-rest` and `adjustment-of-nothing`.
    """
    if shares is not None:
        return tuple(part for part in shares if part.amount)
    if amount is None or not amount:
        raise RuleRefused("adjustment-of-nothing", "Give an amount for at least one payer.")
    takes_back = standing.line.kind is LineKind.CLAWBACK
    shrinks = (amount.minor < 0) is not takes_back
    basis = [
        PayerShare(part.payer, -part.amount if takes_back else part.amount)
        for part in (standing.shares if shrinks else standing.line.shares)
    ]
    if not any(part.amount for part in basis):
        raise RuleRefused(
            "adjustment-needs-shares",
            f"{standing.place} is borne by nobody, so the amount cannot be divided. Give `shares`.",
        )
    size = -amount if amount.minor < 0 else amount
    parts = proportional(basis, size) if shrinks else divided(basis, size)
    sign = -1 if amount.minor < 0 else 1
    return tuple(
        PayerShare(part.payer, Money(sign * part.amount.minor, amount.currency))
        for part in parts
        if part.amount
    )


def correction_entry(
    standing: LineStanding, correction: Correction, *, entry_number: int, effective_date: date
) -> Entry:
    """The entry of a correction of a line: the opposite of its entry, or an adjustment's.

    No payer's part of a line changes sign: a line of 100.00 can be lowered to nothing and no
    further, and one that takes 100.00 back can be raised to nothing, or lowered again to that.
    Payers are those of the terms under which the money was first claimed.

    Raises RuleRefused `date-before-approval`, `correction-unknown-payer`,
    `correction-exceeds-line`, `nothing-to-reverse`, and what `reversal` and `adjustment_entry`
    raise.
    """
    if standing.entry is not None and effective_date < standing.entry.effective_date:
        raise RuleRefused(
            "date-before-approval",
            f"{standing.place} was posted on {standing.entry.effective_date.isoformat()}; it "
            "cannot be corrected on an earlier day.",
        )
    known = payers(standing.terms)
    for part in correction.shares:
        if part.payer not in known:
            raise RuleRefused(
                "correction-unknown-payer",
                f"{part.payer} bears nothing under the terms of {standing.place}; name one of "
                f"{', '.join(known)}.",
            )
    if correction.kind is CorrectionKind.REVERSAL:
        made = reversal(
            _reversible(standing),
            standing.reversals,
            [PayerShare(part.payer, -part.amount) for part in correction.shares],
            entry_number=entry_number,
            source=correction.source,
            effective_date=effective_date,
        )
    else:
        made = adjustment_entry(
            correction,
            standing.terms,
            entry_number=entry_number,
            effective_date=effective_date,
        )
    _require_same_sign(standing, correction)
    return made


def count_changed(standing: LineStanding, correction: Correction) -> int:
    """What a correction adds to the count of paid outcomes of the line's metric: -1, 0 or 1.

    An outcome is counted while something of it is paid: reversed whole it is given back to the
    metric's cap, raised again from nothing it is counted again. Of a line that carries a part
    forward the count stays, as that part may still be paid. Source: terms /caps/metric.
    """
    line = standing.line
    if line.carried:
        return 0
    unit = {LineKind.OUTCOME: 1, LineKind.CLAWBACK: line.count}.get(line.kind, 0)
    before = bool(standing.amount)
    currency = line.payable.currency
    after = bool(standing.amount + _sum(correction.shares, currency))
    return unit * (int(after) - int(before))


def _reversible(standing: LineStanding) -> Entry:
    if standing.entry is None:
        raise RuleRefused(
            "nothing-to-reverse", f"{standing.place} pays nothing, so it has no entry to reverse."
        )
    if standing.line.kind is LineKind.CLAWBACK:
        raise RuleRefused(
            "reversal-of-reversal",
            f"{standing.place} is itself a reversal: it takes money back. Adjust it instead.",
        )
    return standing.entry


def _require_same_sign(standing: LineStanding, correction: Correction) -> None:
    takes_back = standing.line.kind is LineKind.CLAWBACK
    of_line = {share.payer: share.amount for share in standing.line.shares}
    now = {share.payer: share.amount for share in standing.shares}
    nothing = Money(0, standing.line.payable.currency)
    for part in correction.shares:
        before = now.get(part.payer, nothing)
        after = before + part.amount
        if takes_back:
            fits = of_line.get(part.payer, nothing) <= after <= nothing
        else:
            fits = nothing <= after
        if not fits:
            raise RuleRefused(
                "correction-exceeds-line",
                f"{part.payer} bears {before.readable()} of {standing.place}; a change by "
                f"{part.amount.readable()} goes beyond what the line can come to.",
            )


def _sum(shares: Iterable[PayerShare], currency: str) -> Money:
    return total((share.amount for share in shares), currency)
