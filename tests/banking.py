"""A bank file that leaves a row in every table of imports and matches."""

from app.domain.bank import SourceKind
from app.domain.column_mapping import ColumnMapping
from app.domain.parties import Actor
from app.domain.reconciliation import IgnoreReason, LineKey
from app.service import (
    fault_decisions,
    imports,
    line_decisions,
    match_decisions,
    match_rules,
    matching,
)
from app.service.command import Command
from app.service.context import Context
from app.storage.import_lines import Wanted
from app.storage.matches import LineAllocation

MAPPING = ColumnMapping(date="Day", amount="Amount", references=("Text",))
FILES = (
    "Day,Amount,Text\n2023-11-01,5.00,prepaid\n2023-11-02,0.75,interest\n2023-11-99,1.00,torn\n",
    "Day,Amount,Text\n2023-11-02,0.75,interest\n2023-11-03,6.00,prepaid too\n",
)


def reconcile_a_little(context: Context, contract_id: str, payee: str, payer: str) -> None:
    """Two overlapping files: money on account, a line left out, a fault, and a duplicate."""
    command = Command(contract_id, Actor(payee, f"{payee}-cashier"))
    imports.save_mapping(context, command, "bank", MAPPING)
    for content in FILES:
        with context.files.bank.receive(contract_id) as incoming:
            incoming.write(content.encode())
            imports.import_file(
                context,
                command,
                incoming,
                kind=SourceKind.CSV,
                source="main-account",
                mapping="bank",
            )
    match_rules.save_rules(context, command, "main-account", days_after_due=90)
    matching.propose_matches(context, command)
    reason = IgnoreReason.OTHER
    fault_decisions.ignore_fault(
        context, command, LineKey(1, 3), reason=reason, note="The bank's paper statement is torn"
    )
    line_decisions.ignore_line(
        context, command, LineKey(1, 2), reason=IgnoreReason.OTHER, note="Interest of the bank"
    )
    lines = imports.list_lines(context, contract_id, Wanted())
    for one in lines:
        if str(one.key) in {"1/1", "2/2"}:
            part = LineAllocation(one.key, f"on-account:{payer}", one.line.amount)
            match = matching.match_by_hand(
                context, command, lines=[one.key], allocations=[part]
            ).answer
            assert match is not None
            match_decisions.accept_match(context, command, match.match_id)
