"""How the columns of a bank's or council's CSV export are to be read; saved once per source."""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from app.domain.errors import Fault, InputInvalid


class TextEncoding(StrEnum):
    """The encodings a source may declare. Nothing is guessed: a file in another one is refused."""

    UTF_8 = "utf-8"
    UTF_16 = "utf-16"
    CP1252 = "cp1252"
    LATIN_1 = "iso-8859-1"


class SignConvention(StrEnum):
    """What an amount without a minus sign means for the owner of the account.

    A bank export usually shows receipts positive; an accounts-payable extract shows payments so.
    """

    POSITIVE_IS_IN = "positive-is-in"
    POSITIVE_IS_OUT = "positive-is-out"


DATE_TOKENS = ("YYYY", "YY", "MMM", "MM", "M", "DD", "D", "hh", "mm", "ss")
_TOKEN = re.compile("|".join(DATE_TOKENS))
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_DELIMITERS = (",", ";", "\t", "|")
_DECIMAL_MARKS = (".", ",")
_THOUSANDS_MARKS = ("", ",", ".", " ", "'", "\u00a0", "\u202f")
_ROWS_MAX = 1_000


def date_tokens(date_format: str) -> list[str]:
    """The tokens of a date format in their order: "DD/MM/YYYY" gives DD, MM, YYYY."""
    return _TOKEN.findall(date_format)


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Which column of a CSV file means what. Columns are named as in the file's header row.

    Amounts come in one of three ways: `amount` with the sign convention; `amount` without signs
    and `direction`, a column whose words are listed in `in_words` and `out_words`; or a `debit`
    and a `credit` column, where debit means money out. `currency` holds for every row unless
    `currency_column` is named. `date_format` is made of YYYY or YY, MM, M or MMM (Jan), DD or D,
    hh, mm and ss; its other characters stand for themselves: "DD/MM/YYYY", "D-MMM-YY".
    `skip_rows` rows stand before the header row. A row whose `returned` column holds one of
    `returned_words` is a returned payment. Raises InputInvalid with every fault found, so that a
    mapping which cannot be read with does not exist.
    """

    date: str
    amount: str | None = None
    debit: str | None = None
    credit: str | None = None
    direction: str | None = None
    in_words: tuple[str, ...] = ()
    out_words: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    bank_reference: str | None = None
    counterparty: str | None = None
    value_date: str | None = None
    currency_column: str | None = None
    returned: str | None = None
    returned_words: tuple[str, ...] = ()
    currency: str = "GBP"
    sign: SignConvention = SignConvention.POSITIVE_IS_IN
    date_format: str = "YYYY-MM-DD"
    decimal_mark: str = "."
    thousands_mark: str = ""
    delimiter: str = ","
    encoding: TextEncoding = TextEncoding.UTF_8
    skip_rows: int = 0
    columns: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """`columns` becomes every column named, in a fixed order and once each."""
        named = (
            self.date,
            self.value_date,
            self.amount,
            self.debit,
            self.credit,
            self.direction,
            self.currency_column,
            self.counterparty,
            self.bank_reference,
            self.returned,
            *self.references,
        )
        unique = dict.fromkeys(name for name in named if name is not None)
        object.__setattr__(self, "columns", tuple(unique))
        faults = [*self._column_faults(), *self._amount_faults(), *self._form_faults()]
        if faults:
            raise InputInvalid(faults)

    def _column_faults(self) -> list[Fault]:
        faults = []
        if any(not name.strip() for name in self.columns):
            faults.append(
                Fault("no-column", "", "A column name is blank; name it or leave it out.")
            )
        pairs = (
            ("direction", self.direction, (*self.in_words, *self.out_words)),
            ("returned", self.returned, self.returned_words),
        )
        for name, column, words in pairs:
            if (column is None) != (not words):
                message = f"Give the column {name} together with the words it may hold, or neither."
                faults.append(Fault("incomplete-column", f"/{name}", message))
        both = {word.casefold() for word in self.in_words}
        if both & {word.casefold() for word in self.out_words}:
            message = "A word cannot mean money in and money out; list it once."
            faults.append(Fault("ambiguous-word", "/in_words", message))
        return faults

    def _amount_faults(self) -> list[Fault]:
        pair = self.debit is not None and self.credit is not None
        either = self.debit is not None or self.credit is not None
        if self.amount is not None and not either:
            return []
        if self.amount is None and pair and self.direction is None:
            return []
        message = (
            "Name either the column amount, with direction if it has no signs, "
            "or both of debit and credit."
        )
        return [Fault("no-amount-column", "/amount", message)]

    def _form_faults(self) -> list[Fault]:
        tokens = date_tokens(self.date_format)
        letters = sorted(token[0] for token in tokens if token[0] in "YMD")
        digits = any(mark.isdigit() for mark in self.date_format)
        choices = (
            ("date_format", letters == ["D", "M", "Y"] and len(set(tokens)) == len(tokens)
             and not digits, "use YYYY or YY, MM, M or MMM, and DD or D, once each"),
            ("delimiter", self.delimiter in _DELIMITERS, "use a comma, semicolon, tab or bar"),
            ("decimal_mark", self.decimal_mark in _DECIMAL_MARKS, "use a point or a comma"),
            ("thousands_mark", self.thousands_mark in _THOUSANDS_MARKS
             and self.thousands_mark != self.decimal_mark,
             "use none, a comma, point, space or apostrophe other than the decimal mark"),
            ("currency", _CURRENCY.fullmatch(self.currency) is not None,
             "use three capital letters of ISO 4217"),
            ("skip_rows", 0 <= self.skip_rows <= _ROWS_MAX, f"use 0 to {_ROWS_MAX}"),
        )  # fmt: skip
        return [
            Fault("bad-mapping", f"/{name}", f"The mapping's {name} cannot be used: {advice}.")
            for name, good, advice in choices
            if not good
        ]
