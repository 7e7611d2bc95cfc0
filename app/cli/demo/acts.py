"""What the parties of the demo can do, each through one request to the service."""

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any

from app.cli.client import Answer, Service
from app.cli.demo.cohort import Person
from app.cli.demo.handing import Handing, Item
from app.cli.demo.journeys import Event
from app.cli.output import money
from app.domain.bank import SourceKind
from app.domain.money import total
from app.domain.parties import Actor

CONTRACT_OFFICER = Actor("scc", "contract-officer")
SIGNATORIES = (
    Actor("scc", "council-signatory"),
    Actor("spv", "spv-signatory"),
    Actor("syha", "provider-signatory"),
)
WORKER = Actor("syha", "provider-worker-1")
VERIFIER = Actor("scc", "council-officer-1")
APPROVER = Actor("scc", "council-officer-2")
COUNCIL_FINANCE = Actor("scc", "council-finance")
CLAIMANT = Actor("spv", "spv-manager-1")
FUND_FINANCE = Actor("lcf", "fund-finance")

BATCH = 200
"""The most events or evidence items that one request takes."""


class Acts:
    """One contract, worked on through the interface; `requests` counts what was sent."""

    def __init__(self, service: Service, contract_id: str) -> None:
        self.service = service
        self.contract_id = contract_id
        self.base = f"/v1/contracts/{contract_id}"
        self.requests = 0

    def create(self, document: dict[str, Any]) -> None:
        """The council drafts the contract."""
        body = {"contract_id": self.contract_id, "terms": document}
        self.requests += 1
        self.service.write("/v1/contracts", body, CONTRACT_OFFICER)

    def draft(self, document: dict[str, Any]) -> None:
        """The council drafts a variation."""
        self._write("/terms", document, CONTRACT_OFFICER)

    def accept(self, signatory: Actor, version: int) -> None:
        """A party reads the version's hash and accepts that."""
        self.requests += 1
        found = self.service.get(f"{self.base}/terms/{version}")
        self._write(f"/terms/{version}/acceptances", {"hash": found["hash"]}, signatory)

    def register(self, person: Person) -> None:
        """The provider registers a referral."""
        body = {
            "participant_id": person.participant_id,
            "referred_on": person.referred_on.isoformat(),
            "setting": person.setting,
            "funded_by_commissioner": True,
            "age_at_referral": person.age_at_referral,
        }
        self._write("/participants", body, WORKER)

    def tell(self, participant_id: str, events: Sequence[Event]) -> None:
        """The provider records what happened to one person, up to 200 events at once."""
        body = {"events": [event.body() for event in events]}
        self._write(f"/participants/{participant_id}/events", body, WORKER)

    def hand_in(self, handings: Sequence[Handing]) -> list[Answer]:
        """The provider records the evidence of all submissions of a day, then submits each."""
        items = [(one, item) for one in handings for item in one.items]
        ids: list[str] = []
        for start in range(0, len(items), BATCH):
            bodies = [self._evidence(one, item) for one, item in items[start : start + BATCH]]
            answer = self._write("/evidence", {"items": bodies}, WORKER)
            ids += [item["evidence_id"] for item in answer.body["items"]]
        made = []
        for one in handings:
            mine, ids = ids[: len(one.items)], ids[len(one.items) :]
            body = {
                "participant_id": one.participant_id,
                "metric": one.metric,
                "evidence_ids": mine,
            }
            made.append(self._write("/submissions", body, WORKER))
        return made

    def decide(self, submitted: Answer, one: Handing) -> dict[str, Any] | None:
        """The council waives lateness where it does, decides, and gives the entitlement made."""
        place = f"/submissions/{submitted.body['submission_id']}"
        read = submitted.etag
        if one.waived:
            note = {"note": "The landlord's office was closed; the council accepts the delay."}
            read = self._write(f"{place}/waiver", note, VERIFIER).etag
        body: dict[str, Any] = {"decision": one.decision}
        if one.reason_code:
            body |= {"reason_code": one.reason_code, "note": one.note}
        answer = self._write(f"{place}/decision", body, VERIFIER, if_match=read)
        made: dict[str, Any] | None = answer.body["entitlement"]
        return made

    def claw_back(self, entitlement_id: str) -> None:
        """The council takes an entitlement back after the audit."""
        body = {
            "ground": "mistaken_evidence",
            "note": "The audit found that the home had been given up before the milestone.",
        }
        self._write(f"/entitlements/{entitlement_id}/clawback", body, VERIFIER)

    def claim(self, start: date, end: date) -> Answer:
        """The SPV claims what was verified by the end of the period."""
        return self._write("/claims", {"period": _period(start, end)}, CLAIMANT)

    def approve(self, claimed: Answer) -> None:
        """Another officer than the one who verified approves the claim as it was read."""
        number = claimed.body["claim_number"]
        self._write(f"/claims/{number}/approval", {}, APPROVER, if_match=claimed.etag)

    def issue(self, claim_number: int) -> list[dict[str, Any]]:
        """The SPV issues the invoices and credit notes of an approved claim."""
        made = self._write(f"/claims/{claim_number}/invoices", {}, CLAIMANT)
        documents: list[dict[str, Any]] = made.body["items"]
        return documents

    def reclaim(self, start: date, end: date) -> dict[str, Any]:
        """The council claims the fund's share of what was approved by a day, and submits it."""
        body = {"fund": FUND_FINANCE.party, "period": _period(start, end)}
        prepared = self._write("/fund-claims", body, COUNCIL_FINANCE)
        number = prepared.body["fund_claim_number"]
        submitted = self._write(
            f"/fund-claims/{number}/submission", {}, COUNCIL_FINANCE, if_match=prepared.etag
        )
        document: dict[str, Any] = submitted.body
        return document

    def dispute(self, claimed: Answer) -> Answer:
        """The council disputes the first line of a claim that asks for anything, whole."""
        number = claimed.body["claim_number"]
        self.requests += 1
        lines = self.service.get(f"{self.base}/claims/{number}")["lines"]
        line = next(one for one in lines if money(one["payable"]).minor > 0)
        body = {
            "subject": f"claim:{number}/line:{line['line_number']}",
            "amount": line["payable"],
            "reason": "evidence",
            "note": "The letter does not say until when the home was kept.",
        }
        return self._write("/disputes", body, COUNCIL_FINANCE)

    def reject(self, disputed: Answer) -> None:
        """The contract managers find that all of it is due; the SPV records it."""
        place = f"/disputes/{disputed.body['dispute_id']}/outcome"
        note = "The landlord has confirmed the dates."
        body = {"outcome": "rejected", "note": note}
        self._write(place, body, CLAIMANT, if_match=disputed.etag)

    def set_off(self, documents: Sequence[dict[str, Any]]) -> None:
        """The SPV sets credit notes off against an invoice of the same claim; no money moves."""
        notes = [one for one in documents if money(one["open_amount"]).minor < 0]
        invoice = next(one for one in documents if one not in notes)
        given = total((money(one["open_amount"]) for one in notes), "GBP")
        amounts = [(invoice, -given), *((one, money(one["open_amount"])) for one in notes)]
        body = {
            "allocations": [
                {
                    "document": one["document_id"],
                    "amount": {"amount": str(amount), "currency": amount.currency},
                }
                for one, amount in amounts
            ]
        }
        self._write("/set-offs", body, CLAIMANT)

    def save_mapping(self, name: str, columns: dict[str, Any], owner: Actor) -> None:
        """A party says how the columns of its extract are read."""
        self._write("/column-mappings", {"name": name, "mapping": columns}, owner)

    def import_file(
        self, content: bytes, kind: SourceKind, source: str, mapping: str | None, owner: Actor
    ) -> None:
        """A party imports a file of one of its accounts."""
        self.requests += 1
        path = f"{self.base}/imports/{hashlib.sha256(content).hexdigest()}"
        self.service.upload_parts(
            path, iter([content]), owner, kind=kind.value, source=source, mapping=mapping
        )

    def propose(self, source: str, owner: Actor) -> int:
        """Ask for what the undecided lines of an account pay; how many matches are new."""
        found = self._write("/match-proposals", {"source": source}, owner).body
        proposed: int = found["proposed"]
        return proposed

    def proposed(self, source: str) -> list[dict[str, Any]]:
        """The matches that wait for a decision; what gives money back comes last."""
        self.requests += 1
        found = self.service.pages(f"{self.base}/matches", state="proposed")
        mine = [one for one in found if one["source"] == source]
        return sorted(mine, key=lambda one: one["rule"] == "return")

    def accept_match(self, match_id: str, owner: Actor) -> None:
        """A person of the account's owner accepts a match."""
        self._write(f"/matches/{match_id}/decision", {"decision": "accepted"}, owner)

    def open_lines(self, source: str) -> list[dict[str, Any]]:
        """The lines of an account that nothing is proposed for."""
        self.requests += 1
        return list(self.service.pages(f"{self.base}/import-lines", source=source, state="open"))

    def ignore(self, line: str, reason: str, owner: Actor) -> None:
        """Leave out a line that is no payment of this contract."""
        body = {"decision": "ignored", "reason": reason}
        self._write(f"/import-lines/{line}/decision", body, owner)

    def _evidence(self, one: Handing, item: Item) -> dict[str, Any]:
        """An item; its file goes to the service, or stays with the provider but for its hash."""
        content = (
            f"Invented letter: {item.type} of {item.issuer} about {one.participant_id}, "
            f"{one.metric}, dated {item.dated_on.isoformat()}.\n"
        ).encode()
        digest = hashlib.sha256(content).hexdigest()
        if item.uploaded:
            self.requests += 1
            self.service.upload(
                f"{self.base}/evidence-files/{digest}", content, "text/plain", WORKER
            )
        return {
            "participant_id": one.participant_id,
            "type": item.type,
            "issuer": item.issuer,
            "dated_on": item.dated_on.isoformat(),
            "covers_from": item.covers_from.isoformat(),
            "covers_to": item.covers_to.isoformat(),
            "supports": [one.metric],
            "sha256": digest,
            "held_by": "service" if item.uploaded else "provider",
        }

    def _write(self, path: str, body: Any, actor: Actor, *, if_match: str | None = None) -> Answer:
        self.requests += 1
        return self.service.write(self.base + path, body, actor, if_match=if_match)


def _period(start: date, end: date) -> dict[str, str]:
    return {"start": start.isoformat(), "end": end.isoformat()}
