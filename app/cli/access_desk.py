"""The database behind `outcomes access`. Imported when a command runs, as the service is heavy.

These commands work on the database itself and need no operator, because they make the first one:
whoever may run them has the service's own rights anyway. What they do is recorded as done by
`command-line`.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from app.cli.database import existing_database
from app.main import make_context, make_reception
from app.service.reception import Reception
from app.settings import load_settings


@contextmanager
def desk() -> Iterator[Reception]:
    """The service's door, on the database that the settings name or a local one that is there."""
    with existing_database(load_settings()) as settings:
        context = make_context(settings)
        try:
            yield make_reception(settings, context.engine)
        finally:
            context.engine.dispose()
