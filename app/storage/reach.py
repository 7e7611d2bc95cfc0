"""Finding out whether a database answers before a command relies on it."""

from pathlib import Path

from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import OperationalError

from app.storage.engine import normalise_url
from app.storage.postgres_files import place, server_user
from app.storage.roles import APP_ROLE, OWNER_ROLE, DatabaseUrls

_CONNECT_SECONDS = 5


class DatabaseUnreachable(RuntimeError):
    """Nothing answers at the database's address, or it refuses the role."""


def require_reachable(url: str) -> None:
    """Raise DatabaseUnreachable, naming role, host and database but no password."""
    engine = create_engine(normalise_url(url), connect_args={"connect_timeout": _CONNECT_SECONDS})
    try:
        engine.connect().close()
    except OperationalError as error:
        parts = make_url(url)
        where = f"{parts.host or 'a local socket'}:{parts.port or 5432}"
        reason = str(error.orig).strip().splitlines()[0]
        raise DatabaseUnreachable(
            f"the database {parts.database} at {where} does not let {parts.username} in: {reason}"
        ) from error
    finally:
        engine.dispose()


def data_directory(data_dir: Path) -> Path | None:
    """Where the local PostgreSQL of `data_dir` keeps its data; None before one was ever made."""
    home = place(data_dir, server_user(data_dir / "cluster"))
    return home if (home / "cluster").is_dir() else None


def running_database(data_dir: Path, name: str = "outcomes") -> DatabaseUrls | None:
    """The URLs of the database whose local server runs on `data_dir`; None if none does.

    So that `outcomes verify` works beside `outcomes serve`: only one process can start a server
    on a directory, but whoever may enter its socket directory may use it.
    """
    sockets = place(data_dir, server_user(data_dir / "cluster")) / "socket"
    found = DatabaseUrls(
        owner=f"postgresql://{OWNER_ROLE}@/{name}?host={sockets}",
        app=f"postgresql://{APP_ROLE}@/{name}?host={sockets}",
    )
    try:
        if not sockets.is_dir():
            return None
        require_reachable(found.app)
    except (DatabaseUnreachable, PermissionError):
        return None
    return found
