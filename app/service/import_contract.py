"""Building a contract again from its export, in a database that does not have it.

Everything is checked before anything is committed: signature, chain, rows, heads, notes, files, and
then, inside the same transaction, all that `outcomes verify` checks.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import BinaryIO

from app.domain.journal import GENESIS
from app.domain.signed_head import EXPORT_FORMAT, PublicKey, SignedHead
from app.service.accesses import enter_import
from app.service.context import Context
from app.service.import_checks import (
    UNREADABLE,
    Chain,
    Faults,
    FileParts,
    Line,
    RowsOfRecord,
    check_manifest,
    head_of,
    parsed,
    raw_lines,
    record_of,
    refused,
)
from app.service.import_files import take_files
from app.service.verify import verify_within
from app.storage import erasures, heads, imports, integrity, notes
from app.storage.engine import UnitOfWork, run_transaction
from app.storage.import_rows import ContractWriter
from app.storage.signing_keys import endorsed, public_key_of


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import wrote. `missing_files` are held by the record and were not in the export."""

    contract_id: str
    sequence: int
    hash: str
    records: int
    rows: int
    files: int
    missing_files: int


def import_contract(
    context: Context,
    source: BinaryIO,
    trusted: Iterable[PublicKey] | None,
    *,
    without_files: bool = False,
    dry_run: bool = False,
) -> Imported:
    """Import an export from a file that can be read twice.

    `trusted` are the public keys of the ledger that it came from, as known from elsewhere; None
    takes the export's own, which shows only that it is whole. `without_files` accepts that files
    which the record holds are not in the export. Each file passes the same gate as an upload.
    All is written in one transaction, or nothing.

    Raises RuleRefused `contract-exists`; RuleRefused `export-refused` with every fault named.
    """

    def work(uow: UnitOfWork) -> Imported:
        reading = _Reading(context, uow, None if trusted is None else tuple(trusted))
        found = reading.run(source, without_files=without_files)
        take_files(context, uow, found.contract_id, source, keep=not dry_run)
        return found

    return run_transaction(context.engine, work, dry_run=dry_run)


class _Reading:
    """One pass over an export, into a transaction that is open."""

    def __init__(
        self, context: Context, uow: UnitOfWork, trusted: tuple[PublicKey, ...] | None
    ) -> None:
        self._context, self._uow, self._trusted = context, uow, trusted
        self._connection = uow.connection
        self._faults = Faults()
        self._chain = Chain(self._faults)
        self._rows = RowsOfRecord(self._faults)
        self._files = FileParts(self._faults)
        self._opening: Line = {}
        self._keys: dict[str, PublicKey] = {}
        self._heads: list[SignedHead] = []
        self._writer: ContractWriter | None = None
        self._counts: Counter[str] = Counter()
        self._signed = False
        self._written_rows = 0

    def run(self, source: BinaryIO, *, without_files: bool) -> Imported:
        """Read, check and write every line; then check the whole."""
        digest = hashlib.sha256()
        for number, raw in raw_lines(source):
            place = f"/lines/{number}"
            if self._signed:
                self._faults.add("export-line-unreadable", place, "A line follows the manifest.")
                break
            try:
                line = parsed(raw)
                if line["type"] == "manifest":
                    self._end_records()
                    self._manifest(line, digest.hexdigest(), number - 1, place)
                else:
                    self._take(line, place)
            except UNREADABLE as error:
                what = type(error).__name__
                self._faults.add(
                    "export-line-unreadable", place, f"The line cannot be read ({what})."
                )
                if not self._opening:
                    break
            digest.update(raw)
        if not self._signed:
            self._faults.add("export-incomplete", "", "The export has no manifest: it was cut off.")
        self._refuse_faults()
        return self._finish(without_files=without_files)

    def _take(self, line: Line, place: str) -> None:
        readers: dict[str, Callable[[Line, str], None]] = {
            "export": self._open,
            "head": self._head,
            "record": self._record,
            "row": self._rows.take,
            "note": self._note,
            "file": self._files.take,
            "file_missing": lambda _, __: None,  # counted against the record at the end
            "note_unreadable": self._lost_note,
        }
        if not self._opening and line["type"] != "export":
            raise ValueError("the first line is another")
        readers[line["type"]](line, place)
        self._counts[line["type"]] += 1

    def _open(self, line: Line, place: str) -> None:
        if self._opening or line["format"] != EXPORT_FORMAT:
            raise ValueError("not an export that this release reads")
        offered = [public_key_of(one) for one in line["keys"]]
        trusted = offered if self._trusted is None else self._trusted
        self._keys = endorsed(trusted, offered)
        if not isinstance(line["contract_id"], str):
            raise TypeError("a contract's id is text")
        self._context.serve(self._uow, line["contract_id"])
        # Before the opening counts as read: a contract that is here ends the import at once.
        self._writer = ContractWriter(self._connection, line["contract_id"], self._context.clock())
        self._opening = line
        for key in offered:
            if key.key_id in self._keys:
                heads.keep_key(self._connection, line["contract_id"], key)
            else:
                self._faults.add(
                    "export-signature-unknown",
                    place,
                    f"Key {key.key_id} is none of those that you trust, nor endorsed by one.",
                )

    def _head(self, line: Line, place: str) -> None:
        head = head_of(line)
        if head.contract_id != self._opening["contract_id"] or head.key_id not in self._keys:
            self._faults.add(
                "export-head-differs",
                place,
                f"The head of {head.day.isoformat()} is of another contract, or signed by a key "
                "that you do not trust.",
            )
        self._heads.append(head)

    def _record(self, line: Line, place: str) -> None:
        self._rows.end()
        record = record_of(self._opening["contract_id"], line)
        payload = self._chain.take(record, place)
        self._rows.begin(record, payload, place)
        self._written_rows += sum(map(len, payload.values()))
        if self._writer is None or self._faults.count:
            return
        try:
            self._writer.add(record, payload)
        except KeyError as error:
            self._faults.add(
                "export-of-another-release",
                place,
                f"Journal record {record.sequence} adds rows of {error.args[0]}, or columns of it, "
                "that this release does not have.",
            )

    def _note(self, line: Line, place: str) -> None:
        self._end_records()
        if notes.digest_of(line["salt"], line["text"]) != line["digest"]:
            self._faults.add(
                "export-note-differs", place, "A note's text does not match its digest."
            )
        elif not self._faults.count:
            notes.keep(
                self._connection,
                self._context.files.vault,
                self._opening["contract_id"],
                line["salt"],
                line["text"],
            )

    def _lost_note(self, line: Line, place: str) -> None:
        self._faults.add(
            "export-note-differs", place, f"Note {line['digest']} could not be read any more."
        )

    def _end_records(self) -> None:
        self._rows.end()

    def _manifest(self, line: Line, sha256: str, lines: int, place: str) -> None:
        self._signed = True
        last = self._chain.last
        stated = {
            "contract_id": self._opening["contract_id"],
            "exported_at": self._opening["exported_at"],
            "lines": lines,
            "sha256": sha256,
            "sequence": last.sequence if last else 0,
            "hash": last.hash if last else GENESIS,
            "counts": dict(self._counts),
        }
        check_manifest(self._faults, line, stated, self._keys, place)

    def _finish(self, *, without_files: bool) -> Imported:
        last = self._chain.last
        if last is None or self._writer is None:
            raise refused(Faults(), "The export has no journal record.")
        contract_id = last.contract_id
        self._writer.finish(last)
        for head in self._heads:
            heads.keep(self._connection, head, self._keys[head.key_id])
        enter_import(self._connection, contract_id, self._context.clock(), self._heads)
        verified = verify_within(self._context, self._connection, contract_id, with_files=False)
        for check in verified.checks:
            for difference in check.differences:
                self._faults.add("export-not-intact", "", f"{check.name}: {difference}.")
        missing = self._compare_files(contract_id)
        if missing and not without_files:
            self._faults.add(
                "export-files-missing",
                "",
                f"{missing} files that the record says are held here are not in the export. "
                "Export with its files, or accept that they are missing.",
            )
        self._refuse_faults()
        return Imported(
            contract_id,
            last.sequence,
            last.hash,
            self._counts["record"],
            self._written_rows,
            len(self._files.whole),
            missing,
        )

    def _compare_files(self, contract_id: str) -> int:
        """How many files that the record holds are missing; one that it does not hold is a fault.

        What was erased is not held: an export leaves it out.
        """
        connection = self._connection
        held = {
            "evidence": (erasures.EVIDENCE, integrity.files_held(connection, contract_id)),
            "imported": (erasures.IMPORT, imports.files_held(connection, contract_id)),
        }
        wanted = {
            (kind, sha256)
            for kind, (erased_kind, names) in held.items()
            for sha256 in set(names) - erasures.erased(connection, contract_id, erased_kind)
        }
        for kind, sha256 in sorted(self._files.whole - wanted):
            self._faults.add(
                "export-file-differs", "", f"The record holds no {kind} file {sha256}."
            )
        return len(wanted - self._files.whole)

    def _refuse_faults(self) -> None:
        if self._faults.count:
            raise refused(self._faults)
