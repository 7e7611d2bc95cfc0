"""What every use case is given from outside: database, clock, new ids, evidence files, a reader."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from app.domain.calendar import local_date
from app.domain.sight import Sight, narrower, sight_of
from app.domain.terms.timeline import TermsVersion, Timeline
from app.service.upload_rules import UploadRules
from app.storage import contracts
from app.storage.engine import Engine, UnitOfWork
from app.storage.evidence_files import EvidenceFiles
from app.storage.scope import NOTHING, Scope


def _nobody(_sight: Sight) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Context:
    """The service's surroundings, made once by the composition root (`app/main.py`).

    `clock` gives the present instant in UTC; `new_id` a fresh identifier (UUIDv7);
    `signing_key_file` names the file of the key that signs heads and exports, if there is one;
    `uploads` says what evidence files are taken in. `reader` is the party that reads, and None
    where the service itself does: it then sees every participant. `among` are the contracts that
    the reader may list; None: every one. `most` is what the roles in which somebody reads or acts
    let them see of their party's sight; `tell` is told each sight that a reader is given.
    `audits`: they read as an auditor, and are shown what banks say to every party.
    """

    engine: Engine
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    files: EvidenceFiles
    signing_key_file: Path | None = None
    uploads: UploadRules = field(default_factory=UploadRules)
    reader: str | None = None
    among: frozenset[str] | None = None
    most: Sight = Sight.PERSON
    tell: Callable[[Sight], None] = _nobody
    audits: bool = False

    @contextmanager
    def reading(self, contract_id: str) -> Iterator[UnitOfWork]:
        """A read-only transaction on one unchanging snapshot of what the reader sees of a contract.

        A reader that is no party of the contract sees nothing of it, as if there were none.
        """
        with UnitOfWork(self.engine, read_only=True) as uow:
            self.look(uow, contract_id)
            yield uow

    @contextmanager
    def reckoning(self, contract_id: str) -> Iterator[UnitOfWork]:
        """The same, seeing every participant, for figures in which none can be recognised.

        Only where an answer holds sums, states and days, and says nothing of one participant.
        """
        with self.reading(contract_id) as uow, uow.reckoning():
            yield uow

    @contextmanager
    def reading_books(self, contract_id: str) -> Iterator[UnitOfWork]:
        """The same as `reading`, where what banks say is read: a party's own, an auditor's all.

        Only for questions about bank files, their lines, rules and matches: nobody is named there.
        """
        with self.reading(contract_id) as uow:
            if not self.audits:
                yield uow
                return
            with uow.reckoning():
                yield uow

    def as_service(self) -> "Context":
        """The same, read by the service itself: to refuse an act by the rules before it begins."""
        return replace(self, reader=None, tell=_nobody)

    @contextmanager
    def reading_of_none(self) -> Iterator[UnitOfWork]:
        """The same, of no contract yet: `look` says at which one."""
        with UnitOfWork(self.engine, read_only=True) as uow:
            yield uow

    def serve(self, uow: UnitOfWork, contract_id: str) -> None:
        """Let a transaction see a whole contract, for what the service does on its own account.

        Only where nothing read there reaches a reader: a head signed, a scan noted, a file erased.
        """
        uow.look(Scope(contract_id, "", Sight.PERSON, service=True))

    def look(self, uow: UnitOfWork, contract_id: str) -> None:
        """Let a transaction see what the reader sees of a contract."""
        if self.reader is None:
            self.serve(uow, contract_id)
            self.tell(Sight.PERSON)
            return
        uow.look(Scope(contract_id, self.reader, Sight.AGGREGATE))
        sight = self._sight(uow, contract_id, self.reader)
        if sight is None:
            uow.look(NOTHING)
            return
        sight = narrower(sight, self.most)
        if sight is not Sight.AGGREGATE:
            uow.look(Scope(contract_id, self.reader, sight))
        self.tell(sight)

    def _sight(self, uow: UnitOfWork, contract_id: str, reader: str) -> Sight | None:
        versions = contracts.versions(uow.connection, contract_id)
        if not versions:
            return None
        timeline = Timeline.of(
            TermsVersion(one.number, one.hash, one.terms) for one in versions if one.in_force
        )
        now = self.clock()
        terms = timeline.in_effect(now.date()).terms if timeline.versions else versions[0].terms
        today = local_date(now, terms.timezone)
        return sight_of(timeline, reader, today, [one.terms for one in versions])
