"""The frame of every command: one transaction, one journal record, one stored reply.

    key held -> contract locked -> decide (rules) -> record and rows written -> reply kept -> commit

A command decides on locked, current state, so claims, caps and once-per-person rules cannot race.
A dry run takes the same path, deferred constraints included, and rolls back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from app.domain.access import Grant
from app.domain.calendar import local_date
from app.domain.delegation import delegators
from app.domain.errors import NotPermitted, RuleRefused, StaleVersion
from app.domain.journal import Record
from app.domain.parties import Actor
from app.domain.sight import Sight, narrower, sight_of
from app.domain.terms.document import Terms
from app.domain.terms.parties import Role
from app.domain.terms.timeline import Timeline
from app.service.context import Context
from app.service.duties import require_apart
from app.storage import contracts, duties, idempotency, journal, notes
from app.storage.engine import Connection, UnitOfWork, run_transaction
from app.storage.idempotency import StoredReply
from app.storage.journal import Head
from app.storage.rows import Rows
from app.storage.scope import Scope

A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A client's key for one request, and how the edge will word the reply that is kept.

    `fingerprint` is a hash of the request (method, path, body): the same key with another one is
    refused. `render` turns the answer and its version into the reply.
    """

    key: str
    fingerprint: str
    render: Callable[[object, int], StoredReply]


@dataclass(frozen=True, slots=True)
class Command:
    """Who does what where: the same for every use case that writes.

    `expected_version` is what the caller last read (If-Match); None when it did not say.
    `late_reason` is why something is posted after its period was closed; used only where it is.
    `mandate` are the grants by which the actor may do this; none where nobody signs in.
    """

    contract_id: str
    actor: Actor
    dry_run: bool = False
    idempotency: Idempotency | None = None
    expected_version: int | None = None
    late_reason: str | None = None
    mandate: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True)
class Change(Generic[A]):
    """What a decision amounts to: the journal record's kind (past tense), its rows, the answer."""

    kind: str
    effective_date: date
    rows: Rows
    answer: A


@dataclass(frozen=True, slots=True)
class Same(Generic[A]):
    """A decision that changes nothing, because what was asked for is recorded already.

    `version` is the sequence of the record that did it. No journal record is added.
    """

    answer: A
    version: int


@dataclass(frozen=True, slots=True)
class Done(Generic[A]):
    """The answer to a command. `replay` is set when an earlier request had the same key.

    `version` is the sequence of the journal record (the new ETag); 0 on a replay.
    """

    answer: A | None
    version: int
    replay: StoredReply | None = None


class Work:
    """A command at work inside its transaction: locked contract, terms in force, who acts, when."""

    def __init__(
        self,
        context: Context,
        command: Command,
        uow: UnitOfWork,
        head: Head,
        in_force: Timeline,
    ) -> None:
        self.context = context
        self.command = command
        self.connection: Connection = uow.connection
        self.contract_id = command.contract_id
        self.actor = command.actor
        self.mandate = command.mandate
        self.head = head
        self.now = max(context.clock(), head.recorded_at)
        self._in_force = in_force

    @property
    def timeline(self) -> Timeline:
        """The terms in force; refuses when none is."""
        if not self._in_force.versions:
            raise RuleRefused(
                "terms-not-in-force",
                "No version of the terms is in force yet: the commissioner, the SPV or investor "
                "and the provider must each accept it first.",
            )
        return self._in_force

    @property
    def terms(self) -> Terms:
        """The terms in effect today."""
        return self.timeline.in_effect(self.today).terms

    @property
    def today(self) -> date:
        """The contract's present day, in its own time zone."""
        zone = self.timeline.in_effect(self.now.date()).terms.timezone
        return local_date(self.now, zone)

    @property
    def sight(self) -> Sight:
        """What whoever acts may be shown of people; none, if their party is no party yet."""
        of_party = sight_of(self._in_force, self.actor.party, self.today) or Sight.AGGREGATE
        return narrower(of_party, self.context.most)

    @property
    def persons(self) -> frozenset[str]:
        """Who acts and, if only under a delegation, for whom: duties stay apart from both."""
        return delegators(self.mandate) | {self.actor.person}

    def is_behind(self, by: Actor, acts: str, key: object) -> bool:
        """Whether one of `persons` did an act (of `duties.delegators_of`), or it was for one."""
        persons = self.persons
        return by.person in persons or bool(
            persons & duties.delegators_of(self.connection, self.contract_id, acts, key)
        )

    def new_id(self) -> str:
        """A fresh identifier."""
        return self.context.new_id()

    def signed(self) -> dict[str, str]:
        """The acting party and person, as columns of a row."""
        return {"party": self.actor.party, "person": self.actor.person}

    def note(self, text: str | None) -> str | None:
        """Keep free text outside the journal; the row gets its digest."""
        if text is None:
            return None
        vault = self.context.files.vault
        return notes.keep(self.connection, vault, self.contract_id, self.new_id(), text)

    def append(self, kind: str, effective_date: date, rows: Rows) -> Record:
        """Add one journal record with its rows, sealed after the last.

        A delegate's record also says for whom it was done, by `delegated_acts`.
        A command's change is one record. Only what is too large for one (an import of 100,000
        lines) adds records before it, in the same transaction: all of them or none.
        """
        if delegators(self.mandate):
            acted_for = [
                {"grant_id": grant.grant_id, "on_behalf_of": grant.delegated_by}
                for grant in self.mandate
            ]
            rows = {**rows, "delegated_acts": acted_for}
        record = journal.append(
            self.connection, self.head, kind, effective_date, self.now, self.actor, rows
        )
        self.head = Head(self.contract_id, record.sequence, record.hash, record.recorded_at)
        return record

    def day(self, asked: date | None, pointer: str) -> date:
        """The effective date asked for, or today; the future is refused."""
        if asked is not None and asked > self.today:
            raise RuleRefused(
                "date-in-future",
                "The date is in the future; give today's date or an earlier one.",
                pointer=pointer,
            )
        return asked or self.today

    def require_role(self, *roles: Role, doing: str) -> None:
        """Refuse unless the acting party holds one of the roles today, under today's terms."""
        require_role(self.terms, self.actor, roles, doing, self.today)

    def require_version(self, actual: int) -> None:
        """Refuse if the caller named a version that is not the present one (HTTP 412)."""
        expected = self.command.expected_version
        if expected is not None and expected != actual:
            raise StaleVersion(
                "stale-version",
                f"The record has changed: you read version {expected}, it is now {actual}. "
                "Read it again, then decide.",
            )


_ROLE_WORDS = {Role.SPV: "SPV", Role.SERVICE_PROVIDER: "provider"}


def _either(words: list[str]) -> str:
    """Words as alternatives: commissioner, SPV, investor or provider."""
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last


def require_role(terms: Terms, actor: Actor, roles: tuple[Role, ...], doing: str, on: date) -> None:
    """Refuse unless the actor's party holds one of the roles in the terms on a day."""
    holders = terms.parties_with(*roles, on=on)
    if actor.party not in holders:
        named = _either([_ROLE_WORDS.get(role, role.value.replace("_", " ")) for role in roles])
        raise NotPermitted(
            "party-not-permitted",
            f"Only the {named} may {doing}; under the terms that is today "
            f"{', '.join(holders) or 'nobody'}.",
        )


def run(
    context: Context, command: Command, decide: Callable[[Work], Change[A] | Same[A]]
) -> Done[A]:
    """Run a command on an existing contract."""
    return _run(context, command, contracts.lock, decide)


def run_first(context: Context, command: Command, decide: Callable[[Work], Change[A]]) -> Done[A]:
    """Run the command that creates a contract."""
    now = context.clock()

    def open_contract(connection: Connection, contract_id: str) -> tuple[Head, Timeline]:
        return journal.open_contract(connection, contract_id, now), Timeline(())

    return _run(context, command, open_contract, decide)


def _run(
    context: Context,
    command: Command,
    take_head: Callable[[Connection, str], tuple[Head, Timeline]],
    decide: Callable[[Work], Change[A] | Same[A]],
) -> Done[A]:
    def transact(uow: UnitOfWork) -> Done[A]:
        if stored := _held(command, uow):
            return Done(None, 0, stored)
        head, in_force = take_head(uow.connection, command.contract_id)
        work = Work(context, command, uow, head, in_force)
        change = decide(work)
        if isinstance(change, Change):
            require_apart(uow.connection, work.contract_id, work.persons, change.rows)
        uow.only_writes_follow()
        if isinstance(change, Same):
            done = Done(change.answer, change.version)
        else:
            record = work.append(change.kind, change.effective_date, change.rows)
            done = Done(change.answer, record.sequence)
        _keep(command, uow, done, work.now)
        return done

    return run_transaction(context.engine, transact, dry_run=command.dry_run)


def _held(command: Command, uow: UnitOfWork) -> StoredReply | None:
    """The stored reply, if there is one; and let the transaction see the contract.

    A command sees every participant, whoever gives it: an SPV's claim is made of all of them. What
    it answers is for the sight of who acts (`Work.sight`).
    """
    scope = Scope(command.contract_id, command.actor.party, Sight.PERSON, service=True)
    asked = command.idempotency
    if asked is None or command.dry_run:
        uow.look(scope)
        return None
    uow.looked(scope)
    return idempotency.claim_key(uow.connection, scope, asked.key, asked.fingerprint)


def _keep(command: Command, uow: UnitOfWork, done: Done[A], now: datetime) -> None:
    asked = command.idempotency
    if asked is None or command.dry_run:
        return
    idempotency.keep(
        uow.connection,
        command.contract_id,
        command.actor.party,
        asked.key,
        asked.fingerprint,
        asked.render(done.answer, done.version),
        now,
    )
