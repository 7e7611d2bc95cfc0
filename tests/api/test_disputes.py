"""P3 S12 of the golden contract in dispute over HTTP: before and after approval, both outcomes."""

from datetime import date

import pytest

from app.service.context import Context
from app.storage.evidence_files import EvidenceFiles
from tests.api.client import Api
from tests.replay import Clock as StoryClock
from tests.replay import Replay, ServiceBackend

STEPS = [
    {"name": "Contract managers", "working_days": 10},
    {"name": "Project board", "working_days": 20},
]


class Golden:
    """The golden contract up to its claim of 2023 Q3, and requests at the story's own time."""

    def __init__(self, api: Api, engine, tmp_path) -> None:
        clock, ids = StoryClock(), iter(range(1, 100_000))
        files = EvidenceFiles(tmp_path / "evidence", 1_000_000)
        context = Context(engine, clock, lambda: f"{api.contract_id}-{next(ids)}", files)
        replay = Replay(ServiceBackend(context, clock, api.contract_id))
        replay.changes = {"disputes": {"escalation": STEPS}}
        replay.story["clawbacks"] = []
        self.number = replay.run(date(2023, 10, 3)).claims["2023-Q3"]
        self.api, self.now = api, {}

    def on(self, day: str) -> "Golden":
        self.now = {"Sandbox-Clock": f"{day}T12:00:00+00:00"}
        return self

    def get(self, path: str, **query) -> dict:
        answer = self.api.get(path, headers=self.now, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def sent(self, path: str, body: dict, party: str, person: str = "", etag: str = ""):
        headers = self.now | ({"If-Match": etag} if etag else {})
        named = person or f"{party}-dispute-1"
        return self.api.post(path, body, party=party, person=named, headers=headers)

    def post(self, path: str, body: dict, party: str, read: str = "", person: str = "") -> dict:
        etag = self.api.get(read, headers=self.now).headers["etag"] if read else ""
        answer = self.sent(path, body, party, person, etag)
        assert answer.status_code in {200, 201}, answer.text
        return answer.json()

    def dispute(self, amount: str = "8248.00") -> dict:
        body = {
            "subject": f"claim:{self.number}/line:1",
            "amount": {"amount": amount, "currency": "GBP"},
            "reason": "evidence",
            "note": "The tenancy is not evidenced.",
        }
        return self.post("/disputes", body, "scc")

    def approve(self) -> None:
        read = f"/claims/{self.number}"
        self.post(f"{read}/approval", {}, "scc", read, "council-officer-2")

    def decide(self, dispute: dict, outcome: str) -> dict:
        read = f"/disputes/{dispute['dispute_id']}"
        return self.post(f"{read}/outcome", {"outcome": outcome}, "spv", read)

    def issue(self) -> list[tuple[str, str]]:
        made = self.post(f"/claims/{self.number}/invoices", {}, "spv")
        return [(one["kind"], one["total"]["amount"]) for one in made["items"]]

    def pay(self, amount: str, number: int = 1) -> None:
        money = {"amount": amount, "currency": "GBP"}
        body = {
            "payer": "scc",
            "payee": "spv",
            "amount": money,
            "allocations": [{"document": f"invoice:spv/{number}", "amount": money}],
        }
        self.post("/payments", body, "scc")

    def figures(self) -> tuple[str, str, str, str]:
        """Claimed and disputed of what was earned; approved in all; owed by the council."""
        ties = {one["name"]: one for one in self.get("/reconciliation")["ties"]}
        assert [name for name in ("entitlements", "posted", "fund", "mirrors")
                if not ties[name]["holds"]] == []  # fmt: skip
        parts = {
            one["name"]: one["total"]["amount"] for one in ties["entitlements"]["right"]["parts"]
        }
        accounts = {
            one["account"]: one["net"]["amount"] for one in self.get("/balances")["accounts"]
        }
        posted = ties["posted"]["left"]["amount"]["amount"]
        return parts["claimed"], parts["disputed"], posted, accounts["scc/outcome-expenditure"]


@pytest.fixture
def golden(api, engine, tmp_path) -> Golden:
    return Golden(api, engine, tmp_path)


HELD = ("74287.00", "8248.00", "74287.00", "74287.00")
WHOLE = ("82535.00", "0.00", "82535.00", "82535.00")


@pytest.mark.parametrize(
    ("outcome", "documents", "figures"),
    [("upheld", [], HELD), ("rejected", [("invoice", "8248.00")], WHOLE)],
)
def test_disputed_before_approval(golden, outcome, documents, figures):
    made = golden.on("2023-10-04").dispute()
    assert (made["state"], made["is_posted"], made["raise_by"]) == ("open", False, "2023-10-31")
    assert made["step"] == {
        "step": 1,
        "decided_by": "Contract managers",
        "since": "2023-10-04",
        "deadline": "2023-10-18",
        "overdue": False,
    }
    golden.on("2023-10-06").approve()
    assert golden.issue() == [("invoice", "3252.00")]
    golden.on("2023-10-20").pay("3252.00")
    assert golden.figures() == HELD
    ended = golden.on("2023-10-25").decide(made, outcome)
    assert ended["outcome"]["decided_by"] == "Project board"
    assert golden.figures() == figures
    again = golden.sent(f"/claims/{golden.number}/invoices", {}, "spv")
    if documents:
        assert [(one["kind"], one["total"]["amount"]) for one in again.json()["items"]] == documents
    else:
        assert again.json()["code"] == "already-invoiced"


@pytest.mark.parametrize(
    ("outcome", "documents", "figures"),
    [("upheld", [("credit_note", "8248.00")], HELD), ("rejected", [], WHOLE)],
)
def test_disputed_after_approval(golden, outcome, documents, figures):
    golden.on("2023-10-06").approve()
    assert golden.issue() == [("invoice", "11500.00")]
    made = golden.on("2023-10-09").dispute()
    assert golden.figures() == ("74287.00", "8248.00", "82535.00", "82535.00")
    assert golden.get("/invoices/spv/1")["due_on"] == "2023-11-05"
    golden.on("2023-10-20").pay("3252.00")
    assert golden.get("/invoices/spv/1")["due_on"] is None
    assert golden.get("/invoices/spv/1")["document"]["payment_due_date"] == "2023-11-05"
    clock = golden.on("2023-12-01").get("/invoices/spv/1/clock")
    assert (clock["state"], clock["disputed"]["amount"]) == ("held", "8248.00")
    aged = golden.get("/ageing", payer="scc")
    assert (aged["unpaid"], aged["held"]) == (clock["disputed"], clock["disputed"])
    assert [(one["bucket"], one["count"]) for one in aged["buckets"]] == [
        ("not_due", 1), ("1-30", 0), ("31-60", 0), ("61+", 0),
    ]  # fmt: skip
    golden.on("2023-10-23").decide(made, outcome)
    assert golden.figures() == figures
    if documents:
        assert golden.issue() == documents
        assert golden.get("/ageing")["unpaid"]["amount"] == "0.00"
    else:
        assert golden.get("/invoices/spv/1")["due_on"] == "2023-11-19"
        golden.on("2023-11-20").pay("8248.00")
    span = {"payer": "scc", "from": "2023-10-01", "to": "2024-03-31"}
    told = golden.on("2024-04-01").get("/payments-compliance", **span)
    paid = ("1", "3252.00", "14.00", "0.00") if documents else ("2", "11500.00", "22.50", "50.00")
    assert (
        str(told["paid_count"]),
        told["paid"]["amount"],
        told["average_days"],
        told["not_paid_in_terms"],
    ) == paid


def test_lists_versions_and_refusals_of_disputes(golden):
    made = golden.on("2023-10-04").dispute("1000.00")
    place = f"/disputes/{made['dispute_id']}"
    assert golden.get(place) == made
    handed = golden.post(f"{place}/escalation", {"note": "Sooner."}, "lcf", place)
    assert (handed["step"]["step"], handed["escalations"]) == (2, [{"step": 2, "on": "2023-10-04"}])
    assert golden.get("/disputes", state="open")["items"] == [handed]
    assert golden.get("/disputes", state="lapsed")["items"] == []
    assert golden.get("/disputes", claim_number=1)["items"] == []
    for answer, code in (
        (golden.sent(f"{place}/outcome", {"outcome": "upheld"}, "spv"), "if-match-missing"),
        (golden.sent(f"{place}/outcome", {"outcome": "upheld"}, "spv", "", '"1"'), "stale-version"),
        (
            golden.sent(
                f"{place}/outcome", {"outcome": "upheld"}, "scc", "", f'"{handed["version"]}"'
            ),
            "decider-is-raiser",
        ),
        (golden.api.get("/disputes/none"), "dispute-unknown"),
        (golden.api.get("/ageing", params={"payer": "lcf"}), "payer-unknown"),
        (
            golden.api.get(
                "/payments-compliance",
                params={"payer": "scc", "from": "2023-10-01", "to": "2023-10-04"},
                headers=golden.now,
            ),
            "period-not-over",
        ),
        (
            golden.api.get(
                "/payments-compliance",
                params={"payer": "scc", "from": "2023-10-02", "to": "2023-10-01"},
            ),
            "invalid-input",
        ),
        (golden.api.get("/invoices/spv/1/clock"), "invoice-unknown"),
    ):
        assert answer.json()["code"] == code
    told = golden.get(
        "/payments-compliance", payer="scc", **{"from": "2023-10-01", "to": "2023-10-03"}
    )
    assert (told["paid_count"], told["average_days"]) == (0, None)
