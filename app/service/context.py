"""What every use case is given from outside: database, clock, new ids, evidence files."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from app.service.upload_rules import UploadRules
from app.storage.engine import Engine, UnitOfWork
from app.storage.evidence_files import EvidenceFiles


@dataclass(frozen=True, slots=True)
class Context:
    """The service's surroundings, made once by the composition root (`app/main.py`).

    `clock` gives the present instant in UTC; `new_id` a fresh identifier (UUIDv7);
    `signing_key_file` names the file of the key that signs heads and exports, if there is one;
    `uploads` says what evidence files are taken in.
    """

    engine: Engine
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    files: EvidenceFiles
    signing_key_file: Path | None = None
    uploads: UploadRules = field(default_factory=UploadRules)

    def reading(self) -> UnitOfWork:
        """A read-only transaction on one unchanging snapshot."""
        return UnitOfWork(self.engine, read_only=True)
