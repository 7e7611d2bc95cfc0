"""What is recorded and not acted upon is named, to the parties and in the reference."""

from pathlib import Path

import pytest

from app.domain.terms.check import parse_terms, warnings
from app.domain.terms.recorded import recorded_only

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "terms.md"
OTHERWISE = {
    "/metrics/1/savings_gated": True,
    "/verification/deemed_approval": True,
    "/audit/sample_share": "0.20",
    "/audit/sample_min": 6,
    "/audit/error_trigger_share": "0.10",
    "/audit/extrapolate": True,
    "/clawback/method": "invoice",
    "/savings_gate/mode": "off",
    "/savings_gate/intended": "cohort",
    "/indexation/method": "cpi_on_1_april_by_new_edition",
    "/investment/commitment": "725000.00",
    "/investment/service_fee_model": "part_outcome_linked",
    "/investment/return_cap": "10% a year",
    "/investment/surplus_share": "Half to the provider",
}


@pytest.fixture
def plain(second) -> dict:
    """Contract EX with every part of the document written out."""
    return parse_terms(second({})).model_dump(mode="json", exclude_none=True)


@pytest.mark.parametrize(("place", "value"), OTHERWISE.items())
def test_another_value_than_the_default_is_named(plain, place, value):
    assert warnings(parse_terms(plain)) == ()
    holder, (*above, last) = plain, place.split("/")[1:]
    for part in above:
        holder = holder[int(part)] if part.isdigit() else holder[part]
    holder[last] = value
    found = [fault for fault in warnings(parse_terms(plain)) if fault.code == "not-acted-upon"]
    assert [fault.pointer for fault in found] == [place]
    assert found[0].message == f"{place} is recorded, and not acted upon in this release."


def test_the_list_above_is_whole():
    paths = {"/" + "/".join(path) for path in recorded_only()}
    assert paths == {place for place in OTHERWISE if not place.startswith("/metrics")}


def test_the_reference_marks_them_and_no_other():
    rows = PAGE.read_text(encoding="utf-8").splitlines()
    marked = {row.split("`")[1].rstrip("[]") for row in rows if "| *(recorded)* " in row}
    assert marked == {".".join(path) for path in recorded_only()} | {"metrics[].savings_gated"}
