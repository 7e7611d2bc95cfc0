"""Invoices, the fund's share, payments and remittance advice over HTTP."""

import pytest

from tests.api.client import Story, payment_of
from tests.factories import COUNCIL, FUND, SPV


def pounds(text: str) -> dict[str, str]:
    return {"amount": text, "currency": "GBP"}


@pytest.fixture
def story(api) -> Story:
    """A move of 6,500.00 approved; the fund bears a quarter."""
    made = Story(api.agreed()).moved()
    made.approved()
    return made


def test_an_invoice_as_data_and_in_print(api, story):
    issued = story.invoiced()
    assert (issued["reference"], issued["due_on"]) == ("SPV-000001", "2021-05-21")
    shown = api.get("/invoices/spv/1").json()
    assert shown["document"]["invoice_number"] == "SPV-000001"
    assert shown["document"]["totals"]["amount_due"] == "6500.00"
    assert {name: shown[name] for name in issued} == issued
    printed = api.get("/invoices/spv/1/pdf")
    assert printed.headers["content-type"] == "application/pdf"
    assert printed.headers["content-disposition"] == 'attachment; filename="SPV-000001.pdf"'
    assert printed.content.startswith(b"%PDF-")
    story.paid(issued, COUNCIL, SPV)
    again = api.get("/invoices/spv/1", headers={"Accept": "application/pdf"})
    assert again.content == printed.content
    assert "P-0" not in str(shown["document"])
    unknown = api.get("/invoices/spv/2/pdf")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "invoice-unknown")


def test_a_claim_to_the_fund_from_prepared_to_paid(api, story):
    period = {"start": "2021-01-01", "end": "2021-04-30"}
    body = {"fund": FUND, "period": period, "prepared_on": "2021-05-03"}
    tried = api.post("/fund-claims", body, party=COUNCIL, params={"dry_run": "true"})
    assert (tried.status_code, tried.headers["dry-run"]) == (200, "true")
    made = api.post("/fund-claims", body, party=COUNCIL)
    assert made.headers["location"].endswith("/fund-claims/1")
    etag = made.headers["etag"]
    stale = api.post("/fund-claims/1/submission", {}, party=COUNCIL, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale-version")

    def move(act: str, body: dict, party: str, etag: str):
        answer = api.post(f"/fund-claims/1/{act}", body, party=party, headers={"If-Match": etag})
        assert answer.status_code == 200, answer.text
        return answer.json()["state"], answer.headers["etag"]

    state, etag = move("submission", {}, COUNCIL, etag)
    assert state == "submitted"
    assert api.get("/fund-claims/1").headers["etag"] == etag
    state, etag = move("query", {"note": "Which line is for whom?"}, FUND, etag)
    assert state == "queried"
    again = api.post(
        "/fund-claims/1/query", {"note": "And?"}, party=FUND, headers={"If-Match": etag}
    )
    assert (again.status_code, again.json()["code"]) == (409, "fund-claim-state")
    move("submission", {}, COUNCIL, etag)
    shown = api.get("/fund-claims/1").json()
    assert shown["by_metric"] == [{"metric": "MOVE", "count": 1, "amount": pounds("1625.00")}]
    assert shown["position"]["claimed"] == pounds("1625.00")
    assert shown["position"]["years"][0]["financial_year"] == "2020/21"
    assert shown["shortfalls"] == []
    story.paid(shown, FUND, COUNCIL)
    assert api.get("/fund-claims").json()["items"][0]["state"] == "paid"


def test_documents_are_set_off_against_each_other(api, story):
    story.invoiced()
    alone = [{"document": "invoice:spv/1", "amount": pounds("6500.00")}]
    short = api.post("/set-offs", {"allocations": alone}, party=SPV)
    assert short.status_code == 422, short.text
    uneven = [*alone, {"document": "fund-claim:9", "amount": pounds("-6500.00")}]
    unknown = api.post("/set-offs", {"allocations": uneven}, party=SPV)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "document-unknown")


def test_a_payment_on_account_allocated_and_returned(api, story):
    invoice = story.invoiced()
    body = payment_of(invoice, COUNCIL, SPV) | {"amount": pounds("7000.00")}
    body["allocations"] = [{"document": "invoice:spv/1", "amount": pounds("6000.00")}]
    paid = api.post("/payments", body, party=COUNCIL)
    assert paid.json()["on_account"] == pounds("1000.00")
    place = f"/payments/{paid.json()['payment_id']}"
    assert paid.headers["location"].endswith(place)
    rest = {"allocations": [{"document": "invoice:spv/1", "amount": pounds("500.00")}]}
    allocated = api.post(
        f"{place}/allocations", rest, party=SPV, headers={"If-Match": paid.headers["etag"]}
    )
    assert allocated.json()["on_account"] == pounds("500.00")
    assert api.get("/invoices/spv/1").json()["settlement"] == "settled"
    shown = api.get(place)
    assert shown.headers["etag"] == allocated.headers["etag"]
    assert shown.json() == allocated.json()
    returned = {"amount": pounds("500.00"), "returned_on": "2021-06-01"}
    stale = api.post(
        f"{place}/returns", returned, party=SPV, headers={"If-Match": paid.headers["etag"]}
    )
    assert (stale.status_code, stale.json()["code"]) == (412, "stale-version")
    back = api.post(
        f"{place}/returns", returned, party=SPV, headers={"If-Match": shown.headers["etag"]}
    )
    assert (back.status_code, back.json()["kind"]) == (201, "return")
    advice = api.get(f"{place}/remittance").json()
    assert (advice["returned"], advice["on_account"]) == (pounds("500.00"), pounds("0.00"))
    assert [(row["reference"], row["paid_now"], row["left"]) for row in advice["rows"]] == [
        ("SPV-000001", pounds("6500.00"), pounds("0.00"))
    ]
    none = api.get(f"/payments/{back.json()['payment_id']}/remittance")
    assert (none.status_code, none.json()["code"]) == (409, "remittance-of-return")
    kinds = [one["kind"] for one in api.get("/payments?limit=1").json()["items"]]
    assert kinds == ["payment"]
    assert api.get("/verification").json()["intact"] is True


def test_refused_allocations_name_each_document_at_fault(api, story):
    invoice = story.invoiced()
    body = payment_of(invoice, COUNCIL, SPV)
    body["allocations"][0]["amount"] = pounds("6500.01")
    refused = api.post("/payments", body, party=COUNCIL)
    assert refused.status_code == 409
    assert [(one["code"], one["pointer"]) for one in refused.json()["faults"]] == [
        ("more-than-open", "/allocations/0/amount"),
        ("more-than-paid", "/allocations"),
    ]
