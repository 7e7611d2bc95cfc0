"""The contract that everything is measured on: Promoting Independence, without its money caps.

With the caps of the example a large cohort would be cut to nothing after a few hundred outcomes,
and what is measured would be the cutting.
"""

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from uuid_utils import uuid7

from app.domain.claim import Claim
from app.domain.money import Money
from app.domain.outcome import Entitlement
from app.domain.parties import Actor
from app.domain.period import Period
from app.domain.terms.document import Terms, plain, terms_hash
from app.domain.terms.timeline import TermsVersion, Timeline
from app.payments.claims import prepare
from app.payments.posting import Due, entries_for_claim, entry_for_payment
from app.payments.usage import Usage
from app.service.claim_rows import claim_row, entry_rows, line_rows
from app.service.command import Command
from app.service.context import Context
from app.service.contracts import accept_terms, create_contract, draft_terms
from app.storage import journal
from app.storage.rows import Rows
from bench.seed import Seed

EXAMPLES = Path(__file__).parent.parent / "examples" / "promoting-independence"
APPROVED_ON = date(2024, 5, 1)
PEOPLE = {"scc": "council-1", "spv": "director-1", "syha": "worker-1"}
APPROVER = "approver-1"
"""Another person of the council: who approves a claim does not record its payment."""
PURCHASE_ORDERS = 40
_AMPLE = "900000000000.00"


def _same(_number: int) -> int:
    return 300_000


@lru_cache
def documents() -> tuple[dict[str, Any], dict[str, Any]]:
    """Both versions of the terms, with caps that are checked and never bite."""
    found = []
    for name in ("terms-2019.yaml", "terms-2022.yaml"):
        text = (EXAMPLES / name).read_text(encoding="utf-8")
        document = plain(yaml.safe_load(text))
        document["caps"] = {
            "person": _AMPLE,
            "contract": _AMPLE,
            "payer": [{"payer": "lcf", "amount": _AMPLE}],
        }
        document["funding"].pop("commitments", None)
        found.append(document)
    return found[0], found[1]


@lru_cache
def timeline() -> Timeline:
    """Both versions in force."""
    return Timeline.of(
        TermsVersion(number, terms_hash(document), Terms.model_validate(document))
        for number, document in enumerate(documents(), start=1)
    )


def command(contract_id: str, party: str, **more: Any) -> Command:
    """A command of the person who acts for a party."""
    return Command(contract_id, Actor(party, PEOPLE[party]), **more)


def agreed(context: Context) -> str:
    """A new contract, both versions in force; its id."""
    contract_id = str(uuid7())
    for number, document in enumerate(documents(), start=1):
        make = create_contract if number == 1 else draft_terms
        make(context, command(contract_id, "scc"), document)
        for party in PEOPLE:
            accept_terms(context, command(contract_id, party), number, terms_hash(document))
    return contract_id


def seed(context: Context, superuser_url: str, contract_id: str) -> Seed:
    """Records that follow the contract's present head."""
    with context.reading(contract_id) as uow:
        return Seed(superuser_url, journal.head(uow.connection, contract_id))


def participant_row(participant_id: str) -> dict[str, Any]:
    """A participant, as its table holds one."""
    return {
        "participant_id": participant_id,
        "provider": "syha",
        "referred_on": date(2023, 1, 9),
        "setting": "residential_care",
        "funded_by_commissioner": True,
        "age_at_referral": None,
    }


def entitlement(participant_id: str, number: int, minor: int = 300_000) -> Entitlement:
    """A verified move, of 3,000.00 unless told."""
    return Entitlement(
        f"{participant_id}-{number}",
        participant_id,
        "MOVE",
        "life",
        1,
        date(2023, 5, 2),
        date(2024, 3, 1),
        2,
        2,
        "illustrative-2022",
        Money(minor),
        None,
        (),
    )


def approved_claim(
    number: int, participant_id: str, first_entry: int, minor: int = 300_000
) -> Rows:
    """A claim of one move, submitted, approved, posted and invoiced: what both payers then owe."""
    version = timeline().latest
    period = Period(date(2024, 1, 1), date(2024, 3, 31))
    lines = prepare(period, version, [entitlement(participant_id, number, minor)], usage=Usage())
    claim = Claim(number, period, supplementary=number > 1, terms_version=2, lines=lines)
    entries = entries_for_claim(claim, version.terms, first_entry, APPROVED_ON, {})
    return {
        "claims": [
            claim_row(claim, date(2024, 4, 2), None) | {"party": "spv", "person": PEOPLE["spv"]}
        ],
        **line_rows(claim),
        "claim_decisions": [
            {
                "claim_number": number,
                "decision": "approved",
                "decided_on": APPROVED_ON,
                "reason_code": None,
                "note_digest": None,
                "party": "scc",
                "person": APPROVER,
            }
        ],
        **entry_rows(entries),
        "approved_lines": [
            {
                "kind": line.kind.value,
                "source_id": line.source_id,
                "claim_number": number,
                "line_number": line.line_number,
                "entry_number": first_entry + index,
            }
            for index, line in enumerate(lines)
        ],
        **_invoice(number, minor),
    }


def _invoice(number: int, minor: int) -> Rows:
    """The SPV's invoice for a claim; it has the claim's number."""
    place = {"issuer": "spv", "number": number}
    return {
        "invoices": [
            place
            | {
                "kind": "invoice",
                "round": 1,
                "claim_number": number,
                "customer": "scc",
                "issued_on": APPROVED_ON,
                "due_on": date(2024, 5, 31),
                "purchase_order": f"PO-{number % PURCHASE_ORDERS + 4500}",
                "currency": "GBP",
                "net_minor": minor,
                "vat_treatment": "outside_scope",
                "vat_rationale": "Illustrative.",
                "vat_rate": None,
                "vat_minor": 0,
                "total_minor": minor,
                "cites": [],
                "party": "spv",
                "person": PEOPLE["spv"],
            }
        ],
        "invoice_lines": [
            place
            | {
                "line_number": 1,
                "metric": "MOVE",
                "description": "Moved on",
                "counted": 1,
                "net_minor": minor,
            }
        ],
    }


def with_approved_claims(
    context: Context, superuser_url: str, claims: int, amount: Callable[[int], int] = _same
) -> str:
    """A contract with so many approved claims of one line, none of them paid; its id.

    `amount` says what each comes to, in pence.
    """
    contract_id = agreed(context)
    records = seed(context, superuser_url, contract_id)
    records.record(
        "participant_registered", date(2023, 1, 9), {"participants": [participant_row("P-1")]}
    )
    for number in range(1, claims + 1):
        added = approved_claim(number, "P-1", number, amount(number))
        records.record("claim_approved", APPROVED_ON, added)
    records.flush()
    return contract_id


def submitted(number: int) -> Rows:
    """A participant who moved on 2 May 2024, the evidence, and the submission to decide on."""
    moved_on, day = date(2024, 5, 2), date(2024, 6, 3)
    participant_id = f"P-{number}"
    signed = {"party": "syha", "person": PEOPLE["syha"]}
    place = {"participant_id": participant_id}
    events = [("accepted", date(2023, 2, 1), None), ("moved_on", moved_on, "own_tenancy")]
    items = [("tenancy_agreement", "landlord"), ("placement_end_record", "council")]
    return {
        "participants": [participant_row(participant_id)],
        "journey_events": [
            place
            | signed
            | {
                "event_id": f"{participant_id}-{kind}",
                "kind": kind,
                "effective_on": on,
                "recording_order": 2 * number + order,
                "destination": destination,
                "reason": None,
                "supersedes": None,
                "note_digest": None,
            }
            for order, (kind, on, destination) in enumerate(events)
        ],
        "evidence_items": [
            place
            | signed
            | {
                "evidence_id": f"{participant_id}-{kind}",
                "type": kind,
                "issuer": issuer,
                "dated_on": moved_on,
                "covers_from": moved_on,
                "covers_to": moved_on,
                "supports": ["MOVE"],
                "sha256": "0" * 64,
                "held_by": "provider",
                "size_bytes": None,
                "media_type": None,
            }
            for kind, issuer in items
        ],
        "submissions": [
            place
            | signed
            | {
                "submission_id": f"{participant_id}-move",
                "metric": "MOVE",
                "scope": "life",
                "occurrence": 1,
                "round": 1,
                "achieved_on": moved_on,
                "anchor_on": moved_on,
                "terms_version": 2,
                "submitted_on": day,
                "due_on": date(2024, 9, 30),
                "working": [],
            }
        ],
        "submission_evidence": [
            place
            | {
                "submission_id": f"{participant_id}-move",
                "evidence_id": f"{participant_id}-{kind}",
            }
            for kind, _ in items
        ],
    }


def verified(number: int) -> Rows:
    """A participant whose move of 2 May 2023 was verified on 1 March 2024."""
    made = entitlement(f"P-{number}", 1)
    return {
        "participants": [participant_row(made.participant_id)],
        "entitlements": [
            {
                "entitlement_id": made.entitlement_id,
                "participant_id": made.participant_id,
                "metric": made.metric,
                "scope": made.scope,
                "occurrence": 1,
                "achieved_on": made.achieved_on,
                "verified_on": made.verified_on,
                "terms_version": 2,
                "price_terms_version": 2,
                "edition": made.edition,
                "amount_minor": made.amount.minor,
                "currency": made.amount.currency,
                "submission_id": f"P-{number}-move",
                "working": [],
            }
        ],
    }


def payment(claim_number: int, entry_number: int) -> Rows:
    """The commissioner's payment of a claim of one move to the SPV."""
    amount = Money(300_000)
    due = Due("scc", "spv", amount, "scc/payable/spv", "spv/receivable/scc", pays_back=False)
    source = f"payment:{claim_number}"
    row = {
        "payment_id": str(claim_number),
        "kind": "payment",
        "payer": "scc",
        "payee": "spv",
        "amount_minor": amount.minor,
        "currency": amount.currency,
        "paid_on": APPROVED_ON,
        "reference": None,
        "returns": None,
        "pays_back": False,
        "entry_number": entry_number,
        "party": "scc",
        "person": PEOPLE["scc"],
    }
    return entry_rows([entry_for_payment(due, entry_number, source, APPROVED_ON)]) | {
        "payments": [row],
        "payment_allocations": [
            {
                "payment_id": str(claim_number),
                "document": f"invoice:spv/{claim_number}",
                "amount_minor": amount.minor,
                "currency": amount.currency,
                "allocated_on": APPROVED_ON,
            }
        ],
    }
