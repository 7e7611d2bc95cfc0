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


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading and what its cells are. A money column does not show its currency.

    `person_level`: its cells name a participant by pseudonym, or describe one.
    """

    name: str
    kind: ColumnKind = ColumnKind.TEXT
    person_level: bool = False


Cell = str | date | Money | int | None

_TYPES: dict[ColumnKind, type] = {
    ColumnKind.TEXT: str,
    ColumnKind.DATE: date,
    ColumnKind.MONEY: Money,
    ColumnKind.INTEGER: int,
}


def check_row(columns: Sequence[Column], row: Sequence[Cell]) -> None:
    """Hold a row against its columns; None is an empty cell of any kind.

    Raises AssertionError: a row that does not fit is a mistake in the program, not of its user.
    """
    if len(row) != len(columns):
        raise AssertionError(f"a row of {len(row)} cells under {len(columns)} columns")
    for column, cell in zip(columns, row, strict=True):
        wrong = isinstance(cell, bool | datetime) or not isinstance(cell, _TYPES[column.kind])
        if cell is not None and wrong:
            raise AssertionError(f"{column.name} is {column.kind}, not {type(cell).__name__}")
