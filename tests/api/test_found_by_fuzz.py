"""Requests that Schemathesis found to fail, kept as examples of their own."""

import base64
import json

import pytest

from tests.api.client import Story
from tests.factories import COUNCIL, SPV


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ({"amount": "1.00", "currency": "QQQ"}, "unknown-currency"),
        ({"amount": "٣.٥", "currency": "GBP"}, "wrong-form"),  # noqa: RUF001 - Arabic digits
    ],
)
def test_amounts_that_are_none(api, amount, code):
    Story(api.agreed())
    body = {"payer": COUNCIL, "payee": SPV, "paid_on": "2021-05-01", "amount": amount}
    answer = api.post("/payments", {**body, "reference": "R", "allocations": []}, party=COUNCIL)
    assert answer.status_code == 422
    assert code in {fault["code"] for fault in answer.json()["faults"]}, answer.text


def test_a_cursor_of_another_list(api):
    api.agreed()
    cursor = base64.urlsafe_b64encode(json.dumps(["P-0042"]).encode()).decode().rstrip("=")
    answer = api.get("/heads", params={"cursor": cursor})
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["pointer"] == "/cursor"
