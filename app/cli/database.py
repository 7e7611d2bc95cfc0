"""The database behind a command: the one that DATABASE_URL names, or a local one of our own."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from app.cli.failure import CannotRun
from app.settings import Settings
from app.storage import migrate
from app.storage.local_attach import running_database
from app.storage.local_postgres import LocalPostgres
from app.storage.postgres_files import LocalPostgresError


@contextmanager
def own_database(settings: Settings) -> Iterator[Settings]:
    """The settings with a database that this process keeps running, migrated if it is local.

    For `serve`: a local server ends with the block. A database named in DATABASE_URL is not
    touched; `outcomes migrate` is an act of its own there.
    """
    if not settings.uses_local_postgres:
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
    with ExitStack() as stack:
        if running is None:
            yield stack.enter_context(own_database(settings))
        else:
            yield settings.with_databases(app_url=running.app, owner_url=running.owner)
