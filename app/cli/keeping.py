"""What the operator does in the database and the directory themselves. Imported when it runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from app.cli.database import existing_database
from app.cli.failure import CannotRun
from app.domain.errors import OutcomesError
from app.main import make_context, make_vault
from app.service.context import Context
from app.service.erasure import erase_again
from app.service.evidence_files import scan_again
from app.service.export import Exported, export_contract
from app.service.heads import contract_ids
from app.service.unnamed_files import expire_unnamed
from app.settings import Settings
from app.storage import master_keys
from app.storage.migrate import WrongSchemaVersion, require_current


@dataclass(frozen=True, slots=True)
class Rotated:
    """The master key that now wraps, how many contracts' keys, and how many old keys are left."""

    master_id: str
    contracts: int
    left: int


def rotated(settings: Settings, *, data_keys: bool, forget_old: bool) -> Rotated:
    """Wrap every data key under a new master key, then remove the old ones if asked.

    A file gets its new key first, so that a process that runs meanwhile finds it there. Only when
    every contract is done are old keys removed.
    """
    in_file = settings.master_key is None
    path = settings.master_key_file
    try:
        if in_file:
            make_vault(settings).masters.check()  # makes the first one where there is none yet
            master_keys.add_to_file(path)
        vault = make_vault(settings)
        contracts = vault.contracts()
        for contract_id in contracts:
            vault.wrap_again(contract_id, add_key=data_keys)
        left = len(vault.masters.ids) - 1
        if forget_old and in_file:
            master_keys.keep_first_in_file(path)
            left = 0
    except (ValueError, OSError, OutcomesError) as error:
        raise CannotRun(f"The master key cannot be rotated: {error}.") from error
    return Rotated(vault.masters.current_id, len(contracts), left)


def erased_again(settings: Settings, contract_id: str) -> int:
    """How many files and notes were erased again."""
    with _context(settings) as context:
        return erase_again(context, contract_id)


def scanned_again(settings: Settings, contract_id: str) -> list[tuple[str, str]]:
    """Each file that no scan had settled, with its verdict; "none" where nobody has looked yet."""
    with _context(settings) as context:
        found = scan_again(context, contract_id)
        return [(sha256, one.value if one else "none") for sha256, one in found]


def expired(settings: Settings, contract_id: str | None) -> list[tuple[str, str]]:
    """Contract and SHA-256 of each file that was removed because no item named it in time."""
    with _context(settings) as context:
        names = [contract_id] if contract_id else list(contract_ids(context))
        return [(one, sha256) for one in names for sha256 in expire_unnamed(context, one)]


def exported(settings: Settings, contract_id: str, file: BinaryIO) -> Exported:
    """What an export with its files holds, written to a file on this machine."""
    with _context(settings) as context:
        return export_contract(context, contract_id, file, with_files=True)


@contextmanager
def _context(settings: Settings) -> Iterator[Context]:
    with existing_database(settings) as reached:
        context = make_context(reached)
        try:
            require_current(context.engine)
            yield context
        except WrongSchemaVersion as error:
            raise CannotRun(f"The database cannot be used: {error}.") from error
        finally:
            context.engine.dispose()
