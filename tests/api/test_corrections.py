"""Corrections over HTTP: proposed, decided on what was read, listed, on their documents."""

import pytest

from tests.api.client import Story
from tests.factories import COUNCIL, FUND, SPV

LINE = {"claim_number": 1, "line_number": 1}


def pounds(text: str) -> dict[str, str]:
    return {"amount": text, "currency": "GBP"}


@pytest.fixture
def story(api) -> Story:
    """A move of 6,500.00 approved and invoiced; the fund bears a quarter."""
    made = Story(api.agreed()).moved()
    made.approved()
    made.invoiced()
    return made


def proposed(api, **changes):
    body = LINE | {"kind": "reversal", "reason": "wrong_amount"} | changes
    return api.post("/corrections", body, party=SPV)


def decide(api, correction_id: str, act: str = "approval", etag: str | None = None, **body):
    headers = {} if etag is None else {"If-Match": etag}
    path = f"/corrections/{correction_id}/{act}"
    return api.post(path, body, party=COUNCIL, headers=headers)


def test_a_reversal_from_proposal_to_its_credit_note(api, story):
    made = proposed(api, amount=pounds("1000.00"), proposed_on="2021-05-03", note="Old price")
    assert made.status_code == 201, made.text
    one = made.json()
    assert made.headers["location"].endswith(f"/corrections/{one['correction_id']}")
    assert (one["state"], one["change"], one["entry_number"]) == (
        "proposed",
        pounds("-1000.00"),
        None,
    )
    assert one["shares"] == [
        {"payer": COUNCIL, "amount": pounds("-750.00")},
        {"payer": FUND, "amount": pounds("-250.00")},
    ]
    shown = api.get(f"/corrections/{one['correction_id']}")
    assert shown.json() == one
    etag = shown.headers["etag"]
    approved = decide(api, one["correction_id"], etag=etag, decided_on="2021-05-04")
    assert approved.status_code == 200, approved.text
    entry = api.get(f"/entries/{approved.json()['entry_number']}").json()
    assert (entry["reverses"], entry["source"]) == (1, f"correction:{one['correction_id']}")
    assert api.get("/entries/1").json()["reversed_by"] == [entry["entry_number"]]
    issued = api.post("/claims/1/invoices", {"issued_on": "2021-05-05"}, party=SPV)
    assert [(item["kind"], item["total"], item["cites"]) for item in issued.json()["items"]] == [
        ("credit_note", pounds("1000.00"), [1])
    ]
    after = api.get(f"/corrections/{one['correction_id']}").json()
    assert after["documents"] == ["invoice:spv/2"]
    period = {"start": "2021-01-01", "end": "2021-05-31"}
    asked = api.post("/fund-claims", {"fund": FUND, "period": period}, party=COUNCIL).json()
    assert [(line["correction_id"], line["amount"]["amount"]) for line in asked["lines"]] == [
        (None, "1625.00"),
        (one["correction_id"], "-250.00"),
    ]


def test_decisions_need_the_version_that_was_read(api, story):
    one = proposed(api).json()
    missing = decide(api, one["correction_id"])
    assert (missing.status_code, missing.json()["code"]) == (428, "if-match-missing")
    stale = decide(api, one["correction_id"], etag='"1"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale-version")
    refused = decide(api, one["correction_id"], "refusal", f'"{one["version"]}"', note="No")
    assert (refused.status_code, refused.json()["state"]) == (200, "refused")
    again = decide(api, one["correction_id"], etag=refused.headers["etag"])
    assert (again.status_code, again.json()["code"]) == (409, "correction-already-decided")


def test_corrections_are_listed_by_state_claim_and_page(api, story):
    ids = [
        proposed(api, kind="goodwill", amount=pounds(f"-{amount}.00")).json()["correction_id"]
        for amount in (1, 2, 3)
    ]
    first = api.get("/corrections", params={"limit": 2}).json()
    rest = api.get("/corrections", params={"cursor": first["next_cursor"]}).json()
    assert [one["correction_id"] for one in (*first["items"], *rest["items"])] == ids
    assert api.get("/corrections", params={"state": "approved"}).json()["items"] == []
    assert len(api.get("/corrections", params={"claim_number": 1}).json()["items"]) == 3


@pytest.mark.parametrize(
    ("status", "code", "changes"),
    [
        (409, "reversal-exceeds-rest", {"amount": pounds("6500.01")}),
        (404, "claim-line-unknown", {"line_number": 2}),
        (422, "reason-of-disputes", {"reason": "disputed"}),
        (422, "currency-not-of-contract", {"amount": {"amount": "1", "currency": "EUR"}}),
        (422, "not-one-of", {"kind": "reduction"}),
        (422, "wrong-length", {"shares": []}),
    ],
)
def test_what_is_refused(api, story, status, code, changes):
    answer = proposed(api, **changes)
    codes = {fault["code"] for fault in answer.json().get("faults", ())} | {answer.json()["code"]}
    assert (answer.status_code, code in codes) == (status, True), answer.text


def test_an_unknown_correction(api, story):
    answer = api.get("/corrections/none")
    assert (answer.status_code, answer.json()["code"]) == (404, "correction-unknown")
