#!/usr/bin/env python3
"""Check a contract's export and access log, and the signed heads that you kept, without trusting
the operator.

    python3 outcomes_verify.py [EXPORT] [--access-log FILE ...] [--heads FILE_OR_FOLDER ...]
                               [--keys FILE] [--balances]

EXPORT is a whole-contract export, FILE an access log (of a contract, or the service's own), both
JSON lines; give either, or both. Heads are files that you received day by day and kept where the
operator cannot reach them. Keys are the operator's public keys as you received them at the
beginning. Exit code 0: intact; 1: differences, each named; 2: could not be checked.

This program needs Python 3.11 and nothing else. It shares no code with the ledger that it checks:
canonical JSON (RFC 8785), the hash of a record and Ed25519 (RFC 8032) are written again here, so
that a fault in the ledger's own code cannot hide itself. Memory does not grow with the journal.
"""

import argparse
import base64
import binascii
import hashlib
import json
import math
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

GENESIS = "0" * 64
# What stands for a contract's id in the log that is of none: the service's own.
SERVICE = ""
EXPORT_FORMAT = "outcomes-ledger-export/1"
HEAD_FORMAT = "outcomes-ledger-head/1"
KEY_FORMAT = "outcomes-ledger-key/1"
LINE_MAX = 64 * 1024 * 1024
FAULTS_MAX = 1000

HEAD = {
    "format": str,
    "contract_id": str,
    "day": str,
    "sequence": int,
    "hash": str,
    "count": int,
    "access_sequence": int,
    "access_hash": str,
    "signed_at": str,
    "key_id": str,
    "signature": str,
}
HEAD_FIELDS = tuple(name for name in HEAD if name != "signature")
KEY_FIELDS = ("format", "key_id", "public_key", "created_at", "previous_key_id")
RECORD_FIELDS = {
    "sequence": int,
    "kind": str,
    "effective_date": str,
    "recorded_at": str,
    "party": str,
    "person": str,
    "payload": str,
    "previous_hash": str,
    "hash": str,
}
# The fields of an entry of the access log that its hash covers, in their order; `at` stands after
# the second, as whole microseconds since 1970.
ENTRY_FIELDS = (
    "chain",
    "sequence",
    "who",
    "party",
    "operation",
    "contract_id",
    "participants",
    "outcome",
    "code",
    "detail",
    "previous_hash",
)


class CannotCheck(Exception):
    """Why the check could not be made at all."""


# --- JSON -----------------------------------------------------------------------------------------


def parse_json(text: str | bytes) -> Any:
    """JSON in which no object names a member twice: a reader could take the one or the other."""

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a member is named twice")
        return found

    def refused(name: str) -> Any:
        raise ValueError(f"{name} is no JSON")

    try:
        return json.loads(text, object_pairs_hook=members, parse_constant=refused)
    except RecursionError:
        raise ValueError("too many levels") from None


def canonical(value: Any) -> str:
    """The value as canonical JSON (RFC 8785). ValueError for what has no such form."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str):
        return _canonical_text(value)
    if isinstance(value, int):
        if abs(value) > 2**53 - 1:
            raise ValueError("a whole number that not every reader of JSON can hold")
        return str(value)
    if isinstance(value, float):
        return _canonical_float(value)
    if isinstance(value, list | tuple):
        return "[" + ",".join(canonical(one) for one in value) + "]"
    if isinstance(value, dict):
        # Members stand in the order of their names as UTF-16 code units.
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{_canonical_text(n)}:{canonical(value[n])}" for n in names) + "}"
    raise ValueError(f"{type(value).__name__} is no JSON")


_ESCAPES = {
    '"': '\\"',
    "\\": "\\\\",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
}


_ESCAPED = re.compile(r'[\x00-\x1f"\\]')


def _canonical_text(text: str) -> str:
    text.encode()  # a lone surrogate has no UTF-8: UnicodeEncodeError is a ValueError
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[0]) or f"\\u{ord(found[0]):04x}"


def _canonical_float(value: float) -> str:
    """The shortest digits that give the number back, placed as ECMAScript places them."""
    if not math.isfinite(value):
        raise ValueError("not a number")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits = (whole + fraction).lstrip("0")
    # The number is 0.digits times ten to the power of `point`.
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    power = point - 1
    rest = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{rest}e{'+' if power > 0 else '-'}{abs(power)}"


def record_hash(contract_id: str, record: dict[str, Any]) -> str:
    """The hash that a record should have: SHA-256 of the canonical JSON of all its other fields."""
    sealed = {
        "actor": {"party": record["party"], "person": record["person"]},
        "contract_id": contract_id,
        "effective_date": record["effective_date"],
        "kind": record["kind"],
        "payload": record["payload"],
        "previous_hash": record["previous_hash"],
        "recorded_at": record["recorded_at"],
        "sequence": record["sequence"],
    }
    return hashlib.sha256(canonical(sealed).encode()).hexdigest()


def entry_hash(entry: dict[str, Any]) -> str:
    """The hash that an entry of the access log should have: SHA-256 of its fields, a line each."""
    since = datetime.fromisoformat(entry["at"]) - datetime(1970, 1, 1, tzinfo=UTC)
    values = [entry[name] for name in ENTRY_FIELDS]
    values.insert(2, since // timedelta(microseconds=1))
    return hashlib.sha256("\n".join(map(canonical, values)).encode()).hexdigest()


# --- Ed25519 (RFC 8032, section 5.1) --------------------------------------------------------------

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)

Point = tuple[int, int, int, int]


def _add(p: Point, q: Point) -> Point:
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % _P, (p[1] + p[0]) * (q[1] + q[0]) % _P
    c, d = 2 * p[3] * q[3] * _D % _P, 2 * p[2] * q[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _times(number: int, point: Point) -> Point:
    result: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = _add(result, point)
        point = _add(point, point)
        number >>= 1
    return result


def _point(encoded: bytes) -> Point | None:
    """The point that 32 bytes stand for, or None."""
    y = int.from_bytes(encoded, "little")
    odd, y = y >> 255, y & (2**255 - 1)
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (x == 0 and odd):
        return None
    if x & 1 != odd:
        x = _P - x
    return (x, y, 1, x * y % _P)


_BASE: Point = (
    (_BX := 15112221349535400772501151409588531511454012693041857206046113283949847762202),
    (_BY := 4 * pow(5, -1, _P) % _P),
    1,
    _BX * _BY % _P,
)


def ed25519_verified(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature of 64 bytes over a message is that of a public key of 32 bytes."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    key, commitment = _point(public_key), _point(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or scalar >= _L:
        return False
    digest = hashlib.sha512(signature[:32] + public_key + message).digest()
    left = _times(scalar, _BASE)
    right = _add(commitment, _times(int.from_bytes(digest, "little") % _L, key))
    return not (
        (left[0] * right[2] - right[0] * left[2]) % _P
        or (left[1] * right[2] - right[1] * left[2]) % _P
    )


def signed(key: dict[str, Any], statement: dict[str, Any], signature: Any) -> bool:
    """Whether the signature over a statement's canonical JSON is the key's."""
    try:
        raw = base64.b64decode(key["public_key"], validate=True)
        given = base64.b64decode(signature, validate=True)
        return ed25519_verified(raw, canonical(statement).encode(), given)
    except (binascii.Error, ValueError, TypeError, KeyError):
        return False


def only(document: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The named members of a document: what its signature covers."""
    return {name: document.get(name) for name in names}


# --- Keys and heads -------------------------------------------------------------------------------


def usable_keys(documents: Iterable[Any]) -> dict[str, dict[str, Any]]:
    """The keys whose id is that of their bytes."""
    found = {}
    for one in documents:
        try:
            raw = base64.b64decode(one["public_key"], validate=True)
            key_id = hashlib.sha256(raw).hexdigest()[:32]
            if one["format"] == KEY_FORMAT and one["key_id"] == key_id:
                found[one["key_id"]] = one
        except (binascii.Error, ValueError, TypeError, KeyError):
            continue
    return found


def with_endorsed(
    trusted: dict[str, dict[str, Any]], offered: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """The trusted keys, and those offered that one of them endorses, directly or by others."""
    known = dict(trusted)
    while True:
        more = {
            name: key
            for name, key in offered.items()
            if name not in known
            and key.get("previous_key_id") in known
            and signed(known[key["previous_key_id"]], only(key, KEY_FIELDS), key.get("endorsement"))
        }
        if not more:
            return known
        known |= more


def read_keys(path: Path) -> dict[str, dict[str, Any]]:
    """The public keys in a file: {"items": [...]}, {"keys": [...]}, a list, or one key."""
    found = _documents(path)
    keys = usable_keys(found)
    if not keys:
        raise CannotCheck(f"{path}: holds no public key of a ledger")
    return keys


def read_heads(paths: Iterable[Path]) -> list[tuple[str, dict[str, Any]]]:
    """Every head in the files, and in the .json and .jsonl files of the folders, with its file."""
    found = []
    for path in paths:
        inside = sorted(one for one in path.rglob("*") if one.suffix in (".json", ".jsonl"))
        for file in inside if path.is_dir() else [path]:
            heads = [one for one in _documents(file) if one.get("format") == HEAD_FORMAT]
            if not heads:
                raise CannotCheck(f"{file}: holds no signed head")
            if not all(type(one.get(name)) is kind for one in heads for name, kind in HEAD.items()):
                raise CannotCheck(f"{file}: a head in it lacks a part, or has it in another form")
            found += [(file.name, one) for one in heads]
    if not found:
        raise CannotCheck("no signed head was found where --heads says")
    return found


def _documents(path: Path) -> list[dict[str, Any]]:
    """The objects in a file: one, a list, a page of items, a webhook's body, or one a line."""
    try:
        content = path.read_text(encoding="utf-8")
        try:
            values = [parse_json(content)]
        except ValueError:
            values = [parse_json(line) for line in content.splitlines() if line.strip()]
        return [one for value in values for one in _unwrapped(value)]
    except OSError as error:
        raise CannotCheck(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise CannotCheck(f"{path}: is no JSON ({error})") from error


def _unwrapped(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for one in value:
            yield from _unwrapped(one)
    elif isinstance(value, dict):
        if "webhook-id" in value.get("headers", ()) and isinstance(value.get("body"), str):
            yield from _unwrapped(parse_json(value["body"]))
        elif isinstance(value.get("data"), dict) and "head" in value["data"]:
            yield from _unwrapped(value["data"]["head"])
        elif isinstance(value.get("items", value.get("keys")), list):
            yield from _unwrapped(value.get("items", value.get("keys")))
        else:
            yield value


# --- The export -----------------------------------------------------------------------------------


@dataclass
class Report:
    """What was looked at, what differs, and what could not be known."""

    contract_id: str = ""
    sequence: int = 0
    hash: str = GENESIS
    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    found: int = 0
    heads: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    log_end: tuple[int, str] | None = None
    balances: dict[tuple[str, str], int] = field(default_factory=dict)

    def fault(self, text: str) -> None:
        """Note a difference."""
        self.found += 1
        if len(self.faults) < FAULTS_MAX:
            self.faults.append(text)


def check_head(
    report: Report, keys: dict[str, dict[str, Any]], named: str, head: dict[str, Any]
) -> None:
    """A head by itself: of this contract, without gaps, signed by a key that counts."""
    if head.get("contract_id") != report.contract_id:
        report.fault(f"{named}: is of {log_of(head.get('contract_id'))}")
    if head.get("count") != head.get("sequence"):
        report.fault(f"{named}: its count is not its sequence, so records were missing")
    key = keys.get(str(head.get("key_id")))
    if key is None or not signed(key, only(head, HEAD_FIELDS), head.get("signature")):
        report.fault(f"{named}: the signature is not that of a key that counts")


def log_of(contract_id: Any) -> str:
    """How the report names a contract, or the service itself."""
    return "the service's own log" if contract_id == SERVICE else f"contract {contract_id}"


def kept_name(file: str, head: dict[str, Any]) -> str:
    """How the report names a head that the party kept."""
    return f"head of {head['day']} that you kept ({file})"


class Check:
    """One pass over an export's lines."""

    def __init__(
        self,
        kept: list[tuple[str, dict[str, Any]]],
        pinned: dict[str, dict[str, Any]] | None,
    ) -> None:
        """`kept` are the party's heads with their files; `pinned` the keys it knew, if any."""
        self.report = Report()
        self.kept, self.pinned = kept, pinned
        self.keys: dict[str, dict[str, Any]] = dict(pinned or {})
        self.opening: dict[str, Any] = {}
        self.manifest: dict[str, Any] | None = None
        self.last: dict[str, Any] | None = None
        # The record whose rows are being read, and those rows.
        self.current: dict[str, Any] | None = None
        self.rows: list[dict[str, Any]] = []
        self.heads: list[dict[str, Any]] = []
        # The journal's hash at each sequence that a head speaks of.
        self.hashes: dict[int, str | None] = {head["sequence"]: None for _, head in kept}
        self.named_notes: set[bytes] = set()
        self.file_hash: Any = None

    def run(self, lines: Iterable[bytes]) -> Report:
        """Check every line, then what only the whole can show."""
        digest = hashlib.sha256()
        for count, raw in enumerate(lines, 1):
            if self.manifest is not None:
                self.report.fault(f"line {count}: follows the manifest, which is the last line")
                break
            try:
                line = whole_line(raw)
                if line.get("type") == "manifest":
                    self._finish_record()
                    self._check_manifest(line, digest.hexdigest(), count - 1)
                else:
                    self._take(line, first=count == 1)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                self.report.fault(f"line {count}: cannot be read ({type(error).__name__}: {error})")
            digest.update(raw)
        self._finish_record()
        self._finish()
        return self.report

    def _take(self, line: dict[str, Any], *, first: bool) -> None:
        if first != (line["type"] == "export"):
            raise CannotCheck("this is no export of an outcomes ledger: its first line is another")
        readers = {
            "export": self._open,
            "head": self._take_head,
            "record": self._take_record,
            "row": self._take_row,
            "note": self._take_note,
            "note_unreadable": self._take_lost_note,
            "file": self._take_file,
            "file_missing": self._take_missing_file,
        }
        readers[line["type"]](line)
        self.report.counts[line["type"]] += 1

    def _open(self, line: dict[str, Any]) -> None:
        if line["format"] != EXPORT_FORMAT:
            raise CannotCheck(f"the export has format {line['format']!r}, not {EXPORT_FORMAT!r}")
        if not all(isinstance(table["key"], list) for table in line["tables"].values()):
            raise TypeError("the key of a table is a list")
        if not isinstance(line["contract_id"], str) or not isinstance(line["head"], dict | None):
            raise TypeError("contract_id is text, head an object")
        self.opening = line
        self.report.contract_id = line["contract_id"]
        offered = usable_keys(line["keys"])
        self.keys = offered if self.pinned is None else with_endorsed(self.pinned, offered)
        for name in sorted(offered.keys() - self.keys.keys()):
            self.report.fault(f"key {name}: none of the keys that you know endorses it")

    def _take_head(self, head: dict[str, Any]) -> None:
        named = f"head of {head['day']} in the export"
        self._check_head(named, head)
        self.hashes.setdefault(head["sequence"])  # raises TypeError for what is no number
        self.heads.append(only(head, HEAD))
        self.report.heads.append((named, head))

    def _check_head(self, named: str, head: dict[str, Any]) -> None:
        check_head(self.report, self.keys, named, head)

    def _take_record(self, record: dict[str, Any]) -> None:
        """The chain: no gaps, linked to the record before, with the hash of its own fields."""
        self._finish_record()
        for name, kind in RECORD_FIELDS.items():
            if type(record[name]) is not kind:
                raise TypeError(f"{name} is of the wrong type")
        named = f"journal record {record['sequence']}"
        before = self.last or {"sequence": 0, "hash": GENESIS, "recorded_at": ""}
        if record["sequence"] != before["sequence"] + 1:
            self.report.fault(
                f"{named}: follows record {before['sequence']}: records are missing, moved or added"
            )
        if record["previous_hash"] != before["hash"]:
            self.report.fault(f"{named}: previous_hash is not the hash of the record before")
        if record_hash(self.report.contract_id, record) != record["hash"]:
            self.report.fault(f"{named}: hash does not match the record's own fields")
        if record["recorded_at"] < before["recorded_at"]:
            self.report.fault(f"{named}: recorded_at is before that of the record before")
        if record["sequence"] in self.hashes:
            self.hashes[record["sequence"]] = record["hash"]
        self.last = self.current = record

    def _take_row(self, row: dict[str, Any]) -> None:
        record = self.current
        if record is None or row["sequence"] != record["sequence"]:
            named = self._named(row["table"], row["values"], row["sequence"])
            self.report.fault(
                f"{named}: names journal record {row['sequence']} and is not in the journal"
            )
            return
        if row["recorded_at"] != record["recorded_at"]:
            named = self._named(row["table"], row["values"], row["sequence"])
            self.report.fault(f"{named}: differs from the journal in recorded_at")
        self.rows.append(row)

    def _finish_record(self) -> None:
        """Compare the rows read since the last record with those that it says it added."""
        record, self.current = self.current, None
        rows, self.rows = self.rows, []
        if record is None:
            return
        found: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            found.setdefault(row["table"], []).append(row["values"])
        try:
            told = self._told(record)
        except (ValueError, AttributeError, TypeError, KeyError) as error:
            self.report.fault(f"journal record {record['sequence']}: unreadable payload ({error})")
            told = {}
        for table in sorted(told.keys() | found.keys()):
            self._compare(table, record["sequence"], told.get(table, []), found.get(table, []))

    def _told(self, record: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        """The rows that a record's payload holds, with its postings added up."""
        told: dict[str, list[dict[str, Any]]] = parse_json(record["payload"])
        if canonical(told) != record["payload"]:
            raise ValueError("it is not canonical JSON")
        for row in (row for rows in told.values() for row in rows):
            if row.get("note_digest") is not None:
                self.named_notes.add(bytes.fromhex(row["note_digest"]))
        for posting in told.get("postings", ()):
            for side, sign in (("debit", 1), ("credit", -1)):
                place = (posting[side], posting["currency"])
                self.report.balances.setdefault(place, 0)
                self.report.balances[place] += sign * posting["amount_minor"]
        return told

    def _compare(
        self, table: str, sequence: int, told: list[dict[str, Any]], found: list[dict[str, Any]]
    ) -> None:
        wanted, stored = Counter(map(_plain, told)), Counter(map(_plain, found))
        if wanted == stored:
            return
        added: dict[str, list[dict[str, Any]]] = {}
        for one in (stored - wanted).elements():
            row = json.loads(one)
            added.setdefault(self._named(table, row, sequence), []).append(row)
        for one in (wanted - stored).elements():
            row = json.loads(one)
            named = self._named(table, row, sequence)
            if not added.get(named):
                self.report.fault(f"{named}: is in the journal and missing from the table")
                continue
            other = added[named].pop()
            names = (n for n in row.keys() | other.keys() if _value(row, n) != _value(other, n))
            self.report.fault(f"{named}: differs from the journal in {', '.join(sorted(names))}")
        for named, rows in added.items():
            for _ in rows:
                self.report.fault(f"{named}: is not in the journal")

    def _named(self, table: str, values: dict[str, Any], sequence: Any) -> str:
        key = self.opening["tables"].get(table, {}).get("key", ())
        told = {"sequence": sequence, **values}
        parts = (f"{name} {told.get(name)}" for name in key if name != "contract_id")
        return f"{table} ({', '.join(parts)})"

    def _take_note(self, note: dict[str, Any]) -> None:
        self._finish_record()
        content = f"{note['salt']}\n{note['text']}".encode()
        if hashlib.sha256(content).hexdigest() != note["digest"]:
            self.report.fault(f"note {note['digest']}: the text does not match its digest")
        elif bytes.fromhex(note["digest"]) not in self.named_notes:
            self.report.fault(f"note {note['digest']}: no record names it")

    def _take_lost_note(self, note: dict[str, Any]) -> None:
        self._finish_record()
        self.report.fault(f"note {note['digest']}: the ledger can no longer read it")

    def _take_file(self, part: dict[str, Any]) -> None:
        """A part of a file: its bytes, together, must have the hash that names it."""
        if part["part"] == 1:
            self.file_hash = hashlib.sha256()
        self.file_hash.update(base64.b64decode(part["content"], validate=True))
        if part["last"] and self.file_hash.hexdigest() != part["sha256"]:
            self.report.fault(f"{part['kind']} file {part['sha256']}: its bytes were changed")

    def _take_missing_file(self, line: dict[str, Any]) -> None:
        self.report.fault(f"{line['kind']} file {line['sha256']}: the ledger no longer holds it")

    def _check_manifest(self, manifest: dict[str, Any], sha256: str, lines: int) -> None:
        self.manifest = manifest
        end = self.last or {"sequence": 0, "hash": GENESIS}
        stated = {
            "format": EXPORT_FORMAT,
            "contract_id": self.report.contract_id,
            "exported_at": self.opening.get("exported_at"),
            "lines": lines,
            "sha256": sha256,
            "sequence": end["sequence"],
            "hash": end["hash"],
            "counts": {name: self.report.counts[name] for name in manifest["counts"]},
        }
        for name, value in stated.items():
            if manifest[name] != value:
                self.report.fault(f"manifest: {name} is not that of the lines before it")
        statement = {name: value for name, value in manifest.items() if name != "signature"}
        key = self.keys.get(str(manifest["key_id"]))
        if key is None or not signed(key, statement, manifest["signature"]):
            self.report.fault("manifest: the signature is not that of a key that counts")

    def _finish(self) -> None:
        """What only the whole can show."""
        report, end = self.report, self.last or {"sequence": 0, "hash": GENESIS}
        report.sequence, report.hash = end["sequence"], end["hash"]
        if self.manifest is None:
            report.fault("manifest: is missing, so the export was cut off")
        stated = self.opening.get("head") or {}
        if (stated.get("sequence"), stated.get("hash")) != (end["sequence"], end["hash"]):
            report.fault(
                f"contract: the ledger says that its journal ends with record "
                f"{stated.get('sequence')}; it ends with record {end['sequence']}, or their hashes "
                "differ"
            )
        elif stated.get("recorded_at") != end.get("recorded_at"):
            report.fault("contract: head_recorded_at is not that of the last record")
        for head in self.heads:
            if self.hashes.get(head["sequence"]) != head["hash"]:
                report.fault(f"head of {head['day']} in the export: the journal has no such record")
        for file, head in self.kept:
            named = kept_name(file, head)
            self._check_kept(named, head)
            self.report.heads.append((named, head))
        report.counts["kept head"] = len(self.kept)
        self._say_what_is_unknown()

    def _check_kept(self, named: str, head: dict[str, Any]) -> None:
        """A head that the party kept: the journal must still have its record, with its hash."""
        self._check_head(named, head)
        if head["sequence"] > self.report.sequence:
            self.report.fault(
                f"{named}: names record {head['sequence']}, and the journal ends with record "
                f"{self.report.sequence}: its newest records were cut off, an old backup was "
                "restored, or the export is older than the head"
            )
        elif self.hashes[head["sequence"]] != head["hash"]:
            self.report.fault(
                f"{named}: record {head['sequence']} is now another: the history up to it was "
                "rewritten, or an old backup was restored and gone on from"
            )
        if only(head, HEAD) not in self.heads:
            self.report.fault(f"{named}: the ledger's own list of heads does not have it")

    def _say_what_is_unknown(self) -> None:
        withheld = (self.manifest or {}).get("files_withheld") or []
        if isinstance(withheld, list) and withheld:
            self.report.notes.append(
                f"{len(withheld)} files are not in the export, because no malware scan found them "
                "clean; its manifest names them."
            )
        if not self.kept:
            self.report.notes.append(
                "No heads of yours were given (--heads): a history that was rewritten as a whole, "
                "or cut off at its end, cannot be told from a true one."
            )
        if self.pinned is None:
            self.report.notes.append(
                "No keys of yours were given (--keys): signatures were checked with the keys in "
                "the export itself, which show only that it is whole."
            )


def _plain(row: dict[str, Any]) -> str:
    """A row in a form in which equal means equal to the byte; a missing value is null."""
    given = {name: value for name, value in row.items() if value is not None}
    return json.dumps(given, sort_keys=True)


def _value(row: dict[str, Any], name: str) -> str:
    return json.dumps(row.get(name), sort_keys=True)


def whole_line(raw: bytes) -> dict[str, Any]:
    """The object on a line. ValueError for anything else, also where the line's end is missing."""
    line = parse_json(raw)
    if not isinstance(line, dict) or not raw.endswith(b"\n"):
        raise ValueError("it is no whole object")
    return line


def lines_of(path: Path) -> Iterator[bytes]:
    """The lines of a file, one in memory at a time."""
    try:
        with path.open("rb") as file:
            while line := file.readline(LINE_MAX + 1):
                if len(line) > LINE_MAX:
                    raise CannotCheck(f"{path}: has a line of more than {LINE_MAX} bytes")
                yield line
    except OSError as error:
        raise CannotCheck(f"{path}: cannot be read ({error.strerror})") from error


def verify_export(
    export: Path,
    kept: list[tuple[str, dict[str, Any]]] | None = None,
    pinned: dict[str, dict[str, Any]] | None = None,
) -> Report:
    """Check an export, with the heads that were kept and the keys that were known, if any."""
    checked = Check(kept or [], pinned)
    report = checked.run(lines_of(export))
    if not checked.opening:
        raise CannotCheck(f"{export}: is no export of an outcomes ledger")
    return report


# --- The access log -------------------------------------------------------------------------------


def verify_access_log(
    paths: Iterable[Path],
    report: Report | None = None,
    kept: list[tuple[str, dict[str, Any]]] | None = None,
    pinned: dict[str, dict[str, Any]] | None = None,
) -> Report:
    """Check access logs of a contract with the heads of an export's `report`, or those kept.

    Or that of the service itself, whose entries may speak of any contract, with its own heads.

    A contract that was moved has a log in each ledger, and each head is held by one of them.
    """
    files = list(paths)
    if report is None:
        report = Report(contract_id=_contract_of(files[0], kept or []))
        for file, head in kept or []:
            report.heads.append((kept_name(file, head), head))
            if pinned is None:
                raise CannotCheck("the signatures of your heads need --keys, or an export")
            check_head(report, pinned, *report.heads[-1])
    wanted = {head.get("access_sequence") for _, head in report.heads}
    logs = [_check_entries(path, report, wanted) for path in files]
    for named, head in report.heads:
        number = head.get("access_sequence")
        if any(log.get(number) == head.get("access_hash") for log in logs):
            continue
        if any(number in log for log in logs):
            report.fault(
                f"{named}: entry {number} of the access log is now another: the log up to it was "
                "rewritten, or an old backup was restored and gone on from"
            )
        else:
            report.fault(
                f"{named}: names entry {number} of the access log, which does not have it: its "
                "newest entries were cut off, an old backup was restored, or the log that you "
                "have is older than the head"
            )
    if not report.heads:
        report.notes.append(
            "No heads were given for the access log (--heads): a log that was rewritten as a "
            "whole, or cut off at its end, cannot be told from a true one."
        )
    return report


def _contract_of(path: Path, kept: list[tuple[str, dict[str, Any]]]) -> str:
    """Whose log it is: as its first entry says, or where it has none, the heads that were kept."""
    try:
        first = next(lines_of(path), None)
        if first is None and kept:
            return str(kept[0][1]["contract_id"])
        return str(whole_line(first or b"")["chain"])
    except (ValueError, KeyError) as error:
        raise CannotCheck(f"{path}: is no access log") from error


def _check_entries(path: Path, report: Report, wanted: set[Any]) -> dict[Any, str]:
    """The chain of a log: no gaps, each linked and with its own hash. Answers the hashes wanted."""
    last, previous, found = 0, GENESIS, {0: GENESIS}
    for count, raw in enumerate(lines_of(path), 1):
        try:
            entry = whole_line(raw)
            number, named = entry["sequence"], f"access log entry {entry['sequence']}"
            of = entry["contract_id"] if report.contract_id else SERVICE
            if (entry["chain"], of) != (report.contract_id,) * 2:
                report.fault(f"{named}: is of another log")
            if number != last + 1:
                report.fault(f"{named}: follows {last}: entries are missing, moved or added")
            if entry["previous_hash"] != previous:
                report.fault(f"{named}: previous_hash is not the hash of the entry before")
            if entry_hash(entry) != entry["hash"]:
                report.fault(f"{named}: hash does not match the entry's own fields")
            last, previous = number, entry["hash"]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            report.fault(
                f"{path.name} line {count}: cannot be read ({type(error).__name__}: {error})"
            )
            continue
        report.counts["access log entry"] += 1
        if number in wanted:
            found[number] = previous
    report.log_end = (last, previous)
    return found


def say(report: Report, *, balances: bool) -> None:
    """The report, for people."""
    for fault in report.faults:
        print(f"DIFFERS  {fault}")
    if report.found > len(report.faults):
        print(f"DIFFERS  and {report.found - len(report.faults)} more")
    for note in report.notes:
        print(f"NOTE     {note}")
    for kind, count in sorted(report.counts.items()):
        several = f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"
        print(f"{count:>10} {(kind if count == 1 else several).replace('_', ' ')} looked at")
    for (account, currency), minor in sorted(report.balances.items()) if balances else ():
        print(f"{minor:>16} {currency} minor units, debit less credit: {account}")
    verdict = "NOT INTACT" if report.found else "intact"
    ends = [(f"journal record {report.sequence}", report.hash)] if report.sequence else []
    if report.log_end is not None:
        ends.append((f"access log entry {report.log_end[0]}", report.log_end[1]))
    told = ", and ".join(f"up to {named}, hash {one}" for named, one in ends)
    named = log_of(report.contract_id)
    print(f"{named[0].upper()}{named[1:]} is {verdict} {told}.")


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line; answers the exit code."""
    told = (__doc__ or "").split("\n\n")
    parser = argparse.ArgumentParser(description=told[0], epilog=told[2])
    parser.add_argument("export", type=Path, nargs="?", help="the whole-contract export")
    parser.add_argument(
        "--access-log", type=Path, nargs="+", help="the contract's access log, or the service's own"
    )
    parser.add_argument("--heads", type=Path, nargs="+", default=[], help="heads that you kept")
    parser.add_argument("--keys", type=Path, help="the operator's public keys, as you know them")
    parser.add_argument("--balances", action="store_true", help="add up every account")
    given = parser.parse_args(arguments)
    if given.export is None and given.access_log is None:
        parser.error("give an export, an access log (--access-log), or both")
    try:
        kept = read_heads(given.heads) if given.heads else []
        keys = read_keys(given.keys) if given.keys else None
        report = None if given.export is None else verify_export(given.export, kept, keys)
        if given.access_log is not None:
            report = verify_access_log(given.access_log, report, kept, keys)
    except CannotCheck as error:
        print(f"Cannot check: {error}.", file=sys.stderr)
        return 2
    if report is None:
        raise AssertionError("one of the two was given")
    say(report, balances=given.balances)
    return 1 if report.found else 0


if __name__ == "__main__":
    sys.exit(main())
