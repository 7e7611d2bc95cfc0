"""Erasing people's data: files and notes go, and journal, ledger and statements stay as they are.

The journal holds hashes of what is erased and no more, so that it verifies as before. An erasure is
itself recorded: what is missing is missing for a reason that everybody can read.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from app.domain.errors import NotPermitted, RuleRefused
from app.domain.parties import Actor
from app.domain.privacy import ErasureGround, Retention, retention
from app.domain.terms.parties import Role
from app.service.command import Change, Command, Done, Work, run
from app.service.context import Context
from app.service.participants import local_today
from app.service.unnamed_files import unnamed_files
from app.storage import contracts, erasures, journal, notes, participants
from app.storage.engine import Connection, UnitOfWork, run_transaction
from app.storage.erasures import Erasable, StoredErasure


@dataclass(frozen=True, slots=True)
class Erased:
    """An erasure, and the files left because they are evidence of somebody else too."""

    erasure: StoredErasure
    kept_shared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RetentionView:
    """The contract's retention, whether it is over today, and what there is to erase.

    `unnamed` are files among these that no evidence item names: they wait for `unnamed_hours`, and
    `unnamed_over` of them have waited for longer.
    """

    retention: Retention
    is_over: bool
    held: Erasable
    unnamed: int
    unnamed_over: int
    unnamed_hours: int


def erase_participant(
    context: Context,
    command: Command,
    participant_id: str,
    *,
    ground: ErasureGround,
    include_shared: bool = False,
    decided_on: date | None = None,
) -> Done[Erased]:
    """Erase every file and note about a participant that the service holds.

    The participant's provider or the commissioner decides. A file that is another participant's
    evidence too stays, and is named in the answer, unless `include_shared`. Done again, it takes
    what has come since. Pseudonym, dates and amounts stay: the parties must account for them, and
    whoever holds the provider's key to the pseudonyms erases that.
    """

    def decide(work: Work) -> Change[Erased]:
        person = participants.get(work.connection, work.contract_id, participant_id)
        require_controller(work, person.provider, doing="erase a participant's data")
        held = erasures.of_participant(work.connection, work.contract_id, participant_id)
        kept = () if include_shared else held.shared
        going = replace(held, evidence=tuple(one for one in held.evidence if one not in kept))
        return _change(
            work, participant_id, ground, work.day(decided_on, "/decided_on"), going, kept
        )

    done = run(context, command, decide)
    return _completed(context, command, done)


def erase_contract(context: Context, command: Command) -> Done[Erased]:
    """Erase every file and note of a contract whose retention is over. The commissioner decides.

    Files go whether or not an item names them, and whatever else lies in the contract's directory.
    RuleRefused `retention-not-over` until the day after the last one on which they are kept.
    """

    def decide(work: Work) -> Change[Erased]:
        work.require_role(Role.COMMISSIONER, doing="erase a contract's evidence")
        rule = retention(work.timeline)
        if not rule.is_over(work.today):
            until = rule.keep_through.isoformat() if rule.keep_through else "no last day"
            raise RuleRefused(
                "retention-not-over", f"The terms still keep the evidence; its last day: {until}."
            )
        held = _held(context, work.connection, work.contract_id)
        return _change(work, None, ErasureGround.RETENTION_OVER, work.today, held, ())

    done = run(context, command, decide)
    return _completed(context, command, done)


def show_retention(context: Context, contract_id: str) -> RetentionView:
    """How long the contract's evidence is kept, and what of it the service holds."""
    with context.reckoning(contract_id) as uow:  # how much there is, and nobody's
        journal.head(uow.connection, contract_id)
        timeline = contracts.timeline(uow.connection, contract_id)
        if not timeline.versions:
            raise RuleRefused(
                "terms-not-in-force", "No version of the terms is in force yet, so none says."
            )
        rule = retention(timeline)
        over = rule.is_over(local_today(context, timeline))
        held = _held(context, uow.connection, contract_id)
        waiting = unnamed_files(context, uow.connection, contract_id)
        late = sum(one.expires_at <= context.clock() for one in waiting)
        return RetentionView(rule, over, held, len(waiting), late, context.uploads.unnamed_hours)


def list_erasures(context: Context, contract_id: str) -> list[StoredErasure]:
    """Every erasure of a contract, in order."""
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        return erasures.all_of(uow.connection, contract_id)


def erase_again(context: Context, contract_id: str) -> int:
    """Erase again what was erased and has come back, as after a backup; how many things went."""
    itself = replace(context, reader=None)  # whoever asks again, all that was erased goes
    recorded = list_erasures(itself, contract_id)
    digests = {digest for one in recorded for digest in one.notes}

    def delete(uow: UnitOfWork) -> int:
        context.serve(uow, contract_id)
        return notes.erase(uow.connection, contract_id, digests)

    return run_transaction(context.engine, delete) + sum(
        _delete_files(context, contract_id, one) for one in recorded
    )


def require_controller(work: Work, provider: str, *, doing: str) -> None:
    """Refuse a party that is neither the participant's provider nor the commissioner."""
    work.require_role(Role.SERVICE_PROVIDER, Role.COMMISSIONER, doing=doing)
    is_commissioner = work.actor.party in work.terms.parties_with(Role.COMMISSIONER, on=work.today)
    if work.actor.party != provider and not is_commissioner:
        raise NotPermitted(
            "party-not-permitted",
            "Only the participant's own provider or the commissioner may do this.",
        )


def _held(context: Context, connection: Connection, contract_id: str) -> Erasable:
    """What is held of a contract: as the database says, and as the directory shows.

    A process that ended at the wrong moment may have left a file that no row speaks of.
    """
    held = erasures.of_contract(connection, contract_id)
    gone = erasures.erased(connection, contract_id, erasures.EVIDENCE)
    strays = set(context.files.names(contract_id)) - gone
    return replace(held, evidence=tuple(sorted(strays | set(held.evidence))))


def _change(
    work: Work,
    participant_id: str | None,
    ground: ErasureGround,
    on: date,
    going: Erasable,
    kept: tuple[str, ...],
) -> Change[Erased]:
    number = erasures.next_number(work.connection, work.contract_id)
    row: dict[str, Any] = {
        "erasure_number": number,
        "participant_id": participant_id,
        "ground": ground.value,
        "decided_on": on,
    } | work.signed()
    files = [(erasures.EVIDENCE, one) for one in going.evidence]
    files += [(erasures.IMPORT, one) for one in going.imported]
    rows = {
        "erasures": [row],
        "erased_files": [
            {"kind": kind, "sha256": sha256, "erasure_number": number} for kind, sha256 in files
        ],
        "erased_notes": [{"digest": one, "erasure_number": number} for one in going.notes],
    }
    notes.erase(work.connection, work.contract_id, going.notes)
    stored = StoredErasure(
        number,
        participant_id,
        ground,
        on,
        Actor(work.actor.party, work.actor.person),
        going.evidence,
        going.imported,
        going.notes,
        work.head.sequence + 1,
        work.now,
    )
    kind = "participant_data_erased" if participant_id else "contract_data_erased"
    return Change(kind, on, rows, Erased(stored, kept))


def _completed(context: Context, command: Command, done: Done[Erased]) -> Done[Erased]:
    """Remove the files once the erasure is recorded: never evidence without a record of it.

    A process that ends in between leaves files that `outcomes verify` reports and that the same
    request, sent again, removes: a replayed one too.
    """
    if command.dry_run:
        return done
    if done.answer is None:
        erase_again(context, command.contract_id)
    else:
        _delete_files(context, command.contract_id, done.answer.erasure)
    return done


def _delete_files(context: Context, contract_id: str, erasure: StoredErasure) -> int:
    removals: tuple[tuple[tuple[str, ...], Callable[[str, str], bool]], ...] = (
        (erasure.evidence, context.files.erase),
        (erasure.imported, context.files.bank.erase),
    )
    return sum(remove(contract_id, sha256) for names, remove in removals for sha256 in names)
