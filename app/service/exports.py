"""Lists as CSV and XLSX: all rows of one snapshot, read page by page, however many there are."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from threading import BoundedSemaphore
from typing import BinaryIO, Self

from app.domain.errors import Unavailable
from app.domain.sight import Sight, person_level_refused
from app.interchange.csv_out import csv_chunks
from app.interchange.xlsx_out import write_xlsx
from app.service.context import Context
from app.service.listings.listing import Given, Listing
from app.service.snapshot import SnapshotContext, snapshot

AT_ONCE = 2
"""Files made at the same time. Each holds a connection for as long as its reader takes, so more of
them would leave none for the work that cannot wait."""

_PLACES = BoundedSemaphore(AT_ONCE)


class Pieces:
    """A file in pieces, each made as it is asked for. Close it to give the connection back.

    The first piece is made at once, so that a contract that does not exist is refused and does not
    end a file half-way.
    """

    def __init__(self, pieces: Generator[bytes, None, None]) -> None:
        self._pieces = pieces
        self._first: bytes | None = next(pieces)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        """The next piece."""
        first, self._first = self._first, None
        return next(self._pieces) if first is None else first

    def close(self) -> None:
        """Read no more."""
        self._pieces.close()


def csv_export(context: Context, listing: Listing, contract_id: str, given: Given) -> Pieces:
    """The list as CSV, in pieces of about 64 KiB; Unavailable `exports-busy`."""
    return Pieces(_csv_pieces(context, listing, contract_id, given))


def xlsx_export(context: Context, listing: Listing, contract_id: str, given: Given) -> BinaryIO:
    """The list as a workbook in a temporary file, open at its start; closing it removes it.

    A workbook ends with its directory, so it can be sent only once it is whole; memory holds a page
    of items. TooLarge `cell-too-long` for what a sheet cannot hold.
    """
    with _place(), snapshot(context, contract_id) as held:
        out = TemporaryFile()  # noqa: SIM115 - the caller closes it
        try:
            _require_sight(held, listing)
            rows = listing.all_rows(held, contract_id, given)
            made_at = held.clock()
            write_xlsx(out, listing.columns, rows, title=listing.name, made_at=made_at)
            out.seek(0)
        except BaseException:
            out.close()
            raise
    return out


def _csv_pieces(
    context: Context, listing: Listing, contract_id: str, given: Given
) -> Generator[bytes, None, None]:
    with _place(), snapshot(context, contract_id) as held:
        _require_sight(held, listing)
        yield from csv_chunks(listing.columns, listing.all_rows(held, contract_id, given))


def _require_sight(held: SnapshotContext, listing: Listing) -> None:
    """Refuse a list about people to a reader who may see nobody: an empty file would say "none"."""
    if listing.person_level and held.outer.scope.sight is Sight.AGGREGATE:
        raise person_level_refused()


@contextmanager
def _place() -> Iterator[None]:
    if not _PLACES.acquire(blocking=False):
        raise Unavailable(
            "exports-busy",
            f"{AT_ONCE} lists are being exported already; ask again when one of them is done.",
        )
    try:
        yield
    finally:
        _PLACES.release()
