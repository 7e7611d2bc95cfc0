"""Reads of very many rows, planned as such whatever the database believes of its tables."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text


@contextmanager
def many_rows(connection: Connection) -> Iterator[None]:
    """Join whole tables by hashing in this block, not row by row.

    A contract that has just got 100,000 lines has no statistics yet: the planner takes them for a
    handful and looks through all matches for each line, which takes hours instead of a second. The
    cost accepted: a small contract's read builds hash tables that it hardly needs. If the block
    fails, the transaction does, and the setting ends with it.
    """
    connection.execute(text("SET LOCAL enable_nestloop = off"))
    yield
    connection.execute(text("SET LOCAL enable_nestloop = on"))
