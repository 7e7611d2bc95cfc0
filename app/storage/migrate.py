"""Bring the database to the version that this code was written for, and refuse any other.

Migrations run as `outcomes_owner`, each in a transaction of its own, forwards only: the records
may not be undone, so neither are their tables.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import ProgrammingError

from app.storage.engine import normalise_url

# Any number, as long as nothing else in the database locks the same: "outcomes" in ASCII.
_MIGRATION_LOCK = int.from_bytes(b"outcomes")
# A migration that waits for a lock makes everybody behind it wait too: better that it fails.
_LOCK_TIMEOUT_MS = 5_000
_STATEMENT_TIMEOUT_MS = 600_000


class WrongSchemaVersion(RuntimeError):
    """The database and this code belong to different releases."""


def head() -> str | None:
    """The newest migration that this code knows; None while there is none."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def current(url: str) -> str | None:
    """The last migration that ran in the database at `url`; None in an empty one."""
    engine = _engine(url)
    try:
        return _current(engine)
    finally:
        engine.dispose()


def upgrade(url: str) -> str | None:
    """Run the missing migrations, as the role in `url`, and return the version reached.

    Several starters may call this at once: an advisory lock lets one through at a time, and the
    others then find nothing to do.
    """
    engine = _engine(url)
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as guard:
            guard.execute(text("SET lock_timeout = 0"))  # the first starter may take its time
            guard.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _MIGRATION_LOCK})
            with engine.connect() as connection:
                config = _config()
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        return _current(engine)
    finally:
        engine.dispose()


def require_current(engine: Engine) -> None:
    """Raise WrongSchemaVersion unless the database is exactly at this code's version."""
    found, wanted = _current(engine), head()
    if found != wanted:
        message = (
            f"the database is at version {found or 'none'}, this release needs {wanted}: "
            "run `outcomes migrate`, or start the release that belongs to the database"
        )
        raise WrongSchemaVersion(message)


def _current(engine: Engine) -> str | None:
    with engine.connect() as connection:
        try:
            return MigrationContext.configure(connection).get_current_revision()
        except ProgrammingError:  # the table exists, but this role was never allowed to read it
            return None


def _engine(url: str) -> Engine:
    options = f"-c lock_timeout={_LOCK_TIMEOUT_MS} -c statement_timeout={_STATEMENT_TIMEOUT_MS}"
    return create_engine(
        normalise_url(url), pool_size=2, max_overflow=0, connect_args={"options": options}
    )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_scripts()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _scripts() -> Path:
    """A wheel carries the scripts beside this file; in a checkout they are at the top."""
    packaged = Path(__file__).with_name("migrations")
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "migrations"
