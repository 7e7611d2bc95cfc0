"""What the readers of the single formats hand on before lines get their position and identity."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from app.domain.bank import Direction
from app.domain.errors import Fault, InputInvalid
from app.domain.money import Money

# The raw file is kept elsewhere, so a line keeps only as much of its source as a person reads.
RAW_MAX = 4_000
_TEXT_MAX = 1_000
_TEXTS_MAX = 4_000


class Unreadable(Exception):
    """One line or entry cannot be read. Never leaves this package: it becomes a fault."""

    def __init__(self, code: str, message: str) -> None:
        """`code` and `message` become those of the FileFault."""
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A line as its format's reader understood it.

    `bank_reference` is the bank's own name for it.
    """

    booked_on: date
    value_on: date | None
    amount: Money
    direction: Direction
    counterparty: str | None
    references: tuple[str, ...]
    bank_reference: str | None
    is_return: bool
    raw: str


@dataclass(frozen=True, slots=True)
class DraftFault:
    """A line that could not be read."""

    code: str
    message: str
    raw: str


Draft = DraftLine | DraftFault

# An entry the bank shows but has not booked: it is no part of the balances.
NOT_BOOKED = "not-booked"


def bounded(texts: Iterable[str | None]) -> tuple[str, ...]:
    """The texts without blanks and repetitions, in their order, if a database can hold them.

    Raises Unreadable `too-long` beyond 1,000 characters for one and 4,000 for all, and `nul` for a
    text with a zero character, which PostgreSQL cannot store.
    """
    kept = tuple(dict.fromkeys(text for text in texts if text))
    if any(len(text) > _TEXT_MAX for text in kept) or sum(map(len, kept)) > _TEXTS_MAX:
        message = f"A text has more than {_TEXT_MAX} characters, or all than {_TEXTS_MAX}."
        raise Unreadable("too-long", message)
    if any("\x00" in text for text in kept):
        raise Unreadable("nul", "A text contains a zero character; the file may be damaged.")
    return kept


@dataclass(slots=True)
class Header:
    """What a file says about itself; complete once all of it has been read."""

    account: str | None = None
    opening: Money | None = None
    closing: Money | None = None
    _opening_on: date | None = None
    _closing_on: date | None = None

    def of_account(self, account: str) -> None:
        """Note whose statement this is. A file of several accounts raises InputInvalid."""
        if self.account not in {None, account}:
            message = (
                "The file has statements of more than one account; "
                "ask the bank for one file per account, or split it."
            )
            raise InputInvalid([Fault("several-accounts", "", message)])
        self.account = account

    def balances(
        self, opening: tuple[Money, date] | None, closing: tuple[Money, date] | None
    ) -> None:
        """Note one statement's balances; the earliest opens the file, the latest closes it."""
        if opening is not None and (self._opening_on is None or opening[1] < self._opening_on):
            self.opening, self._opening_on = opening
        if closing is not None and (self._closing_on is None or closing[1] >= self._closing_on):
            self.closing, self._closing_on = closing


def cut_off(what: str) -> DraftFault:
    """The fault of a statement whose end, or one of whose pages, is missing."""
    message = f"{what}; the file may have been cut off, so ask the bank for it again."
    return DraftFault("statement-cut-off", message, "")


@dataclass(slots=True)
class StatementSum:
    """Whether one statement's lines lead from its opening to its closing balance.

    The check is silent where a line could not be read (its fault already says so), where a line
    is in another currency, and where the statement does not state both balances (which MT940 must;
    `mt940.py` looks).
    Opening 100.00, a line of 20.00 out and closing 80.00 add up.
    """

    opening: tuple[Money, date] | None = None
    closing: tuple[Money, date] | None = None
    _moved: dict[str, int] = field(default_factory=dict)
    _complete: bool = True

    def count(self, draft: Draft) -> None:
        """Take in one line or fault of the statement."""
        if isinstance(draft, DraftFault):
            self._complete = self._complete and draft.code == NOT_BOOKED
            return
        minor = draft.amount.minor if draft.direction is Direction.IN else -draft.amount.minor
        currency = draft.amount.currency
        self._moved[currency] = self._moved.get(currency, 0) + minor

    def fault(self) -> DraftFault | None:
        """The statement's fault, if its lines and balances do not agree."""
        if self.opening is None or self.closing is None or not self._complete:
            return None
        opening, closing = self.opening[0], self.closing[0]
        if opening.currency != closing.currency or self._moved.keys() - {opening.currency}:
            return None
        reached = Money(opening.minor + self._moved.get(opening.currency, 0), opening.currency)
        if reached == closing:
            return None
        message = (
            f"The lines lead from the opening balance {opening.readable()} to "
            f"{reached.readable()}, but the statement closes at {closing.readable()}; "
            "a line may be missing, so ask the bank for the file again."
        )
        return DraftFault("balances-differ", message, "")
