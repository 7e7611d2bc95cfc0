"""Write a list as an XLSX workbook with real numbers and dates, row by row, of any length.

A workbook is an archive of XML parts. They are packed as they are made, so that nothing of a list
waits anywhere but in what it is written to: libraries keep rows, and then parts, in plain temporary
files. What is written is what ECMA-376 asks of the smallest workbook, and no more.
"""

import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import IO, Protocol, cast
from xml.sax.saxutils import escape

from app.domain.errors import TooLarge
from app.domain.money import Money, minor_digits
from app.interchange.columns import Cell, Column, check_row
from app.interchange.xlsx_parts import (
    BOLD,
    DAY,
    FIRST_PARTS,
    SHEET_END,
    last_parts,
    money_style,
    properties,
    sheet_start,
)

# A sheet has 1,048,576 rows; the first is the header's.
ROWS_PER_SHEET = 1_048_575

_TEXT_MAX = 32_767
# Spreadsheets calculate with 15 digits; a longer number would be shown, and added up, wrong.
_DIGITS_MAX = 10**15
_PIECE_BYTES = 64 * 1024
# What XML cannot hold, and text that a reader would take for the escape of such a character.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_FIRST_DAY, _LEAP_DAY = date(1900, 1, 1), date(1900, 2, 28)


class Sink(Protocol):
    """What a workbook is written to, from its start to its end."""

    def write(self, content: bytes, /) -> object:
        """Take the next bytes."""


def write_xlsx(
    out: Sink,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Cell]],
    *,
    title: str,
    made_at: datetime,
    rows_per_sheet: int = ROWS_PER_SHEET,
) -> None:
    """Write a whole workbook; memory holds one row and 64 KiB at a time, and no file is made.

    Text is text, whatever it looks like: never a formula or a link. A list longer than a sheet goes
    on in the next, under the same header. `title` names the sheets (at most 25 characters of
    letters, digits, spaces and hyphens) and `made_at` is the only time in the file: the same rows
    give the same bytes. Raises TooLarge `cell-too-long` for what no sheet can hold: more than
    32,767 characters, or a number of more than 15 digits; such a list can be had as CSV.
    """
    book = _Book(out, columns, title, rows_per_sheet)
    try:
        book.add_parts(FIRST_PARTS | properties(title, made_at.astimezone(UTC)))
        book.start_sheet()
        for row in rows:
            check_row(columns, row)
            book.write(row)
        book.finish()
    except BaseException:
        book.abandon()
        raise


class _Forward:
    """What the archive is written to: it never goes back, so that it may be sealed on its way."""

    def __init__(self, out: Sink) -> None:
        self._out: Sink | None = out

    def write(self, content: bytes) -> int:
        if self._out is not None:
            self._out.write(bytes(content))
        return len(content)

    def stop(self) -> None:
        """Pass nothing more on: an archive that is given up ends with a directory all the same."""
        self._out = None

    def flush(self) -> None:
        """Nothing is held back."""


class _Book:
    def __init__(self, out: Sink, columns: Sequence[Column], title: str, rows_max: int) -> None:
        self._forward = _Forward(out)
        self._archive = zipfile.ZipFile(cast("IO[bytes]", self._forward), "w")
        self._columns = columns
        self._letters = [_letters(place) for place in range(len(columns))]
        self._title = title
        self._rows_max = rows_max
        self._names: list[str] = []
        self._part: IO[bytes] | None = None
        self._waiting = bytearray()
        self._row = 0

    def add_parts(self, parts: dict[str, str]) -> None:
        for name, content in parts.items():
            self._archive.writestr(_entry(name), content)

    def start_sheet(self) -> None:
        self._end_sheet()
        number = len(self._names) + 1
        self._names.append(self._title if number == 1 else f"{self._title} {number}")
        self._part = self._archive.open(_entry(f"xl/worksheets/sheet{number}.xml"), "w")
        self._waiting += sheet_start([column.kind for column in self._columns]).encode()
        self._row = 0
        cells = [self._text(place, column.name, BOLD) for place, column in enumerate(self._columns)]
        self._add_row(cells)

    def write(self, row: Sequence[Cell]) -> None:
        if self._row > self._rows_max:
            self.start_sheet()
        self._add_row(
            [self._cell(place, cell) for place, cell in enumerate(row) if cell is not None]
        )

    def finish(self) -> None:
        self._end_sheet()
        self.add_parts(last_parts(self._names))
        self._archive.close()

    def abandon(self) -> None:
        self._forward.stop()
        if self._part is not None:
            self._part.close()
        self._archive.close()

    def _add_row(self, cells: Sequence[str]) -> None:
        self._row += 1
        self._waiting += f'<row r="{self._row}">{"".join(cells)}</row>'.encode()
        if len(self._waiting) >= _PIECE_BYTES:
            self._pack()

    def _end_sheet(self) -> None:
        if self._part is not None:
            self._waiting += SHEET_END.encode()
            self._pack()
            self._part.close()

    def _pack(self) -> None:
        if self._part is None:
            raise AssertionError("rows are written once a sheet was started")
        self._part.write(self._waiting)
        self._waiting.clear()

    def _cell(self, place: int, cell: str | date | Money | int) -> str:
        if isinstance(cell, str):
            return self._text(place, cell)
        if isinstance(cell, date):
            # No sheet knows a day before 1900.
            return (
                self._text(place, cell.isoformat())
                if cell < _FIRST_DAY
                else self._number(place, str(_serial(cell)), DAY)
            )
        number = cell.minor if isinstance(cell, Money) else cell
        if abs(number) >= _DIGITS_MAX:
            raise self._too_long(place, "has more than 15 digits")
        if isinstance(cell, Money):
            return self._number(place, str(cell), money_style(minor_digits(cell.currency)))
        return self._number(place, str(cell))

    def _text(self, place: int, text: str, style: int = 0) -> str:
        # Excel counts the two halves of a character beyond the first 65,536 singly.
        if len(text.encode("utf-16-le", "surrogatepass")) > 2 * _TEXT_MAX:
            raise self._too_long(place, f"has more than {_TEXT_MAX} characters")
        plain = escape(_UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text))
        kept = ' xml:space="preserve"' if text != text.strip() else ""
        form = f' s="{style}"' if style else ""
        return (
            f'<c r="{self._letters[place]}{self._row + 1}"{form} t="inlineStr">'
            f"<is><t{kept}>{plain}</t></is></c>"
        )

    def _number(self, place: int, plain: str, style: int = 0) -> str:
        form = f' s="{style}"' if style else ""
        return f'<c r="{self._letters[place]}{self._row + 1}"{form}><v>{plain}</v></c>'

    def _too_long(self, place: int, why: str) -> TooLarge:
        column = self._columns[place].name
        message = (
            f"{column} in row {self._row + 1} of sheet {len(self._names)} {why}; export it as CSV."
        )
        return TooLarge("cell-too-long", message)


def _entry(name: str) -> zipfile.ZipInfo:
    """A part of the archive, without a time."""
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _letters(place: int) -> str:
    """The letters of a column, from 0: A, Z at 25, AA at 26."""
    found = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def _serial(day: date) -> int:
    """The number of a day: 1 for 1 January 1900, 61 for 1 March: sheets know a 29 February."""
    return (day - _FIRST_DAY).days + (1 if day <= _LEAP_DAY else 2)
