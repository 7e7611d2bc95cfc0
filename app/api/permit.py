"""Asking the policy table, for every request, before anything of it is read but its address."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from re import Pattern

from starlette.routing import compile_path

from app.api.policy import RULES, Door, Rule, narrowed
from app.domain.access import AccessRole, Grant, Principal
from app.domain.errors import NotPermitted
from app.service.listings.registry import LISTINGS

READING = frozenset({"GET", "HEAD", "OPTIONS"})
LIST_OF_CONTRACT, LIST_OF_SERVICE = "exportList", "exportServiceList"
"""The operations that give any list as a file, by the name of the list in the address."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which operation a request asks for, and its rule."""

    operation: str
    rule: Rule


class Operations:
    """Finds the operation of a request. Made once, from the routes of the application."""

    def __init__(
        self, found: Iterable[tuple[str, str, str]], rules: Mapping[str, Rule] = RULES
    ) -> None:
        """`found` are method, path and operation id of every route, in order of precedence.

        Raises RuntimeError for a route without a rule, and for a rule without a route: a new
        address is not served before somebody has said who may use it.
        """
        every = list(found)
        without = sorted({operation for _, _, operation in every} ^ set(rules))
        if without:
            raise RuntimeError(f"routes and rules do not match, see policy.py: {without}")
        # By the number of parts of the path, so that a request is held against few patterns.
        self._by_parts: dict[int, list[tuple[str, Pattern[str], Asked]]] = {}
        self._files = dict(_files(rules))
        for method, path, operation in every:
            pattern = compile_path(path)[0]
            one = (method, pattern, Asked(operation, rules[operation]))
            self._by_parts.setdefault(path.count("/"), []).append(one)

    def asked(self, method: str, path: str) -> Asked | None:
        """The operation at an address; None where there is none, so that nothing answers."""
        for of_method, pattern, asked in self._by_parts.get(path.count("/"), ()):
            if of_method == method and (found := pattern.match(path)):
                place = (asked.operation, found.groupdict().get("list_name"))
                return self._files.get(place, asked)
        return None


def require_permitted(
    asked: Asked, principal: Principal, contract_id: str | None, party: str | None, method: str
) -> frozenset[AccessRole]:
    """Refuse whom the rule does not let in; the roles that do, of those the principal holds.

    With a party named, only roles for that party count; on a contract, only roles on it. A key
    scoped to reading does not write. Acting headers make nobody an operator: what only operators
    may do is refused to them. Raises NotPermitted
    `access-not-granted`, `operator-only`, `party-not-yours`, `role-not-permitted`, `reading-only`.
    """
    rule = asked.rule
    of_operators = rule.roles == {AccessRole.OPERATOR}
    if rule.door is not Door.ROLES or (principal.trusted and not of_operators):
        return frozenset(grant.role for grant in principal.grants)
    held = principal.grants if contract_id is None else principal.on(contract_id)
    if of_operators:
        counting = [grant for grant in held if grant.role in rule.roles]
        if not counting:
            raise NotPermitted("operator-only", "Only an operator of the service may do this.")
    else:
        counting = _of_party(held, contract_id, party)
        counting = [grant for grant in counting if grant.role in rule.roles]
        if not counting:
            raise role_refused(rule)
    if method not in READING and not any(grant.writes for grant in counting):
        raise NotPermitted("reading-only", "This key may only read.")
    return frozenset(grant.role for grant in counting)


def _files(rules: Mapping[str, Rule]) -> Iterable[tuple[tuple[str, str | None], Asked]]:
    """For each list as a file: the rule of the export, narrowed by that of every list it covers."""
    for name, listing in LISTINGS.items():
        operation = LIST_OF_CONTRACT if listing.of_contract else LIST_OF_SERVICE
        rule = rules[operation]
        for covered in listing.pages:
            rule = narrowed(rule, rules[covered])
        yield (operation, name), Asked(operation, rule)


def mandate_of(
    asked: Asked, principal: Principal, contract_id: str, party: str
) -> tuple[Grant, ...]:
    """The grants by which somebody does what a rule permits; none where acting headers are trusted.

    They say whether it is done under a delegation only, and up to which amount.
    """
    return tuple(
        grant
        for grant in principal.on(contract_id)
        if grant.party == party and grant.writes and grant.role in asked.rule.roles
    )


def require_role_of_party(asked: Asked, roles: frozenset[AccessRole]) -> None:
    """The same for an acting party without sign-in, whose roles follow from the terms.

    Raises NotPermitted `party-not-permitted`.
    """
    if asked.rule.door is Door.ROLES and not asked.rule.roles & roles:
        raise NotPermitted(
            "party-not-permitted",
            f"Only these roles may do this, and under the terms the acting party has none of them: "
            f"{named(asked.rule.roles)}.",
        )


def role_refused(rule: Rule) -> NotPermitted:
    """The refusal of somebody with other roles than the rule asks for."""
    return NotPermitted(
        "role-not-permitted", f"You have none of the roles that may do this: {named(rule.roles)}."
    )


def named(roles: Iterable[AccessRole]) -> str:
    """Roles in words, in the order in which they are always told."""
    wanted = set(roles)
    return ", ".join(role.value.replace("_", " ") for role in AccessRole if role in wanted)


def _of_party(held: Sequence[Grant], contract_id: str | None, party: str | None) -> list[Grant]:
    if contract_id is not None and not held:
        raise NotPermitted("access-not-granted", "You have no role on this contract.")
    if party is None or contract_id is None:
        return list(held)
    found = [grant for grant in held if grant.party == party]
    if not found:
        raise NotPermitted("party-not-yours", "You have no role for that party on this contract.")
    return found
