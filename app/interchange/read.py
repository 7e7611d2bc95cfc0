"""Read a bank or accounts-payable file of any kind: every line becomes a line or a fault."""

from collections.abc import Iterator
from typing import BinaryIO

from app.domain.bank import FileFault, FileLine, SourceKind
from app.domain.column_mapping import ColumnMapping
from app.domain.errors import Fault, InputInvalid, TooLarge
from app.domain.money import Money
from app.interchange.camt053 import camt053_drafts
from app.interchange.csv_file import csv_drafts
from app.interchange.drafts import RAW_MAX, Draft, DraftFault, Header
from app.interchange.identity import Identities
from app.interchange.mt940 import mt940_drafts
from app.interchange.source import BYTES_MAX, Source, open_source

LINES_MAX = 1_000_000


class StatementStream:
    """The lines and faults of a file, read as they are asked for, once.

    `account`, `opening` and `closing` are complete when the last line has been given. An error may
    come after lines were given: then none of them may be kept, so consume it in one transaction.
    """

    def __init__(self, kind: SourceKind, drafts: Iterator[Draft], header: Header) -> None:
        """Made by `open_statement`."""
        self.kind = kind
        self._drafts = drafts
        self._header = header

    @property
    def account(self) -> str | None:
        """The account the file says it is of."""
        return self._header.account

    @property
    def opening(self) -> Money | None:
        """The balance before the first line, if the file states it."""
        return self._header.opening

    @property
    def closing(self) -> Money | None:
        """The balance after the last line, if the file states it."""
        return self._header.closing

    def __iter__(self) -> Iterator[FileLine | FileFault]:
        """Number what the format's reader gives, from 1 without gaps, and name its lines."""
        identities = Identities()
        for position, draft in enumerate(self._drafts, 1):
            if position > LINES_MAX:
                message = f"The file has more than {LINES_MAX} lines; split it by period."
                raise TooLarge("too-many-lines", message)
            raw = draft.raw[:RAW_MAX].replace("\x00", "\u2400")
            if isinstance(draft, DraftFault):
                yield FileFault(position, draft.code, draft.message, raw)
                continue
            yield FileLine(
                position=position,
                identity=identities.name(draft),
                booked_on=draft.booked_on,
                value_on=draft.value_on,
                amount=draft.amount,
                direction=draft.direction,
                counterparty=draft.counterparty,
                references=draft.references,
                is_return=draft.is_return,
                raw=raw,
            )


def open_statement(
    file: BinaryIO,
    kind: SourceKind,
    mapping: ColumnMapping | None = None,
    *,
    bytes_max: int = BYTES_MAX,
) -> StatementStream:
    """Start reading a file from where it stands; memory stays bounded however long it is.

    Raises InputInvalid (`empty-file`, and `no-mapping` or `needless-mapping`: a mapping belongs to
    CSV and only to CSV) and UnsupportedFile `wrong-kind`. Reading on raises what the format's
    reader says, TooLarge `file-too-large` beyond `bytes_max` and `too-many-lines` beyond a million.
    """
    header = Header()
    if (mapping is not None) != (kind is SourceKind.CSV):
        code = "no-mapping" if mapping is None else "needless-mapping"
        message = "A CSV file needs a column mapping; the other kinds take none."
        raise InputInvalid([Fault(code, "/mapping", message)])
    source = open_source(file, kind, bytes_max)
    return StatementStream(kind, _drafts(source, kind, mapping, header), header)


def _drafts(
    source: Source, kind: SourceKind, mapping: ColumnMapping | None, header: Header
) -> Iterator[Draft]:
    if mapping is not None:
        return csv_drafts(source, mapping)
    if kind is SourceKind.CAMT_053:
        return camt053_drafts(source, header)
    return mt940_drafts(source, header)
