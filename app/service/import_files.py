"""The files in an export on their way in: through the same gate as an upload, then kept.

Each is looked at before any is kept, so that a refusal leaves nothing behind. Of what is on the way
memory holds one part, and the disk only sealed content.
"""

import base64
from collections.abc import Callable, Iterator
from typing import BinaryIO

from app.domain.errors import OutcomesError, Unavailable, UnsupportedFile
from app.service.context import Context
from app.service.import_checks import Faults, Line, parsed, raw_lines, refused
from app.storage import erasures, file_scans, uploads
from app.storage.engine import UnitOfWork
from app.storage.sealed_spool import SealedSpool

_PIECE_BYTES = 256 * 1024
_KINDS = {"evidence": erasures.EVIDENCE, "imported": erasures.IMPORT}
_TOLD = {
    "malware-found": ("export-file-infected", "the malware scanner refuses it"),
    "malware-scan-unavailable": ("export-file-unscanned", "it could not be scanned for malware"),
}


def take_files(
    context: Context, uow: UnitOfWork, contract_id: str, source: BinaryIO, *, keep: bool
) -> None:
    """Scan every file of an export that was checked, note the verdicts, and keep the files.

    With `keep` false they are scanned and not kept. Raises RuleRefused `export-refused` with
    `export-file-infected` and `export-file-unscanned` for each file that may not be kept.
    """
    faults = Faults()
    for line, content in _contents(source):
        try:
            verdict = context.uploads.gate.pass_through(content)
        except (Unavailable, UnsupportedFile) as error:
            faults.add(*_told(line, error))
        else:
            kind, now = _KINDS[line["kind"]], context.clock()
            file_scans.note(uow.connection, contract_id, kind, line["sha256"], verdict, now)
    if faults.count:
        raise refused(faults)
    if keep:
        for line, content in _contents(source):
            _keep(context, uow, contract_id, line, content)


def _contents(source: BinaryIO) -> Iterator[tuple[Line, BinaryIO]]:
    """Each file's last line, and its content while the next is not asked for."""
    spool = SealedSpool()
    try:
        for _, raw in raw_lines(source):
            if not raw.startswith(b'{"type":"file",'):
                continue
            line = parsed(raw)
            if line["part"] == 1:
                spool.close()
                spool = SealedSpool()
            spool.write(base64.b64decode(line["content"]))
            if line["last"]:
                with spool.content() as content:
                    yield line, content
    finally:
        spool.close()


def _told(line: Line, error: OutcomesError) -> tuple[str, str, str]:
    code, why = _TOLD[error.code]
    return code, "", f"The {line['kind']} file {line['sha256']} is not kept: {why}."


def _keep(
    context: Context, uow: UnitOfWork, contract_id: str, line: Line, content: BinaryIO
) -> None:
    if line["kind"] == "evidence":
        with context.files.receive(contract_id) as incoming:
            _copy(content, incoming.write)
            stored = incoming.finish(line["media_type"], expected_sha256=line["sha256"])
        uploads.adopt(uow.connection, contract_id, stored, context.clock())
        return
    with context.files.bank.receive(contract_id) as arriving:
        _copy(content, arriving.write)
        arriving.require_sha256(line["sha256"])
        arriving.keep()


def _copy(content: BinaryIO, write: Callable[[bytes], None]) -> None:
    while piece := content.read(_PIECE_BYTES):
        write(piece)
