"""What an import asks of each line of an export, before anything is committed."""

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, BinaryIO

from app.domain.errors import Fault, OutcomesError, RuleRefused
from app.domain.journal import Record, canonical_payload, instant_text, link_faults
from app.domain.parties import Actor
from app.domain.signed_head import EXPORT_FORMAT, PublicKey, SignedHead
from app.storage.signing_keys import is_signed

LINE_BYTES_MAX = 64 * 1024 * 1024
FAULTS_MAX = 100
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError)

Line = dict[str, Any]


class Faults:
    """What is wrong with an export: the first faults in full, and how many there are."""

    def __init__(self) -> None:
        self.listed: list[Fault] = []
        self.count = 0

    def add(self, code: str, place: str, message: str) -> None:
        """Note a fault; `place` is /lines/<number>, or empty for the whole."""
        self.count += 1
        if len(self.listed) < FAULTS_MAX:
            self.listed.append(Fault(code, place, message))


def refused(faults: Faults, why: str = "") -> OutcomesError:
    """That nothing was imported, with every fault; `why` where the faults do not tell."""
    more = faults.count - len(faults.listed)
    told = why or f"The export has {faults.count} faults{f', {more} not listed' if more else ''}."
    return RuleRefused(
        "export-refused", f"{told} Nothing was imported.", faults=tuple(faults.listed)
    )


def parsed(raw: bytes) -> Line:
    """A line as an object in which no member is named twice. ValueError for anything else."""

    def members(pairs: list[tuple[str, Any]]) -> Line:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a member is named twice")
        return found

    try:
        line = json.loads(raw, object_pairs_hook=members)
    except RecursionError as error:
        raise ValueError("too many levels") from error
    if not isinstance(line, dict) or not raw.endswith(b"\n"):
        raise ValueError("not a whole object")
    return line


def raw_lines(source: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The lines of a file with their numbers, one in memory at a time."""
    source.seek(0)
    number = 0
    while raw := source.readline(LINE_BYTES_MAX):
        number += 1
        yield number, raw


def record_of(contract_id: str, line: Line) -> Record:
    """The record on a line. ValueError, KeyError or TypeError for what is none."""
    recorded_at = datetime.fromisoformat(line["recorded_at"])
    texts = ("kind", "party", "person", "payload", "previous_hash", "hash")
    if instant_text(recorded_at) != line["recorded_at"] or type(line["sequence"]) is not int:
        raise ValueError("a field is not in its form")
    if not all(isinstance(line[name], str) for name in texts):
        raise TypeError("a field is not text")
    return Record(
        contract_id,
        line["sequence"],
        line["kind"],
        date.fromisoformat(line["effective_date"]),
        recorded_at,
        Actor(line["party"], line["person"]),
        line["payload"],
        line["previous_hash"],
        line["hash"],
    )


def head_of(line: Line) -> SignedHead:
    """The signed head on a line. ValueError, KeyError or TypeError for what is none."""
    names = ("contract_id", "sequence", "hash", "count", "access_sequence", "access_hash")
    signing = ("key_id", "signature")
    return SignedHead(
        day=date.fromisoformat(line["day"]),
        signed_at=datetime.fromisoformat(line["signed_at"]),
        **{name: line[name] for name in (*names, *signing)},
    )


class Chain:
    """The journal of an export: each record linked to the one before, its payload canonical."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self.last: Record | None = None

    def take(self, record: Record, place: str) -> dict[str, list[dict[str, Any]]]:
        """Check the next record and answer its payload."""
        for fault in link_faults(self.last, record):
            self._faults.add(
                "export-chain-broken", place, f"Journal record {record.sequence}: {fault}."
            )
        self.last = record
        payload: dict[str, list[dict[str, Any]]] = json.loads(record.payload)
        if canonical_payload(payload) != record.payload:
            raise ValueError("the payload is not canonical JSON")
        return payload


class RowsOfRecord:
    """The rows between a record and the next: the same that the record's payload holds."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._record: Record | None = None
        self._told: Counter[tuple[str, str]] = Counter()
        self._found: Counter[tuple[str, str]] = Counter()
        self._place = ""

    def begin(self, record: Record, payload: Mapping[str, Sequence[Line]], place: str) -> None:
        """The record whose rows follow."""
        self._record, self._place = record, place
        self._told = Counter((name, _plain(row)) for name, rows in payload.items() for row in rows)
        self._found = Counter()

    def take(self, line: Line, place: str) -> None:
        """One row as the tables hold it."""
        record = self._record
        sealed = (record.sequence, instant_text(record.recorded_at)) if record else ()
        if (line["sequence"], line["recorded_at"]) != sealed:
            self._faults.add(
                "export-rows-differ", place, f"A row of {line['table']} is of no record."
            )
        self._found[line["table"], _plain(line["values"])] += 1

    def end(self) -> None:
        """Compare, once the rows of a record are all there."""
        if self._record is not None and self._told != self._found:
            differing = (self._told - self._found) + (self._found - self._told)
            tables = ", ".join(sorted({table for table, _ in differing}))
            self._faults.add(
                "export-rows-differ",
                self._place,
                f"Journal record {self._record.sequence}: rows of {tables} are not those that it "
                "added.",
            )
        self._record, self._told, self._found = None, Counter(), Counter()


class FileParts:
    """The files in an export: their parts, together, have the hash that names them."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._digest = hashlib.sha256()
        self.whole: set[tuple[str, str]] = set()

    def take(self, line: Line, place: str) -> None:
        """The next part."""
        if line["part"] == 1:
            self._digest = hashlib.sha256()
        self._digest.update(base64.b64decode(line["content"], validate=True))
        if not line["last"]:
            return
        if self._digest.hexdigest() != line["sha256"]:
            self._faults.add(
                "export-file-differs",
                place,
                f"The {line['kind']} file {line['sha256']} does not have that hash.",
            )
        self.whole.add((line["kind"], line["sha256"]))


def check_manifest(
    faults: Faults, manifest: Line, stated: Line, keys: Mapping[str, PublicKey], place: str
) -> None:
    """The manifest says what the lines before it say (`stated`), under a key that counts."""
    for name, value in ({"format": EXPORT_FORMAT} | stated).items():
        if manifest.get(name) != value:
            faults.add(
                "export-manifest-differs",
                place,
                f"The manifest's {name} is not that of the lines before it.",
            )
    statement = {name: value for name, value in manifest.items() if name != "signature"}
    key = keys.get(str(manifest.get("key_id")))
    if key is None or not is_signed(key, statement, manifest.get("signature")):
        faults.add(
            "export-signature-unknown",
            place,
            "The manifest is not signed by a key that you trust, or was changed.",
        )


def _plain(row: Mapping[str, Any]) -> str:
    given = {name: value for name, value in row.items() if value is not None}
    return json.dumps(given, sort_keys=True)
