"""A whole contract as one file of JSON lines that ends with a signed manifest.

docs/reference/export.md describes every line. The file is enough to check the record without this
service (verify/outcomes_verify.py), and to build the contract again elsewhere (outcomes contract
import).
"""

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from app.domain.errors import IntegrityBroken, NotFound, NotPermitted, Unavailable
from app.domain.journal import GENESIS, instant_text
from app.domain.sight import Sight
from app.domain.signed_head import EXPORT_FORMAT, HEAD_FORMAT, PublicKey
from app.service.context import Context
from app.storage import (
    erasures,
    file_scans,
    heads,
    imports,
    integrity,
    signing_keys,
    whole_contract,
)
from app.storage.engine import Connection

PART_BYTES = 256 * 1024
"""A file is written in parts of so many bytes, so that no line is long."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export holds: the end of the journal, lines by kind, and its size in bytes.

    `withheld` are files that are not in it, because they may not be handed out.
    """

    contract_id: str
    sequence: int
    hash: str
    counts: Mapping[str, int]
    size_bytes: int
    withheld: Sequence[Mapping[str, str]]


class Sink(Protocol):
    """Where an export is written."""

    def write(self, content: bytes, /) -> object:
        """Take the next bytes."""


class _Lines:
    """The file as it is written: every line counted and hashed."""

    def __init__(self, out: Sink) -> None:
        self._out = out
        self._digest = hashlib.sha256()
        self.counts: Counter[str] = Counter()
        self.lines = 0
        self.size_bytes = 0

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def write(self, kind: str, fields: Mapping[str, Any]) -> None:
        line = json.dumps({"type": kind, **fields}, ensure_ascii=False, separators=(",", ":"))
        content = line.encode() + b"\n"
        self._out.write(content)
        self._digest.update(content)
        self.counts[kind] += 1
        self.lines += 1
        self.size_bytes += len(content)


def export_contract(
    context: Context,
    contract_id: str,
    out: Sink,
    *,
    with_files: bool = False,
) -> Exported:
    """Write a contract, as one snapshot shows it, to `out`, in memory of bounded size.

    `with_files` adds the evidence files and imported files that the service holds and would hand
    out: one that is infected, or that no scan has found clean, is named in the manifest. An erased
    file is not held. Only for who runs the service: others get each file by a link of its own
    (app/service/evidence_files.py).

    Nothing is checked: a record that was changed behind the service's back is exported as it
    stands, for others to find. Raises, before anything is written, NotFound `contract-unknown`;
    Unavailable `signing-key-missing`, `signing-key-unusable`; NotPermitted
    `person-level-not-permitted` for a party that does not see every participant.
    """
    keys = signing_keys.load(context.signing_key_file)
    exported_at = instant_text(context.clock())
    lines = _Lines(out)
    with context.reading(contract_id) as uow:
        connection = uow.connection
        stated = whole_contract.head(connection, contract_id)
        if stated is None and not integrity.has_rows(connection, contract_id):
            raise NotFound("contract-unknown", "There is no contract of that id to export.")
        if uow.scope.sight is not Sight.PERSON:
            raise NotPermitted(
                "person-level-not-permitted",
                "A whole contract holds every participant, and your party does not see them all. "
                "The commissioner or the operator exports it.",
            )
        # The record is whole or no proof: what banks said to every party is in it.
        with uow.reckoning():
            known = _known(heads.keys(connection, contract_id), keys.keys)
            opening = {
                "format": EXPORT_FORMAT,
                "contract_id": contract_id,
                "exported_at": exported_at,
                "head": stated,
                "keys": [key.document() for key in known],
                "tables": whole_contract.described(),
            }
            lines.write("export", opening)
            for head in whole_contract.head_rows(connection, contract_id):
                lines.write("head", {"format": HEAD_FORMAT, **head})
            end = _write_records(lines, connection, contract_id)
            _write_notes(lines, context, connection, contract_id)
            withheld = _write_files(lines, context, connection, contract_id) if with_files else []
    manifest: dict[str, Any] = {
        "type": "manifest",  # signed too, so that all of the line but the signature is
        "format": EXPORT_FORMAT,
        "contract_id": contract_id,
        "exported_at": exported_at,
        "lines": lines.lines,
        "sha256": lines.sha256,
        "sequence": end["sequence"],
        "hash": end["hash"],
        "counts": dict(lines.counts),
        "with_files": with_files,
        "files_withheld": withheld,
        "key_id": keys.current.key_id,
    }
    signature = keys.sign(manifest)
    counts = dict(lines.counts)
    lines.write("manifest", manifest | {"signature": signature})
    return Exported(contract_id, end["sequence"], end["hash"], counts, lines.size_bytes, withheld)


def _known(stored: list[PublicKey], own: tuple[PublicKey, ...]) -> list[PublicKey]:
    return list({key.key_id: key for key in (*stored, *own)}.values())


def _write_records(lines: _Lines, connection: Connection, contract_id: str) -> dict[str, Any]:
    """Each record followed by its rows; answers the last record's sequence and hash."""
    end = {"sequence": 0, "hash": GENESIS}
    for table, row in whole_contract.records_with_rows(connection, contract_id):
        if table == "journal":
            lines.write("record", {k: v for k, v in row.items() if k != "contract_id"})
            end = {"sequence": row["sequence"], "hash": row["hash"]}
        else:
            taken, own = whole_contract.sealed_apart(row)
            lines.write("row", {"table": table, **taken, "values": own})
    return end


def _write_notes(lines: _Lines, context: Context, connection: Connection, contract_id: str) -> None:
    for row in whole_contract.note_rows(connection, contract_id):
        try:
            opened = context.files.vault.open_text(contract_id, row["sealed_text"])
        except (IntegrityBroken, Unavailable):
            lines.write("note_unreadable", {"digest": row["digest"]})
        else:
            lines.write("note", {"digest": row["digest"], "salt": row["salt"], "text": opened})


def _write_files(
    lines: _Lines, context: Context, connection: Connection, contract_id: str
) -> list[dict[str, str]]:
    """Every file that may be handed out; answers those that may not, each with its verdict."""
    evidence = integrity.files_held(connection, contract_id)
    imported = imports.files_held(connection, contract_id)
    withheld: list[dict[str, str]] = []
    kinds: list[tuple[str, str, list[str], Callable[[str, str], BinaryIO]]] = [
        ("evidence", erasures.EVIDENCE, evidence, context.files.open),
        ("imported", erasures.IMPORT, imported, context.files.bank.open),
    ]
    for kind, stored_kind, held, open_file in kinds:
        verdicts = file_scans.last_verdicts(connection, contract_id, stored_kind)
        gone = erasures.erased(connection, contract_id, stored_kind)
        for sha256 in (one for one in held if one not in gone):
            named = {"kind": kind, "sha256": sha256}
            verdict = verdicts.get(sha256)
            if not context.uploads.gate.hands_out(verdict):
                withheld.append(named | {"verdict": verdict.value if verdict else "none"})
                continue
            found = context.files.find(contract_id, sha256) if kind == "evidence" else None
            named |= {"media_type": found.media_type} if found else {}
            try:
                with open_file(contract_id, sha256) as file:
                    for part in _parts(file):
                        lines.write("file", named | part)
            except (IntegrityBroken, NotFound, Unavailable):
                lines.write("file_missing", named)
    return withheld


def _parts(file: BinaryIO) -> Iterator[dict[str, Any]]:
    """The file in parts of bounded size, numbered from 1; the last says that it is."""
    number, content = 1, file.read(PART_BYTES)
    while True:
        following = file.read(PART_BYTES)
        encoded = base64.b64encode(content).decode()
        yield {"part": number, "last": not following, "content": encoded}
        if not following:
            return
        number, content = number + 1, following
