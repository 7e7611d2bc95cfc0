"""An export of any length: a small contract, made longer by people who are registered."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from app.domain import journal
from app.domain.parties import Actor
from app.storage import signing_keys


def lengthen(source: Path, target: Path, key_file: Path, people: int) -> None:
    """Write `source` with so many more records, sealed and signed as the ledger would."""
    *body, manifest = (json.loads(line) for line in source.read_text().splitlines())
    opening, *others = body
    records = [line for line in others if line["type"] in {"record", "row"}]
    rest = [line for line in others if line["type"] not in {"record", "row", "head"}]
    last = next(line for line in reversed(records) if line["type"] == "record")
    contract_id = opening["contract_id"]
    end = last["sequence"] + people
    more = list(_hashes(contract_id, last, people))
    final = more[-1][0]
    opening["head"] = {
        "sequence": end,
        "hash": final["hash"],
        "recorded_at": final["recorded_at"],
    }
    digest, count = hashlib.sha256(), 0
    with target.open("wb") as out:
        for line in (opening, *records, *(one for pair in more for one in pair), *rest):
            content = json.dumps(line, separators=(",", ":")).encode() + b"\n"
            digest.update(content)
            out.write(content)
            count += 1
        statement = {k: v for k, v in manifest.items() if k != "signature"}
        counts = {k: v for k, v in statement["counts"].items() if k != "head"}
        counts["record"] += people
        counts["row"] += people
        statement |= {"lines": count, "sha256": digest.hexdigest(), "counts": counts}
        statement |= {"sequence": end, "hash": final["hash"]}
        signature = signing_keys.load(key_file).sign(statement)
        out.write(json.dumps(statement | {"signature": signature}).encode() + b"\n")


def _hashes(contract_id: str, last: dict, people: int) -> Iterator[tuple[dict, dict]]:
    previous, instant = last["hash"], datetime.fromisoformat(last["recorded_at"])
    for number in range(1, people + 1):
        values = {
            "participant_id": f"L-{number:07}",
            "referred_on": "2020-01-02",
            "setting": "care",
            "funded_by_commissioner": True,
            "age_at_referral": 40,
            "provider": "provider",
        }
        record = journal.seal(
            contract_id,
            last["sequence"] + number,
            "participant_registered",
            date(2020, 1, 2),
            instant,
            Actor("provider", "worker-1"),
            {"participants": [values]},
            previous,
        )
        previous = record.hash
        written = {
            "type": "record",
            "sequence": record.sequence,
            "kind": record.kind,
            "effective_date": "2020-01-02",
            "recorded_at": last["recorded_at"],
            "party": "provider",
            "person": "worker-1",
            "payload": record.payload,
            "previous_hash": record.previous_hash,
            "hash": record.hash,
        }
        row = {
            "type": "row",
            "table": "participants",
            "sequence": record.sequence,
            "recorded_at": last["recorded_at"],
            "values": values,
        }
        yield written, row
