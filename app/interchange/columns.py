"""The columns of an exported list: what each holds, the same for CSV and XLSX."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from app.domain.money import Money


class ColumnKind(StrEnum):
    """What the cells of a column are."""

    TEXT = "text"
    DATE = "date"
    MONEY = "money"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    INSTANT = "instant"


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading and what its cells are. A money column does not show its currency.

    `person_level`: its cells name a participant by pseudonym, or describe one.
    """

    name: str
    kind: ColumnKind = ColumnKind.TEXT
    person_level: bool = False


Cell = str | date | datetime | Money | int | bool | None
"""An instant knows its time zone, and is written in UTC."""

_TYPES: dict[ColumnKind, type] = {
    ColumnKind.TEXT: str,
    ColumnKind.DATE: date,
    ColumnKind.MONEY: Money,
    ColumnKind.INTEGER: int,
    ColumnKind.BOOLEAN: bool,
    ColumnKind.INSTANT: datetime,
}
# Python takes these for kinds of int and of date; no column does.
_SINGLED_OUT = {ColumnKind.BOOLEAN: bool, ColumnKind.INSTANT: datetime}


def check_row(columns: Sequence[Column], row: Sequence[Cell]) -> None:
    """Hold a row against its columns; None is an empty cell of any kind.

    Raises AssertionError: a row that does not fit is a mistake in the program, not of its user.
    """
    if len(row) != len(columns):
        raise AssertionError(f"a row of {len(row)} cells under {len(columns)} columns")
    for column, cell in zip(columns, row, strict=True):
        own = _SINGLED_OUT.get(column.kind, ())
        alien = isinstance(cell, bool | datetime) and not isinstance(cell, own)
        if cell is not None and (alien or not isinstance(cell, _TYPES[column.kind])):
            raise AssertionError(f"{column.name} is {column.kind}, not {type(cell).__name__}")
        if isinstance(cell, datetime) and cell.tzinfo is None:
            raise AssertionError(f"{column.name} is not an instant without its time zone")
