"""What `outcomes verify` finds of the files: present, unchanged, and gone if they were erased."""

from collections.abc import Callable, Iterator

from app.service.context import Context
from app.storage import erasures, imports, integrity
from app.storage.engine import Connection

BACK_AGAIN = "erased, and here again; run `outcomes erasures apply`"


def file_faults(context: Context, connection: Connection, contract_id: str) -> Iterator[str | None]:
    """For each file that is held or was erased: what is wrong with it, or None.

    Erased ones that no evidence item ever named are among them.
    """
    files = context.files
    kinds: list[tuple[str, str, list[str], Callable[[str], bool], Callable[[str], bool]]] = [
        (
            "evidence",
            erasures.EVIDENCE,
            integrity.files_held(connection, contract_id),
            lambda sha256: files.find(contract_id, sha256) is not None,
            lambda sha256: files.is_intact(contract_id, sha256),
        ),
        (
            "imported",
            erasures.IMPORT,
            imports.files_held(connection, contract_id),
            lambda sha256: files.bank.is_here(contract_id, sha256),
            lambda sha256: files.bank.is_intact(contract_id, sha256),
        ),
    ]
    for name, kind, held, is_here, is_intact in kinds:
        erased = erasures.erased(connection, contract_id, kind)
        for sha256 in sorted({*held, *erased}):
            if sha256 in erased:
                fault = BACK_AGAIN if is_here(sha256) else None
            else:
                fault = None if is_intact(sha256) else "missing or changed"
            yield fault and f"{name} file {sha256}: {fault}"
