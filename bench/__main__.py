"""`python -m bench [--quick] [section ...]`: what docs/reference/benchmarks.md explains."""

import argparse
import time

from bench import cohort, http, ledger, posting, reconcile
from bench.database import database

SECTIONS = {
    "posting": posting.run,
    "http": http.run,
    "cohort": cohort.run,
    "ledger": ledger.run,
    "reconcile": reconcile.run,
}


def main() -> None:
    """Measure the sections asked for, all of them by default."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller and rougher, under 2 minutes")
    parser.add_argument("sections", nargs="*", help=f"any of: {', '.join(SECTIONS)}")
    asked = parser.parse_args()
    if unknown := set(asked.sections) - set(SECTIONS):
        parser.error(f"no section {', '.join(sorted(unknown))}")
    started = time.perf_counter()
    with database() as bench:
        for name, run in SECTIONS.items():
            if not asked.sections or name in asked.sections:
                run(bench, quick=asked.quick)
    print(f"\n{time.perf_counter() - started:.0f} s in all")


if __name__ == "__main__":
    main()
