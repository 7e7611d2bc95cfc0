"""A whole file read at once, for tests of the readers."""

from dataclasses import dataclass
from typing import BinaryIO

from app.domain.bank import FileFault, FileLine, SourceKind
from app.domain.column_mapping import ColumnMapping
from app.domain.money import Money
from app.interchange.read import open_statement
from app.interchange.source import BYTES_MAX


@dataclass(frozen=True, slots=True)
class StatementFile:
    """What a reader made of a file: lines and faults together account for all of its lines.

    `account` is the account the file says it is of; balances are those it states, if it does.
    """

    kind: SourceKind
    account: str | None
    lines: tuple[FileLine, ...]
    faults: tuple[FileFault, ...]
    opening: Money | None
    closing: Money | None


def read_statement(
    file: BinaryIO,
    kind: SourceKind,
    mapping: ColumnMapping | None = None,
    *,
    bytes_max: int = BYTES_MAX,
) -> StatementFile:
    """Read a whole file at once. Raises what `open_statement` and reading on raise.

    A file of 18 payments, one of them unreadable, gives 17 lines and 1 fault.
    """
    stream = open_statement(file, kind, mapping, bytes_max=bytes_max)
    lines: list[FileLine] = []
    faults: list[FileFault] = []
    for item in stream:
        if isinstance(item, FileLine):
            lines.append(item)
        else:
            faults.append(item)
    return StatementFile(
        kind=kind,
        account=stream.account,
        lines=tuple(lines),
        faults=tuple(faults),
        opening=stream.opening,
        closing=stream.closing,
    )
