"""`outcomes access`: cover for somebody on leave, entered for them by whoever runs the service."""

from typing import Annotated, Any

import typer

from app.cli.access import UpTo
from app.cli.access_credentials import access
from app.cli.options import From, To
from app.cli.output import say, table

__all__ = ["access"]


@access.command("delegate")
def delegate(
    grant_id: Annotated[str, typer.Argument(help="The delegator's grant.", show_default=False)],
    colleague: Annotated[str, typer.Argument(help="The colleague's id.", show_default=False)],
    from_day: From,
    to_day: To,
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
    up_to: UpTo = None,
) -> None:
    """Delegate a role to a colleague for some days, both included. Prints the new grant's id.

    It counts once a person of the party has confirmed it.
    """
    from app.cli.access_desk import desk
    from app.service.access import BY_COMMAND_LINE
    from app.service.delegations import NewDelegation
    from app.service.delegations import delegate as give

    asked = NewDelegation(grant_id, colleague, from_day, to_day, reason, up_to)
    with desk() as reception:
        stored = give(reception, asked, BY_COMMAND_LINE, own_only=False)
    say(stored.grant.grant_id)


@access.command("delegations")
def list_delegations(
    of: Annotated[
        str | None, typer.Option("--of", help="Only those that this principal gave or has.")
    ] = None,
) -> None:
    """List delegations, ended ones too."""
    from app.cli.access_desk import desk
    from app.service.delegations import list_delegations as listed

    rows: list[Any] = []
    with desk() as reception:
        while page := listed(reception, rows[-1][0] if rows else "", 200, of=of):
            rows += [
                (
                    one.grant.grant_id,
                    one.grant.delegated_by,
                    one.principal_id,
                    one.grant.role,
                    one.grant.contract_id,
                    one.grant.party,
                    one.grant.from_date,
                    one.grant.to_date,
                    one.reason,
                    "ended" if one.ended_at else None,
                )
                for one in page
            ]
    head = ("grant", "by", "to", "role", "contract", "party", "from", "to", "reason", "")
    say(table(head, rows))
