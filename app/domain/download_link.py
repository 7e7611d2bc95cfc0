"""Links to evidence files: for one party and person, for some minutes, for nobody else."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.domain.parties import Actor


@dataclass(frozen=True, slots=True)
class DownloadLink:
    """What a link says: which file of which contract, for whom, and until when.

    `expires_at` is a whole second. The party and the person are signed and not written in the
    link: who opens it must sign in as them.
    """

    contract_id: str
    evidence_id: str
    sha256: str
    reader: Actor
    expires_at: datetime

    @property
    def expires(self) -> int:
        """The end as seconds since 1970 in UTC, as it stands in the link."""
        return int(self.expires_at.timestamp())

    def message(self) -> bytes:
        """What is signed. JSON, so that no part can pass for the end of another."""
        parts = [
            "evidence-file",
            self.contract_id,
            self.evidence_id,
            self.sha256,
            self.reader.party,
            self.reader.person,
            self.expires,
        ]
        return json.dumps(parts).encode()

    def is_open(self, now: datetime) -> bool:
        """Whether the link still counts: up to the second before `expires_at`.

        One made at 12:00:00 for 300 seconds opens at 12:04:59 and not at 12:05:00.
        """
        return now < self.expires_at


def ends_after(now: datetime, seconds: int) -> datetime:
    """The end of a link made now: 12:00:00.7 and 300 seconds are 12:05:00."""
    return now.replace(microsecond=0) + timedelta(seconds=seconds)
