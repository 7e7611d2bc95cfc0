"""Write a list as an XLSX workbook with real numbers and dates, row by row, of any length."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import BinaryIO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from app.domain.errors import TooLarge
from app.domain.money import Money, minor_digits
from app.interchange.columns import Cell, Column, ColumnKind, check_row

# A sheet has 1,048,576 rows; the first is the header's.
ROWS_PER_SHEET = 1_048_575

_TEXT_MAX = 32_767
# Spreadsheets calculate with 15 digits; a longer number would be shown, and added up, wrong.
_DIGITS_MAX = 10**15
_WIDTHS = {ColumnKind.TEXT: 28, ColumnKind.DATE: 12, ColumnKind.MONEY: 16, ColumnKind.INTEGER: 10}


def write_xlsx(
    out: BinaryIO,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Cell]],
    *,
    title: str,
    made_at: datetime,
    rows_per_sheet: int = ROWS_PER_SHEET,
) -> None:
    """Write a whole workbook; memory holds one row at a time, the rest waits in temporary files.

    Text is text, whatever it looks like: never a formula or a link. A list longer than a sheet goes
    on in the next, under the same header. `title` names the sheets (at most 25 characters of
    letters, digits, spaces and hyphens) and `made_at` is the only time in the file: the same rows
    give the same bytes. Raises TooLarge `cell-too-long` for what no sheet can hold: more than
    32,767 characters, or a number of more than 15 digits; such a list can be had as CSV.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": title, "created": made_at.replace(tzinfo=None)})
        writer = _Writer(book, columns, title, rows_per_sheet)
        writer.start_sheet()
        for row in rows:
            check_row(columns, row)
            writer.write(row)


class _Writer:
    def __init__(
        self, book: xlsxwriter.Workbook, columns: Sequence[Column], title: str, rows_max: int
    ) -> None:
        self._book = book
        self._columns = columns
        self._title = title
        self._rows_max = rows_max
        self._sheets = 0
        self._row = 0
        self._bold = book.add_format({"bold": True, "bottom": 1})
        self._day = book.add_format({"num_format": "yyyy-mm-dd"})
        self._money: dict[int, Format] = {}

    def start_sheet(self) -> None:
        self._sheets += 1
        name = self._title if self._sheets == 1 else f"{self._title} {self._sheets}"
        self._sheet: Worksheet = self._book.add_worksheet(name)
        self._sheet.freeze_panes(1, 0)
        for place, column in enumerate(self._columns):
            self._sheet.set_column(place, place, _WIDTHS[column.kind])
            self._sheet.write_string(0, place, column.name, self._bold)
        self._row = 0

    def write(self, row: Sequence[Cell]) -> None:
        if self._row == self._rows_max:
            self.start_sheet()
        self._row += 1
        for place, cell in enumerate(row):
            if cell is not None:
                self._write_cell(place, cell)

    def _write_cell(self, place: int, cell: str | date | Money | int) -> None:
        if isinstance(cell, str):
            # Excel counts the two halves of a character beyond the first 65,536 singly.
            if len(cell.encode("utf-16-le", "surrogatepass")) > 2 * _TEXT_MAX:
                raise self._too_long(place, f"has more than {_TEXT_MAX} characters")
            self._sheet.write_string(self._row, place, cell)
        elif isinstance(cell, date):
            moment = datetime.combine(cell, time())
            self._sheet.write_datetime(self._row, place, moment, self._day)
        else:
            digits = minor_digits(cell.currency) if isinstance(cell, Money) else 0
            number = cell.minor if isinstance(cell, Money) else cell
            if abs(number) >= _DIGITS_MAX:
                raise self._too_long(place, "has more than 15 digits")
            form = self._decimals(digits) if isinstance(cell, Money) else None
            # Written with 16 digits, so a Decimal stays exact; only the hints want a float.
            exact = Decimal(number).scaleb(-digits)
            self._sheet.write_number(self._row, place, exact, form)  # type: ignore[call-overload]

    def _decimals(self, digits: int) -> Format:
        if digits not in self._money:
            fraction = f".{'0' * digits}" if digits else ""
            self._money[digits] = self._book.add_format({"num_format": f"#,##0{fraction}"})
        return self._money[digits]

    def _too_long(self, place: int, why: str) -> TooLarge:
        column = self._columns[place].name
        message = (
            f"{column} in row {self._row + 1} of sheet {self._sheets} {why}; export it as CSV."
        )
        return TooLarge("cell-too-long", message)
