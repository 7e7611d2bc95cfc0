"""Who may act for whom on a contract, for everybody who has a role on it."""

from collections.abc import Collection

from app.domain.access import PrincipalKind
from app.domain.errors import NotPermitted, RuleRefused
from app.domain.parties import Actor
from app.service.context import Context
from app.service.reception import Reception
from app.storage import journal, standing
from app.storage.engine import UnitOfWork
from app.storage.standing import Standing


def list_standing(
    context: Context, contract_id: str, after: str = "", limit: int = 50
) -> list[Standing]:
    """Grants on a contract in order of their ids, of every party and ended ones too.

    Each party sees whom the operator let in, for itself and for the others. NotFound
    `contract-unknown`.
    """
    with context.reading(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        return standing.page(uow.connection, contract_id, after, limit)


def confirm_grant(
    reception: Reception,
    contract_id: str,
    grant_id: str,
    *,
    by: Actor,
    kind: PrincipalKind,
    groups: Collection[str] = (),
    dry_run: bool = False,
) -> Standing:
    """Confirm, as a person of the party, whom an operator let in for it; from then on it counts.

    A grant awaits that if the party had a person on the contract when it was given. An operator
    lets a second machine in for the provider: it acts once somebody of the provider has confirmed.
    Nobody confirms their own, nor what a group of theirs is given: `groups` are the ids of those
    that their credential names. Raises NotFound `grant-unknown`; NotPermitted `party-not-yours`,
    `confirmation-own`, `confirmation-of-a-person`; RuleRefused `grant-ended`, `grant-confirmed`.
    """
    now = reception.clock()

    def work(uow: UnitOfWork) -> Standing:
        found = standing.get(uow.connection, contract_id, grant_id)
        if found.party != by.party:
            raise NotPermitted("party-not-yours", "The grant is for another party than yours.")
        if kind is not PrincipalKind.PERSON:
            raise NotPermitted(
                "confirmation-of-a-person", "A person of the party confirms a grant, no machine."
            )
        if not {by.person, *groups}.isdisjoint({found.principal_id, found.granted_by}):
            raise NotPermitted(
                "confirmation-own",
                "Not the holder of a grant, nobody of that group and not its giver confirms it.",
            )
        if found.ended_at is not None:
            raise RuleRefused("grant-ended", "The grant has been ended already.")
        if not found.to_confirm or not standing.confirm(uow.connection, grant_id, by.person, now):
            raise RuleRefused("grant-confirmed", "The grant awaits no confirmation: it counts.")
        return standing.get(uow.connection, contract_id, grant_id)

    return reception.write(work, dry_run=dry_run)


def awaits_confirmation(reception: Reception, contract_id: str, grant_id: str) -> bool:
    """Whether a grant counts only once a person of its party has confirmed it.

    Raises NotFound `grant-unknown`.
    """
    with reception.reading() as uow:
        return standing.get(uow.connection, contract_id, grant_id).confirmation == "awaited"
