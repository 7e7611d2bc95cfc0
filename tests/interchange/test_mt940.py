"""MT940: marks, dates, details, balances, odd forms that are read and bad ones that are faults."""

from __future__ import annotations

import io
import logging
from datetime import date

import pytest

from app.domain.bank import Direction, FileFault, FileLine, SourceKind
from app.domain.errors import InputInvalid, UnsupportedFile
from app.domain.money import Money
from tests.interchange.reading import StatementFile, read_statement
from tests.interchange.statements import mt940


def read(content: bytes) -> StatementFile:
    return read_statement(io.BytesIO(content), SourceKind.MT940)


def only_line(*rows: str) -> FileLine:
    result = read(mt940(*rows))
    assert not result.faults
    (line,) = result.lines
    return line


def only_fault(*rows: str) -> FileFault:
    result = read(mt940(*rows))
    assert not result.lines
    (fault,) = result.faults
    return fault


def test_reads_a_line_with_structured_details():
    line = only_line(
        ":61:2404030402C1234,56NTRFPO-77//BANKREF1",
        "counter credit",
        ":86:166?00BACS?20EREF+INV-000012?21SVWZ+Invoice INV-00?220012 q1?32SHEFFIELD CITY",
        "?33 COUNCIL",
    )
    assert line.booked_on == date(2024, 4, 2)
    assert line.value_on == date(2024, 4, 3)
    assert line.amount == Money(123456)
    assert line.direction is Direction.IN
    assert line.counterparty == "SHEFFIELD CITY COUNCIL"
    assert {"PO-77", "BANKREF1", "INV-000012", "counter credit"} <= set(line.references)
    assert "Invoice INV-000012 q1" in line.references
    assert line.raw.startswith(":61:2404030402C1234,56")
    assert "COUNCIL" in line.raw


def test_purposes_broken_between_words_are_also_given_with_the_space():
    line = only_line(":61:240402C1,00NTRFX", ":86:166?20Invoice?21INV-1?32Council")
    assert "InvoiceINV-1" in line.references
    assert "Invoice INV-1" in line.references


def test_reads_plain_details_of_several_rows():
    line = only_line(":61:240402C1,00NTRFNONREF", ":86:FROM COUNCIL", "INVOICE SPV-12")
    assert line.references == ("FROM COUNCIL INVOICE SPV-12",)
    assert line.value_on == line.booked_on == date(2024, 4, 2)


@pytest.mark.parametrize(
    ("mark", "kind", "direction", "is_return"),
    [
        ("C", "NTRF", Direction.IN, False),
        ("D", "NTRF", Direction.OUT, False),
        ("RC", "NTRF", Direction.OUT, True),
        ("RD", "NTRF", Direction.IN, True),
        ("CR", "NTRF", Direction.IN, False),
        ("DP", "NTRF", Direction.OUT, False),
        ("C", "NRTI", Direction.IN, True),
        ("D", "FRTI", Direction.OUT, True),
    ],
)
def test_marks_give_direction_and_returns(mark, kind, direction, is_return):
    line = only_line(f":61:2404020402{mark}10,00{kind}X")
    assert (line.direction, line.is_return) == (direction, is_return)
    assert line.amount == Money(1000)


@pytest.mark.parametrize(
    ("days", "booked", "value"),
    [
        ("2402290229", date(2024, 2, 29), date(2024, 2, 29)),
        ("2312310102", date(2024, 1, 2), date(2023, 12, 31)),
        ("2401021231", date(2023, 12, 31), date(2024, 1, 2)),
        ("240430    ", date(2024, 4, 30), date(2024, 4, 30)),
    ],
)
def test_the_entry_date_takes_the_year_that_fits_the_value_date(days, booked, value):
    line = only_line(f":61:{days}C1,00NTRFX")
    assert (line.booked_on, line.value_on) == (booked, value)


@pytest.mark.parametrize(
    ("written", "minor"), [("1,", 100), ("1,5", 150), ("0,01", 1), ("12", 1200)]
)
def test_amounts_are_exact(written, minor):
    assert only_line(f":61:240402C{written}NTRFX").amount == Money(minor)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (":61:240402C1,005NTRFX", "fraction"),
        (":61:240402C1,2,3NTRFX", "unreadable"),
        (":61:240402C,NTRFX", "unreadable"),
        (":61:240402C1234567890123456,00NTRFX", "unreadable"),
        (":61:240402C1.00NTRFX", "unreadable"),
        (":61:240402C1,00", "unreadable"),
        (":61:230229C1,00NTRFX", "unreadable"),
        (":61:240230C1,00NTRFX", "unreadable"),
        (":61:2404020431C1,00NTRFX", "unreadable"),
        (":61:240402X1,00NTRFX", "unreadable"),
        (":61:", "unreadable"),
        (":61:240402C1,00NTRFA//B\nfirst\nsecond", "unreadable"),
        (":61:240402C1,00NTRFX//A\x00B", "nul"),
        (":6l:240402C1,00NTRFX", "unknown-field"),
        (":99:something", "unknown-field"),
    ],
)
def test_a_line_that_cannot_be_read_is_one_fault(row, code):
    fault = only_fault(row)
    assert (fault.position, fault.code) == (1, code)
    assert "\x00" not in fault.raw
    assert fault.raw.startswith(row[:10])


def test_a_broken_line_takes_its_details_along_and_spoils_no_other():
    result = read(
        mt940(":61:broken", ":86:of the broken", ":61:240402C1,00NTRFX", ":86:of the other")
    )
    assert [fault.position for fault in result.faults] == [1]
    assert "of the broken" in result.faults[0].raw
    assert result.lines[0].position == 2
    assert result.lines[0].references == ("X", "of the other")


def test_details_of_the_statement_itself_are_no_line():
    assert not read(mt940(":86:statement text")).lines
    second = read(mt940(":61:240402C1,00NTRFX", ":86:one", ":86:two"))
    assert second.lines[0].references == ("X", "one")


def test_too_much_text_is_a_fault():
    assert only_fault(":61:240402C1,00NTRFX", ":86:a", *["x" * 900] * 20).code == "too-long"
    assert only_fault(":61:240402C1,00NTRFX", *["x" * 900] * 20).code == "too-long"
    assert only_fault(":61:240402C1,00NTRFX", ":86:" + "x" * 1_100).code == "too-long"


def test_a_row_without_end_is_refused():
    with pytest.raises(UnsupportedFile) as caught:
        read(mt940(":86:" + "x" * 10_000))
    assert caught.value.code == "row-too-long"


def test_without_an_opening_balance_no_line_has_a_currency():
    content = mt940(":61:240402C1,00NTRFX").replace(b":60F:C240401GBP1000,00\r\n", b"")
    assert [one.code for one in read(content).faults] == ["no-currency", "statement-cut-off"]


@pytest.mark.parametrize(
    "bad", ["C240401GBP", "X240401GBP1,00", "C241301GBP1,00", "C240401G1P1,00"]
)
def test_an_opening_balance_that_cannot_be_read_is_a_fault(bad):
    result = read(mt940(":61:240402C1,00NTRFX", opening=bad))
    assert [fault.code for fault in result.faults][1:] == ["no-currency"]
    assert result.opening is None


def test_a_closing_balance_that_cannot_be_read_is_a_fault():
    result = read(mt940(":61:240402C1,00NTRFX", closing="nothing"))
    assert [fault.code for fault in result.faults] == ["bad-balance"]
    assert len(result.lines) == 1


def test_states_account_and_balances_and_checks_them():
    good = read(mt940(":61:240402D1100,00NTRFX", closing="D240430GBP100,00"))
    assert not good.faults
    assert good.account == "20-00-00/12345678"
    assert (good.opening, good.closing) == (Money(100000), Money(-10000))
    bad = read(mt940(":61:240402D1100,00NTRFX", closing="D240430GBP99,00"))
    assert [fault.code for fault in bad.faults] == ["balances-differ"]


def test_pages_of_one_statement_are_read_together():
    first = mt940(":61:240402C1,00NTRFX", closing="C240402GBP1001,00").replace(b":62F:", b":62M:")
    second = mt940(":61:240402C2,00NTRFY", closing="C240402GBP1003,00", opening="C240402GBP1001,00")
    result = read(first + second.replace(b":60F:", b":60M:"))
    assert not result.faults
    assert len(result.lines) == 2
    assert (result.opening, result.closing) == (Money(100000), Money(100300))


LINE = ":61:240402C1,00NTRFX"
WHOLE = mt940(LINE, ":86:of the line", closing="C240430GBP1001,00")
NEXT = mt940(
    ":61:240502C2,00NTRFY", opening="C240430GBP1001,00", closing="C240531GBP1003,00"
).replace(b":28C:1/1", b":28C:1/2")
FIRST_PAGE, LAST_PAGE = WHOLE.replace(b":62F:", b":62M:"), NEXT.replace(b":60F:", b":60M:")


@pytest.mark.parametrize(
    ("content", "lines", "codes"),
    [
        (WHOLE, 1, []),
        (WHOLE + NEXT, 2, []),
        (FIRST_PAGE + LAST_PAGE, 2, []),
        (WHOLE.partition(b":62F:")[0], 1, ["statement-cut-off"]),
        (WHOLE.partition(b"of the")[0], 1, ["statement-cut-off"]),
        (WHOLE.partition(b":61:")[0], 0, ["statement-cut-off"]),
        (WHOLE.partition(b"02C1,00NTRFX")[0], 0, ["unreadable", "statement-cut-off"]),
        (WHOLE.partition(b"430GBP1001")[0], 1, ["bad-balance"]),
        (WHOLE.partition(b"1,00\r\n-")[0], 1, ["balances-differ"]),
        (WHOLE + NEXT.partition(b":25:")[0], 1, ["statement-cut-off"]),
        (WHOLE + NEXT.partition(b":62F:")[0], 2, ["statement-cut-off"]),
        (WHOLE.partition(b":62F:")[0] + NEXT, 2, ["statement-cut-off"]),
        (FIRST_PAGE, 1, ["statement-cut-off"]),
        (LAST_PAGE, 1, ["statement-cut-off"]),
        (FIRST_PAGE + NEXT, 2, ["statement-cut-off"]),
        (WHOLE + LAST_PAGE, 2, ["statement-cut-off"]),
        (FIRST_PAGE + LAST_PAGE.replace(b"GBP100", b"GBP200"), 2, ["statement-cut-off"]),
        (FIRST_PAGE.replace(b"62M:C", b"62M:X") + LAST_PAGE, 2, ["bad-balance"]),
    ],
)
def test_a_file_that_was_cut_off_has_a_fault_at_its_end(content, lines, codes):
    """All cuts but one between two whole statements, which leaves a whole file."""
    result = read(content)
    assert len(result.lines) == lines
    assert [one.code for one in result.faults] == codes
    assert sorted(one.position for one in (*result.lines, *result.faults)) == list(
        range(1, lines + len(codes) + 1)
    )


def test_two_accounts_or_none_are_refused():
    with pytest.raises(InputInvalid) as caught:
        read(mt940() + mt940().replace(b":25:2", b":25:3"))
    assert caught.value.faults[0].code == "several-accounts"
    with pytest.raises(InputInvalid) as caught:
        read(mt940().replace(b":25:20-00-00/12345678", b":25:"))
    assert caught.value.faults[0].code == "bad-account"


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
def test_any_line_end_is_read(ending):
    content = mt940(":61:240402C1,00NTRFX", ":86:a").replace(b"\r\n", ending)
    assert len(read(content).lines) == 1


def test_the_envelope_of_swift_is_passed_over():
    content = b"{1:F01BANKGB2LAXXX}{2:O940}{4:\r\n" + mt940(":61:240402C1,00NTRFX")
    result = read(content.replace(b"\r\n-\r\n", b"\r\n-}{5:{CHK:1}}\r\n"))
    assert len(result.lines) == 1
    assert not result.faults


def test_nothing_behind_a_statement_is_dropped():
    result = read(mt940(":61:240402C1,00NTRFX") + b"-stray\r\nmore\r\n\r\n")
    assert [(fault.code, fault.raw) for fault in result.faults] == [
        ("unknown-field", "-stray"),
        ("unknown-field", "more"),
    ]


@pytest.mark.parametrize("written", ["Caf\u00e9".encode(), b"Caf\xe9"])
def test_each_row_is_utf_8_or_else_iso_8859_1(written):
    content = b"\xef\xbb\xbf" + mt940(":61:240402C1,00NTRFX", ":86:Cafe").replace(b"Cafe", written)
    assert read(content).lines[0].references[-1] == "Caf\u00e9"


def test_utf_16_is_refused():
    with pytest.raises(UnsupportedFile) as caught:
        read(mt940().decode().encode("utf-16"))
    assert caught.value.code == "wrong-encoding"


def test_what_cannot_be_read_is_not_logged(caplog, capfd):
    with caplog.at_level(logging.DEBUG):
        only_fault(":61:SECRET PERSON")
    assert "SECRET" not in caplog.text
    assert "SECRET" not in "".join(capfd.readouterr())
