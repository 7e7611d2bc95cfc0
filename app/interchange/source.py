"""The bytes of an import: never more than the limit, and of the kind that the caller named."""

import io
import re
from typing import BinaryIO, TypeAlias

from app.domain.bank import SourceKind
from app.domain.errors import Fault, InputInvalid, TooLarge, UnsupportedFile

BYTES_MAX = 256 * 1024 * 1024

_HEAD = 4096
_BINARY = (
    (b"PK\x03\x04", "a workbook or other zipped file; save it as CSV first"),
    (b"\xd0\xcf\x11\xe0", "an old Office document; save it as CSV first"),
    (b"%PDF", "a PDF; ask for the data file instead"),
    (b"\x1f\x8b", "a gzip file; unpack it first"),
)
_MT940 = re.compile(rb"(?:\A\{1:|^:20:)", re.MULTILINE)
_NAMES = {
    SourceKind.CAMT_053: "a camt.053 statement",
    SourceKind.MT940: "an MT940 statement",
    SourceKind.CSV: "a CSV file",
}


class Limited(io.RawIOBase):
    """Reads from another file up to a limit. Closing this leaves the other file open."""

    def __init__(self, file: BinaryIO, bytes_max: int) -> None:
        super().__init__()
        self._file = file
        self._left = bytes_max
        self._max = bytes_max

    def readable(self) -> bool:
        """It is for reading only."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # typeshed: any Buffer
        """Fill the buffer. Raises TooLarge `file-too-large` at the first byte beyond the limit."""
        # One byte more than is left shows whether the file goes on.
        data = self._file.read(min(len(buffer), self._left + 1))
        if len(data) > self._left:
            message = f"The file is larger than {self._max} bytes; split it by period."
            raise TooLarge("file-too-large", message)
        self._left -= len(data)
        buffer[: len(data)] = data
        return len(data)


Source: TypeAlias = "io.BufferedReader[Limited]"


def open_source(file: BinaryIO, kind: SourceKind, bytes_max: int = BYTES_MAX) -> Source:
    """Wrap a file for one reading from where it stands, after a look at its first bytes.

    Raises InputInvalid `empty-file`, UnsupportedFile `wrong-kind` if the content shows another kind
    than `kind`, and, at the read that crosses the limit, TooLarge `file-too-large`.
    """
    source = io.BufferedReader(Limited(file, bytes_max), buffer_size=64 * 1024)
    head = source.peek(_HEAD)[:_HEAD]
    # UTF-16 puts a zero byte beside each ASCII character; without them both look alike.
    plain = re.sub(rb"\A(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)", b"", head).replace(b"\x00", b"")
    if not plain.strip():
        raise InputInvalid([Fault("empty-file", "", "The file has no content.")])
    for magic, what in _BINARY:
        if head.startswith(magic):
            raise _wrong(kind, what)
    found = _found(plain.lstrip())
    if found is not kind:
        raise _wrong(kind, f"{_NAMES[found]}; name that kind instead")
    return source


def _found(head: bytes) -> SourceKind:
    if head.startswith(b"<"):
        return SourceKind.CAMT_053
    return SourceKind.MT940 if _MT940.search(head) else SourceKind.CSV


def _wrong(kind: SourceKind, what: str) -> UnsupportedFile:
    message = f"The file is not {_NAMES[kind]}; it looks like {what}."
    return UnsupportedFile("wrong-kind", message)
