"""Lines of bank and accounts-payable files, what they may pay, and how they were classified."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.domain.money import Money
from app.domain.working import Step


class SourceKind(StrEnum):
    """The form of an imported file."""

    CAMT_053 = "camt.053"
    MT940 = "mt940"
    CSV = "csv"


class Direction(StrEnum):
    """Whether money came into the account or left it."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class FileLine:
    """One line of an imported file, as its reader understood it.

    `position` counts from 1 in the file. `amount` is never negative; `direction` is seen from the
    account's owner. `references` are every reference the line carries (end-to-end, instruction,
    remittance, cheque), as written. `identity` names the line within its account across overlapping
    files in any order: a digest of booking date, amount, direction and the bank's own reference, or
    without one of references and counterparty, and the line's number among its equals of that day.
    `raw` is the line's source text, up to 4,000 characters of it.
    """

    position: int
    identity: str
    booked_on: date
    value_on: date | None
    amount: Money
    direction: Direction
    counterparty: str | None
    references: tuple[str, ...]
    is_return: bool
    raw: str


@dataclass(frozen=True, slots=True)
class FileFault:
    """A line or part of a file that could not be read: where, and what is wrong."""

    position: int
    code: str
    message: str
    raw: str


@dataclass(frozen=True, slots=True)
class OpenItem:
    """Something that waits to be paid: an invoice, a fund claim, or a payment to be confirmed.

    `item_id` is its document reference (invoice:SPV-000012, fund-claim:3). `open_amount` is what is
    left to pay, above zero. `direction` is as the account's owner would see its payment.
    `references` are all the texts a payer may quote (number, purchase order, claim).
    `is_returnable`: the money has moved already and may come back (line:<identity> of an accepted
    line, payment:<id>); `open_amount` is what has not come back yet, `issued_on` and `due_on` the
    day it moved, and `direction` that of its return.
    """

    item_id: str
    open_amount: Money
    direction: Direction
    due_on: date
    issued_on: date
    counterparty: str
    references: tuple[str, ...]
    is_returnable: bool = False


class Classification(StrEnum):
    """How every line of every file ends. Nothing is dropped."""

    MATCHED = "matched"
    PART = "part"
    OVER = "over"
    DUPLICATE = "duplicate"
    UNKNOWN = "unknown"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Allocation:
    """Part of a line set against an open item."""

    position: int
    item_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class ProposedMatch:
    """Lines and open items that belong together, for a person to accept or refuse.

    `score` is 0 to 100; `working` says which rule gave how much. `left_over` is what of the lines
    no item takes (over-payment); items may stay partly open. `classification` is matched, part or
    over. `alternatives` names items, and lines as line:<identity>, that fit as well: with any, the
    match is ambiguous, and `working` says so.
    """

    positions: tuple[int, ...]
    item_ids: tuple[str, ...]
    allocations: tuple[Allocation, ...]
    left_over: Money
    score: int
    rule: str
    working: tuple[Step, ...]
    classification: Classification
    alternatives: tuple[str, ...] = ()
