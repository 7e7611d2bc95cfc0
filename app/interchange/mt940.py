"""Read SWIFT MT940 statements, tolerantly in form and strictly in money.

The file is cut into fields here, one statement line at a time, so that a line which cannot be read
is one fault and not the end of the file; each field is then read by the package mt-940.
"""

import io
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from mt940 import Options
from mt940.models import Transactions
from mt940.processors import transaction_details_post_processor
from mt940.tags import FinalClosingBalance, FinalOpeningBalance, Statement, TransactionDetails

from app.domain.bank import Direction
from app.domain.errors import Fault, InputInvalid, UnsupportedFile
from app.domain.money import Money
from app.interchange.amounts import exact_money
from app.interchange.drafts import (
    RAW_MAX,
    Draft,
    DraftFault,
    DraftLine,
    Header,
    StatementSum,
    Unreadable,
    bounded,
    cut_off,
)
from app.interchange.source import Source

# The package logs the content of fields that it cannot read. Who paid whom is not for the log.
logging.getLogger("mt940").setLevel(logging.CRITICAL + 1)

_FIELD = re.compile(r":(\d\d[A-Z]?|NS):(.*)", re.ASCII | re.DOTALL)
# SWIFT's blocks around the fields, and the row that ends a statement.
_ENVELOPE = re.compile(r"-|(?:-\})?(?:\{[1-5S]:.*)?", re.ASCII)
# The pieces of a structured :86: that make up the purpose, each of at most 27 characters.
_PURPOSE = re.compile(r"\?(?:2[0-9]|6[0-3])([^?]*)")
_KNOWN = frozenset(
    "20 21 25 25P 28 28C 13 13D 34F 60F 60M 61 62F 62M 64 65 86 90C 90D NS".split()  # noqa: SIM905
)
_ROW_MAX = 4_000
_FIELD_MAX = 16_000
_STATEMENT, _DETAILS = Statement(), TransactionDetails()
_OPENING, _CLOSING = FinalOpeningBalance(), FinalClosingBalance()
_MARKS = {"C": Direction.IN, "D": Direction.OUT, "RC": Direction.OUT, "RD": Direction.IN}
_UNREADABLE = (RuntimeError, ValueError, ArithmeticError, LookupError, TypeError, AttributeError)
# What a structured :86: may say of the line, in the package's names.
_REFERENCES = (
    "customer_reference",
    "end_to_end_reference",
    "bank_reference",
    "extra_details",
    "purpose",
    "additional_purpose",
    "additional_position_reference",
    "transaction_details",
)


@dataclass(slots=True)
class _Field:
    tag: str
    text: str
    too_long: bool = False

    def add(self, row: str) -> None:
        if len(self.text) + len(row) > _FIELD_MAX:
            self.too_long = True
        else:
            self.text += "\n" + row

    @property
    def raw(self) -> str:
        return f":{self.tag}:{self.text}"


@dataclass(slots=True)
class _Page:
    """One statement, or one page of it: from :20: to the next.

    `opened` and `closed` are the fields that gave its balances: 60F, or 60M on a further page; 62F,
    or 62M where a page follows. None where no such field could be read; `told` if one is a fault
    already.
    """

    begun: bool = False
    known: Transactions = field(default_factory=lambda: Transactions(options=Options.all()))
    sum: StatementSum = field(default_factory=StatementSum)
    opened: str | None = None
    closed: str | None = None
    told: bool = False


def mt940_drafts(source: Source, header: Header) -> Iterator[Draft]:
    """Yield the lines of every statement of one account, in the order of the file.

    Source: SWIFT MT940, fields 25, 60, 61, 62 and 86. A statement without its opening or closing
    balance, or of whose pages one is missing, has the fault `statement-cut-off`: nothing else tells
    a file that was cut on its way from a whole one. The amount's currency is the opening balance's.
    A line's booking day is its entry date, or its value date if it has none. MT940 names no
    encoding: a row is UTF-8 if it is valid UTF-8, else ISO 8859-1, in which every byte is a
    character. Raises InputInvalid `several-accounts`, UnsupportedFile `wrong-encoding` for UTF-16.
    """
    page, before = _Page(), _Page()
    line: _Field | None = None
    details: _Field | None = None
    for item in _fields(source):
        if isinstance(item, _Field) and item.tag == "86" and line is not None and details is None:
            details = item
            continue
        if line is not None:
            yield _counted(page, _line(page, line, details))
            line = details = None
        if isinstance(item, DraftFault):
            yield _counted(page, item)
        elif item.tag == "61":
            line, page.begun = item, True
        elif item.tag == "20":
            yield from _closed(before, page, header)
            before, page = page, _Page(begun=True)
        else:
            yield from _statement_field(page, item, header)
    if line is not None:
        yield _counted(page, _line(page, line, details))
    yield from _closed(before, page, header)
    if page.closed == "62M":
        yield cut_off("The statement's last page says that another one follows, and none does")


def _fields(source: Source) -> Iterator[_Field | DraftFault]:
    """Cut the file into fields. Rows that belong to none are faults, save SWIFT's envelope."""
    current: _Field | None = None
    for row in _rows(source):
        match = _FIELD.fullmatch(row)
        if match is not None and match[1] in _KNOWN:
            if current is not None:
                yield current
            current = _Field(match[1], match[2][:_FIELD_MAX])
        elif row.startswith(":") or current is None or _ENVELOPE.fullmatch(row):
            # A field's further rows may not start with a colon, so this is a field gone wrong.
            if current is not None:
                yield current
            current = None
            if row.strip() and not _ENVELOPE.fullmatch(row):
                message = "The row belongs to no field that MT940 has."
                yield DraftFault("unknown-field", message, row)
        else:
            current.add(row)
    if current is not None:
        yield current


def _rows(source: Source) -> Iterator[str]:
    """The rows without their ends, whichever of three line ends an old system writes."""
    if source.peek(2)[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        message = "MT940 is written in single bytes, and this file is UTF-16; convert it."
        raise UnsupportedFile("wrong-encoding", message)
    # ISO 8859-1 keeps every byte, so that each row can then be decoded on its own.
    text = io.TextIOWrapper(source, encoding="iso-8859-1", newline=None)
    try:
        while row := text.readline(_ROW_MAX):
            if len(row) == _ROW_MAX and not row.endswith("\n"):
                message = f"A row has more than {_ROW_MAX} characters, so this is not MT940."
                raise UnsupportedFile("row-too-long", message)
            written = row.removesuffix("\n").encode("iso-8859-1")
            try:
                yield written.decode("utf-8-sig")
            except UnicodeDecodeError:
                yield written.decode("iso-8859-1")
    finally:
        # Closing the text would close the source, which is the caller's; it is closed already where
        # reading ended early.
        if not source.closed:
            text.detach()


def _statement_field(page: _Page, item: _Field, header: Header) -> Iterator[Draft]:
    if item.tag in {"25", "25P"}:
        account = item.text.split("\n")[0].strip()
        if not account or len(account) > 100 or "\x00" in account:
            raise InputInvalid([Fault("bad-account", "", "Field 25 does not name an account.")])
        header.of_account(account)
    elif item.tag in {"60F", "60M", "62F", "62M"}:
        page.begun = True
        try:
            balance = _balance(page, item)
        except Unreadable as problem:
            page.told = True
            yield _counted(page, DraftFault(problem.code, problem.message, item.raw))
            return
        if item.tag.startswith("60"):
            page.sum.opening, page.opened = balance, item.tag
        else:
            page.sum.closing, page.closed = balance, item.tag


def _balance(page: _Page, item: _Field) -> tuple[Money, date]:
    """A statement's balance; the opening one also gives the currency of its lines."""
    tag = _OPENING if item.tag.startswith("60") else _CLOSING
    try:
        found: dict[str, Any] = tag(page.known, tag.parse(page.known, item.text))
        # The tag has made both from text, or raised.
        amount, day = found[tag.slug].amount, found[tag.slug].date
        money = _money(amount.amount, amount.currency)
        written = date(day.year, day.month, day.day)
    except _UNREADABLE:
        message = f"Field {item.tag} does not give a balance."
        raise Unreadable("bad-balance", message) from None
    if tag is _OPENING:
        page.known.data.update(found)
    return (-money if amount.amount < 0 else money), written


def _line(page: _Page, line: _Field, details: _Field | None) -> Draft:
    raw = line.raw if details is None else f"{line.raw}\n{details.raw}"
    if line.too_long or (details is not None and details.too_long):
        return DraftFault("too-long", f"The line has more than {_FIELD_MAX} characters.", raw)
    try:
        return _read_line(page, line, details, raw)
    except Unreadable as problem:
        return DraftFault(problem.code, problem.message, raw)
    except _UNREADABLE:
        message = "Field 61 is not in a form that MT940 knows."
        return DraftFault("unreadable", message, raw)


def _read_line(page: _Page, line: _Field, details: _Field | None, raw: str) -> DraftLine:
    known = page.known
    found: dict[str, Any] = _STATEMENT(known, _STATEMENT.parse(known, line.text))
    if known.currency is None:
        message = "No opening balance that can be read says which currency this line is in."
        raise Unreadable("no-currency", message)
    # The type code ends the amount; without it the amount may have been cut short.
    if not found.get("id"):
        raise Unreadable("unreadable", "Field 61 has no transaction type after its amount.")
    if details is not None:
        text = _DETAILS.parse(known, details.text)
        more = transaction_details_post_processor(known, _DETAILS, text, dict(text))
        found.update({name: value for name, value in more.items() if value is not None})
    mark = str(found["status"]).upper()
    value_on, booked_on = found["date"], found.get("entry_date") or found["date"]
    texts = [_one_row(found.get(name)) for name in _REFERENCES]
    if details is not None and found.get("purpose"):
        # The package joins the pieces without a space, banks break them within words or between.
        texts.append(_one_row(" ".join(_PURPOSE.findall(details.text.replace("\n", "")))))
    own = _one_row(found.get("bank_reference"))
    return DraftLine(
        booked_on=date(booked_on.year, booked_on.month, booked_on.day),
        value_on=date(value_on.year, value_on.month, value_on.day),
        amount=_money(found["amount"].amount, known.currency),
        direction=_MARKS[mark],
        counterparty=next(iter(bounded([_one_row(found.get("applicant_name"))])), None),
        references=bounded(text for text in texts if text != "NONREF"),
        bank_reference=own if own != "NONREF" else None,
        is_return=mark.startswith("R") or str(found["id"])[1:] == "RTI",
        raw=raw[:RAW_MAX],
    )


def _money(amount: Decimal, currency: str | None) -> Money:
    """Without its sign: the mark says the direction."""
    return exact_money(format(abs(amount), "f"), (currency or "").upper())


def _one_row(value: str | None) -> str | None:
    return " ".join(value.split()) or None if value else None


def _counted(page: _Page, draft: Draft) -> Draft:
    page.sum.count(draft)
    return draft


def _closed(before: _Page, page: _Page, header: Header) -> Iterator[Draft]:
    """The end of a page: its balances, and what is missing of them or between it and the last."""
    header.balances(page.sum.opening, page.sum.closing)
    fault = page.sum.fault()
    if fault is not None:
        yield fault
    if not page.begun or page.told:
        return
    if page.closed is None:
        yield cut_off("The statement has no closing balance")
    elif page.opened is None:
        yield cut_off("The statement has no opening balance")
    if before.told or page.opened is None:
        return
    if (before.closed == "62M") != (page.opened == "60M"):
        yield cut_off("A page of the statement is missing before this one")
    elif page.opened == "60M" and _amount(before.sum.closing) != _amount(page.sum.opening):
        yield cut_off("A page does not start at the balance at which the one before it ended")


def _amount(balance: tuple[Money, date] | None) -> Money | None:
    return balance[0] if balance is not None else None
