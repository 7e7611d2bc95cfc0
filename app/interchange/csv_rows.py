"""The records of a CSV file, one after the other, so that a broken one spoils no other."""

import csv
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.column_mapping import TextEncoding
from app.domain.errors import UnsupportedFile
from app.interchange.drafts import Unreadable
from app.interchange.source import Source

_ROW_MAX = 64 * 1024
_ROWS_IN_RECORD = 100

_MARKS = (
    (b"\xef\xbb\xbf", TextEncoding.UTF_8),
    (b"\xff\xfe", TextEncoding.UTF_16),
    (b"\xfe\xff", TextEncoding.UTF_16),
)


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one record, or why it has none; `row` is the first row it stands in, from 1."""

    row: int
    raw: str
    cells: list[str]
    problem: Unreadable | None = None


def open_text(source: Source, encoding: TextEncoding) -> io.TextIOWrapper:
    """Decode a file strictly as declared. Raises UnsupportedFile `wrong-encoding`.

    A byte order mark must agree with the declared encoding. UTF-16 must have one, since without it
    there is no telling which byte comes first.
    """
    head = source.peek(4)[:4]
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if marked is not None and marked is not encoding:
        raise _wrong(encoding, f"it starts with the mark of {marked.value}")
    if encoding is TextEncoding.UTF_16 and marked is None:
        raise _wrong(encoding, "it does not start with a byte order mark")
    name = "utf-8-sig" if encoding is TextEncoding.UTF_8 else encoding.value
    return io.TextIOWrapper(source, encoding=name, errors="strict", newline="")


class Records:
    """The records of a file by RFC 4180, tolerant of any line end.

    A quoted cell may go over several rows, up to 100 rows and 64 KiB. A record whose quotes do not
    close within that, or which closes with another number of cells than `width`, is one faulty
    row, and reading goes on with the row after it: a stray quotation mark never takes good rows
    along. `width` is the header's number of cells, once that is known.
    """

    def __init__(self, text: io.TextIOWrapper, delimiter: str, encoding: TextEncoding) -> None:
        """`text` comes from `open_text` with the same encoding."""
        self.width: int | None = None
        self._rows = _Rows(text, encoding)
        self._delimiter = delimiter

    def __iter__(self) -> Iterator[Record]:
        """Read on from where the last reading stopped."""
        while (first := self._rows.next()) is not None:
            yield self._record(first)

    def _record(self, first: "_Row") -> Record:
        if first.cut:
            return _faulty(first, "too-long", f"The row has more than {_ROW_MAX} characters.")
        taken = [first]
        try:
            cells = next(csv.reader(self._more(taken), delimiter=self._delimiter, strict=True))
            closed = len(taken) == 1 or self.width in {None, len(cells)}
        except csv.Error:
            closed = False
        if not closed:
            self._rows.give_back(taken[1:])
            return _faulty(first, "bad-quotes", "The row's quotation marks do not pair up.")
        raw = "".join(row.text for row in taken).rstrip("\r\n")
        return Record(first.number, raw, cells)

    def _more(self, taken: "list[_Row]") -> Iterator[str]:
        """The first row, and as many after it as the parser asks for to close a quoted cell."""
        yield taken[0].text
        while sum(len(row.text) for row in taken) <= _ROW_MAX and len(taken) < _ROWS_IN_RECORD:
            row = self._rows.next()
            if row is None:
                return
            taken.append(row)
            yield row.text


def _faulty(row: "_Row", code: str, message: str) -> Record:
    return Record(row.number, row.text.rstrip("\r\n"), [], Unreadable(code, message))


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    text: str
    cut: bool


class _Rows:
    """Physical rows with a bound on their length; rows read too far can be given back."""

    def __init__(self, text: io.TextIOWrapper, encoding: TextEncoding) -> None:
        self._text = text
        self._encoding = encoding
        self._waiting: deque[_Row] = deque()
        self._number = 0

    def next(self) -> _Row | None:
        if self._waiting:
            return self._waiting.popleft()
        row = self._read()
        if not row:
            return None
        self._number += 1
        rest = row
        while len(rest) == _ROW_MAX and not rest.endswith(("\n", "\r")):
            rest = self._read()
        return _Row(self._number, row, rest is not row)

    def give_back(self, rows: list[_Row]) -> None:
        self._waiting.extendleft(reversed(rows))

    def _read(self) -> str:
        try:
            return self._text.readline(_ROW_MAX)
        except UnicodeError:
            raise _wrong(self._encoding, f"row {self._number + 1} or later is not") from None


def _wrong(encoding: TextEncoding, why: str) -> UnsupportedFile:
    message = (
        f"The mapping says that the file is {encoding.value}, but {why}; "
        "correct the mapping's encoding or export the file again."
    )
    return UnsupportedFile("wrong-encoding", message)
