"""`outcomes serve`, `migrate` and `openapi`: running and describing the service itself."""

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from app.cli.database import own_database, reach
from app.cli.failure import CannotRun
from app.cli.output import say, warn
from app.cli.serving import serve_until_stopped
from app.main import create_app, make_context, openapi_text
from app.settings import Settings, load_settings, variable_name
from app.storage import migrate

_LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"
_OPENAPI = Path("openapi") / "openapi.json"


def serve(
    host: Annotated[
        str | None, typer.Option("--host", help="The address to listen on. Default: OUTCOMES_HOST.")
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", help="The port to listen on. Default: OUTCOMES_PORT.")
    ] = None,
) -> None:
    """Run the service until it is stopped, with a PostgreSQL of its own if none is named."""
    settings = load_settings(host=host, port=port)
    logging.basicConfig(format=_LOG_FORMAT)
    with _stopped_by_signals():
        if settings.uses_local_postgres:
            warn(f"Starting a local PostgreSQL in {settings.postgres_dir}...")
        with own_database(settings) as connected:
            _require_current(connected)
            app = create_app(connected)
            address = f"http://{settings.host}:{settings.port}"
            warn(f"Serving {address} in {settings.mode.value} mode; the interface: {address}/docs")
            warn("Stop it with Ctrl-C.")
            serve_until_stopped(app, settings)
    warn("Stopped.")


def upgrade() -> None:
    """Bring the database to this release, as the role in MIGRATION_DATABASE_URL."""
    settings = load_settings()
    if settings.migration_database_url is not None:
        url = settings.migration_database_url.get_secret_value()
        reach(url, variable_name("migration_database_url"))
        say(f"The database is at version {migrate.upgrade(url)}.")
    elif settings.uses_local_postgres:
        with own_database(settings):  # which migrates
            say(f"The local database is at version {migrate.head()}.")
    else:
        raise CannotRun(
            "MIGRATION_DATABASE_URL: is missing. Set it to the database in DATABASE_URL, as role "
            "outcomes_owner."
        )


def openapi(
    output: Annotated[
        Path, typer.Option("--output", help="The file; - is standard output.")
    ] = _OPENAPI,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 if the file is out of date.")
    ] = False,
) -> None:
    """Write the OpenAPI description of the interface. Needs no database."""
    text = openapi_text()
    if str(output) == "-":
        say(text.rstrip("\n"))
        return
    try:
        current = output.read_text(encoding="utf-8") if output.exists() else None
        if check and current != text:
            warn(f"{output} does not describe this release; run `outcomes openapi`.")
            raise typer.Exit(1)
        if current == text:
            say(f"{output} is up to date.")
        else:
            output.parent.mkdir(parents=True, exist_ok=True)
            output.write_text(text, encoding="utf-8")
            say(f"{output} is written.")
    except OSError as error:
        raise CannotRun(f"{output}: {error.strerror}.") from error


def _require_current(settings: Settings) -> None:
    """Refuse a database of another release now, rather than at the first request."""
    context = make_context(settings)
    try:
        migrate.require_current(context.engine)
    except migrate.WrongSchemaVersion as error:
        raise CannotRun(f"Cannot serve: {error}.") from error
    finally:
        context.engine.dispose()


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """SIGTERM ends the block as Ctrl-C does, so that the database is always shut down in order."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, before)
