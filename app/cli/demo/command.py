"""`outcomes demo`: a database, the real application on a free port, the story, the report."""

import shutil
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

from app.cli.client import Service
from app.cli.database import any_database
from app.cli.demo.published import WHAT_IS_WHAT
from app.cli.demo.report import report
from app.cli.demo.run import build, next_contract_id
from app.cli.demo.story import Progress
from app.cli.failure import CannotRun, Refused
from app.cli.output import say, warn
from app.cli.serving import served_in_thread
from app.main import create_app
from app.service.heads import sign_head
from app.settings import Mode, Settings, load_settings
from app.storage import signing_keys

_KEY_FILE = "demo-signing-keys.json"


def run_demo() -> None:
    """Show the service on a worked contract: invented people, real interface, real database."""
    started = time.monotonic()
    settings = _demo_settings()
    warn("Starting the database...")
    with any_database(settings) as connected:
        _make_key(connected)
        app = create_app(connected)
        with served_in_thread(app) as url, Service(url) as service:
            contract_id = next_contract_id(service)
            say(f"Outcomes Ledger demo: contract {contract_id}\n\n{WHAT_IS_WHAT}\n")
            warn("Recording five years, request by request:")
            context = app.state.edge.context
            story, figures = build(
                service, contract_id, _progress(started), lambda one: sign_head(context, one)
            )
    for section in report(figures, story.empty):
        say(f"{section}\n")
    say(_afterwards(contract_id, story.acts.requests, time.monotonic() - started, settings))
    if not figures.verification["intact"]:
        raise Refused(
            {"status": 409, "code": "not-intact", "detail": "The verification found differences."}
        )


def _demo_settings() -> Settings:
    """Demo mode, but never in a database that nobody has called one for demos.

    With a signing key of the demo's own, where the operator has named none.
    """
    asked = load_settings()
    if asked.mode is Mode.PRODUCTION and not asked.uses_local_postgres:
        raise CannotRun(
            "DATABASE_URL names a database, and the demo would fill it with invented data.",
            "  Unset DATABASE_URL to use a local one, or set OUTCOMES_MODE=demo if it is for that.",
        )
    return load_settings(
        mode=Mode.DEMO, signing_key_file=asked.signing_key_file or asked.var_dir / _KEY_FILE
    )


def _make_key(settings: Settings) -> None:
    """Make the demo's own signing key, unless it is there or the operator has named another."""
    path = settings.var_dir / _KEY_FILE
    if settings.signing_key_file != path or path.exists():
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        signing_keys.create(path, datetime.now(UTC))
    except OSError as error:
        raise CannotRun(f"{path}: cannot be written: {error.strerror}.") from error


def _progress(started: float) -> Progress:
    def show(day: date, requests: int) -> None:
        seconds = time.monotonic() - started
        warn(f"  up to {day.isoformat()}: {requests} requests, {seconds:.0f} s")

    return show


def _afterwards(contract_id: str, requests: int, seconds: float, settings: Settings) -> str:
    address = f"http://127.0.0.1:{settings.port}"
    outcomes = again(sys.argv[0])
    return "\n".join(
        [
            f"Done in {seconds:.1f} seconds: {requests} requests to the interface, each durable.",
            "",
            "To go on with this contract, keep the service running and ask it:",
            f"  {outcomes} serve",
            f"  {address}/docs             the interface, for people",
            f"  {address}/openapi.json     the same, for programs",
            "and, in another terminal, in this directory:",
            f"  {outcomes} statement {contract_id} scc --from 2024-04-01 --to 2024-09-30",
            f"  {outcomes} verify {contract_id}",
            f"  {outcomes} heads list {contract_id}",
        ]
    )


def again(called: str) -> str:
    """How to call this program again from here: .venv/bin/outcomes, unless it is on the PATH."""
    path, here = Path(called).absolute(), Path.cwd()
    found = shutil.which("outcomes")
    on_path = found is not None and Path(found).absolute() == path
    if on_path or path.name != "outcomes":  # started in another way, such as by a test
        return "outcomes"
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
