"""Evidence items, and whether a set of them meets a metric's evidence rule."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """A document or record about a participant. The file may stay with the provider (hash only).

    `supports` names the metrics it is evidence of. `dated_on` is the date on the document;
    `covers_from`/`covers_to` the days it speaks of. `sha256` is of the file's bytes.
    """

    evidence_id: str
    participant_id: str
    type: str
    issuer: str
    dated_on: date
    covers_from: date
    covers_to: date
    supports: tuple[str, ...]
    sha256: str
    held_by: str
    size_bytes: int | None = None
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class EvidenceGap:
    """One part of an evidence rule that no item meets: where in the rule, and what is wanted."""

    pointer: str
    wanted: str
