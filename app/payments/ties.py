"""The five ties that must hold between outcomes, claims, documents, the ledger and the bank."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from app.domain.money import Money, total


@dataclass(frozen=True, slots=True)
class Figure:
    """One record's part of a side: what it ties to, the record itself and its amount.

    `key` is common to all sides (an entitlement, a claim and payer, a payment, an account); `ref`
    names the record (invoice:spv/12, entry:7).
    """

    key: str
    ref: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Part:
    """A named part of a side: its total, and records that make it up.

    The records may be all of them (`Part.of`) or, where there are too many to hold, those of the
    keys that differ; the total is always of all.
    """

    name: str
    total: Money
    records: tuple[Figure, ...]

    @classmethod
    def of(cls, name: str, records: Iterable[Figure], currency: str) -> Self:
        """A part whose records are all there, with their total."""
        held = tuple(records)
        return cls(name, total((record.amount for record in held), currency), held)


OF_OUTCOMES = "entitlements"
"""The name of the tie whose every record is one participant's outcome."""


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a tie: its parts added up, or taken off where `less` names them."""

    name: str
    parts: tuple[Part, ...]
    less: tuple[Part, ...] = ()

    def amount(self, currency: str) -> Money:
        """The parts added up, less those taken off."""
        added = total((part.total for part in self.parts), currency)
        return added - total((part.total for part in self.less), currency)

    def figures(self) -> Iterable[tuple[Figure, Money]]:
        """Every record with its amount as it counts on this side."""
        for part in self.parts:
            yield from ((record, record.amount) for record in part.records)
        for part in self.less:
            yield from ((record, -record.amount) for record in part.records)


@dataclass(frozen=True, slots=True)
class Cause:
    """One key on which two sides differ: both amounts, why, and the records on either side."""

    key: str
    left: Money
    right: Money
    difference: Money
    because: str
    refs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tie:
    """Two sides that must be equal. `unexplained` is what the causes leave of the difference."""

    name: str
    left: Side
    right: Side
    left_amount: Money
    right_amount: Money
    difference: Money
    causes: tuple[Cause, ...]
    unexplained: Money

    @property
    def holds(self) -> bool:
        """Whether the sides are equal, in total and for every key."""
        return not self.difference and not self.causes


@dataclass(frozen=True, slots=True)
class MirrorBalance:
    """Two accounts that must hold opposite balances: what one owes, the other is owed."""

    account: str
    mirror: str
    balance: Money
    mirror_balance: Money


@dataclass(frozen=True, slots=True)
class MoneyRecords:
    """Everything the ties compare, at one moment. All amounts are positive as they are named.

    Keys: entitlement id for the first five; claim and payer for claims, invoices, credit notes and
    payable postings; payment id for matched payments and cash postings; claim line and fund for the
    last three. `approved_claims` and `payable_postings` are net of what was taken back.
    """

    currency: str
    entitlements: Part
    claimed: Part
    capped: Part
    disputed: Part
    not_yet_claimed: Part
    approved_claims: Part
    invoices: Part
    credit_notes: Part
    payable_postings: Part
    payments_matched: Part
    cash_postings: Part
    fund_claimed: Part
    fund_not_yet_claimed: Part
    fund_splits: Part
    mirrors: tuple[MirrorBalance, ...]


def tie(name: str, left: Side, right: Side, currency: str) -> Tie:
    """Compare two sides in total and key by key, and name the records behind every difference.

    A difference is left less right. Equal totals with keys that differ do not hold: 10.00 too much
    on one claim and 10.00 too little on another are two causes. `unexplained` is above or below
    zero where the records do not add up to the totals.
    """
    left_amount, right_amount = left.amount(currency), right.amount(currency)
    difference = left_amount - right_amount
    causes = _causes(left, right, currency)
    explained = total((cause.difference for cause in causes), currency)
    return Tie(
        name,
        left,
        right,
        left_amount,
        right_amount,
        difference,
        causes,
        difference - explained,
    )


def _causes(left: Side, right: Side, currency: str) -> tuple[Cause, ...]:
    nothing = Money(0, currency)
    sums: dict[str, list[Money]] = {}
    refs: dict[str, tuple[list[str], list[str]]] = {}
    for place, side in enumerate((left, right)):
        for record, amount in side.figures():
            pair = sums.setdefault(record.key, [nothing, nothing])
            pair[place] = pair[place] + amount
            refs.setdefault(record.key, ([], []))[place].append(record.ref)
    causes: list[Cause] = []
    for key in sorted(sums):
        on_left, on_right = sums[key]
        if on_left == on_right:
            continue
        of_left, of_right = refs[key]
        if not of_right:
            because = f"{key} is in {left.name} and not in {right.name}."
        elif not of_left:
            because = f"{key} is in {right.name} and not in {left.name}."
        else:
            because = (
                f"{key} is {on_left.readable()} in {left.name} and {on_right.readable()} in "
                f"{right.name}."
            )
        named = tuple(dict.fromkeys((*of_left, *of_right)))
        causes.append(Cause(key, on_left, on_right, on_left - on_right, because, named))
    return tuple(causes)


def ties(records: MoneyRecords) -> tuple[Tie, ...]:
    """Every tie between the records of one contract, in the order in which money travels.

    1. Entitlements = claimed + capped + disputed + not yet claimed. 2. Approved claims = invoices
    less credit notes, and approved claims = payable postings (two comparisons). 3. Payments matched
    = cash postings. 4. What was claimed from the fund, with what was not yet, = the fund's splits.
    5. Each mirror account = the opposite of its mirror. In the golden contract 85,062.00 =
    82,535.00 + 2,527.00, and 74,287.00 = 82,535.00 less 8,248.00 = the payable postings.
    """
    currency = records.currency
    approved = _side(records.approved_claims)
    sides = (
        (
            OF_OUTCOMES,
            _side(records.entitlements),
            Side(
                "claimed, capped, disputed and not yet claimed",
                (records.claimed, records.capped, records.disputed, records.not_yet_claimed),
            ),
        ),
        (
            "invoiced",
            approved,
            Side("invoices less credit notes", (records.invoices,), (records.credit_notes,)),
        ),
        ("posted", approved, _side(records.payable_postings)),
        ("paid", _side(records.payments_matched), _side(records.cash_postings)),
        (
            "fund",
            Side(
                "claimed and not yet claimed from the fund",
                (records.fund_claimed, records.fund_not_yet_claimed),
            ),
            _side(records.fund_splits),
        ),
        ("mirrors", *_mirror_sides(records.mirrors, currency)),
    )
    return tuple(tie(name, left, right, currency) for name, left, right in sides)


def _side(part: Part) -> Side:
    return Side(part.name, (part,))


def _mirror_sides(mirrors: Sequence[MirrorBalance], currency: str) -> tuple[Side, Side]:
    """Balances by account, and the opposite of their mirrors under the same key."""
    accounts = [Figure(one.account, one.account, one.balance) for one in mirrors]
    opposite = [Figure(one.account, one.mirror, -one.mirror_balance) for one in mirrors]
    return (
        _side(Part.of("accounts", accounts, currency)),
        _side(Part.of("the opposite of their mirrors", opposite, currency)),
    )
