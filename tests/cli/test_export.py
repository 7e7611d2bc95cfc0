"""Lists as files, the quarter's file and remittance advice from the command line."""

import csv
import io
import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import openpyxl
import pytest

from tests.cli.test_claims_and_ledger import golden
from tests.cli.test_money_cycle import invoiced, paid

__all__ = ["golden", "invoiced"]

COUNCIL = ("--department", "Adult Care", "--merchant-category", "Outcome payments")


def rows(path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline="")))


def test_every_list_is_named_with_what_narrows_it(outcomes):
    shown = outcomes("exports")
    assert "statement-lines" in shown.stdout
    assert "party, from, to, known_on" in shown.stdout
    assert json.loads(outcomes("exports", "--json").stdout)["items"][0]["name"] == "contracts"


def test_lists_are_written_whole(outcomes, invoiced, tmp_path):
    target = tmp_path / "postings.csv"
    made = outcomes("export", invoiced, "postings", "--out", target)
    assert made.exit_code == 0, made.output
    assert f"bytes written to {target}" in made.stderr
    found = rows(target)
    assert found[0]["debit"] or found[0]["credit"]
    assert not list(tmp_path.glob("*.part"))
    book = tmp_path / "claims.xlsx"
    made = outcomes("export", invoiced, "claim-lines", "--format", "xlsx", "--out", book,
                    "--claim", "1")  # fmt: skip
    assert made.exit_code == 0, made.output
    assert openpyxl.load_workbook(book).active.max_row > 1


def test_a_list_goes_to_standard_output_narrowed(outcomes, invoiced):
    span = ("--party", "spv", "--from", "2020-10-01", "--to", "2020-12-31")
    made = outcomes("export", invoiced, "statement-lines", *span, "--out", "-")
    assert made.exit_code == 0, made.output
    assert {row["account"].split("/")[0] for row in csv.DictReader(made.stdout.splitlines())} == {
        "spv"
    }
    whole = outcomes("export", "-", "contracts", "--out", "-")
    assert invoiced in whole.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("nothing",), 1, "list-unknown"),
        (("payments", "--state", "open"), 1, "unknown-field"),
        (("statement-lines",), 1, "missing-field"),
        (("payments", "--format", "pdf"), 2, "pdf"),
    ],
)
def test_a_refused_export_leaves_no_file(outcomes, agreed, tmp_path, arguments, code, said):
    target = tmp_path / "list.csv"
    made = outcomes("export", agreed, *arguments, "--out", target)
    assert (made.exit_code, said in made.stderr) == (code, True), made.output
    assert not target.exists()
    assert not list(tmp_path.glob("*.part"))


def test_a_file_that_cannot_be_written_is_told(outcomes, agreed, tmp_path):
    (tmp_path / "file").write_text("")
    for target in (tmp_path / "no" / "list.csv", tmp_path / "file" / "list.csv"):
        made = outcomes("export", agreed, "payments", "--out", target)
        assert (made.exit_code, "cannot be written" in made.stderr) == (2, True)


def test_the_quarters_file_and_remittance_advice(outcomes, invoiced, tmp_path):
    made = paid(outcomes, invoiced, "6500.00", "invoice:spv/1=6500.00")
    year, month = made["paid_on"].split("-")[:2]
    refused = outcomes(
        "transparency", invoiced, "--quarter", f"{year}-Q{(int(month) + 2) // 3}", *COUNCIL
    )
    assert (refused.exit_code, "period-not-over" in refused.stderr) == (1, True)
    quarter = ("transparency", invoiced, "--quarter", "2021-Q3", *COUNCIL)
    assert "0 items" in outcomes(*quarter).stdout
    assert json.loads(outcomes(*quarter, "--json").stdout)["publish_by"] == "2021-10-31"
    target = tmp_path / "spend.csv"
    assert outcomes(*quarter, "--vat-irrecoverable", "--out", target).exit_code == 0
    assert target.read_text().startswith("Date the expenditure was incurred,")

    advice, print_ = tmp_path / "advice.csv", tmp_path / "advice.pdf"
    found = outcomes("remittance", invoiced, made["payment_id"], "--csv", advice, "--pdf", print_)
    assert found.exit_code == 0, found.output
    assert [row["reference"] for row in rows(advice)] == ["SPV-000001"]
    assert print_.read_bytes().startswith(b"%PDF-")


class _BreaksOff(BaseHTTPRequestHandler):
    """A service that ends in the middle of a file."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/csv")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"6\r\na,b\r\n1\r\n")
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


def test_a_file_that_breaks_off_is_told_and_not_left_behind(outcomes, tmp_path):
    server = HTTPServer(("127.0.0.1", 0), _BreaksOff)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}"
        made = outcomes("export", "pi", "payments", "--out", tmp_path / "x.csv", "--url", url)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert (made.exit_code, "broke off its answer" in made.stderr) == (2, True), made.output
    assert list(tmp_path.iterdir()) == []
