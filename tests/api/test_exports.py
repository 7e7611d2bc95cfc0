"""Every list as a file: none is left out, and a file holds what the list's own pages hold."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import CodeType

import openpyxl
import pytest

from app.api.application import ROUTERS, openapi_text
from app.interchange.columns import ColumnKind
from app.service.listings.registry import LISTINGS
from tests.api.client import Api, Story, acting
from tests.factories import COUNCIL, FUND, SPV

DOCUMENT = json.loads(openapi_text())
SCHEMAS = DOCUMENT["components"]["schemas"]
COVERED = {name: one for listing in LISTINGS.values() for name, one in listing.pages.items()}
OF_CONTRACT = [name for name, one in LISTINGS.items() if one.of_contract]
_GROW_AS_READ = {"access-log", "seen-by"}
"""Lists to which each reading of them adds; tests/access/test_exports.py has them."""
NOT_RECORDS = {"listExports": "describes the files themselves"}
"""Lists that are of no record, so that they are no file either, and why."""
MORE = {"getAgeing", "getBalances", "getTrialBalance", "getStatement"}
"""Answers that are no list of items but hold one."""
QUARTER = {"party": SPV, "from": "2021-04-01", "to": "2021-06-30"}


def properties(schema: dict) -> dict:
    while "$ref" in schema:
        schema = SCHEMAS[schema["$ref"].rsplit("/", 1)[-1]]
    return schema.get("properties", {})


def list_operations() -> Iterator[str]:
    """Every operation that answers with a list of items."""
    for methods in DOCUMENT["paths"].values():
        answer = methods.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        if "items" in properties(answer.get("application/json", {}).get("schema", {})):
            yield methods["get"]["operationId"]


def names_in(code: CodeType) -> set[str]:
    """Every name that a function's code uses, its inner functions included."""
    inner = (names_in(one) for one in code.co_consts if isinstance(one, CodeType))
    return set(code.co_names).union(*inner)


def test_the_walk_finds_the_lists():
    assert {"listContracts", "listTerms", "listPayments", "listEntries"} <= set(list_operations())
    assert len(list(list_operations())) > 15


@pytest.mark.parametrize("operation", list(list_operations()))
def test_every_list_of_the_interface_has_a_listing(operation):
    assert operation in COVERED or operation in NOT_RECORDS, (
        f"{operation} answers with a list; add it to app/service/listings"
    )


def test_no_listing_is_of_an_operation_that_does_not_exist():
    assert set(list_operations()) - set(NOT_RECORDS) | MORE == set(COVERED)


@pytest.mark.parametrize("operation", list(COVERED))
def test_a_listing_reads_the_page_function_of_its_route(operation):
    routes = [route for router in ROUTERS for route in router.routes]
    (endpoint,) = [one.endpoint for one in routes if one.operation_id == operation]
    page = COVERED[operation]
    assert page.__name__ in names_in(endpoint.__code__)
    module = page.__module__.rsplit(".", 1)[-1]
    assert getattr(endpoint.__globals__[module], page.__name__) is page


@pytest.mark.parametrize("listing", list(LISTINGS.values()), ids=lambda one: one.name)
def test_columns_say_what_they_hold(listing):
    names = [column.name for column in listing.columns]
    assert len(names) == len(set(names))
    money = any(column.kind is ColumnKind.MONEY for column in listing.columns)
    assert money == ("currency" in names)
    for column in listing.columns:
        if "participant" in column.name:
            assert column.person_level, "a pseudonym must be marked"
    assert listing.required <= set(listing.filters)
    assert set(listing.choices) <= set(listing.filters)


@pytest.fixture
def story(api, clock) -> Story:
    """A move approved, invoiced, part-paid with a reference, reclaimed; a bank file, matched."""
    clock.now = datetime(2022, 4, 1, 12, tzinfo=UTC)
    made = Story(api.agreed(disputes={"window_working_days": 260})).moved()
    made.approved()
    invoice = made.invoiced()
    made.reclaimed()
    body = {
        "payer": COUNCIL,
        "payee": SPV,
        "amount": pounds("4000.00"),
        "paid_on": "2021-05-12",
        "reference": "BACS 77",
        "allocations": [{"document": invoice["document_id"], "amount": pounds("3900.00")}],
    }
    assert api.post("/payments", body, party=COUNCIL).status_code == 201
    differ(api)
    take_in(api, b"Day,Amount,Text\n2021-05-12,4000.00,=1+1\n2021-05-13,0.75,interest\nx,1,torn\n")
    return made


def differ(api: Api) -> None:
    """A correction proposed, a dispute raised, and the contract's first quarter closed for good."""
    line = {"claim_number": 1, "line_number": 1}
    correction = line | {"kind": "reversal", "reason": "wrong_amount", "amount": pounds("1.00")}
    dispute = {"subject": "claim:1/line:1", "amount": pounds("2.00"), "reason": "evidence"}
    close = {"level": "hard"}
    first = api.get("/periods", params={"kind": "quarter"}).json()["items"][0]
    for path, body, version in (
        ("/corrections", correction, None),
        ("/disputes", dispute | {"raised_on": "2021-05-02"}, None),
        (f"/periods/quarter/{first['period']['start']}/close", close, first["version"]),
    ):
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        made = api.post(path, body, party=COUNCIL, headers=headers)
        assert made.is_success, made.text


def take_in(api: Api, content: bytes) -> None:
    mapping = {"date": "Day", "amount": "Amount", "references": ["Text"]}
    saved = api.post("/column-mappings", {"name": "bank", "mapping": mapping}, party=SPV)
    assert saved.status_code == 200, saved.text
    named = hashlib.sha256(content).hexdigest()
    headers = acting(SPV) | {"Content-Type": "application/octet-stream"}
    asked = {"kind": "csv", "source": "main-account", "mapping": "bank"}
    path = f"{api.base}/imports/{named}"
    assert api.http.put(path, content=content, headers=headers, params=asked).is_success
    rules = {"source": "main-account", "days_after_due": 90}
    assert api.post("/match-rules", rules, party=SPV).is_success
    assert api.post("/match-proposals", {}, party=SPV).is_success


def pounds(text: str) -> dict[str, str]:
    return {"amount": text, "currency": "GBP"}


def asked(name: str) -> dict[str, str]:
    return {
        "statement-lines": QUARTER,
        "frozen-statements": {"party": SPV},
        "due": {"as_of": "2021-07-01"},
        "actions": {"who": "worker-1"},
    }.get(name, {})


def rows(api: Api, name: str, **params: str) -> list[dict[str, str]]:
    answer = api.get(f"/exports/{name}.csv", params=asked(name) | params)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text, newline=""), strict=True))


def added(found: list[dict[str, str]], column: str) -> Decimal:
    return sum((Decimal(row[column]) for row in found if row[column]), Decimal(0))


@pytest.mark.parametrize(
    ("name", "path", "key"),
    [
        ("participants", "/participants", "participant_id"),
        ("submissions", "/submissions", "submission_id"),
        ("entitlements", "/entitlements", "entitlement_id"),
        ("due", "/due", "metric"),
        ("claims", "/claims", "claim_number"),
        ("invoices", "/invoices", "document_id"),
        ("invoices", "/claims/1/invoices", "document_id"),
        ("fund-claims", "/fund-claims", "document_id"),
        ("payments", "/payments", "payment_id"),
        ("imports", "/imports", "import_number"),
        ("import-lines", "/import-lines", "line"),
        ("corrections", "/corrections", "correction_id"),
        ("disputes", "/disputes", "dispute_id"),
        ("import-faults", "/import-faults", "line"),
        ("match-rules", "/match-rules", "source"),
        ("column-mappings", "/column-mappings", "name"),
        ("matches", "/matches", "match_id"),
        ("entries", "/entries", "entry_number"),
        ("journal", "/journal", "sequence"),
        ("terms-versions", "/terms", "version"),
        ("balances", "/balances", "account"),
    ],
)
def test_a_file_has_the_items_of_the_list(api, story, name, path, key):
    pages = {} if path in _UNPAGED else {"limit": "200"}
    listed = api.get(path, params=asked(name) | pages).json()
    items = listed["accounts" if name == "balances" else "items"]
    assert items
    assert [row[key] for row in rows(api, name)] == [str(item[key]) for item in items]


_UNPAGED = {"/terms", "/match-rules", "/column-mappings", "/balances", "/claims/1/invoices"}


def test_sums_are_those_of_the_interface(api, story):
    (paid,) = api.get("/payments").json()["items"]
    (row,) = rows(api, "payments")
    for column in ("amount", "returned", "on_account"):
        assert pounds(row[column]) == paid[column]
    assert (row["currency"], row["allocated"]) == ("GBP", "3900.00")
    (claim,) = api.get("/claims").json()["items"]
    assert pounds(str(added(rows(api, "claim-lines"), "payable"))) == claim["totals"]["payable"]
    shares = {row["payer"]: row["amount"] for row in rows(api, "claim-shares")}
    assert shares == {COUNCIL: "4875.00", FUND: "1625.00"}
    (invoice,) = api.get("/invoices").json()["items"]
    (row,) = rows(api, "invoices")
    for column in ("net", "vat", "total", "open_amount", "settled"):
        assert pounds(row[column]) == invoice[column]
    assert row["settlement"] == invoice["settlement"] == "part"


def test_debits_and_credits_stand_in_columns_of_their_own(api, story):
    postings = rows(api, "postings")
    told = [one for item in api.get("/entries").json()["items"] for one in item["postings"]]
    assert len(postings) == 2 * len(told)
    assert all(bool(row["debit"]) != bool(row["credit"]) for row in postings)
    for book in {row["book"] for row in postings}:
        own = [row for row in postings if row["book"] == book]
        assert added(own, "debit") == added(own, "credit") > 0
    entries = rows(api, "entries")
    assert added(entries, "debit") == added(entries, "credit") == added(postings, "debit")
    lines = rows(api, "statement-lines")
    shown = api.get(f"/statements/{SPV}", params={"from": "2021-04-01", "to": "2021-06-30"}).json()
    assert len(lines) == 2 * len(shown["lines"])
    assert added(lines, "debit") == added(lines, "credit") > 0
    balances = rows(api, "balances")
    assert added(balances, "debit_balance") == added(balances, "credit_balance") > 0


@pytest.mark.parametrize("name", [one for one in OF_CONTRACT if one not in _GROW_AS_READ])
def test_a_workbook_has_the_rows_of_the_csv(api, story, name):
    made = rows(api, name)
    assert name in _MAY_BE_EMPTY or made, "the story has a row for every list"
    answer = api.get(f"/exports/{name}.xlsx", params=asked(name))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].endswith(f'{api.contract_id}-{name}.xlsx"')
    (sheet,) = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets
    head, *body = sheet.iter_rows(values_only=True)
    listing = LISTINGS[name]
    assert list(head) == [column.name for column in listing.columns]
    assert len(body) == len(made)
    for cells, row in zip(body, made, strict=True):
        for column, cell in zip(listing.columns, cells, strict=True):
            if column.kind is ColumnKind.MONEY and cell is not None:
                assert Decimal(str(cell)) == Decimal(row[column.name])
            if column.kind is ColumnKind.BOOLEAN and cell is not None:
                assert (type(cell), str(cell).lower()) == (bool, row[column.name])
            if column.kind is ColumnKind.INSTANT and cell is not None:
                assert f"{cell:%Y-%m-%dT%H:%M:%S}" == row[column.name][:19]


_MAY_BE_EMPTY = {
    "claim-cuts",
    "privacy",
    "erasures",
    "erased-items",
    "heads",
    "signing-keys",
    "standing",  # nobody signs in where acting headers are believed
}
"""Those but the first have their rows in test_exports_of_trust.py."""


def test_text_that_a_spreadsheet_would_run_is_disarmed(api, story):
    assert rows(api, "import-lines")[0]["references"].startswith("'=1+1")
    book = openpyxl.load_workbook(io.BytesIO(api.get("/exports/import-lines.xlsx").content))
    place = [one.name for one in LISTINGS["import-lines"].columns].index("references")
    cell = list(book.active.rows)[1][place]
    assert (cell.data_type, cell.value[:4]) == ("s", "=1+1")


def test_filters_are_those_of_the_list(api, story):
    lines = rows(api, "import-lines")
    for name, value in (("state", "open"), ("classification", "unknown"), ("party", SPV)):
        found = rows(api, "import-lines", **{name: value})
        assert found == [row for row in lines if row[name] == value]
        assert found
    assert rows(api, "import-lines", party=COUNCIL) == []
    assert rows(api, "import-lines", import_number="2") == []
    assert len(rows(api, "claim-lines", claim_number="1")) == 1
    assert rows(api, "evidence", participant_id="PI-0001") == rows(api, "evidence")
    assert rows(api, "submissions", state="returned") == []
    assert rows(api, "balances", effective_to="2021-01-01")[0]["debits"] == "0.00"


@pytest.mark.parametrize(
    ("path", "status", "code", "pointer"),
    [
        ("nothing.csv", 404, "list-unknown", ""),
        ("contracts.csv", 404, "list-unknown", ""),
        ("payments.pdf", 422, "not-one-of", "/form"),
        ("payments.csv?state=open", 422, "unknown-field", "/state"),
        ("payments.csv?colour=blue", 422, "unknown-field", "/colour"),
        ("import-lines.csv?state=lost", 422, "not-one-of", "/state"),
        ("matches.xlsx?state=lost", 422, "not-one-of", "/state"),
        ("submissions.csv?state=open", 422, "not-one-of", "/state"),
        ("statement-lines.csv?party=spv&from=2021-04-01", 422, "missing-field", "/to"),
        ("statement-lines.csv?party=spv&from=2021-04-02&to=2021-04-01", 422,
         "dates-out-of-order", "/to"),
        ("statement-lines.xlsx?party=nobody&from=2021-04-01&to=2021-04-02", 404,
         "book-unknown", ""),
        ("claims.csv?claim_number=9", 404, "claim-unknown", ""),
        ("claims.csv?claim_number=0", 422, "out-of-range", "/claim_number"),
        ("evidence.csv?participant_id=PI-9", 404, "participant-unknown", ""),
    ],
)  # fmt: skip
def test_what_cannot_be_exported_is_refused_before_the_file_starts(
    api, story, path, status, code, pointer
):
    answer = api.get(f"/exports/{path}")
    assert answer.headers["content-type"] == "application/problem+json"
    (fault,) = answer.json()["faults"]
    assert (answer.status_code, fault["code"], fault["pointer"]) == (status, code, pointer)
    assert status == 404 or fault["in"] in {"query", "path"}


def test_an_unknown_contract_is_refused(http):
    for form in ("csv", "xlsx"):
        answer = http.get(f"/v1/contracts/no-such-contract/exports/payments.{form}")
        assert (answer.status_code, answer.json()["code"]) == (404, "contract-unknown")


def test_contracts_are_a_file_of_the_service(api, http):
    api.agreed(title="=HYPERLINK(1)")
    answer = http.get("/v1/exports/contracts.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    found = csv.DictReader(io.StringIO(answer.text, newline=""))
    titles = {row["contract_id"]: row["title"] for row in found}
    assert titles[api.contract_id] == "'=HYPERLINK(1)"
    assert http.get("/v1/exports/payments.csv").json()["code"] == "list-unknown"


def test_the_register_describes_every_file(http):
    items = http.get("/v1/exports").json()["items"]
    assert [item["name"] for item in items] == list(LISTINGS)
    by_name = {item["name"]: item for item in items}
    assert by_name["claim-lines"]["person_level"]
    assert not by_name["postings"]["person_level"]
    marked = [one["name"] for one in by_name["claim-lines"]["columns"] if one["person_level"]]
    assert marked == ["source_id", "participant_id"]
    assert by_name["statement-lines"]["required"] == ["from", "party", "to"]


def test_the_reference_describes_every_file():
    text = (Path(__file__).parents[2] / "docs" / "reference" / "exports.md").read_text()
    told = {row.split("`")[1]: row for row in text.splitlines() if row.startswith("| `")}
    assert list(told) == list(LISTINGS)
    for name, row in told.items():
        listing = LISTINGS[name]
        columns = [f"**{one.name}**" if one.person_level else one.name for one in listing.columns]
        assert [cell.strip() for cell in row.split(" | ")][2] == ", ".join(columns)
        assert listing.about in row
