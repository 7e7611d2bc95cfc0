"""Closing periods, posting late, and frozen statements over HTTP."""

from hashlib import sha256

import pytest

from app.api.schemas_periods import FrozenDocument
from tests.api.client import Api, Story, payment_of
from tests.factories import COUNCIL, SPV

QUARTERS = ("2019-10-01", "2020-01-01", "2020-04-01", "2020-07-01", "2020-10-01", "2021-01-01")


def close(api: Api, start: str, level: str = "hard", kind: str = "quarter", **more):
    """A close as the period is read; `more` goes into the request."""
    place = f"/periods/{kind}/{start}"
    headers = {"If-Match": api.get(place).headers["etag"]} | more.pop("headers", {})
    body = {"level": level} | more.pop("body", {})
    return api.post(f"{place}/close", body, party=COUNCIL, headers=headers, **more)


def closed(api: Api, start: str, level: str = "hard", kind: str = "quarter") -> dict:
    answer = close(api, start, level, kind)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def story(api) -> Story:
    """A move of 6,500.00 approved on 20 April 2021 and invoiced on the 21st."""
    made = Story(api.agreed()).moved()
    made.approved()
    return made


def test_periods_are_listed_with_their_state(api, story):
    closed(api, "2019-10-01")
    closed(api, "2020-01-01", "soft")
    page = api.get("/periods", params={"limit": 2})
    assert [(one["period"]["start"], one["state"]) for one in page.json()["items"]] == [
        ("2019-10-01", "hard"),
        ("2020-01-01", "soft"),
    ]
    following = api.get("/periods", params={"cursor": page.json()["next_cursor"], "limit": 1})
    (one,) = following.json()["items"]
    assert (one["period"]["end"], one["state"], one["version"]) == ("2020-06-30", "open", 0)
    years = api.get("/periods", params={"kind": "financial_year"}).json()["items"]
    assert [year["period"]["start"][:4] for year in years] == [
        "2019",
        "2020",
        "2021",
        "2022",
        "2023",
    ]
    wrong = api.get("/periods", params={"kind": "month"})
    assert (wrong.status_code, wrong.json()["faults"][0]["code"]) == (422, "not-one-of")


def test_a_close_is_decided_on_what_was_read(api, story):
    place = "/periods/quarter/2019-10-01"
    read = api.get(place)
    assert (read.json()["state"], read.headers["etag"]) == ("open", '"0"')
    missing = api.post(f"{place}/close", {"level": "soft"}, party=COUNCIL)
    assert (missing.status_code, missing.json()["code"]) == (428, "if-match-missing")
    dry = close(api, "2019-10-01", "soft", params={"dry_run": "true"})
    assert (dry.status_code, dry.headers["dry-run"]) == (200, "true")
    made = close(api, "2019-10-01", "soft", body={"note": "All invoices are in"})
    assert made.json()["state"] == "soft"
    assert made.json()["decisions"][0]["party"] == COUNCIL
    assert api.get(place).headers["etag"] == made.headers["etag"]
    assert api.get(place).json() == made.json()
    stale = close(api, "2019-10-01", headers={"If-Match": '"0"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale-version")
    headers = {"If-Match": made.headers["etag"]}
    reason = {"note": "One invoice was missing"}
    again = api.post(f"{place}/reopening", reason, party=COUNCIL, headers=headers)
    assert (again.status_code, again.json()["state"]) == (200, "open")
    assert [one["level"] for one in again.json()["decisions"]] == ["soft", "reopened"]


@pytest.mark.parametrize(
    ("kind", "start", "level", "status", "code"),
    [
        ("quarter", "2020-01-01", "soft", 409, "period-before-open"),
        ("quarter", "2023-10-01", "soft", 409, "period-not-over"),
        ("financial_year", "2019-04-01", "soft", 409, "period-before-open"),
        ("quarter", "2019-10-01", "reopened", 422, "not-one-of"),
    ],
)
def test_refused_closes(api, kind, start, level, status, code):
    api.agreed()
    answer = close(api, start, level, kind)
    codes = {answer.json()["code"], *(one["code"] for one in answer.json().get("faults", ()))}
    assert (answer.status_code, code in codes) == (status, True), answer.text


def test_periods_that_are_none(api):
    api.agreed()
    for place in ("quarter/2019-07-01", "quarter/2019-10-02", "financial_year/2020-01-01"):
        answer = api.get(f"/periods/{place}")
        assert (answer.status_code, answer.json()["code"]) == (404, "period-unknown")
    assert api.get("/periods/month/2019-10-01").status_code == 422
    assert api.get("/periods/quarter/soon").status_code == 422


def test_only_the_commissioner_closes(api):
    api.agreed()
    body, headers = {"level": "hard"}, {"If-Match": '"0"'}
    place = "/periods/quarter/2019-10-01/close"
    answer = api.post(place, body, party=SPV, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "party-not-permitted")


def test_a_frozen_statement_is_served_byte_for_byte(api, story):
    """A payment of 31 March 2021 comes in after the hard close of its quarter."""
    for start in QUARTERS:
        closed(api, start)
    closed(api, "2021-04-01")
    listed = api.get("/statements/spv/frozen").json()["items"]
    assert [one["statement_number"] for one in listed] == [1, 2, 3, 4, 5, 6, 7]
    seventh = listed[-1]
    assert (seventh["kind"], seventh["period"]["end"]) == ("quarter", "2021-06-30")
    read = api.get("/statements/spv/frozen/7")
    assert sha256(read.content).hexdigest() == seventh["sha256"]
    assert read.headers["etag"] == f'"{seventh["sha256"]}"'
    document = FrozenDocument.model_validate_json(read.content, strict=True)
    assert document.lines[0].amount.amount == "6500.00"
    assert document.model_dump(mode="json") == read.json()

    document_id = story.invoiced()["document_id"]
    amount = {"amount": "6500.00", "currency": "GBP"}
    invoice = {"open_amount": amount, "document_id": document_id}
    paid = payment_of(invoice, COUNCIL, SPV)
    made = api.post("/payments", paid, party=COUNCIL)
    assert (made.status_code, made.json()["paid_on"]) == (201, "2021-05-12")
    entry = api.get("/entries").json()["items"][-1]
    assert entry["late"] == {"level": "hard", "belongs_on": "2021-05-12"}
    assert entry["effective_date"] == "2023-11-01"
    assert api.get("/statements/spv/frozen/7").content == read.content

    told = api.get("/statements/spv", params={"from": "2023-10-01", "to": "2023-12-31"}).json()
    adjustments = told["prior_period_adjustments"]
    assert [one["account"] for one in adjustments["accounts"]] == [
        "spv/cash",
        "spv/receivable/council",
    ]
    assert [one["line_number"] for one in adjustments["lines"]] == [1]
    assert told["lines"] == []
    query = {"from": "2021-04-01", "to": "2021-06-30"}
    now = api.get("/statements/spv", params=query).json()
    then = api.get("/statements/spv", params=query | {"known_on": "2023-10-31"}).json()
    assert [one["late"]["belongs_on"] for one in now["posted_later"]] == ["2021-05-12"]
    assert then["posted_later"] == []
    assert now["accounts"] == [one.model_dump(mode="json") for one in document.accounts]
    for place, code in (("spv/frozen/8", "statement-unknown"), ("nobody/frozen", "book-unknown")):
        answer = api.get(f"/statements/{place}")
        assert (answer.status_code, answer.json()["code"]) == (404, code)


def test_posting_into_a_soft_closed_period_takes_a_reason(api, story):
    for start in (*QUARTERS, "2021-04-01"):
        closed(api, start, "soft")
    body = {
        "payer": COUNCIL,
        "payee": SPV,
        "amount": {"amount": "5.00", "currency": "GBP"},
        "paid_on": "2021-06-30",
    }
    refused = api.post("/payments", body, party=COUNCIL)
    assert (refused.status_code, refused.json()["code"]) == (409, "period-soft-closed")
    for reason, code in (
        ("x" * 501, "wrong-form"),
        ("ask jo@example.org", "looks-like-email"),
    ):
        headers = {"Late-Posting-Reason": reason}
        wrong = api.post("/payments", body, party=COUNCIL, headers=headers)
        assert wrong.status_code == 422, wrong.text
        assert wrong.json()["faults"][0]["code"] == code
    headers = {"Late-Posting-Reason": "The bank file came late"}
    made = api.post("/payments", body, party=COUNCIL, headers=headers)
    assert made.status_code == 201, made.text
    entry = api.get("/entries").json()["items"][-1]
    assert (entry["effective_date"], entry["late"]["level"]) == ("2021-06-30", "soft")
    said = api.get(f"/explain/entries/{entry['entry_number']}")
    assert "The bank file came late" in said.text


def test_approval_invoice_and_return_take_a_reason_too(api):
    """Each is dated in April to June 2021, which is softly closed."""
    vat = {
        "treatment": "standard",
        "rate": "0.2",
        "rationale": "For tests.",
        "decided_on": "2019-11-28",
    }
    story = Story(api.agreed(invoicing={"vat": vat})).moved()
    claim = story.claimed()
    for start in (*QUARTERS, "2021-04-01"):
        closed(api, start, "soft")
    late = {"Late-Posting-Reason": "Approved in time, recorded late"}

    def needs_a_reason(act):
        refused = act({})
        assert (refused.status_code, refused.json()["code"]) == (409, "period-soft-closed")
        made = act(late)
        assert made.status_code in {200, 201}, made.text
        return made.json()

    needs_a_reason(lambda headers: story.approve(claim, headers=headers))
    path, body = "/claims/1/invoices", {"issued_on": "2021-04-21"}
    needs_a_reason(lambda headers: api.post(path, body, party=SPV, headers=headers))
    invoice = {
        "open_amount": {"amount": "7800.00", "currency": "GBP"},
        "document_id": "invoice:spv/1",
    }
    paid = payment_of(invoice, COUNCIL, SPV)
    made = needs_a_reason(lambda headers: api.post("/payments", paid, party=SPV, headers=headers))
    back = {
        "amount": {"amount": "1.00", "currency": "GBP"},
        "returned_on": "2021-06-30",
        "allocations": [
            {"document": "invoice:spv/1", "amount": {"amount": "-1.00", "currency": "GBP"}}
        ],
    }
    place = f"/payments/{made['payment_id']}/returns"
    read = {"If-Match": f'"{made["version"]}"'}
    needs_a_reason(lambda headers: api.post(place, back, party=SPV, headers=headers | read))
    levels = {one["late"]["level"] for one in api.get("/entries").json()["items"]}
    assert levels == {"soft"}
