"""Importing bank and accounts-payable files: every line of every file, each line once."""

import re
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from app.domain.bank import FileFault, FileLine, SourceKind
from app.domain.column_mapping import ColumnMapping
from app.domain.errors import Fault, InputInvalid, NotFound, NotPermitted, RuleRefused
from app.domain.ledger import Account
from app.domain.money import Money
from app.domain.parties import Actor
from app.domain.reconciliation import LineKey
from app.interchange.read import StatementStream, open_statement
from app.service.command import Change, Command, Done, Same, Work, run
from app.service.context import Context
from app.storage import file_scans, import_faults, import_lines, imports, journal, ledger
from app.storage.bank_files import IncomingFile
from app.storage.erasures import IMPORT
from app.storage.import_faults import StoredFault
from app.storage.import_lines import StoredLine, Wanted
from app.storage.imports import StoredImport, StoredMapping
from app.storage.prepared import together

BATCH = 500
"""Lines in one journal record: an import of 100,000 lines is 200 records of some 150 KB."""

FAULTS_SHOWN = 1_000
"""Faults told with an import; a file read with the wrong mapping may have one for every row."""

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,47}", re.ASCII)

Progress = Callable[[int], None]
"""Called now and then with how many lines of the file have been taken in."""


def _no_progress(count: int) -> None:
    """Say nothing."""


def save_mapping(
    context: Context, command: Command, name: str, mapping: ColumnMapping
) -> Done[StoredMapping]:
    """Save how the columns of one of the party's sources are read, as its next version.

    Imports keep the version they were read with. The mapping as it is saved already is answered
    again, and nothing is recorded.
    """

    def decide(work: Work) -> Change[StoredMapping] | Same[StoredMapping]:
        check_name(name, "/name")
        party = require_book(work)
        latest = imports.latest_mapping(work.connection, work.contract_id, party, name)
        if latest is not None and latest.mapping == mapping:
            return Same(latest, latest.sequence)
        version = latest.version + 1 if latest else 1
        row = {"name": name, "version": version, "mapping": imports.mapping_json(mapping)}
        saved = StoredMapping(name, version, party, mapping, work.head.sequence + 1)
        rows = {"column_mappings": [row | work.signed()]}
        return Change("column_mapping_saved", work.today, rows, saved)

    return run(context, command, decide)


def import_file(
    context: Context,
    command: Command,
    incoming: IncomingFile,
    *,
    kind: SourceKind,
    source: str,
    mapping: str | None = None,
    account: str | None = None,
    progress: Progress = _no_progress,
) -> Done[StoredImport]:
    """Take in a file of one account of the acting party, whole or not at all.

    `source` names the account or extract; `account` says which account it is, for files that do not
    say it themselves. A line that an earlier file of the source has, or one of the same account
    under any source of the party, is a duplicate and says of which line; what cannot be read is a
    fault with its place; together they are all of the file. The same file again is answered as the
    first time and changes nothing, unless it has faults and another version of the mapping may read
    them now. Under another source it is an import of its own, which names the sources before it
    (`also_of`): all its lines are duplicates if the account is known to be the same.

    A malware scanner looks at it first, by the same rules as at evidence: UnsupportedFile
    `malware-found`, Unavailable `malware-scan-unavailable`.

    A large file is one command and several journal records: the lines in batches, then their
    totals. They stand or fall together, and memory holds one batch.
    """
    with incoming.from_start() as content:
        verdict = context.uploads.gate.pass_through(content)

    def decide(work: Work) -> Change[StoredImport] | Same[StoredImport]:
        check_name(source, "/source")
        party = require_book(work)
        saved = _mapping(work, party, mapping)
        file_scans.note(
            work.connection, work.contract_id, IMPORT, incoming.sha256, verdict, work.now
        )
        again = imports.same_file(
            work.connection,
            work.contract_id,
            party,
            source,
            incoming.sha256,
            (saved.name, saved.version) if saved else (None, None),
        )
        if again is not None:
            return Same(again, again.sequence)
        stream = open_statement(
            incoming.from_start(), kind, saved.mapping if saved is not None else None
        )
        taking = _Import(work, stream, source, incoming, saved, _account_key(account))
        rows = taking.all_but_the_last(progress)
        done = taking.finished()
        if not command.dry_run:
            incoming.keep()
        return Change("bank_file_imported", work.today, rows | taking.totals(done), done)

    return run(context, command, decide)


def get_import(
    context: Context, contract_id: str, number: int
) -> tuple[StoredImport, list[StoredFault]]:
    """An import, and what of its file could not be read: the first 1,000 places."""
    with context.reading_books(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        found = imports.get(uow.connection, contract_id, number)
        faults = import_faults.page(
            uow.connection, contract_id, import_number=number, limit=FAULTS_SHOWN
        )
        return found, faults


def list_imports(
    context: Context, contract_id: str, after: int = 0, limit: int = 50
) -> list[StoredImport]:
    """Imports in order of their numbers."""
    with context.reading_books(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        return imports.page(uow.connection, contract_id, after, limit)


def list_mappings(context: Context, contract_id: str) -> list[StoredMapping]:
    """The latest version of every party's mappings."""
    with context.reading_books(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        return imports.mappings(uow.connection, contract_id)


def list_lines(
    context: Context,
    contract_id: str,
    wanted: Wanted,
    after: LineKey = LineKey(0, 0),  # noqa: B008 - a frozen value
    limit: int = 50,
) -> list[StoredLine]:
    """Lines in the order of their files, each with how it is classified and why."""
    with context.reading_books(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        return import_lines.page(uow.connection, contract_id, wanted, after, limit)


def check_may_import(context: Context, contract_id: str, actor: Actor) -> None:
    """Refuse a file before it is received, if the party could not import it anyway."""
    with context.as_service().reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        _require_book(ledger.chart(uow.connection, contract_id), actor)


def require_book(work: Work) -> str:
    """The acting party, if it has a book in the ledger: only such a party has an account."""
    return _require_book(ledger.chart(work.connection, work.contract_id), work.actor)


def _require_book(chart: Iterable[Account], actor: Actor) -> str:
    if actor.party not in {account.book for account in chart}:
        raise NotPermitted(
            "party-not-permitted",
            "Only a party that pays or is paid under the terms has accounts to reconcile.",
        )
    return actor.party


class _Import:
    """One file on its way into the record, a batch of lines at a time."""

    def __init__(
        self,
        work: Work,
        stream: StatementStream,
        source: str,
        incoming: IncomingFile,
        mapping: StoredMapping | None,
        declared: str | None,
    ) -> None:
        self._work = work
        self._stream = stream
        self._source = source
        self._incoming = incoming
        self._mapping = mapping
        self._number = imports.next_number(work.connection, work.contract_id)
        party = work.actor.party
        before = imports.account_of_source(work.connection, work.contract_id, party, source)
        if declared and before and declared != before:
            raise _other_account("/account")
        self._expected = declared or before
        self._lines = self._duplicates = self._faults = 0

    def all_but_the_last(self, progress: Progress) -> dict[str, list[dict[str, Any]]]:
        """Record batch after batch; the last one is answered, for the import's closing record."""
        read = iter(self._stream)
        batch = list(islice(read, BATCH))
        rows = {"imports": [self._row()]} | self._batch_rows(batch)
        while following := list(islice(read, BATCH)):
            with together(self._work.connection):
                self._work.append("bank_lines_imported", self._work.today, rows)
            progress(self._lines + self._faults)
            rows = self._batch_rows(following)
        progress(self._lines + self._faults)
        return rows

    def finished(self) -> StoredImport:
        """The import, once the whole file has been read."""
        mapping, work = self._mapping, self._work
        if self._expected and self._account() != self._expected:
            raise _other_account("/source")
        held = imports.sources_of_file(
            work.connection, work.contract_id, work.actor.party, self._incoming.sha256
        )
        return StoredImport(
            self._number,
            work.actor.party,
            self._source,
            self._stream.kind,
            self._incoming.sha256,
            self._incoming.size_bytes,
            mapping.name if mapping else None,
            mapping.version if mapping else None,
            self._account(),
            self._stream.opening,
            self._stream.closing,
            self._lines,
            self._duplicates,
            self._faults,
            work.head.sequence + 1,
            work.now,
            tuple(one for one in held if one != self._source),
        )

    def _account(self) -> str | None:
        """The account, once the file has said it: a file says it before its first line."""
        return _account_key(self._stream.account) or self._expected

    def totals(self, done: StoredImport) -> dict[str, list[dict[str, Any]]]:
        """The row that closes the import."""
        row = {
            "import_number": done.import_number,
            "line_count": done.line_count,
            "duplicate_count": done.duplicate_count,
            "fault_count": done.fault_count,
            "account": done.account,
            **_balance("opening", done.opening),
            **_balance("closing", done.closing),
        }
        return {"import_totals": [row]}

    def _row(self) -> dict[str, Any]:
        return {
            "import_number": self._number,
            "source": self._source,
            "kind": self._stream.kind.value,
            "sha256": self._incoming.sha256,
            "size_bytes": self._incoming.size_bytes,
            "mapping_name": self._mapping.name if self._mapping else None,
            "mapping_version": self._mapping.version if self._mapping else None,
        } | self._work.signed()

    def _batch_rows(self, batch: Iterable[FileLine | FileFault]) -> dict[str, list[dict[str, Any]]]:
        lines = [item for item in batch if isinstance(item, FileLine)]
        faults = [item for item in batch if isinstance(item, FileFault)]
        known = imports.known_lines(
            self._work.connection,
            self._work.contract_id,
            self._work.actor.party,
            self._source,
            self._account(),
            [line.identity for line in lines],
        )
        self._lines += len(lines)
        self._faults += len(faults)
        self._duplicates += sum(line.identity in known for line in lines)
        return {
            "import_lines": [self._line_row(line, known.get(line.identity)) for line in lines],
            "import_faults": [
                {
                    "import_number": self._number,
                    "position": fault.position,
                    "code": fault.code,
                    "message": fault.message,
                }
                for fault in faults
            ],
        }

    def _line_row(self, line: FileLine, first: LineKey | None) -> dict[str, Any]:
        return {
            "import_number": self._number,
            "position": line.position,
            "party": self._work.actor.party,
            "source": self._source,
            "account": self._account(),
            "identity": line.identity,
            "booked_on": line.booked_on,
            "value_on": line.value_on,
            "amount_minor": line.amount.minor,
            "currency": line.amount.currency,
            "direction": line.direction.value,
            "counterparty": line.counterparty,
            "reference_texts": list(line.references),
            "is_return": line.is_return,
            "classification": "unknown" if first is None else "duplicate",
            "first_import": first.import_number if first else None,
            "first_position": first.position if first else None,
        }


def _balance(name: str, balance: Money | None) -> dict[str, Any]:
    return {
        f"{name}_minor": balance.minor if balance else None,
        f"{name}_currency": balance.currency if balance else None,
    }


def _mapping(work: Work, party: str, name: str | None) -> StoredMapping | None:
    if name is None:
        return None
    found = imports.latest_mapping(work.connection, work.contract_id, party, name)
    if found is None:
        raise NotFound(
            "mapping-unknown", "The party has saved no column mapping of that name; save it first."
        )
    return found


def _account_key(account: str | None) -> str | None:
    """An account as it is compared: gb33 bukb 2020 and GB33BUKB2020 are one."""
    return "".join(account.split()).upper() or None if account else None


def _other_account(pointer: str) -> RuleRefused:
    """The refusal of a file of another account than the source's earlier ones, or than was said."""
    return RuleRefused(
        "account-differs",
        "The file is of another account than was said, or than the earlier files of this source; "
        "give each account a source of its own.",
        pointer=pointer,
    )


def check_name(name: str, pointer: str) -> None:
    """Refuse a name of a source or mapping that is not of small letters, digits, - and _."""
    if _NAME.fullmatch(name) is None:
        message = "Use 1 to 48 lower-case letters, digits, hyphens and underscores."
        raise InputInvalid([Fault("wrong-form", pointer, message)])
