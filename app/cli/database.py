"""The database behind a command: the one that DATABASE_URL names, or a local one of our own."""

from collections.abc import Iterator
from contextlib import contextmanager

from app.cli.failure import CannotRun
from app.settings import Settings
from app.storage import migrate
from app.storage.local_postgres import LocalPostgres
from app.storage.postgres_files import LocalPostgresError
from app.storage.reach import (
    DatabaseUnreachable,
    data_directory,
    require_reachable,
    running_database,
)


@contextmanager
def own_database(settings: Settings) -> Iterator[Settings]:
    """The settings with a database that answers; a local one is started, migrated and stopped.

    A database named in DATABASE_URL is not migrated here: that needs the other role, and is an
    act of its own (`outcomes migrate`).
    """
    if settings.database_url is not None:
        reach(settings.database_url.get_secret_value(), "DATABASE_URL")
        yield settings
        return
    try:
        server = LocalPostgres.start(settings.postgres_dir, durable=True)
    except LocalPostgresError as error:
        raise CannotRun(f"The local PostgreSQL cannot be started: {error}.") from error
    with server:
        urls = server.database()
        migrate.upgrade(urls.owner)
        yield settings.with_databases(app_url=urls.app, owner_url=urls.owner)


@contextmanager
def any_database(settings: Settings) -> Iterator[Settings]:
    """Like `own_database`, or the local server that `outcomes serve` is running just now."""
    running = running_database(settings.postgres_dir) if settings.uses_local_postgres else None
    if running is not None:
        yield settings.with_databases(app_url=running.app, owner_url=running.owner)
        return
    with own_database(settings) as connected:
        yield connected


@contextmanager
def existing_database(settings: Settings) -> Iterator[Settings]:
    """Like `any_database`, but of data that are there: nothing is created where there are none.

    A check that made an empty database where it looked, and found nothing wrong with it, would
    say that all is well in the wrong directory.
    """
    if settings.uses_local_postgres:
        _require_data(settings)
    with any_database(settings) as connected:
        yield connected


def _require_data(settings: Settings) -> None:
    try:
        found = data_directory(settings.postgres_dir)
    except LocalPostgresError as error:
        raise CannotRun(f"The local PostgreSQL cannot be reached: {error}.") from error
    if found is None:
        raise CannotRun(
            f"There is no database in {settings.postgres_dir.resolve()}, and none was created.",
            "  Run this where `outcomes serve` was run, or name its directory in OUTCOMES_VAR_DIR,",
            "  or a database in DATABASE_URL.",
        )


def reach(url: str, variable: str) -> None:
    """Make sure that a database answers; the message names the variable, never a password."""
    try:
        require_reachable(url)
    except DatabaseUnreachable as error:
        raise CannotRun(f"{variable}: {error}.") from error
