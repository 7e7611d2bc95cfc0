"""From agreed terms to a paid claim and its explanation, over HTTP."""

from tests.api.client import Story
from tests.factories import COUNCIL, FUND, SPV


def amount(text: str) -> dict[str, str]:
    return {"amount": text, "currency": "GBP"}


def test_from_terms_to_payment(api):
    story = Story(api.agreed()).moved()
    claim = story.approved()
    assert claim["status"] == "approved"
    assert claim["totals"]["payable"] == amount("6500.00")
    shares = {one["payer"]: one["amount"]["amount"] for one in claim["totals"]["by_payer"]}
    assert shares == {FUND: "1625.00", COUNCIL: "4875.00"}
    invoice = story.invoiced()
    assert (invoice["document_id"], invoice["open_amount"]) == ("invoice:spv/1", amount("6500.00"))
    story.paid(invoice, COUNCIL, SPV)
    asked = story.reclaimed()
    assert (asked["document_id"], asked["open_amount"]) == ("fund-claim:1", amount("1625.00"))
    story.paid(asked, FUND, COUNCIL)
    assert api.get("/claims/1").json()["status"] == "paid"
    (settled,) = api.get("/claims/1/invoices").json()["items"]
    assert (settled["settlement"], settled["open_amount"]) == ("settled", amount("0.00"))
    assert api.get("/fund-claims/1").json()["state"] == "paid"
    balances = api.get("/balances").json()
    assert balances["mirror_differences"] == []
    assert {one["debit_total"]["amount"] for one in balances["trial_balances"]} > {"6500.00"}
    verified = api.get("/verification").json()
    assert verified["intact"] is True
    assert verified["sequence"] == api.get().json()["head_sequence"]


def test_every_reading_address_answers(api):
    story = Story(api.agreed()).moved()
    entitlement = None
    story.approved()
    payment = story.paid(story.invoiced(), COUNCIL, SPV)["payment_id"]
    story.reclaimed()
    entitlement = api.get("/entitlements").json()["items"][0]["entitlement_id"]
    evidence = api.get("/evidence?participant_id=PI-0001").json()["items"][0]["evidence_id"]
    submission = api.get("/submissions").json()["items"][0]["submission_id"]
    for path in (
        "",
        "/terms",
        "/terms/1",
        "/participants",
        "/participants/PI-0001",
        "/participants/PI-0001?known_on=2023-10-31",
        f"/evidence/{evidence}",
        f"/submissions/{submission}",
        "/submissions?state=verified&participant_id=PI-0001",
        f"/entitlements/{entitlement}",
        "/due",
        "/due?as_of=2021-06-01",
        "/claim-preview?start=2021-04-01&end=2021-06-30",
        "/claims",
        "/claims/1",
        "/claims/1/invoices",
        "/invoices",
        "/invoices/spv/1",
        "/fund-claims",
        "/fund-claims/1",
        "/payments",
        f"/payments/{payment}",
        f"/payments/{payment}/remittance",
        "/entries",
        "/entries/1",
        "/balances?known_on=2023-10-31&effective_to=2021-03-31",
        f"/trial-balance/{COUNCIL}",
        f"/statements/{SPV}?from=2021-04-01&to=2021-06-30",
        f"/explain/entitlements/{entitlement}",
        "/explain/claims/1/lines/1",
        "/explain/entries/1",
        "/explain/entries/1/postings/1",
        "/journal",
        "/verification",
    ):
        answer = api.get(path)
        assert answer.status_code == 200, f"{path}: {answer.text}"
        assert answer.headers["content-type"] == "application/json"


def test_what_a_correction_takes_from_a_claim_is_named_in_its_preview(api):
    story = Story(api.agreed()).moved()
    entitlement = story.verified()
    period = "/claim-preview?start=2021-01-01&end=2021-03-31"
    assert api.get(period).json()["withheld"] == []
    (moved,) = [
        event
        for event in api.get("/participants/PI-0001").json()["events"]
        if event["kind"] == "moved_on"
    ]
    corrected = {"kind": "retracted", "on": moved["on"], "supersedes": moved["event_id"]}
    answer = api.post("/participants/PI-0001/events", {"events": [corrected]})
    assert answer.status_code in {200, 201}, answer.text
    preview = api.get(period).json()
    assert preview["withheld"] == [entitlement["entitlement_id"]]
    assert preview["lines"] == []


def test_an_explanation_as_text(api):
    Story(api.agreed()).moved().approved()
    answer = api.get("/explain/entries/1", headers={"Accept": "text/plain"})
    assert answer.headers["content-type"].startswith("text/plain")
    assert "GBP 6,500.00" in answer.text
    assert "PI-0001" in answer.text


def test_as_known_on_a_day_before_anything_was_recorded(api):
    Story(api.agreed()).moved().approved()
    known = api.get("/balances?known_on=2023-10-31").json()
    assert {one["net"]["amount"] for one in known["accounts"]} == {"0.00"}
    now = api.get("/balances?known_on=2023-11-01").json()
    assert "6500.00" in {one["net"]["amount"] for one in now["accounts"]}
    assert api.get("/participants/PI-0001?known_on=2023-10-31").json()["events"] == []


def test_what_is_due_says_when_and_how_much(api):
    story = Story(api.agreed()).moved()
    due = api.get("/due?as_of=2021-03-01").json()["items"]
    assert [(one["participant_id"], one["metric"]) for one in due] == [("PI-0001", "MOVE")]
    story.submitted()
    due = api.get("/due?as_of=2021-03-01").json()["items"]
    assert due[0]["submission_state"] == "submitted"
    assert due[0]["at_stake"] == amount("6500.00")


def test_a_returned_claim_frees_its_lines(api):
    story = Story(api.agreed()).moved()
    claim = story.claimed()
    answer = api.post(
        "/claims/1/return",
        {"reason_code": "period", "decided_on": "2021-04-20"},
        party=COUNCIL,
        person="council-2",
        headers={"If-Match": f'"{claim["version"]}"'},
    )
    assert answer.json()["status"] == "returned", answer.text
    again = api.post(
        "/claims",
        {"period": {"start": "2021-01-01", "end": "2021-03-31"}},
        party=SPV,
    )
    assert again.json()["claim_number"] == 2, again.text


def test_a_clawback(api):
    story = Story(api.agreed()).moved()
    entitlement = story.verified()
    body = {"ground": "mistaken_evidence", "decided_on": "2021-03-01"}
    path = f"/entitlements/{entitlement['entitlement_id']}/clawback"
    answer = api.post(path, body, party=COUNCIL)
    assert answer.status_code == 200, answer.text
    again = api.post(path, body, party=COUNCIL)
    assert (again.status_code, again.json()["code"]) == (409, "already-clawed-back")


def test_an_outcome_priced_at_nothing_is_not_one_without_a_price(api):
    prices = {"MOVE": "0", "S06": "10000", "S12": "8000", "S24": "9000"}
    edition = {"code": "v1", "from_date": "2019-11-28", "prices": prices}
    Story(api.agreed(rate_card=[edition])).moved()
    due = api.get("/due?as_of=2021-03-01").json()["items"]
    assert due[0]["at_stake"] == amount("0.00")
