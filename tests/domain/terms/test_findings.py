"""Soft findings: what parses, but the parties should look at."""

import pytest

from app.domain.terms.check import parse_terms, warnings

LCF_CAP = {"payer": "lcf", "amount": "19000.00"}
SCC_CAP = {"payer": "scc", "amount": "66000.00", "shortfall": "unpaid"}
FOUND = [
    ({}, []),
    ({"/metrics/2/evidence": None}, [("no-evidence-rule", "/metrics/2/evidence")]),
    ({"/metrics/1/savings_gated": True}, [("not-acted-upon", "/metrics/1/savings_gated")]),
    ({"/metrics/1/savings_gated": True, "/savings_gate": {"mode": "off"}},
     [("savings-gate-off", "/metrics/1/savings_gated"),
      ("not-acted-upon", "/metrics/1/savings_gated"), ("not-acted-upon", "/savings_gate/mode")]),
    ({"/metrics/1/event": "engaged"}, [("event-met-twice", "/metrics/1/event")]),
    ({"/submission/longstop_months": 5},
     [("longstop-before-deadline", "/submission/longstop_months")]),
    ({"/submission/longstop_months": None}, []),
    ({"/submission/longstop_months": 5, "/submission/deadline": "none"}, []),
    ({"/metrics/2/target": 74, "/caps/metric": [{"metrics": ["S06"], "count_max": 73}]},
     [("target-above-cap", "/caps/metric/0/count_max")]),
    ({"/metrics/2/target": 74, "/caps/metric": [{"metrics": ["S06"], "count_max": 74}]}, []),
    ({"/metrics/2/target": 40, "/metrics/3/target": 34,
      "/caps/metric": [{"metrics": ["S06", "S12", "S18"], "count_max": 73}]},
     [("target-above-cap", "/caps/metric/0/count_max")]),
    ({"/metrics/2/target": 74,
      "/caps/metric": [{"metrics": ["S06"], "count_max": 73, "policy": "target_is_not_cap"}]},
     []),
    ({"/caps/contract": None}, [("no-contract-cap", "/caps/contract")]),
    ({"/caps/person": "85000.00"}, []),
    ({"/caps/person": "85000.01"}, [("person-cap-above-contract-cap", "/caps/person")]),
    ({"/caps/person": None}, []),
    ({"/claims": {"second_approval_above": "84999.99"}}, []),
    ({"/claims": {"second_approval_above": "85000.00"}},
     [("second-approval-never-needed", "/claims/second_approval_above")]),
    ({"/claims": {"second_approval_above": "85000.00"}, "/caps/contract": None},
     [("no-contract-cap", "/caps/contract")]),
    ({"/claims": {"second_approval_above": "10.00", "calendar": "any"}},
     [("second-approval-in-parts", "/claims/calendar")]),
    ({"/claims": {"second_approval_above": "10.00", "calendar": "month"}}, []),
    ({"/claims": {"calendar": "any"}}, []),
    ({"/caps/payer": []}, [("fund-share-without-cap", "/funding/shares/0")]),
    ({"/caps/payer": [LCF_CAP, SCC_CAP]}, []),
    ({"/caps/payer": [LCF_CAP, SCC_CAP | {"amount": "66000.01"}]},
     [("payer-caps-differ-from-contract-cap", "/caps/payer")]),
    ({"/caps/payer": [LCF_CAP, SCC_CAP], "/caps/contract": None},
     [("no-contract-cap", "/caps/contract")]),
    ({"/funding/commitments": [LCF_CAP, {"payer": "scc", "amount": "66000.00"}]}, []),
    ({"/funding/commitments": [LCF_CAP]}, []),
    ({"/funding/commitments": [LCF_CAP, {"payer": "scc", "amount": "1.00"}]},
     [("commitments-differ-from-contract-cap", "/funding/commitments")]),
    ({"/funding/commitments": [{"payer": "lcf", "amount": "18999.99"}]},
     [("cap-differs-from-commitment", "/caps/payer/0/amount")]),
    ({"/funding/shares": []}, [("cap-without-share", "/caps/payer/0/payer")]),
    ({"/funding/flow": "fund_pays_direct"}, []),
    ({"/funding/flow": "fund_pays_direct", "/funding/shares": [], "/caps/payer": []},
     [("flow-without-fund", "/funding/flow")]),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "expected"), FOUND)
def test_findings(second, changes, expected):
    found = warnings(parse_terms(second(changes)))
    assert [(fault.code, fault.pointer) for fault in found] == expected
    assert all(fault.message.endswith(".") for fault in found)


def test_a_share_of_another_payer_than_a_fund_needs_no_cap(second):
    icb = {"id": "icb", "name": "Integrated care board", "roles": ["outcome_payer"]}
    document = second({"/parties/-": icb, "/funding/shares/-": {"payer": "icb", "share": "0.1"}})
    assert warnings(parse_terms(document)) == ()
