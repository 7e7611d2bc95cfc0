"""Small makers of domain values for tests: a contract's terms, dates, entitlements, claims.

`terms()` is the smallest valid contract; every argument replaces one top-level field of it.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.domain.money import Money
from app.domain.outcome import Entitlement
from app.domain.period import Period
from app.domain.terms.document import Terms
from app.domain.terms.timeline import TermsVersion, Timeline

COUNCIL, FUND, SPV, PROVIDER, INVESTOR = "council", "fund", "spv", "provider", "investor"


INVOICING: dict[str, Any] = {
    "vat": {
        "treatment": "outside_scope",
        "rationale": "A proposal for tests.",
        "decided_on": "2019-11-28",
    }
}
"""How invoices stand towards VAT and purchase orders, as terms say it."""


def day(text: str) -> date:
    """A date from its ISO form: day("2021-02-28")."""
    return date.fromisoformat(text)


def gbp(text: str) -> Money:
    """Pounds from a decimal string: gbp("6701.50")."""
    return Money.parse(text)


def quarter(text: str) -> Period:
    """A calendar quarter: quarter("2020 Q1") is January to March 2020."""
    year, number = text.split(" Q")
    month = int(number) * 3
    last = 31 if month in {3, 12} else 30
    return Period(date(int(year), month - 2, 1), date(int(year), month, last))


def party(code: str, *roles: str) -> dict[str, Any]:
    """One party of the contract."""
    return {"id": code, "name": code.title(), "roles": list(roles)}


def event_metric(code: str, event: str, **changes: Any) -> dict[str, Any]:
    """A metric met by one event."""
    return {
        "kind": "event",
        "code": code,
        "name": code,
        "definition": code,
        "event": event,
        **changes,
    }


def sustained_metric(code: str, length: int, **changes: Any) -> dict[str, Any]:
    """A metric met by keeping a home."""
    return {
        "kind": "sustained",
        "code": code,
        "name": code,
        "definition": code,
        "length": length,
        **changes,
    }


def document(**changes: Any) -> dict[str, Any]:
    """A terms document as it is submitted: MOVE, S06, S12 and S24, one edition, no caps."""
    return {
        "schema_version": 1,
        "title": "Test contract",
        "effective_from": "2019-11-28",
        "parties": [
            party(COUNCIL, "commissioner", "outcome_payer"),
            party(FUND, "outcomes_fund"),
            party(SPV, "spv"),
            party(PROVIDER, "service_provider"),
            party(INVESTOR, "investor"),
        ],
        "signatories": [COUNCIL, SPV, PROVIDER],
        "cohort": {"description": "People in care", "eligibility": {"settings": ["care"]}},
        "metrics": [
            event_metric("MOVE", "moved_on"),
            sustained_metric("S06", 6),
            sustained_metric("S12", 12),
            sustained_metric("S24", 24),
        ],
        "sustainment": {"qualifying_destinations": ["tenancy"]},
        "rate_card": [
            {
                "code": "v1",
                "from_date": "2019-11-28",
                "prices": {"MOVE": "6500", "S06": "10000", "S12": "8000", "S24": "9000"},
            }
        ],
        "funding": funding(),
        "invoicing": INVOICING,
        **changes,
    }


def funding(**changes: Any) -> dict[str, Any]:
    """The fund bears a quarter of each line, rounded down; the council the rest."""
    return {
        "shares": [{"payer": FUND, "share": "0.25"}],
        "remainder_payer": COUNCIL,
        **changes,
    }


def terms(**changes: Any) -> Terms:
    """A contract's terms."""
    return Terms.model_validate(document(**changes))


def version(number: int = 1, **changes: Any) -> TermsVersion:
    """A version of the terms in force."""
    return TermsVersion(number, f"{number:064d}", terms(**changes))


def timeline(*versions: TermsVersion) -> Timeline:
    """The versions in force; one plain version if none is given."""
    return Timeline.of(versions or (version(),))


def entitlement(
    participant_id: str,
    metric: str,
    achieved_on: str,
    verified_on: str,
    amount: str,
    **changes: Any,
) -> Entitlement:
    """A verified, priced outcome whose id is participant:metric unless given."""
    values: Mapping[str, Any] = {
        "entitlement_id": f"{participant_id}:{metric}",
        "participant_id": participant_id,
        "metric": metric,
        "scope": "life",
        "occurrence": 1,
        "achieved_on": day(achieved_on),
        "verified_on": day(verified_on),
        "terms_version": 1,
        "price_terms_version": 1,
        "edition": "v1",
        "amount": gbp(amount),
        "submission_id": None,
        "working": (),
        **changes,
    }
    return Entitlement(**values)
