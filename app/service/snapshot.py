"""Several readings of one unchanging snapshot, at one instant: what a list read in pages needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from app.service.context import Context
from app.storage.engine import Connection, UnitOfWork


class _Shared(UnitOfWork):
    """A reading inside another: it uses the other's connection and leaves it open."""

    def __init__(self, context: Context, outer: UnitOfWork) -> None:
        super().__init__(context.engine, read_only=True)
        self._outer = outer

    @property
    def connection(self) -> Connection:
        """The connection of the reading outside."""
        return self._outer.connection

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """The reading outside ends the transaction."""


@dataclass(frozen=True, slots=True)
class _SnapshotContext(Context):
    """Surroundings in which every reading sees what the first one saw."""

    outer: UnitOfWork | None = None

    def reading(self) -> UnitOfWork:
        if self.outer is None:
            raise AssertionError("a snapshot is held by a reading")
        return _Shared(self, self.outer)


@contextmanager
def snapshot(context: Context) -> Iterator[Context]:
    """The context, held at one instant and on one snapshot of the database.

    What is recorded meanwhile is not seen, so pages read one after another neither miss an item nor
    show one twice. Takes one connection until the block is left. It is for reading only.
    """
    started = context.clock()
    with context.reading() as outer:
        yield _SnapshotContext(
            context.engine,
            lambda: started,
            context.new_id,
            context.files,
            context.signing_key_file,
            context.uploads,
            outer,
        )
