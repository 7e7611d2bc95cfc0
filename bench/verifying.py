"""`python -m bench.verifying URL CONTRACT`: verifies one contract and prints what it took."""

import json
import sys
import tempfile
import time
from pathlib import Path

from uuid_utils import uuid7

from app.service.context import Context
from app.service.verify import verify
from app.storage.engine import make_engine
from app.storage.evidence_files import EvidenceFiles
from bench.database import clock
from bench.measure import peak_memory_mb


def main(url: str, contract_id: str) -> None:
    """Verify and report as JSON."""
    engine = make_engine(url, 2)
    with tempfile.TemporaryDirectory() as files:
        store = EvidenceFiles(Path(files), 1_000_000)
        context = Context(engine, clock, lambda: str(uuid7()), store)
        start, begun = peak_memory_mb(), time.perf_counter()
        verified = verify(context, contract_id)
        took = time.perf_counter() - begun
    engine.dispose()
    counted = {check.name: check.count for check in verified.checks}
    print(
        json.dumps(
            {
                "intact": verified.intact,
                "rows": counted["projections"],
                "seconds": took,
                "start_mb": start,
                "peak_mb": peak_memory_mb(),
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
