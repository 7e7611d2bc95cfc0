"""Column mappings: what can be read with, and every way in which one cannot."""

from __future__ import annotations

import pytest

from app.domain.column_mapping import ColumnMapping, date_tokens
from app.domain.errors import InputInvalid


def test_lists_its_columns_once_each():
    mapping = ColumnMapping(
        date="Date",
        value_date="Date",
        debit="Out",
        credit="In",
        references=("Ref", "Text"),
        bank_reference="Ref",
        counterparty="Who",
    )
    assert mapping.columns == ("Date", "Out", "In", "Who", "Ref", "Text")


@pytest.mark.parametrize(
    ("date_format", "tokens"),
    [
        ("DD/MM/YYYY", ["DD", "MM", "YYYY"]),
        ("D-MMM-YY", ["D", "MMM", "YY"]),
        ("YYYYMMDD", ["YYYY", "MM", "DD"]),
        ("DD/MM/YYYY hh:mm:ss", ["DD", "MM", "YYYY", "hh", "mm", "ss"]),
    ],
)
def test_splits_a_date_format_into_its_tokens(date_format, tokens):
    assert date_tokens(date_format) == tokens
    assert ColumnMapping(date="D", amount="A", date_format=date_format).date_format == date_format


@pytest.mark.parametrize(
    "amounts",
    [
        {"amount": "A"},
        {"amount": "A", "direction": "W", "in_words": ("CR",), "out_words": ("DR",)},
        {"amount": "A", "direction": "W", "in_words": ("CR",)},
        {"debit": "Out", "credit": "In"},
    ],
)
def test_amounts_come_in_three_ways(amounts):
    assert ColumnMapping(date="D", **amounts).date == "D"


@pytest.mark.parametrize(
    ("wrong", "code", "pointer"),
    [
        ({"date": " "}, "no-column", ""),
        ({"references": ("",)}, "no-column", ""),
        ({"direction": "W"}, "incomplete-column", "/direction"),
        ({"in_words": ("CR",)}, "incomplete-column", "/direction"),
        ({"returned": "R"}, "incomplete-column", "/returned"),
        ({"returned_words": ("yes",)}, "incomplete-column", "/returned"),
        (
            {"direction": "W", "in_words": ("cr",), "out_words": ("CR",)},
            "ambiguous-word",
            "/in_words",
        ),
        ({"amount": None}, "no-amount-column", "/amount"),
        ({"amount": None, "debit": "O"}, "no-amount-column", "/amount"),
        ({"amount": None, "credit": "I"}, "no-amount-column", "/amount"),
        ({"debit": "O", "credit": "I"}, "no-amount-column", "/amount"),
        ({"date_format": "DD/MM"}, "bad-mapping", "/date_format"),
        ({"date_format": "DD/MM/YY/YYYY"}, "bad-mapping", "/date_format"),
        ({"date_format": "hh hh DD/MM/YYYY"}, "bad-mapping", "/date_format"),
        ({"date_format": "DD/MM/20YY"}, "bad-mapping", "/date_format"),
        ({"date_format": "%d/%m/%Y"}, "bad-mapping", "/date_format"),
        ({"delimiter": ""}, "bad-mapping", "/delimiter"),
        ({"delimiter": "x"}, "bad-mapping", "/delimiter"),
        ({"decimal_mark": ""}, "bad-mapping", "/decimal_mark"),
        ({"thousands_mark": "."}, "bad-mapping", "/thousands_mark"),
        ({"thousands_mark": "x"}, "bad-mapping", "/thousands_mark"),
        ({"currency": "gbp"}, "bad-mapping", "/currency"),
        ({"skip_rows": -1}, "bad-mapping", "/skip_rows"),
        ({"skip_rows": 1001}, "bad-mapping", "/skip_rows"),
    ],
)
def test_a_mapping_that_cannot_be_read_with_is_refused(wrong, code, pointer):
    with pytest.raises(InputInvalid) as caught:
        ColumnMapping(**{"date": "Date", "amount": "Amount"} | wrong)
    assert (code, pointer) in {(fault.code, fault.pointer) for fault in caught.value.faults}


def test_every_fault_is_told_at_once():
    with pytest.raises(InputInvalid) as caught:
        ColumnMapping(date="", delimiter="x", currency="pounds", skip_rows=-1)
    assert len(caught.value.faults) == 5
