"""What `verify` reads from the database. Imported when it runs: this loads the service."""

from typing import Any

from app.cli.database import existing_database
from app.cli.failure import CannotRun
from app.cli.output import warn
from app.domain.errors import NotFound
from app.main import make_context
from app.service.checks import Verified
from app.service.context import Context
from app.service.verify import verify, verify_all
from app.settings import Settings
from app.storage.migrate import WrongSchemaVersion, require_current


def verified(settings: Settings, contract_id: str | None) -> list[dict[str, Any]]:
    """What verifying one contract found, or every one, as the interface gives it."""
    with existing_database(settings) as connected:
        context = make_context(connected)
        try:
            return [_plain(one) for one in _verified(context, contract_id)]
        finally:
            context.engine.dispose()


def _verified(context: Context, contract_id: str | None) -> list[Verified]:
    def progress(which: str, count: int) -> None:
        warn(f"  {which}: {count} records read")

    try:
        require_current(context.engine)
        if contract_id is None:
            return list(verify_all(context, progress))
        return [verify(context, contract_id, progress)]
    except WrongSchemaVersion as error:
        raise CannotRun(f"Cannot verify: {error}.") from error
    except NotFound as error:
        raise CannotRun(f"Cannot verify {contract_id}: {error.message}") from error


def _plain(found: Verified) -> dict[str, Any]:
    return {
        "contract_id": found.contract_id,
        "intact": found.intact,
        "sequence": found.sequence,
        "hash": found.hash,
        "differences_withheld": found.differences_withheld,
        "checks": [
            {
                "name": check.name,
                "looked_at": check.looked_at,
                "count": check.count,
                "found": check.found,
                "differences": list(check.differences),
            }
            for check in found.checks
        ],
    }
