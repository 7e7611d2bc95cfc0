"""`outcomes access`: people, machines and groups, and their roles. Works on the database itself."""

from datetime import date
from typing import Annotated, Any

import typer

from app.cli.options import As, AsJson, DryRun, Url, connected, day
from app.cli.options import Contract as ContractArgument
from app.cli.output import say, show_json, table, warn
from app.cli.terms import say_if_dry
from app.domain.access import AccessRole, PrincipalKind
from app.domain.currencies import MINOR_DIGITS
from app.domain.money import Money


def money(text: str) -> Money:
    """An amount that a person wrote as "10000.00 GBP"."""
    amount, _, currency = text.partition(" ")
    if currency not in MINOR_DIGITS:
        raise typer.BadParameter('write an amount and its currency, such as "10000.00 GBP"')
    try:
        return Money.parse(amount, currency)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


access = typer.Typer(
    help="Say who may do what: register people and machines, grant roles, end them.",
    no_args_is_help=True,
)

_ROLES = ", ".join(AccessRole)
Principal = Annotated[str, typer.Argument(help="The principal's id.", show_default=False)]
Organisation = Annotated[str, typer.Option("--organisation", help="The organisation's name.")]
Issuer = Annotated[
    str | None, typer.Option("--issuer", help="The issuer, exactly as in the providers file.")
]
Contract = Annotated[str | None, typer.Option("--contract", help="The contract's id.")]
Party = Annotated[str | None, typer.Option("--party", help="The party's id in the terms.")]
UpTo = Annotated[
    Money | None,
    typer.Option(
        "--up-to",
        help='The most that an approver, or commissioner finance, may approve: "10000.00 GBP".',
        parser=money,
        metavar="AMOUNT",
    ),
]
SignInName = Annotated[
    str, typer.Argument(help="The name of the local account.", show_default=False)
]


@access.command("operator")
def make_operator(
    name: Annotated[str, typer.Argument(help="A work identifier.", show_default=False)],
    sign_in_name: Annotated[
        str, typer.Option("--sign-in-name", help="The name of the local account to open.")
    ],
    organisation: Organisation,
) -> None:
    """Make an operator with a local account: the way to the first one. Prints the invitation."""
    from app.cli.access_desk import desk
    from app.service import access as service
    from app.service import accounts

    with desk() as reception:
        known = service.register(
            reception,
            kind=PrincipalKind.PERSON,
            name=name,
            organisation=organisation,
            identity=None,
            by=service.BY_COMMAND_LINE,
        )
        principal_id = known.principal.principal_id
        service.grant(
            reception,
            principal_id=principal_id,
            contract_id=None,
            party=None,
            role=AccessRole.OPERATOR,
            from_date=None,
            to_date=None,
            by=service.BY_COMMAND_LINE,
        )
        invited = accounts.open_account(
            reception, principal_id, sign_in_name, service.BY_COMMAND_LINE
        )
    warn(f"Operator {principal_id}. Hand this invitation over; it counts once, for 72 hours:")
    say(invited.setup_token)


@access.command("register")
def register(
    kind: Annotated[PrincipalKind, typer.Argument(help="What it is.", show_default=False)],
    name: Annotated[str, typer.Argument(help="A work identifier.", show_default=False)],
    organisation: Organisation,
    issuer: Issuer = None,
    identity: Annotated[
        str | None,
        typer.Option("--identity", help="subject:V, client:V, group:V or app_role:V there."),
    ] = None,
) -> None:
    """Register a person, machine or group. Prints the principal's id."""
    from app.cli.access_desk import desk
    from app.service import access as service

    named = _identity(issuer, identity)
    with desk() as reception:
        known = service.register(
            reception,
            kind=kind,
            name=name,
            organisation=organisation,
            identity=named,
            by=service.BY_COMMAND_LINE,
        )
    say(known.principal.principal_id)


@access.command("identify")
def identify(
    principal: Principal,
    issuer: Annotated[str, typer.Option("--issuer", help="The issuer, as in the providers file.")],
    identity: Annotated[
        str, typer.Option("--identity", help="subject:V, client:V, group:V or app_role:V there.")
    ],
) -> None:
    """Let a principal be known by one more identity."""
    from app.cli.access_desk import desk
    from app.service import access as service

    with desk() as reception:
        service.add_identity(
            reception, principal, _identity(issuer, identity), service.BY_COMMAND_LINE
        )
    warn("Done.")


@access.command("end")
def end(principal: Principal) -> None:
    """Shut a principal out at once and for good."""
    from app.cli.access_desk import desk
    from app.service import access as service

    with desk() as reception:
        service.end_principal(reception, principal, service.BY_COMMAND_LINE)
    warn("Its tokens, keys and sessions count no more.")


@access.command("list")
def list_principals() -> None:
    """List everybody who is registered."""
    from app.cli.access_desk import desk
    from app.service import access as service

    rows: list[Any] = []
    with desk() as reception:
        while page := service.list_principals(reception, rows[-1][0] if rows else "", 200):
            rows += [
                (
                    one.principal.principal_id,
                    one.principal.kind,
                    one.principal.name,
                    one.principal.organisation,
                    one.sign_in_name,
                    "ended" if one.principal.ended_at else None,
                )
                for one in page
            ]
    say(table(("principal", "kind", "name", "organisation", "account", ""), rows))


@access.command("grant")
def grant(
    principal: Principal,
    role: Annotated[AccessRole, typer.Argument(help="The role.", show_default=False)],
    contract: Contract = None,
    party: Party = None,
    from_day: Annotated[
        date | None,
        typer.Option("--from", help="The first day. Default: today.", parser=day, metavar="DAY"),
    ] = None,
    to_day: Annotated[
        date | None,
        typer.Option("--to", help="The last day. Default: none.", parser=day, metavar="DAY"),
    ] = None,
    up_to: UpTo = None,
) -> None:
    """Grant a role for a party of a contract, with dates. Prints the grant's id."""
    from app.cli.access_desk import desk
    from app.service import access as service
    from app.service.standing import awaits_confirmation

    with desk() as reception:
        stored = service.grant(
            reception,
            principal_id=principal,
            contract_id=contract,
            party=party,
            role=role,
            from_date=from_day,
            to_date=to_day,
            approval_limit=up_to,
            by=service.BY_COMMAND_LINE,
        )
        grant_id = stored.grant.grant_id
        awaits = contract is not None and awaits_confirmation(reception, contract, grant_id)
    say(grant_id)
    if awaits:
        warn("It counts once a person of the party has confirmed it:")
        warn(f"  outcomes access confirm {contract} {grant_id} --as {party}/PERSON")


@access.command("revoke")
def revoke(
    grant_id: Annotated[str, typer.Argument(help="The grant's id.", show_default=False)],
) -> None:
    """End a grant or a delegation at once."""
    from app.cli.access_desk import desk
    from app.service import access as service

    with desk() as reception:
        service.end_grant(reception, grant_id, service.BY_COMMAND_LINE)
    warn("The grant is ended.")


@access.command("grants")
def list_grants(
    principal: Annotated[
        str | None, typer.Option("--principal", help="Only of this principal.")
    ] = None,
    contract: Contract = None,
) -> None:
    """List grants, delegations among them, ended ones too."""
    from app.cli.access_desk import desk
    from app.service import access as service

    rows: list[Any] = []
    with desk() as reception:
        while page := service.list_grants(
            reception,
            rows[-1][0] if rows else "",
            200,
            principal_id=principal,
            contract_id=contract,
        ):
            rows += [
                (
                    one.grant.grant_id,
                    one.principal_id,
                    one.grant.role,
                    one.grant.contract_id,
                    one.grant.party,
                    one.grant.from_date,
                    one.grant.to_date,
                    one.grant.approval_limit and one.grant.approval_limit.readable(),
                    "ended" if one.ended_at else None,
                )
                for one in page
            ]
    head = ("grant", "principal", "role", "contract", "party", "from", "to", "up to", "")
    say(table(head, rows))


@access.command("who")
def who(contract: ContractArgument, url: Url = None, as_json: AsJson = False) -> None:
    """List who may act for whom on a contract, as any of its parties sees it."""
    with connected(url) as service:
        found = list(service.pages(f"/v1/contracts/{contract}/grants"))
    if as_json:
        show_json({"items": found})
        return
    names = ("grant_id", "party", "role", "kind", "organisation", "principal_id", "from_date")
    rows = [
        (
            *(one[name] for name in names),
            one["to_date"],
            "ended" if one["ended_at"] else one["confirmation"],
        )
        for one in found
    ]
    head = ("grant", "party", "role", "kind", "organisation", "principal", "from", "to", "state")
    say(table(head, rows))


@access.command("confirm")
def confirm(
    contract: ContractArgument,
    grant_id: Annotated[str, typer.Argument(help="The grant's id.", show_default=False)],
    actor: As,
    dry_run: DryRun = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Confirm, as a person of the party, whom an operator let in for it."""
    with connected(url) as service:
        place = f"/v1/contracts/{contract}/grants/{grant_id}/confirmation"
        answer = service.write(place, None, actor, dry_run=dry_run)
    if as_json:
        show_json(answer.body)
    else:
        say(f"{answer.body['principal_id']} may act for {answer.body['party']}.")
    say_if_dry(dry_run=answer.dry_run)


def _identity(issuer: str | None, text: str | None) -> Any:
    from app.storage.principals import Identity

    if issuer is None and text is None:
        return None
    kind, separator, value = (text or "").partition(":")
    if issuer is None or not separator or not value:
        raise typer.BadParameter("give --issuer and --identity together: subject:V, client:V, ...")
    return Identity(issuer, kind, value)
