"""The `outcomes` command."""

from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from app.cli import (
    access_delegations,
    access_log,
    claim,
    contract,
    correction,
    dispute,
    evidence,
    export,
    fund_claim,
    heads,
    invoice,
    ledger,
    outcome,
    participant,
    payment,
    payment_clock,
    period,
    portable,
    privacy,
    reconcile_rules,
    server,
    statement,
    terms,
    trust,
)
from app.cli.failure import CANNOT_RUN, REFUSED, CommandFailed, fault_lines
from app.cli.output import say, warn
from app.domain.errors import OutcomesError
from app.settings import SettingsError


class Commands(TyperGroup):
    """Turns every foreseen failure into lines on standard error and its exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            # Of a choice that there is not, the parser says first that a value was in error.
            error.message = error.message.replace("Value error, ", "", 1)
            raise
        except CommandFailed as failed:
            _end(failed.exit_code, *failed.lines)
        except SettingsError as error:
            _end(CANNOT_RUN, "The settings are not usable:", *_indented(str(error)))
        except OutcomesError as error:
            _end(REFUSED, error.message, *fault_lines(error.faults))


def _print_version(asked: bool) -> None:
    if asked:
        say(f"outcomes {version('outcomes-ledger')}")
        raise typer.Exit


main = typer.Typer(
    cls=Commands,
    name="outcomes",
    help="Record an outcomes contract once, and trace every figure in it.",
    epilog="Exit codes: 0 done, 1 refused or differences found, 2 could not run.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@main.callback()
def _about(
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Record an outcomes contract once, and trace every figure in it."""


main.command("serve")(server.serve)
main.command("demo")(server.demo)
main.command("verify")(trust.verify_contracts)
main.command("migrate")(server.upgrade)
main.command("openapi")(server.openapi)
main.add_typer(access_delegations.access, name="access")
main.add_typer(contract.contract, name="contract")
contract.contract.command("export")(portable.export)
contract.contract.command("import")(portable.import_)
main.add_typer(terms.terms, name="terms")
main.add_typer(participant.participant, name="participant")
main.add_typer(participant.event, name="event")
main.add_typer(evidence.evidence, name="evidence")
main.add_typer(outcome.outcome, name="outcome")
main.add_typer(outcome.entitlements, name="entitlement")
main.command("clawback")(outcome.clawback)
main.add_typer(claim.claim, name="claim")
main.add_typer(invoice.invoice, name="invoice")
main.add_typer(dispute.dispute, name="dispute")
main.add_typer(correction.correction, name="correction")
main.add_typer(fund_claim.fund_claim, name="fund-claim")
main.add_typer(payment.payment, name="payment")
main.add_typer(reconcile_rules.reconcile, name="reconcile")
main.command("ageing")(payment_clock.ageing)
main.command("compliance")(payment_clock.compliance)
main.command("remittance")(payment.remittance)
main.command("export")(export.export)
main.command("exports")(export.exports)
main.command("transparency")(export.transparency)
main.add_typer(period.period, name="period")
main.command("statement")(statement.statement)
main.command("statements")(statement.statements)
main.command("balances")(ledger.balances)
main.command("explain")(trust.explain)
main.command("due")(trust.due)
main.command("journal")(ledger.journal)
heads.keys.command("rotate-master")(privacy.rotate_master)
evidence.evidence.command("rescan")(privacy.rescan)
participant.participant.command("basis")(privacy.basis)
participant.participant.command("access")(privacy.access)
participant.participant.command("erase")(privacy.erase)
main.add_typer(privacy.erasures, name="erasures")
main.add_typer(privacy.retention, name="retention")
main.add_typer(heads.keys, name="keys")
main.add_typer(heads.heads, name="heads")
main.add_typer(access_log.access_log, name="access-log")


def _end(code: int, *lines: str) -> None:
    for line in lines:
        warn(line)
    raise typer.Exit(code)


def _indented(text: str) -> list[str]:
    return [f"  {line}" for line in text.splitlines()]
