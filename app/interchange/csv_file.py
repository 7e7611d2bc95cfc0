"""Read the CSV export of a bank or of a council's accounts-payable system by a saved mapping."""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import islice

from app.domain.bank import Direction
from app.domain.column_mapping import ColumnMapping, SignConvention, date_tokens
from app.domain.errors import Fault, InputInvalid
from app.domain.money import Money
from app.interchange.amounts import signed_money
from app.interchange.csv_rows import Record, Records, open_text
from app.interchange.drafts import RAW_MAX, Draft, DraftFault, DraftLine, Unreadable, bounded
from app.interchange.source import Source

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PATTERNS = {
    "YYYY": r"(?P<year>[0-9]{4})",
    "YY": r"(?P<short>[0-9]{2})",
    "MMM": r"(?P<name>[A-Za-z]{3})",
    "MM": r"(?P<month>[0-9]{2})",
    "M": r"(?P<month>[0-9]{1,2})",
    "DD": r"(?P<day>[0-9]{2})",
    "D": r"(?P<day>[0-9]{1,2})",
    "hh": r"[0-9]{2}",
    "mm": r"[0-9]{2}",
    "ss": r"[0-9]{2}",
}
_HEADER_MAX = 500


def csv_drafts(source: Source, mapping: ColumnMapping) -> Iterator[Draft]:
    """Yield one line or fault for every record below the header row; a blank row is `blank-row`.

    Cells are data: one that looks like a formula is the text that stands there. Raises
    InputInvalid if a column of the mapping is missing from the header or stands there twice, and
    UnsupportedFile `wrong-encoding` where the file is not in the declared encoding.
    """
    text = open_text(source, mapping.encoding)
    try:
        records = Records(text, mapping.delimiter, mapping.encoding)
        header = next(islice(records, mapping.skip_rows, None), None)
        places = _places(header, mapping)
        width = 0 if header is None else len(header.cells)
        records.width = width
        for record in records:
            yield _draft(record, mapping, places, width)
    finally:
        # Closing the text would close the source, which is the caller's.
        text.detach()


def _places(header: Record | None, mapping: ColumnMapping) -> dict[str, int]:
    """Where each column of the mapping stands."""
    names = [] if header is None else [cell.strip() for cell in header.cells]
    faults = []
    for column in mapping.columns:
        count = names.count(column.strip())
        if count != 1 or len(names) > _HEADER_MAX:
            where = f"{mapping.skip_rows} rows down" if mapping.skip_rows else "in the first row"
            held = f"{count} columns" if count else "no column"
            message = (
                f"The header {where} has {held} named {column!r}, and needs one; "
                "check the mapping's columns, delimiter and skip_rows."
            )
            faults.append(Fault("column-missing" if not count else "column-twice", "", message))
    if faults:
        raise InputInvalid(faults)
    return {column: names.index(column.strip()) for column in mapping.columns}


def _draft(record: Record, mapping: ColumnMapping, places: dict[str, int], width: int) -> Draft:
    raw = record.raw[:RAW_MAX].replace("\x00", "\u2400")
    try:
        return _line(record, mapping, places, width, raw)
    except Unreadable as problem:
        return DraftFault(problem.code, f"Row {record.row}: {problem.message}", raw)


def _line(
    record: Record, mapping: ColumnMapping, places: dict[str, int], width: int, raw: str
) -> DraftLine:
    if record.problem is not None:
        raise record.problem
    if not any(cell.strip() for cell in record.cells):
        raise Unreadable("blank-row", "The row is blank.")
    if len(record.cells) != width:
        message = f"The row has {len(record.cells)} cells, and the header {width}."
        raise Unreadable("wrong-columns", message)
    if "\x00" in record.raw:
        raise Unreadable("nul", "The row contains a zero character; the file may be damaged.")
    cells = {column: record.cells[place].strip() for column, place in places.items()}
    amount, direction = _amount(cells, mapping)
    value_date = cells[mapping.value_date] if mapping.value_date else ""
    bank_reference = cells[mapping.bank_reference] if mapping.bank_reference else ""
    named = [cells[column] for column in mapping.references]
    counterparty = cells[mapping.counterparty] if mapping.counterparty else ""
    return DraftLine(
        booked_on=_day(cells[mapping.date], mapping.date_format),
        value_on=_day(value_date, mapping.date_format) if value_date else None,
        amount=amount,
        direction=direction,
        counterparty=next(iter(bounded([counterparty])), None),
        references=bounded([*named, bank_reference]),
        bank_reference=bank_reference or None,
        is_return=mapping.returned is not None
        and _is_one_of(cells[mapping.returned], mapping.returned_words),
        raw=raw,
    )


def _amount(cells: dict[str, str], mapping: ColumnMapping) -> tuple[Money, Direction]:
    """The unsigned amount and its direction, in whichever of three ways the source writes them.

    With positive-is-out, "-12.00" is 12.00 in: a credit on an accounts-payable extract.
    """
    currency = mapping.currency
    if mapping.currency_column is not None:
        currency = cells[mapping.currency_column].upper()
    if mapping.amount is None:
        signed = _debit_or_credit(cells, mapping, currency)
        return _way(signed, positive=Direction.IN)
    signed = _money(cells[mapping.amount], currency, mapping)
    if mapping.direction is None:
        out = mapping.sign is SignConvention.POSITIVE_IS_OUT
        return _way(signed, positive=Direction.OUT if out else Direction.IN)
    word = cells[mapping.direction]
    if _is_one_of(word, mapping.in_words):
        return _way(signed, positive=Direction.IN)
    if _is_one_of(word, mapping.out_words):
        return _way(signed, positive=Direction.OUT)
    raise Unreadable("bad-direction", "The direction is none of the mapping's words.")


def _debit_or_credit(cells: dict[str, str], mapping: ColumnMapping, currency: str) -> Money:
    """What came in, negative if it went out. One of the two cells must hold the amount."""
    debit, credit = (
        _money(cells[column], currency, mapping) if column and cells[column] else None
        for column in (mapping.debit, mapping.credit)
    )
    if debit is None and credit is None:
        raise Unreadable("no-amount", "The row has neither a debit nor a credit.")
    if debit and credit:
        raise Unreadable("two-amounts", "The row has both a debit and a credit.")
    if debit is None or credit:
        return credit or Money(0, currency)
    return -debit


def _money(text: str, currency: str, mapping: ColumnMapping) -> Money:
    if not text:
        raise Unreadable("no-amount", "The row has no amount.")
    return signed_money(text, currency, mapping.decimal_mark, mapping.thousands_mark)


def _way(signed: Money, *, positive: Direction) -> tuple[Money, Direction]:
    if signed.minor >= 0:
        return signed, positive
    return -signed, Direction.OUT if positive is Direction.IN else Direction.IN


def _is_one_of(text: str, words: tuple[str, ...]) -> bool:
    return text.casefold() in {word.strip().casefold() for word in words}


def _day(text: str, date_format: str) -> date:
    """Read a day strictly in the declared form, with English month names and years 2000 to 2099
    for two digits: "2-Apr-24" in D-MMM-YY is 2 April 2024.
    """
    match = _date_pattern(date_format).fullmatch(text)
    if match is None:
        raise Unreadable("bad-date", f"The date is not in the form {date_format}.")
    found = match.groupdict()
    try:
        year = int(found["year"]) if "year" in found else 2000 + int(found["short"])
        month = _MONTHS.index(found["name"].lower()) + 1 if "name" in found else int(found["month"])
        return date(year, month, int(found["day"]))
    except ValueError:
        raise Unreadable("bad-date", "The date is not in the calendar.") from None


@lru_cache(maxsize=64)
def _date_pattern(date_format: str) -> re.Pattern[str]:
    pattern, rest = "", date_format
    for token in date_tokens(date_format):
        before, _, rest = rest.partition(token)
        pattern += re.escape(before) + _PATTERNS[token]
    return re.compile(pattern + re.escape(rest), re.ASCII)
