"""Bank files over HTTP: imported, matched, decided on, and the page that ties everything."""

import hashlib

import pytest

from tests.api.client import Api, acting

MAPPING = {
    "date": "Day",
    "amount": "Amount",
    "references": ["Text"],
}
FILE = b"Day,Amount,Text\n2023-10-02,120.00,prepaid\n2023-10-03,0.75,interest\n2023-13-03,1,torn\n"


def put(api, content=FILE, *, sha256=None, party="spv", **query):
    asked = {"kind": "csv", "source": "main-account", "mapping": "bank"} | query
    named = sha256 or hashlib.sha256(content).hexdigest()
    headers = acting(party) | {"Content-Type": "application/octet-stream"}
    params = {name: value for name, value in asked.items() if value is not None}
    return api.http.put(
        f"{api.base}/imports/{named}", content=content, headers=headers, params=params
    )


@pytest.fixture
def bank(http, contract_id) -> Api:
    """A contract whose SPV has saved how its bank writes CSV."""
    api = Api(http, contract_id).agreed()
    body = {"name": "bank", "mapping": MAPPING}
    saved = api.post("/column-mappings", body, party="spv")
    assert saved.status_code == 200, saved.text
    assert saved.json()["mapping_version"] == 1
    return api


def refused(answer, status: int, code: str) -> None:
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code) or (
        answer.status_code == status and code in {fault["code"] for fault in body["faults"]}
    ), answer.text


def test_a_file_from_import_to_the_reconciliation_page(bank):
    first = put(bank)
    assert first.status_code == 200, first.text
    made = first.json()
    assert (made["line_count"], made["duplicate_count"], made["fault_count"]) == (2, 0, 1)
    again = put(bank)
    assert (again.json(), again.headers["etag"]) == (made, first.headers["etag"])
    whole = bank.get("/imports/1").json()
    assert [(one["position"], one["code"]) for one in whole["faults"]] == [(3, "bad-date")]
    assert bank.get("/imports").json()["items"] == [made]
    assert bank.get("/column-mappings").json()["items"][0]["mapping"]["date"] == "Day"

    proposed = bank.post("/match-proposals", {}, party="spv").json()
    assert (proposed["proposed"], proposed["open_lines"]) == (0, 2)
    unknown = bank.get("/import-lines", params={"classification": "unknown"}).json()["items"]
    assert [one["line"] for one in unknown] == ["1/1", "1/2"]
    assert unknown[0]["reasons"][0]["rule"] == "unknown.nothing-open"

    money = {"amount": "120.00", "currency": "GBP"}
    by_hand = {
        "lines": ["1/1"],
        "allocations": [{"line": "1/1", "item": "on-account:council", "amount": money}],
    }
    match = bank.post("/matches", by_hand, party="spv")
    assert match.status_code == 201, match.text
    place = match.headers["location"]
    assert bank.http.get(place).json()["state"] == "proposed"
    decided = bank.post(f"{place}/decision", {"decision": "accepted"}, party="spv").json()
    assert decided["state"] == "accepted"
    (paid,) = decided["payments"]
    recorded = bank.get(f"/payments/{paid['payment_id']}").json()
    assert (recorded["on_account"], recorded["payer"]) == (money, "council")

    ignored = bank.post(
        "/import-lines/1/2/decision",
        {"decision": "ignored", "reason": "bank_charge"},
        party="spv",
    )
    assert ignored.json()["classification"] == "ignored"
    page = bank.get("/reconciliation").json()
    assert page["holds"] is True
    assert [tie["name"] for tie in page["ties"]] == [
        "entitlements",
        "invoiced",
        "posted",
        "paid",
        "fund",
        "mirrors",
    ]
    assert sorted((one["classification"], one["count"]) for one in page["lines"]) == [
        ("ignored", 1),
        ("over", 1),
    ]
    undone = bank.post(f"{place}/decision", {"decision": "undone"}, party="council").json()
    assert undone["state"] == "undone"
    assert bank.get("/matches", params={"state": "undone"}).json()["items"][0]["match_id"] in place
    assert bank.get("/reconciliation").json()["holds"] is True


def test_lines_are_paged(bank):
    rows = "".join(f"2023-10-02,{number}.00,row {number}\n" for number in range(1, 8))
    put(bank, b"Day,Amount,Text\n" + rows.encode())
    found, cursor = [], None
    while True:
        query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = bank.get("/import-lines", params=query).json()
        found += [one["line"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == [f"1/{number}" for number in range(1, 8)]


def test_what_could_not_be_read_is_listed_and_left_out(bank):
    put(bank)
    (fault,) = bank.get("/import-faults", params={"state": "open"}).json()["items"]
    assert (fault["line"], fault["code"], fault["classification"]) == ("1/3", "bad-date", "unknown")
    ignored = {"decision": "ignored", "reason": "read_elsewhere"}
    refused(bank.post("/import-faults/1/1/decision", ignored, party="spv"), 404, "fault-unknown")
    made = bank.post("/import-faults/1/3/decision", ignored, party="spv")
    assert (made.status_code, made.json()["classification"]) == (200, "ignored")
    (counted,) = bank.get("/reconciliation").json()["faults"]
    assert (counted["state"], counted["count"]) == ("ignored", 1)
    assert bank.get("/imports/1").json()["faults"] == [made.json()]
    back = bank.post("/import-faults/1/3/decision", {"decision": "taken_back"}, party="spv")
    assert back.json()["state"] == "open"


def test_rules_of_matching(bank):
    saved = bank.post("/match-rules", {"source": "main-account", "days_after_due": 90}, party="spv")
    assert (saved.status_code, saved.json()["rules_version"]) == (200, 1)
    assert (saved.json()["days_after_due"], saved.json()["group_size"]) == (90, 4)
    assert bank.get("/match-rules").json()["items"] == [saved.json()]
    wide = bank.post("/match-rules", {"source": "main-account", "return_days": 1001}, party="spv")
    refused(wide, 422, "invalid-input")


def test_a_dry_run_keeps_neither_lines_nor_file(bank):
    tried = put(bank, dry_run="true")
    assert (tried.status_code, tried.headers["dry-run"]) == (200, "true")
    assert bank.get("/imports").json()["items"] == []


def test_files_that_are_refused(bank):
    refused(put(bank, sha256="0" * 64), 422, "sha256-mismatch")
    refused(put(bank, party="provider"), 403, "party-not-permitted")
    refused(put(bank, b""), 422, "empty-file")
    refused(put(bank, mapping=None), 422, "no-mapping")
    refused(put(bank, mapping="other"), 404, "mapping-unknown")
    refused(put(bank, kind="mt940", mapping=None), 415, "wrong-kind")
    refused(put(bank, kind="camt.053", mapping=None), 415, "wrong-kind")
    refused(put(bank, b"Day,Amount\n"), 422, "column-missing")
    refused(put(bank, b"Day,Amount,Text\n\xff\n"), 415, "wrong-encoding")
    refused(put(bank, b"PK\x03\x04"), 415, "wrong-kind")
    refused(put(bank, source="Main Account"), 422, "invalid-input")
    refused(put(bank, kind="pdf"), 422, "invalid-input")
    refused(put(bank, unheard="of"), 422, "invalid-input")
    assert bank.get("/imports").json()["items"] == []


def test_requests_that_are_refused(bank):
    put(bank)
    refused(bank.get("/imports/9"), 404, "import-unknown")
    refused(bank.get("/matches/none"), 404, "match-unknown")
    decision = {"decision": "accepted"}
    refused(bank.post("/matches/none/decision", decision, party="spv"), 404, "match-unknown")
    refused(
        bank.post(
            "/import-lines/1/9/decision", {"decision": "ignored", "reason": "other"}, party="spv"
        ),
        422,
        "missing-field",
    )
    refused(
        bank.post("/import-lines/1/9/decision", {"decision": "taken_back"}, party="spv"),
        404,
        "line-unknown",
    )
    refused(
        bank.post("/import-lines/1/1/decision", {"decision": "ignored"}, party="spv"),
        422,
        "missing-field",
    )
    refused(bank.post("/match-proposals", {"source": "other"}, party="spv"), 404, "source-unknown")
    bad = {"name": "bank", "mapping": MAPPING | {"delimiter": "x"}}
    answer = bank.post("/column-mappings", bad, party="spv")
    refused(answer, 422, "bad-mapping")
    assert answer.json()["faults"][0]["pointer"] == "/mapping/delimiter"
