"""How much of a contract a party sees: every participant, its own, or none but figures."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from app.domain.errors import NotPermitted
from app.domain.terms.document import Terms
from app.domain.terms.parties import Role
from app.domain.terms.timeline import Timeline


class Sight(StrEnum):
    """What a reader is shown of the people a contract is about."""

    PERSON = "person"
    """Every participant, under the provider's pseudonym."""
    OWN = "own"
    """The participants of one provider among several."""
    AGGREGATE = "aggregate"
    """No participant: terms, money, and counts of five or more."""


def narrower(one: Sight, other: Sight) -> Sight:
    """The sight that shows less: a party's, and that of the role in which somebody acts for it.

    A provider's auditor among several providers: own. Its finance officer who is also the SPV's and
    acts as investor: aggregate.
    """
    order = (Sight.AGGREGATE, Sight.OWN, Sight.PERSON)
    return min(one, other, key=order.index)


def person_level_refused() -> NotPermitted:
    """The refusal that a party meets which asks about people and may see nobody."""
    return NotPermitted(
        "person-level-not-permitted",
        "Your party sees this contract's terms, money and totals, and no participant. Ask the "
        "provider or the commissioner, or read the claim's totals.",
    )


def sight_of(
    timeline: Timeline, party: str, on: date, drafts: Iterable[Terms] = ()
) -> Sight | None:
    """What a party sees on a day, by its roles in the terms in effect; None: it is no party.

    The commissioner, who verifies, sees every participant. A provider sees them all where no other
    is or was a provider, otherwise its own. Every other role (SPV, investor, outcomes fund, payer,
    intermediary, evaluator) sees none, and so does a party whose dates are over or whom only a
    draft names. A party with several roles has the widest sight. Source: terms /parties.

    Two providers, one of them also the SPV: that one sees its own participants.
    """
    drafted = list(drafts)
    in_force = [version.terms for version in timeline.versions]
    everywhere = [*in_force, *drafted]
    if not any(party == one.id for terms in everywhere for one in terms.parties):
        return None
    terms = timeline.in_effect(on).terms if in_force else drafted[0]
    if party in terms.parties_with(Role.COMMISSIONER, on=on):
        return Sight.PERSON
    if party not in terms.parties_with(Role.SERVICE_PROVIDER, on=on):
        return Sight.AGGREGATE
    providers = {
        provider
        for agreed in in_force or drafted[:1]
        for provider in agreed.parties_with(Role.SERVICE_PROVIDER)
    }
    return Sight.PERSON if providers == {party} else Sight.OWN
