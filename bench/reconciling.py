"""`python -m bench.reconciling URL CONTRACT FILE`: imports a CSV file, proposes matches, says how.

A process of its own, so that its memory is that of this work alone.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from uuid_utils import uuid7

from app.domain.bank import SourceKind
from app.domain.column_mapping import ColumnMapping
from app.service.context import Context
from app.service.imports import import_file, save_mapping
from app.service.matching import propose_matches
from app.storage.engine import make_engine
from app.storage.evidence_files import EvidenceFiles
from bench.contracts import command
from bench.database import clock
from bench.measure import peak_memory_mb
from bench.unscanned import UNSCANNED

MAPPING = ColumnMapping(
    date="Day", amount="Amount", references=("Text",), counterparty="Who", bank_reference="Id"
)
_CHUNK = 64 * 1024


def main(url: str, contract_id: str, file: str) -> None:
    """Import and propose as the SPV, and report as JSON."""
    engine = make_engine(url, 2)
    with tempfile.TemporaryDirectory() as files:
        store = EvidenceFiles(Path(files), 1_000_000)
        context = Context(engine, clock, lambda: str(uuid7()), store, uploads=UNSCANNED)
        acting = command(contract_id, "spv")
        save_mapping(context, acting, "bank", MAPPING)
        start, begun = peak_memory_mb(), time.perf_counter()
        worked = time.process_time()
        with context.files.bank.receive(contract_id) as incoming, Path(file).open("rb") as content:
            while chunk := content.read(_CHUNK):
                incoming.write(chunk)
            taken = import_file(
                context, acting, incoming, kind=SourceKind.CSV, source="bank", mapping="bank"
            ).answer
        imported, imported_mb = time.perf_counter() - begun, peak_memory_mb()
        begun = time.perf_counter()
        made = propose_matches(context, acting).answer
        proposed = time.perf_counter() - begun
        worked = time.process_time() - worked
    engine.dispose()
    if taken is None or made is None:
        raise AssertionError("a command without a key is never replayed")
    print(
        json.dumps(
            {
                "lines": taken.line_count,
                "faults": taken.fault_count,
                "import_seconds": imported,
                "import_mb": imported_mb - start,
                "matches": made.proposed,
                "propose_seconds": proposed,
                "worked_seconds": worked,
                "propose_mb": peak_memory_mb() - start,
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
