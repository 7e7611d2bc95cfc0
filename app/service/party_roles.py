"""Which roles a party's people have where nobody signs in: those that its part in the terms gives.

In the demo, and on the service's own machine, the acting headers are believed. The policy table is
asked there too, with these roles instead of an operator's grants.
"""

from app.domain.access import AccessRole
from app.domain.terms.document import Terms
from app.domain.terms.parties import Role
from app.service.context import Context
from app.storage import contracts

ROLES_BY_PART: dict[Role, frozenset[AccessRole]] = {
    Role.COMMISSIONER: frozenset(
        {AccessRole.VERIFIER, AccessRole.APPROVER, AccessRole.COMMISSIONER_FINANCE}
    ),
    Role.OUTCOME_PAYER: frozenset({AccessRole.COMMISSIONER_FINANCE}),
    Role.OUTCOMES_FUND: frozenset({AccessRole.FUND}),
    Role.SPV: frozenset({AccessRole.INVESTOR_FINANCE}),
    Role.INVESTOR: frozenset({AccessRole.INVESTOR_FINANCE}),
    Role.SERVICE_PROVIDER: frozenset({AccessRole.PROVIDER}),
    Role.INTERMEDIARY: frozenset({AccessRole.PROVIDER}),
    Role.EVALUATOR: frozenset({AccessRole.AUDITOR}),
}
"""What a part in the terms gives; an intermediary records evidence, as a provider does."""


def roles_of_party(context: Context, contract_id: str, party: str) -> frozenset[AccessRole] | None:
    """The roles of a party under the terms in force, else under any draft.

    None where there is no such contract or it has no terms yet: then the service answers. The
    commissioner is verifier, approver and commissioner's finance; a stranger is nothing.
    """
    with context.reading(contract_id) as uow:
        agreed = contracts.timeline(uow.connection, contract_id)
        found = [version.terms for version in agreed.versions]
        if not any(party in _parts(terms) for terms in found):
            stored = contracts.versions(uow.connection, contract_id)
            found = [version.terms for version in stored]
    if not found:
        return None
    held = {role for terms in found for role in _parts(terms).get(party, ())}
    return frozenset().union(*(ROLES_BY_PART[role] for role in held))


def _parts(terms: Terms) -> dict[str, list[Role]]:
    return {one.id: list(one.roles) for one in terms.parties}
