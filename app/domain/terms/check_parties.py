"""Cross-checks on people and organisations: parties, signatories, cohort."""

from collections.abc import Iterable, Iterator

from app.domain.errors import Fault
from app.domain.terms.base import Identifier
from app.domain.terms.document import Terms
from app.domain.terms.faults import pointer, repeated, reversed_dates, unknown_party
from app.domain.terms.parties import Role

SCHEMES = frozenset(
    {
        "GB-CHC",  # Charity Commission
        "GB-COH",  # Companies House
        "GB-GOR",  # government organisations register
        "GB-GOV",  # government departments
        "GB-LAE",  # local authorities, England
        "GB-LAS",  # local authorities, Scotland
        "GB-MPR",  # mutuals public register
        "GB-NHS",  # NHS organisation data
        "GB-NIC",  # charities, Northern Ireland
        "GB-SC",  # charities, Scotland
        "GB-SHPE",  # social housing providers, England
        "INDIGO",  # organisations, funds and projects of the INDIGO data
        "XI-GRID",
        "XI-LEI",
        "XI-PB",
        "XI-ROR",
    }
)
"""Identifier schemes of org-id.guide that a contract in the United Kingdom meets, and INDIGO."""

REQUIRED_SIGNATURES = (
    ("the commissioner", (Role.COMMISSIONER,)),
    ("an SPV or investor", (Role.SPV, Role.INVESTOR)),
    ("a service provider", (Role.SERVICE_PROVIDER,)),
)


def party_faults(terms: Terms) -> Iterator[Fault]:
    """One commissioner, an SPV or investor, a provider; and the right parties sign."""
    yield from identifier_faults(terms.identifiers, "identifiers")
    yield from repeated((party.id for party in terms.parties), "duplicate-party", "parties")
    for index, party in enumerate(terms.parties):
        yield from repeated(party.roles, "repeated-value", "parties", index, "roles")
        yield from identifier_faults(party.identifiers, "parties", index, "identifiers")
        yield from reversed_dates(party.from_date, party.to_date, "parties", index, "to_date")
    yield from _missing_roles(terms)
    yield from _signatory_faults(terms)


def cohort_faults(terms: Terms) -> Iterator[Fault]:
    """The referral window and the age limits are in order, and no setting is named twice."""
    cohort = terms.cohort
    limits = cohort.eligibility
    yield from repeated(limits.settings, "repeated-value", "cohort", "eligibility", "settings")
    yield from reversed_dates(cohort.referrals_from, cohort.referrals_to, "cohort", "referrals_to")
    low, high = limits.age_min, limits.age_max
    if low is not None and high is not None and high < low:
        where = pointer("cohort", "eligibility", "age_max")
        yield Fault("limits-reversed", where, f"The age limits admit nobody: {low} to {high}.")


def _missing_roles(terms: Terms) -> Iterator[Fault]:
    commissioners = terms.parties_with(Role.COMMISSIONER)
    if not commissioners:
        yield Fault("commissioner-missing", "/parties", "Give one party the role of commissioner.")
    holders = [i for i, party in enumerate(terms.parties) if Role.COMMISSIONER in party.roles]
    for index in holders[1:]:
        yield Fault(
            "commissioner-repeated",
            pointer("parties", index, "roles"),
            "A contract has exactly one commissioner; a further body that pays is outcome_payer.",
        )
    if not terms.parties_with(Role.SPV, Role.INVESTOR):
        yield Fault(
            "investor-missing", "/parties", "Give at least one party the role of spv or investor."
        )
    if not terms.parties_with(Role.SERVICE_PROVIDER):
        yield Fault(
            "provider-missing", "/parties", "Give at least one party the role of service_provider."
        )


def _signatory_faults(terms: Terms) -> Iterator[Fault]:
    yield from repeated(terms.signatories, "repeated-value", "signatories")
    known = {party.id for party in terms.parties}
    for index, signatory in enumerate(terms.signatories):
        if signatory not in known:
            yield unknown_party(signatory, "signatories", index)
    for name, roles in REQUIRED_SIGNATURES:
        if not set(terms.signatories) & set(terms.parties_with(*roles)):
            yield Fault(
                "signatory-missing", "/signatories", f"Among the signatories {name} is missing."
            )


def identifier_faults(identifiers: Iterable[Identifier], *path: str | int) -> Iterator[Fault]:
    """Every identifier's scheme is one that is known, and none is given twice."""
    listed = list(identifiers)
    for index, identifier in enumerate(listed):
        if identifier.scheme not in SCHEMES:
            yield Fault(
                "unknown-scheme",
                pointer(*path, index, "scheme"),
                f"Use one of these schemes: {', '.join(sorted(SCHEMES))}.",
            )
    yield from repeated(((one.scheme, one.id) for one in listed), "repeated-value", *path)
