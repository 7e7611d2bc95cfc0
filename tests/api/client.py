"""A short way to say requests in tests: who acts, made-up keys, the contract's address."""

from itertools import count
from typing import Any

from httpx import Client, Response

from tests import factories
from tests.factories import COUNCIL, FUND, PROVIDER, SPV

_KEYS = count(1)
_MONEY = {"payments", "set-offs", "match-proposals", "matches"}
PEOPLE = {COUNCIL: "council-1", PROVIDER: "worker-1", SPV: "director-1"}


class Api:
    """One contract through the HTTP interface."""

    def __init__(self, http: Client, contract_id: str) -> None:
        self.http = http
        self.contract_id = contract_id
        self.base = f"/v1/contracts/{contract_id}"

    def get(self, path: str = "", **more: Any) -> Response:
        return self.http.get(self.base + path, **more)

    def post(
        self,
        path: str,
        body: Any = None,
        *,
        party: str = PROVIDER,
        person: str | None = None,
        key: str | None = None,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> Response:
        """POST under the contract; an absolute path (/v1/...) is taken as it is."""
        if person is None and path.split("/")[1] in _MONEY:
            person = f"{party}-cashier"  # nobody pays what they approved
        sent = acting(party, person, key) | (headers or {})
        address = path if path.startswith("/v1/") else self.base + path
        if body is not None:
            more["json"] = body
        return self.http.post(address, headers=sent, **more)

    def create(self, **changes: Any) -> Response:
        """Create the contract of `tests.factories`, as the council."""
        document = factories.document(**changes)
        body = {"contract_id": self.contract_id, "terms": document}
        return self.post("/v1/contracts", body, party=COUNCIL)

    def accept(self, version: int = 1) -> None:
        """Let every signatory accept a version."""
        hash_read = self.get(f"/terms/{version}").json()["hash"]
        for party in (COUNCIL, SPV, PROVIDER):
            answer = self.post(f"/terms/{version}/acceptances", {"hash": hash_read}, party=party)
            assert answer.status_code == 200, answer.text

    def agreed(self, **changes: Any) -> "Api":
        """The contract with its terms in force."""
        answer = self.create(**changes)
        assert answer.status_code == 201, answer.text
        self.accept()
        return self


def acting(party: str, person: str | None = None, key: str | None = None) -> dict[str, str]:
    """The headers of a writing request."""
    return {
        "Acting-Party": party,
        "Acting-Person": person or PEOPLE.get(party, f"{party}-1"),
        "Idempotency-Key": key or f"test-{next(_KEYS)}",
    }


def sha(number: int = 0) -> str:
    """A hash of a file that stays with the provider."""
    return f"{number:064x}"


def evidence_item(participant_id: str, metric: str = "MOVE", **changes: Any) -> dict[str, Any]:
    """An evidence item whose file stays with the provider."""
    return {
        "participant_id": participant_id,
        "type": "letter",
        "issuer": "landlord",
        "dated_on": "2021-01-20",
        "covers_from": "2021-01-15",
        "covers_to": "2021-01-20",
        "supports": [metric],
        "sha256": sha(),
        "held_by": "provider",
        **changes,
    }


def participant(participant_id: str = "PI-0001", **changes: Any) -> dict[str, Any]:
    """A referral that the cohort's rule admits."""
    return {
        "participant_id": participant_id,
        "referred_on": "2020-10-01",
        "setting": "care",
        "funded_by_commissioner": True,
        **changes,
    }


class Story:
    """A contract with one participant who moved on 15 January 2021, step by step."""

    def __init__(self, api: Api, participant_id: str = "PI-0001") -> None:
        self.api = api
        self.participant_id = participant_id

    def _done(self, answer: Response) -> dict[str, Any]:
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    def moved(self) -> "Story":
        self._done(self.api.post("/participants", participant(self.participant_id)))
        events = [
            {"kind": "accepted", "on": "2020-10-05"},
            {"kind": "engaged", "on": "2020-10-20"},
            {"kind": "moved_on", "on": "2021-01-15", "destination": "tenancy"},
        ]
        path = f"/participants/{self.participant_id}/events"
        self._done(self.api.post(path, {"events": events}))
        return self

    def evidence(self) -> str:
        items = [evidence_item(self.participant_id)]
        return self._done(self.api.post("/evidence", {"items": items}))["items"][0]["evidence_id"]

    def submission(self, evidence_id: str) -> dict[str, Any]:
        """The body of a submission of the move."""
        return {
            "participant_id": self.participant_id,
            "metric": "MOVE",
            "evidence_ids": [evidence_id],
            "submitted_on": "2021-02-01",
        }

    def submitted(self) -> dict[str, Any]:
        return self._done(self.api.post("/submissions", self.submission(self.evidence())))

    def decide(self, submission: dict[str, Any], **more: Any) -> Response:
        """Verify a submission, dated the day it was made: recorded long after its last day."""
        body = {
            "decision": "verified",
            "decided_on": "2021-02-10",
            "accept_backdated": True,
            **more.pop("body", {}),
        }
        headers = {"If-Match": f'"{submission["version"]}"'} | more.pop("headers", {})
        path = f"/submissions/{submission['submission_id']}/decision"
        return self.api.post(path, body, party=COUNCIL, headers=headers, **more)

    def verified(self) -> dict[str, Any]:
        return self._done(self.decide(self.submitted()))["entitlement"]

    def claimed(self) -> dict[str, Any]:
        self.verified()
        body = {
            "period": {"start": "2021-01-01", "end": "2021-03-31"},
            "submitted_on": "2021-04-10",
        }
        return self._done(self.api.post("/claims", body, party=SPV))

    def approve(self, claim: dict[str, Any], **more: Any) -> Response:
        """Approve a claim, by another person than the verifier."""
        headers = {"If-Match": f'"{claim["version"]}"'} | more.pop("headers", {})
        path = f"/claims/{claim['claim_number']}/approval"
        body = {"decided_on": "2021-04-20"} | more.pop("body", {})
        more = {"party": COUNCIL, "person": "council-2"} | more
        return self.api.post(path, body, headers=headers, **more)

    def approved(self) -> dict[str, Any]:
        return self._done(self.approve(self.claimed()))

    def invoiced(self, number: int = 1) -> dict[str, Any]:
        """The first document of an approved claim."""
        body = {"issued_on": "2021-04-21"}
        answer = self.api.post(f"/claims/{number}/invoices", body, party=SPV)
        return self._done(answer)["items"][0]

    def reclaimed(self) -> dict[str, Any]:
        """A claim to the fund for what was approved by April 2021, submitted."""
        period = {"start": "2021-01-01", "end": "2021-04-30"}
        body = {"fund": FUND, "period": period, "prepared_on": "2021-05-03"}
        made = self._done(self.api.post("/fund-claims", body, party=COUNCIL))
        path = f"/fund-claims/{made['fund_claim_number']}/submission"
        headers = {"If-Match": f'"{made["version"]}"'}
        return self._done(self.api.post(path, {}, party=COUNCIL, headers=headers))

    def paid(self, document: dict[str, Any], payer: str, payee: str) -> dict[str, Any]:
        """A payment of all that is open of a document."""
        return self._done(
            self.api.post("/payments", payment_of(document, payer, payee), party=payer)
        )


def payment_of(document: dict[str, Any], payer: str, payee: str) -> dict[str, Any]:
    """The body of a payment of all that is open of a document."""
    amount = document["open_amount"]
    return {
        "payer": payer,
        "payee": payee,
        "amount": amount,
        "paid_on": "2021-05-12",
        "allocations": [{"document": document["document_id"], "amount": amount}],
    }
