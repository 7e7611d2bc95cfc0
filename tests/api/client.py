"""A short way to say requests in tests: who acts, keys made up, the contract's address filled in."""

from itertools import count
from typing import Any

from httpx import Client, Response


from tests import factories
from tests.factories import COUNCIL, PROVIDER, SPV

_KEYS = count(1)
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
