"""What the operator allows of files that come in."""

from dataclasses import dataclass, field

from app.storage.malware import MalwareGate


@dataclass(frozen=True, slots=True)
class UploadRules:
    """Limits of one party in one contract, the malware gate, and how long things last.

    `files_max` and `bytes_max` count what a party keeps here for a contract, erased files left out.
    The gate, left as it is, refuses every file; bank files pass it too. `unnamed_hours` is how long
    a file waits for an evidence item that names it.
    """

    gate: MalwareGate = field(default_factory=MalwareGate)
    files_max: int = 10_000
    bytes_max: int = 10 * 1024**3
    link_seconds: int = 300
    unnamed_hours: int = 168
