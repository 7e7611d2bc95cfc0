"""Imported files, column mappings, and the lines of files with where each stands."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    Connection,
    Row,
    Select,
    Subquery,
    Text,
    and_,
    any_,
    bindparam,
    distinct,
    exists,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import distinct_on

from app.domain.bank import SourceKind
from app.domain.column_mapping import ColumnMapping, SignConvention, TextEncoding
from app.domain.errors import NotFound
from app.domain.money import Money
from app.domain.reconciliation import LineKey
from app.storage.bank_tables import (
    column_mappings,
    import_lines,
    import_totals,
    imports,
)
from app.storage.prepared import Prepared


@dataclass(frozen=True, slots=True)
class StoredMapping:
    """A version of a party's column mapping."""

    name: str
    version: int
    party: str
    mapping: ColumnMapping
    sequence: int


@dataclass(frozen=True, slots=True)
class StoredImport:
    """An imported file: whose account it is of, what it is, and what was read of it.

    `account` is written without spaces and in capitals: as the file says, else as was said with it,
    else that of the source's earlier files. `also_of` are other sources under which the party
    imported the same bytes before.
    """

    import_number: int
    party: str
    source: str
    kind: SourceKind
    sha256: str
    size_bytes: int
    mapping_name: str | None
    mapping_version: int | None
    account: str | None
    opening: Money | None
    closing: Money | None
    line_count: int
    duplicate_count: int
    fault_count: int
    sequence: int
    recorded_at: datetime
    also_of: tuple[str, ...] = ()


def mapping_json(mapping: ColumnMapping) -> dict[str, Any]:
    """A mapping as JSON values: what differs from nothing said."""
    return {
        item.name: list(value) if isinstance(value, tuple) else value
        for item in fields(mapping)
        if item.init and (value := getattr(mapping, item.name)) is not None
    }


def mapping_of(values: Mapping[str, Any]) -> ColumnMapping:
    """The mapping behind JSON values."""
    plain: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }
    for name, kind in (("sign", SignConvention), ("encoding", TextEncoding)):
        if name in plain:
            plain[name] = kind(plain[name])
    return ColumnMapping(**plain)


def latest_mapping(
    connection: Connection, contract_id: str, party: str, name: str
) -> StoredMapping | None:
    """The latest version of a party's mapping, if it has one of that name."""
    query = _mappings(contract_id).where(
        column_mappings.c.party == party, column_mappings.c.name == name
    )
    row = connection.execute(query.order_by(column_mappings.c.version.desc()).limit(1)).first()
    return None if row is None else _mapping(row)


def mappings(connection: Connection, contract_id: str) -> list[StoredMapping]:
    """The latest version of every mapping, by party and name."""
    query = (
        _mappings(contract_id)
        .ext(distinct_on(column_mappings.c.party, column_mappings.c.name))
        .order_by(column_mappings.c.party, column_mappings.c.name, column_mappings.c.version.desc())
    )
    return [_mapping(row) for row in connection.execute(query)]


def _mappings(contract_id: str) -> Select[Any]:
    return select(column_mappings).where(column_mappings.c.contract_id == contract_id)


def _mapping(row: Row[Any]) -> StoredMapping:
    return StoredMapping(row.name, row.version, row.party, mapping_of(row.mapping), row.sequence)


def next_number(connection: Connection, contract_id: str) -> int:
    """The number that the contract's next import gets; numbers have no gaps."""
    last = connection.execute(
        select(func.max(imports.c.import_number)).where(imports.c.contract_id == contract_id)
    ).scalar_one()
    return 1 if last is None else int(last) + 1


def get(connection: Connection, contract_id: str, number: int) -> StoredImport:
    """One import; NotFound `import-unknown` otherwise."""
    row = connection.execute(_query(contract_id).where(imports.c.import_number == number)).first()
    if row is None:
        raise NotFound("import-unknown", f"The contract has no import {number}.")
    return _stored(row)


def same_file(
    connection: Connection,
    contract_id: str,
    party: str,
    source: str,
    sha256: str,
    mapping: tuple[str | None, int | None],
) -> StoredImport | None:
    """The import of the same file into the same account that another reading would only repeat.

    It was read with the same mapping (name and version), or everything in it could be read. What
    could not be is read again once the mapping is put right; the lines known since are duplicates.
    """
    name, version = mapping
    alike = imports.c.mapping_name.is_not_distinct_from(name) & (
        imports.c.mapping_version.is_not_distinct_from(version)
    )
    query = _query(contract_id).where(
        imports.c.party == party,
        imports.c.source == source,
        imports.c.sha256 == sha256,
        alike | (import_totals.c.fault_count == 0),
    )
    row = connection.execute(query.order_by(imports.c.import_number).limit(1)).first()
    return None if row is None else _stored(row)


def page(
    connection: Connection, contract_id: str, after: int = 0, limit: int | None = None
) -> list[StoredImport]:
    """Imports in order of their numbers."""
    query = _query(contract_id).where(imports.c.import_number > after)
    rows = connection.execute(query.order_by(imports.c.import_number).limit(limit))
    return [_stored(row) for row in rows]


def account_of_source(
    connection: Connection, contract_id: str, party: str, source: str
) -> str | None:
    """The account that a source's files are of, if any of them told; they are all of one."""
    told = _accounts(contract_id, party)
    query = select(told.c.account).where(told.c.source == source).limit(1)
    return connection.execute(query).scalar_one_or_none()


def sources_of_file(
    connection: Connection, contract_id: str, party: str, sha256: str
) -> tuple[str, ...]:
    """The party's sources that a file was imported under, by name."""
    query = select(imports.c.source).where(
        imports.c.contract_id == contract_id, imports.c.party == party, imports.c.sha256 == sha256
    )
    return tuple(sorted(set(connection.execute(query).scalars())))


def sources(connection: Connection, contract_id: str, party: str) -> list[str]:
    """The accounts and extracts that a party has imported files of, by name."""
    query = select(imports.c.source).where(
        imports.c.contract_id == contract_id, imports.c.party == party
    )
    return sorted(set(connection.execute(query).scalars()))


def sources_of_its_banks(
    connection: Connection, contract_id: str, party: str, source: str
) -> list[str]:
    """The party's sources of which only one can show a payment; the one asked about is among them.

    Money leaves or reaches one account of a party, so where a source's account is known, what
    another known account of the party shows is another payment. An extract that says no account,
    as of accounts payable, shows what a bank shows too.
    """
    told, mine = _accounts(contract_id, party), _accounts(contract_id, party)
    is_known = exists(select(mine.c.account).where(mine.c.source == source))
    query = select(told.c.source).distinct().where(is_known)
    return sorted({source, *connection.execute(query).scalars()})


def _accounts(contract_id: str, party: str) -> Subquery:
    """Which account the files of each of a party's sources are of, where they say."""
    return (
        select(imports.c.source, import_totals.c.account)
        .join(imports, _same_import(import_totals))
        .where(
            imports.c.contract_id == contract_id,
            imports.c.party == party,
            import_totals.c.account.is_not(None),
        )
        .subquery()
    )


def known_lines(
    connection: Connection,
    contract_id: str,
    party: str,
    source: str,
    account: str | None,
    identities: Collection[str],
) -> dict[str, LineKey]:
    """Where each line of an account was first imported, by identity; new ones are missing.

    Under its source or, where the account is known, under any source of the party.
    """
    named = {"contract": contract_id, "of_party": party, "identities": list(identities)}
    rows = _OF_SOURCE.all(connection, of_source=source, **named)
    if account is not None:
        rows += _OF_ACCOUNT.all(connection, of_account=account, **named)
    found: dict[str, LineKey] = {}
    for row in rows:
        key = LineKey(row.import_number, row.position)
        found[row.identity] = min(key, found.get(row.identity, key))
    return found


def files_held(connection: Connection, contract_id: str) -> list[str]:
    """SHA-256 of every imported file."""
    query = select(imports.c.sha256).where(imports.c.contract_id == contract_id)
    return sorted(set(connection.execute(query).scalars()))


def _known(condition: Any) -> Prepared:
    return Prepared(
        select(
            import_lines.c.identity, import_lines.c.import_number, import_lines.c.position
        ).where(
            import_lines.c.contract_id == bindparam("contract"),
            import_lines.c.party == bindparam("of_party"),
            condition,
            import_lines.c.first_import.is_(None),
            import_lines.c.identity == any_(bindparam("identities", type_=ARRAY(Text))),
        )
    )


_OF_SOURCE = _known(import_lines.c.source == bindparam("of_source"))
_OF_ACCOUNT = _known(import_lines.c.account == bindparam("of_account"))


def _same_import(other: Any) -> Any:
    return and_(
        other.c.contract_id == imports.c.contract_id,
        other.c.import_number == imports.c.import_number,
    )


def _query(contract_id: str) -> Select[Any]:
    told = [
        column
        for column in import_totals.columns
        if column.name not in {"contract_id", "import_number", "sequence", "recorded_at"}
    ]
    other = imports.alias("other")
    also = (
        select(func.array_agg(distinct(other.c.source)))
        .where(
            other.c.contract_id == imports.c.contract_id,
            other.c.party == imports.c.party,
            other.c.sha256 == imports.c.sha256,
            other.c.source != imports.c.source,
            other.c.import_number < imports.c.import_number,
        )
        .scalar_subquery()
    )
    return (
        select(
            imports,
            *told,
            import_totals.c.sequence.label("finished_sequence"),
            also.label("also_of"),
        )
        .join(import_totals, _same_import(import_totals))
        .where(imports.c.contract_id == contract_id)
    )


def _stored(row: Row[Any]) -> StoredImport:
    return StoredImport(
        row.import_number,
        row.party,
        row.source,
        SourceKind(row.kind),
        row.sha256,
        row.size_bytes,
        row.mapping_name,
        row.mapping_version,
        row.account,
        _money(row.opening_minor, row.opening_currency),
        _money(row.closing_minor, row.closing_currency),
        row.line_count,
        row.duplicate_count,
        row.fault_count,
        row.finished_sequence,
        row.recorded_at,
        tuple(sorted(row.also_of or ())),
    )


def _money(minor: int | None, currency: str | None) -> Money | None:
    return None if minor is None or currency is None else Money(minor, currency)
