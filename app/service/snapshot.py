"""Several readings of one unchanging snapshot, at one instant: what a list read in pages needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from app.service.context import Context
from app.storage.engine import Connection, UnitOfWork
from app.storage.scope import Scope


class _Shared(UnitOfWork):
    """A reading inside another: it uses the other's connection and leaves it open."""

    def __init__(self, context: Context, outer: UnitOfWork) -> None:
        super().__init__(context.engine, read_only=True)
        self._outer = outer

    @property
    def connection(self) -> Connection:
        """The connection of the reading outside."""
        return self._outer.connection

    def look(self, scope: Scope) -> None:
        """See this from here on, the reading outside too."""
        self._outer.look(scope)
        self.scope = scope

    def __enter__(self) -> Self:
        self.scope = self._outer.scope
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """The reading outside ends the transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotContext(Context):
    """Surroundings in which every reading sees what the first one saw."""

    outer: UnitOfWork

    @contextmanager
    def reading(self, contract_id: str) -> Iterator[UnitOfWork]:
        """The snapshot, of what the reader sees of a contract."""
        with _Shared(self, self.outer) as uow:
            if uow.scope.contract_id != contract_id:
                self.look(uow, contract_id)
            yield uow

    @contextmanager
    def reading_of_none(self) -> Iterator[UnitOfWork]:
        """The snapshot, of no contract yet."""
        with _Shared(self, self.outer) as uow:
            yield uow


@contextmanager
def snapshot(context: Context, contract_id: str) -> Iterator[SnapshotContext]:
    """The context, held at one instant and on one snapshot of what its reader sees of a contract.

    What is recorded meanwhile is not seen, so pages read one after another neither miss an item nor
    show one twice. Takes one connection until the block is left. It is for reading only.
    """
    started = context.clock()
    with context.reading(contract_id) as outer:
        yield SnapshotContext(
            engine=context.engine,
            clock=lambda: started,
            new_id=context.new_id,
            files=context.files,
            signing_key_file=context.signing_key_file,
            uploads=context.uploads,
            reader=context.reader,
            among=context.among,
            most=context.most,
            tell=context.tell,
            audits=context.audits,
            outer=outer,
        )
