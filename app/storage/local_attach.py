"""Finding a local PostgreSQL that another process of this machine keeps running."""

from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from app.storage.engine import normalise_url
from app.storage.postgres_files import place, server_user
from app.storage.roles import APP_ROLE, OWNER_ROLE, DatabaseUrls

_NAME = "outcomes"


def running_database(data_dir: Path, name: str = _NAME) -> DatabaseUrls | None:
    """The URLs of the database whose server runs on `data_dir`; None if none can be reached.

    So that `outcomes verify` works beside `outcomes serve`: only one process can start a server
    on a directory, but whoever may enter its socket directory may use it.
    """
    home = place(data_dir, server_user(data_dir / "cluster"))
    sockets = home / "socket"
    if not sockets.is_dir():
        return None
    found = DatabaseUrls(
        owner=f"postgresql://{OWNER_ROLE}@/{name}?host={sockets}",
        app=f"postgresql://{APP_ROLE}@/{name}?host={sockets}",
    )
    engine = create_engine(normalise_url(found.app))
    try:
        engine.connect().close()
    except OperationalError:
        return None
    finally:
        engine.dispose()
    return found
