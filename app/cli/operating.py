"""What `serve` and `migrate` do. Imported when they run, because the service is heavy to load."""

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from app.cli.database import own_database, reach
from app.cli.failure import CannotRun
from app.cli.output import say, warn
from app.cli.serving import listening, serve_until_stopped
from app.main import create_app, make_context
from app.settings import Mode, Settings, variable_name
from app.storage import migrate

_LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def serve(settings: Settings) -> None:
    """Run the service until it is stopped; the port is taken before anything else is started."""
    logging.basicConfig(format=_LOG_FORMAT)
    with _stopped_by_signals(), listening(settings) as sockets:
        if settings.uses_local_postgres:
            warn(f"Starting a local PostgreSQL in {settings.postgres_dir}...")
        with own_database(settings) as connected:
            _require_current(connected)
            app = create_app(connected)
            address = f"http://{settings.host}:{settings.port}"
            warn(f"Serving {address}; the interface, for people: {address}/docs")
            if settings.mode is Mode.DEMO:
                warn("Demo mode: a request may say which time it is, so records prove nothing.")
            warn("Stop it with Ctrl-C.")
            serve_until_stopped(app, sockets)
    warn("Stopped.")


def upgrade(settings: Settings) -> None:
    """Bring the database to this release."""
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
