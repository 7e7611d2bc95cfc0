"""Corrections from the command line, on the golden contract."""

import json
import re

import pytest

from tests.cli.test_claims_and_ledger import golden

__all__ = ["golden"]

PROPOSE = ("--kind", "reversal", "--reason", "wrong_amount", "--as", "spv/manager")


@pytest.fixture
def proposed(outcomes, golden) -> str:
    """100.00 of claim 1's first line, 25.00 of it the fund's, proposed to be reversed."""
    command = ("correction", "propose", golden, "1", "1", *PROPOSE, "--amount", "100")
    tried = outcomes(*command, "--dry-run")
    assert (tried.exit_code, "nothing was recorded" in tried.stderr) == (0, True), tried.output
    made = outcomes(*command, "--note", "Paid at the old price", "--json")
    assert made.exit_code == 0, made.output
    return json.loads(made.stdout)["correction_id"]


def test_a_correction_from_proposal_to_entry(outcomes, golden, proposed):
    listed = outcomes("correction", "list", golden, "--state", "proposed", "--claim", "1").stdout
    assert re.search(rf"{proposed} +1/1 +reversal +wrong_amount +proposed +-100.00", listed)
    own = outcomes("correction", "approve", golden, proposed, "--as", "scc/officer-9")
    assert own.exit_code == 0, own.output
    assert "Reverses entry 1" in own.stdout
    shown = outcomes("correction", "show", golden, proposed).stdout
    assert "approved" in shown
    assert re.search(r"lcf +-25.00\nscc +-75.00\nChange +-100.00", shown)
    entry = re.search(r"Posted as entry (\d+)", shown)
    assert entry
    why = outcomes("explain", golden, f"entry:{entry[1]}")
    assert "Paid at the old price" in why.stdout, why.output
    twice = outcomes("correction", "refuse", golden, proposed, "--as", "scc/officer-9")
    assert (twice.exit_code, "correction-already-decided" in twice.stderr) == (1, True)
    items = json.loads(outcomes("correction", "list", golden, "--json").stdout)["items"]
    assert [one["correction_id"] for one in items] == [proposed]


def test_parts_by_payer_and_a_refusal(outcomes, golden):
    parts = ("--share", "lcf=-10", "--share", "scc=-20")
    goodwill = ("--kind", "goodwill", "--reason", "other", "--as", "spv/manager")
    made = outcomes("correction", "propose", golden, "1", "1", *goodwill, *parts)
    assert made.exit_code == 0, made.output
    correction = re.search(r"Correction (\S+), version", made.stdout)
    assert correction
    refused = outcomes(
        "correction", "refuse", golden, correction[1], "--note", "No", "--as", "scc/officer-9"
    )
    assert ": refused" in refused.stdout, refused.output
    for wrong in ("lcf", "lcf=", "=5"):
        unread = outcomes("correction", "propose", golden, "1", "1", *PROPOSE, "--share", wrong)
        assert (unread.exit_code, "PAYER=AMOUNT" in unread.output) == (2, True)
