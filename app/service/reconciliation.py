"""The reconciliation page: the ties between all records of a contract, and every imported line."""

from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.money import Money
from app.domain.sight import Sight
from app.domain.terms.payment import Flow
from app.domain.terms.timeline import Timeline
from app.payments.ties import OF_OUTCOMES, MirrorBalance, MoneyRecords, Tie, ties
from app.service.context import Context
from app.storage import (
    contracts,
    import_faults,
    import_lines,
    imports,
    journal,
    ledger,
    tie_figures,
)
from app.storage.engine import Connection
from app.storage.import_faults import FaultCount
from app.storage.import_lines import LineCount
from app.storage.imports import StoredImport
from app.storage.tie_figures import Setting


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What must be equal and is or is not, and why; and how every line of every file ended.

    `lines` counts each line once, so their sum is the number of lines imported; `faults` counts
    what could not be read, unknown until a person leaves it out. Both count every party's files;
    `imports` are the reader's own, and an auditor's all.
    """

    known_at: datetime
    currency: str
    ties: tuple[Tie, ...]
    lines: tuple[LineCount, ...]
    faults: tuple[FaultCount, ...]
    imports: tuple[StoredImport, ...]


def reconciliation(context: Context, contract_id: str) -> Reconciliation:
    """The ties of a contract as it is now, on one snapshot; none before terms are in force.

    A difference is listed with its causes and the records that make it up.
    """
    with context.reading(contract_id) as uow:
        sight, connection = uow.scope.sight, uow.connection
        journal.head(connection, contract_id)
        timeline = contracts.timeline(connection, contract_id)
        currency = timeline.latest.terms.currency if timeline.versions else "GBP"
        files = tuple(imports.page(connection, contract_id))
        with uow.reckoning():
            found = ties_of(connection, contract_id, timeline)
            lines = tuple(import_lines.counts(connection, contract_id))
            faults = tuple(import_faults.counts(connection, contract_id))
            if context.audits:
                files = tuple(imports.page(connection, contract_id))
        if sight is not Sight.PERSON:
            found = tuple(_without_outcomes(tie) for tie in found)
        return Reconciliation(
            context.clock(),
            currency,
            found,
            lines,
            faults,
            files,
        )


def _without_outcomes(tie: Tie) -> Tie:
    """The tie of outcomes by its totals only: each of its records and causes is one person's."""
    if tie.name != OF_OUTCOMES:
        return tie
    left, right = (
        replace(
            side,
            parts=tuple(replace(part, records=()) for part in side.parts),
            less=tuple(replace(part, records=()) for part in side.less),
        )
        for side in (tie.left, tie.right)
    )
    return replace(tie, left=left, right=right, causes=())


def ties_of(connection: Connection, contract_id: str, timeline: Timeline) -> tuple[Tie, ...]:
    """Every tie, from figures that the database adds up and compares."""
    if not timeline.versions:
        return ()
    latest = timeline.latest.terms
    setting = Setting(
        latest.currency,
        latest.commissioner,
        tuple(sorted({version.terms.payee for version in timeline.versions})),
        tuple(
            version.number
            for version in timeline.versions
            if version.terms.funding.flow is Flow.FUND_PAYS_DIRECT
        ),
    )
    found = tie_figures.parts(connection, contract_id, setting)
    return ties(
        MoneyRecords(
            currency=latest.currency,
            mirrors=_mirrors(connection, contract_id, latest.currency),
            **found,
        )
    )


def _mirrors(connection: Connection, contract_id: str, currency: str) -> tuple[MirrorBalance, ...]:
    """Each account that has a mirror, once, with both balances."""
    held = ledger.balances(connection, contract_id)
    nothing = Money(0, currency)

    def net(account: str) -> Money:
        return held[account].net if account in held else nothing

    return tuple(
        MirrorBalance(account.name, account.mirror, net(account.name), net(account.mirror))
        for account in ledger.chart(connection, contract_id)
        if account.mirror is not None and account.name < account.mirror
    )
