"""Write a list as CSV: RFC 4180, UTF-8, ISO dates, plain decimals, safe in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from app.domain.journal import instant_text
from app.interchange.columns import Cell, Column, check_row

_CHUNK = 64 * 1024
# A spreadsheet takes a text that starts so for a formula; the last four are full-width forms.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def csv_chunks(columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Yield the file in pieces of about 64 KiB, header row first, for as many rows as there are.

    Text that a spreadsheet would run as a formula gets an apostrophe in front, so "=1+1" becomes
    "'=1+1"; numbers and dates never do, so -8,248.00 pounds is -8248.00. Truth values are true and
    false, instants as the interface writes them (2026-11-22T10:15:00.000000Z). An empty cell is
    empty.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([_text(column.name) for column in columns])
    for row in rows:
        check_row(columns, row)
        writer.writerow([_cell(cell) for cell in row])
        if buffer.tell() >= _CHUNK:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return _text(cell)
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, datetime):
        return instant_text(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def _text(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
