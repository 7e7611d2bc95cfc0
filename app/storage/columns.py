"""What the tables are made of: metadata, column kinds, keys inside a contract, projections."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

INSTANT = DateTime(timezone=True)


def text(name: str) -> Column[Any]:
    """A text column that is always given."""
    return Column(name, Text, nullable=False)


def maybe(name: str) -> Column[Any]:
    """A text column that may be null."""
    return Column(name, Text)


def date_of(name: str) -> Column[Any]:
    """A day without time."""
    return Column(name, Date, nullable=False)


def number(name: str) -> Column[Any]:
    """A whole number: amounts in minor units, sequences."""
    return Column(name, BigInteger, nullable=False)


def json_of(name: str) -> Column[Any]:
    """A JSON column."""
    return Column(name, JSONB, nullable=False)


def to(table: str, *columns: str, other: tuple[str, ...] = ()) -> ForeignKeyConstraint:
    """A foreign key inside the contract."""
    local = ["contract_id", *columns]
    remote = [f"{table}.{name}" for name in ("contract_id", *(other or columns))]
    return ForeignKeyConstraint(local, remote)


def projection(name: str, key: tuple[str, ...], *parts: Any) -> Table:
    """A projected table: what its journal record seals, its own parts, its key in the contract."""
    return Table(
        name,
        metadata,
        text("contract_id"),
        number("sequence"),
        Column("recorded_at", INSTANT, nullable=False),
        *parts,
        PrimaryKeyConstraint("contract_id", *key),
        to("journal", "sequence"),
    )
