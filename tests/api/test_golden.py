"""Contract EX through the HTTP interface: every row and total, to the penny."""

import csv
from datetime import date, datetime

import pytest
from httpx import Response

from tests.api.client import Api
from tests.replay import EXAMPLES, Replay, load


class HttpBackend:
    """Each act of the story as one request, at the story's own time."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.clock: dict[str, str] = {}

    def post(self, who: dict, path: str, body: dict, **headers: str) -> Response:
        sent = self.clock | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.api.post(path, body, party=who["party"], person=who["person"], headers=sent)

    def made(self, who: dict, path: str, body: dict, **headers: str) -> dict:
        answer = self.post(who, path, body, **headers)
        assert answer.status_code in {200, 201}, f"{path}: {answer.text}"
        return answer.json()

    def etag(self, path: str) -> str:
        return self.api.get(path).headers["etag"]

    def at(self, instant: datetime) -> None:
        self.clock = {"Sandbox-Clock": instant.isoformat()}

    def create(self, who: dict, document: dict) -> None:
        body = {"contract_id": self.api.contract_id, "terms": document}
        self.made(who, "/v1/contracts", body)

    def draft(self, who: dict, document: dict) -> None:
        self.made(who, "/terms", document)

    def accept(self, who: dict, version: int, hash_accepted: str) -> None:
        self.made(who, f"/terms/{version}/acceptances", {"hash": hash_accepted})

    def register(self, who: dict, participant: dict) -> None:
        told = {key: value for key, value in participant.items() if key not in {"id", "provider"}}
        told |= {"participant_id": participant["id"]}
        self.made(who, "/participants", written(told))

    def events(self, who: dict, participant_id: str, events: list[dict]) -> None:
        path = f"/participants/{participant_id}/events"
        self.made(who, path, {"events": [written(event) for event in events]})

    def evidence(self, who: dict, items: list[dict]) -> list[str]:
        made = self.made(who, "/evidence", {"items": [written(item) for item in items]})
        return [item["evidence_id"] for item in made["items"]]

    def submit(self, who: dict, participant_id: str, metric: str, ids: list[str]) -> str:
        body = {"participant_id": participant_id, "metric": metric, "evidence_ids": ids}
        return self.made(who, "/submissions", body)["submission_id"]

    def waive(self, who: dict, submission_id: str) -> None:
        self.made(who, f"/submissions/{submission_id}/waiver", {})

    def decide(self, who: dict, submission_id: str, decision: dict) -> str | None:
        read = f"/submissions/{submission_id}"
        made = self.made(who, f"{read}/decision", decision, If_Match=self.etag(read))
        return made["entitlement"] and made["entitlement"]["entitlement_id"]

    def claim(self, who: dict, start: date, end: date) -> int | None:
        answer = self.post(who, "/claims", {"period": written({"start": start, "end": end})})
        if answer.status_code == 409 and answer.json()["code"] == "nothing-to-claim":
            return None
        assert answer.status_code == 201, answer.text
        return answer.json()["claim_number"]

    def approve(self, who: dict, claim_number: int) -> None:
        read = f"/claims/{claim_number}"
        self.made(who, f"{read}/approval", {}, If_Match=self.etag(read))

    def claw_back(self, who: dict, entitlement_id: str, ground: str, note: str) -> None:
        path = f"/entitlements/{entitlement_id}/clawback"
        self.made(who, path, {"ground": ground, "note": note})


def written(values: dict) -> dict:
    """The values as JSON writes them."""
    return {
        key: value.isoformat() if isinstance(value, date) else value
        for key, value in values.items()
    }


def share(line: dict, payer: str) -> str:
    found = (one["amount"]["amount"] for one in line["shares"] if one["payer"] == payer)
    return next(found, "0.00")


def net_of(api: Api) -> dict[str, str]:
    """What the books say was paid, and who bears it."""
    held = {one["account"]: one["net"]["amount"] for one in api.get("/balances").json()["accounts"]}
    payable, lcf = held["scc/outcome-expenditure"], held["lcf/grant-expenditure"]
    pence = int(payable.replace(".", "")) - int(lcf.replace(".", ""))
    return {"payable": payable, "lcf": lcf, "scc": f"{pence // 100}.{pence % 100:02d}"}


@pytest.mark.slow
def test_every_row_and_total_of_the_golden_contract(api):
    golden = Replay(HttpBackend(api)).run()
    names = {number: quarter for quarter, number in golden.claims.items()}
    claims = api.get("/claims?limit=200").json()["items"]
    rows = [
        (
            names[claim["claim_number"]],
            line["kind"],
            line["participant_id"],
            line["metric"],
            line["achieved_on"],
            line["verified_on"],
            line["gross"]["amount"],
            line["payable"]["amount"],
            share(line, "lcf"),
            share(line, "scc"),
        )
        for claim in claims
        for line in claim["lines"]
    ]
    with (EXAMPLES / "golden" / "expected.csv").open(encoding="utf-8") as file:
        expected = [tuple(row.values()) for row in csv.DictReader(file)]
    assert rows == [(*row[:7], *row[8:]) for row in expected]
    assert net_of(api) == {"payable": "74287.00", "lcf": "17758.74", "scc": "56528.26"}
    assert api.get("/verification").json()["intact"] is True


@pytest.mark.slow
@pytest.mark.parametrize("variant", ["waiver_refused", "half_up", "price_date"])
def test_variants_of_the_golden_contract(api, variant):
    Replay(HttpBackend(api), variant).run()
    assert net_of(api) == load("expected-totals.yaml")["variants"][variant]["net"]
