"""Every code has its meaning and remedy, in the table, in the reference and over HTTP."""

from pathlib import Path

from app.api.problems import PROBLEMS
from tests.api.raised_codes import raised_codes, texts_of_the_program

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "errors.md"


def test_every_code_that_is_raised_is_explained():
    unexplained = {code: sorted(files) for code, files in raised_codes().items()}
    for code in PROBLEMS:
        unexplained.pop(code, None)
    assert unexplained == {}


def test_every_code_that_is_explained_is_used():
    assert sorted(set(PROBLEMS) - texts_of_the_program()) == []


def test_the_reference_lists_every_code():
    wanted = [
        f"| `{kind.code}` | {kind.status} | {kind.title} | {kind.remedy} |"
        for kind in PROBLEMS.values()
    ]
    listed = REFERENCE.read_text(encoding="utf-8").splitlines()
    assert [row for row in listed if row.startswith("| `")] == wanted


def test_the_page_that_a_problem_leads_to(http):
    refused = http.get("/v1/contracts/no-such-contract").json()
    assert refused["type"] == "/problems/contract-unknown"
    page = http.get(refused["type"])
    assert page.status_code == 200
    assert page.json()["code"] == "contract-unknown"
    assert page.json()["remedy"] == PROBLEMS["contract-unknown"].remedy


def test_an_unknown_code_is_itself_a_problem(http):
    answer = http.get("/problems/no-such-code")
    assert (answer.status_code, answer.json()["code"]) == (404, "problem-unknown")
