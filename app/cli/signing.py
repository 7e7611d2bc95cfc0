"""What `heads sign` and `contract import` do in the database. Imported when they run."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.cli.database import any_database, existing_database
from app.cli.failure import CannotRun
from app.domain.errors import IntegrityBroken, OutcomesError, RuleRefused
from app.domain.signed_head import PublicKey
from app.main import make_context
from app.service.accesses import SERVICE_CHAIN
from app.service.context import Context
from app.service.heads import Signed, contract_ids, deliver, parties, sign_head
from app.service.import_contract import Imported, import_contract
from app.service.service_heads import sign_service_head
from app.settings import Settings
from app.storage.migrate import WrongSchemaVersion, require_current
from app.storage.signing_keys import public_key_of

OF_SERVICE = "(service)"
"""How the head of the service's own log is named among those of contracts."""

_FOLDER_OF_SERVICE = "_service"  # no contract's id has an underscore


def signed(
    settings: Settings, contract_id: str | None, out: Path | None
) -> tuple[list[Signed], list[tuple[str, str]]]:
    """The heads of today, and for each contract that was refused its id and why.

    Without a contract's id, of every contract and of the service's own access log.
    """
    found: list[Signed] = []
    refused: list[tuple[str, str]] = []
    with existing_database(settings) as reached, _context(reached) as context:
        for one in [contract_id] if contract_id else [*contract_ids(context), SERVICE_CHAIN]:
            try:
                found.append(sign_head(context, one) if one else sign_service_head(context))
            except (IntegrityBroken, RuleRefused) as error:
                refused.append((one or OF_SERVICE, error.message))
                continue
            if out is None:
                continue
            if one:
                _write_deliveries(context, found[-1], out)
            else:
                _write_service_head(found[-1], out)
    return found, refused


def imported(
    settings: Settings, file: Path, keys: Path | None, *, without_files: bool, dry_run: bool
) -> Imported:
    """What importing an export wrote into the database."""
    trusted = None if keys is None else _public_keys(keys)
    try:
        source = file.open("rb")
    except OSError as error:
        raise CannotRun(f"{file}: cannot be read: {error.strerror}.") from error
    with source, any_database(settings) as reached, _context(reached) as context:
        return import_contract(
            context, source, trusted, without_files=without_files, dry_run=dry_run
        )


@contextmanager
def _context(settings: Settings) -> Iterator[Context]:
    context = make_context(settings)
    try:
        require_current(context.engine)
        yield context
    except WrongSchemaVersion as error:
        raise CannotRun(f"The database cannot be used: {error}.") from error
    finally:
        context.engine.dispose()


def _write_deliveries(context: Context, signed: Signed, out: Path) -> None:
    head = signed.head
    folder = out / head.contract_id / head.day.isoformat()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for party in parties(context, head.contract_id):
            made = deliver(context, head.contract_id, party, head.day)
            text = json.dumps(made.document(), indent=1) + "\n"
            (folder / f"{party}.json").write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotRun(f"{folder}: cannot be written: {error.strerror}.") from error


def _write_service_head(signed: Signed, out: Path) -> None:
    """One file for everybody: that log is of no contract, so nobody is a party to it."""
    file = out / _FOLDER_OF_SERVICE / f"{signed.head.day.isoformat()}.json"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(signed.head.document(), indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise CannotRun(f"{file}: cannot be written: {error.strerror}.") from error


def _public_keys(path: Path) -> list[PublicKey]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return [public_key_of(one) for one in document["items"]]
    except (OSError, ValueError, KeyError, TypeError, OutcomesError) as error:
        raise CannotRun(
            f"{path}: holds no public keys as `outcomes keys show` prints them."
        ) from error
