"""CSV by a mapping: forms of amounts and dates, encodings, quotes, and every bad row a fault."""

from __future__ import annotations

import io
from datetime import date

import pytest

from app.domain.bank import Direction, FileLine, SourceKind
from app.domain.column_mapping import ColumnMapping, SignConvention, TextEncoding
from app.domain.errors import InputInvalid, UnsupportedFile
from app.domain.money import Money
from tests.interchange.reading import StatementFile, read_statement

PLAIN = ColumnMapping(date="Date", amount="Amount", references=("Ref",), counterparty="Who")
AP_EXTRACT = ColumnMapping(
    date="Payment date",
    amount="Net (\u00a3)",
    references=("Supplier invoice", "Voucher"),
    bank_reference="Voucher",
    counterparty="Supplier",
    sign=SignConvention.POSITIVE_IS_OUT,
    date_format="DD/MM/YYYY",
    thousands_mark=",",
    encoding=TextEncoding.CP1252,
    skip_rows=2,
)


def read(content: str | bytes, mapping: ColumnMapping = PLAIN) -> StatementFile:
    data = content if isinstance(content, bytes) else content.encode()
    return read_statement(io.BytesIO(data), SourceKind.CSV, mapping)


def rows(*more: str) -> str:
    return "\r\n".join(["Date,Amount,Ref,Who", *more, ""])


def first_line(row: str, **changes: object) -> FileLine:
    fields = {"date": "Date", "amount": "Amount", "references": ("Ref",)} | changes
    result = read(f"Date,Amount,Ref,Who,Out,In,Way,Ccy,Back\n{row}\n", ColumnMapping(**fields))
    assert not result.faults, result.faults
    (line,) = result.lines
    return line


def test_reads_a_bank_export():
    result = read(rows("2024-04-02,100.00,INV-1,Council", "2024-04-03,-2.50,FEE,"))
    assert not result.faults
    assert result.account is None
    first, second = result.lines
    assert (first.position, first.booked_on, first.value_on) == (1, date(2024, 4, 2), None)
    assert (first.amount, first.direction) == (Money(10000), Direction.IN)
    assert (first.references, first.counterparty) == (("INV-1",), "Council")
    assert first.raw == "2024-04-02,100.00,INV-1,Council"
    assert (second.amount, second.direction) == (Money(250), Direction.OUT)
    assert second.counterparty is None


def test_reads_an_accounts_payable_extract():
    text = (
        "Sheffield AP extract\n\nSupplier,Supplier invoice,Voucher,Payment date,Net (\u00a3)\n"
        '"SPV, the",INV-1,V1,02/04/2024,"\u00a31,782,187.50"\n'
        "SPV,INV-2,V2,03/04/2024,-10.00\n"
    )
    result = read(text.encode("cp1252"), AP_EXTRACT)
    assert not result.faults
    paid, credit = result.lines
    assert (paid.amount, paid.direction) == (Money(178218750), Direction.OUT)
    assert (paid.counterparty, paid.references) == ("SPV, the", ("INV-1", "V1"))
    assert (credit.amount, credit.direction) == (Money(1000), Direction.IN)


@pytest.mark.parametrize(
    ("written", "marks", "minor"),
    [
        ("1234.5", ".", 123450),
        ("1234", ".", 123400),
        (".5", ".", 50),
        ("+1.00", ".", 100),
        ("-1.00", ".", -100),
        ("1.00-", ".", -100),
        ("(1.00)", ".", -100),
        ("( \u00a3 1.00)", ".", -100),
        ("-\u00a31.00", ".", -100),
        ("\u00a3-1.00", ".", -100),
        ("\u00a31.00", ".", 100),
        ("0", ".", 0),
        ("0.00", ".", 0),
        ("1.0000", ".", 100),
        ("1,234.56", ".,", 123456),
        ("1234.56", ".,", 123456),
        ("12,345,678.90", ".,", 1234567890),
        ("1.234,56", ",.", 123456),
        ("1 234,56", ", ", 123456),
        ("1'234.56", ".'", 123456),
        ("1\u00a0234.56", ".\u00a0", 123456),
        ("1\u202f234.56", ".\u202f", 123456),
    ],
)
def test_amounts_are_read_exactly_by_the_declared_marks(written, marks, minor):
    mapping = {"decimal_mark": marks[0], "thousands_mark": marks[1:], "delimiter": ","}
    line = first_line(f'2024-04-02,"{written}",,,,,,,', **mapping)
    assert line.amount.minor == abs(minor)
    assert line.direction is (Direction.OUT if minor < 0 else Direction.IN)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("0.001", "fraction"),
        ("1.005", "fraction"),
        ("", "no-amount"),
        ("abc", "bad-amount"),
        ("1e3", "bad-amount"),
        ("1.2.3", "bad-amount"),
        ("1.", "bad-amount"),
        ("NaN", "bad-amount"),
        ("inf", "bad-amount"),
        ("--1", "bad-amount"),
        ("-1-", "bad-amount"),
        ("(-1)", "bad-amount"),
        ("(1", "bad-amount"),
        ("1)", "bad-amount"),
        ("-\u00a3-1", "bad-amount"),
        ("$1.00", "bad-amount"),
        ("1,234.00", "bad-amount"),
        ("1 2", "bad-amount"),
        ("\u0661", "bad-amount"),
        ("=1+1", "bad-amount"),
        ("1" * 16, "bad-amount"),
        ("1" * 70, "bad-amount"),
    ],
)
def test_amounts_that_are_not_exact_are_faults(written, code):
    result = read(rows(f'2024-04-02,"{written}",R,W'))
    assert [fault.code for fault in result.faults] == [code]
    assert result.faults[0].message.startswith("Row 2: ")


@pytest.mark.parametrize("written", ["1,23.00", ",123.00", "1234,567.00", "1,,234.00", "1,2345.00"])
def test_thousands_stand_in_groups_of_three(written):
    mapping = ColumnMapping(date="Date", amount="Amount", thousands_mark=",")
    assert read(rows(f'2024-04-02,"{written}",R,W'), mapping).faults[0].code == "bad-amount"


@pytest.mark.parametrize(
    ("date_format", "written", "day"),
    [
        ("YYYY-MM-DD", "2024-02-29", date(2024, 2, 29)),
        ("DD/MM/YYYY", "01/02/2024", date(2024, 2, 1)),
        ("MM/DD/YYYY", "01/02/2024", date(2024, 1, 2)),
        ("D/M/YY", "1/2/24", date(2024, 2, 1)),
        ("D/M/YY", "31/12/24", date(2024, 12, 31)),
        ("YYYYMMDD", "20240402", date(2024, 4, 2)),
        ("DD-MMM-YYYY", "02-Apr-2024", date(2024, 4, 2)),
        ("D MMM YY", "2 SEP 24", date(2024, 9, 2)),
        ("DD.MM.YYYY hh:mm:ss", "02.04.2024 23:59:59", date(2024, 4, 2)),
    ],
)
def test_dates_are_read_in_the_declared_form(date_format, written, day):
    assert first_line(f"{written},1,,,,,,,", date_format=date_format).booked_on == day


@pytest.mark.parametrize(
    ("date_format", "written"),
    [
        ("YYYY-MM-DD", "2023-02-29"),
        ("YYYY-MM-DD", "2024-4-2"),
        ("YYYY-MM-DD", "2024-04-02T00:00:00"),
        ("YYYY-MM-DD", ""),
        ("YYYY-MM-DD", "0000-01-01"),
        ("YYYY-MM-DD", "\u0662024-01-01"),
        ("DD/MM/YYYY", "2024-04-02"),
        ("DD.MM.YYYY", "02x04x2024"),
        ("DD-MMM-YYYY", "02-Avr-2024"),
    ],
)
def test_dates_in_another_form_or_of_no_calendar_are_faults(date_format, written):
    mapping = ColumnMapping(date="Date", amount="Amount", date_format=date_format)
    assert read(rows(f"{written},1,R,W"), mapping).faults[0].code == "bad-date"


PAIR = {"amount": None, "debit": "Out", "credit": "In"}
WORDS = {"direction": "Way", "in_words": ("CR",), "out_words": ("DR", "Paid")}


@pytest.mark.parametrize(
    ("row", "changes", "minor", "direction"),
    [
        ("2024-04-02,,,,5.00,,,,", PAIR, 500, Direction.OUT),
        ("2024-04-02,,,,,5.00,,,", PAIR, 500, Direction.IN),
        ("2024-04-02,,,,0.00,5.00,,,", PAIR, 500, Direction.IN),
        ("2024-04-02,,,,5.00,0.00,,,", PAIR, 500, Direction.OUT),
        ("2024-04-02,,,,-5.00,,,,", PAIR, 500, Direction.IN),
        ("2024-04-02,,,,0.00,0.00,,,", PAIR, 0, Direction.IN),
        ("2024-04-02,,,,0.00,,,,", PAIR, 0, Direction.IN),
        ("2024-04-02,5.00,,,,,cr,,", WORDS, 500, Direction.IN),
        ("2024-04-02,5.00,,,,,PAID,,", WORDS, 500, Direction.OUT),
        ("2024-04-02,-5.00,,,,,DR,,", WORDS, 500, Direction.IN),
    ],
)
def test_directions_come_from_signs_columns_or_words(row, changes, minor, direction):
    line = first_line(row, **changes)
    assert (line.amount.minor, line.direction) == (minor, direction)


@pytest.mark.parametrize(
    ("row", "changes", "code"),
    [
        ("2024-04-02,,,,,,,,", PAIR, "no-amount"),
        ("2024-04-02,,,,1.00,2.00,,,", PAIR, "two-amounts"),
        ("2024-04-02,1,,,,,XX,,", WORDS, "bad-direction"),
        ("2024-04-02,1,,,,,,,", {"currency_column": "Ccy"}, "bad-currency"),
        ("2024-04-02,1,,,,,,pounds,", {"currency_column": "Ccy"}, "bad-currency"),
    ],
)
def test_rows_that_contradict_themselves_are_faults(row, changes, code):
    mapping = ColumnMapping(**{"date": "Date", "amount": "Amount"} | changes)
    result = read(f"Date,Amount,Ref,Who,Out,In,Way,Ccy,Back\n{row}\n", mapping)
    assert [fault.code for fault in result.faults] == [code]


def test_a_row_may_name_its_currency_value_date_and_return():
    line = first_line(
        "2024-04-02,1.50,,2024-04-03,,,,eur,Y",
        currency_column="Ccy",
        value_date="Who",
        returned="Back",
        returned_words=("y", "returned"),
    )
    assert line.amount == Money(150, "EUR")
    assert line.value_on == date(2024, 4, 3)
    assert line.is_return
    assert not first_line("2024-04-02,1,,,,,,,N", returned="Back", returned_words=("y",)).is_return


@pytest.mark.parametrize("cell", ["=1+1", "+44", "-x", "@SUM(A1)", "'=1", '=HYPERLINK("http://x")'])
def test_cells_that_look_like_formulas_are_data(cell):
    quoted = cell.replace('"', '""')
    assert read(rows(f'2024-04-02,1,"{quoted}",W')).lines[0].references == (cell,)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("", "blank-row"),
        (",,,", "blank-row"),
        (" , ,,", "blank-row"),
        ("2024-04-02,1,R", "wrong-columns"),
        ("2024-04-02,1,R,W,more", "wrong-columns"),
        ('2024-04-02,1,"R,W', "bad-quotes"),
        ('2024-04-02,1,"R"x,W', "bad-quotes"),
        ("2024-04-02,1,R\x00,W", "nul"),
        (f"2024-04-02,1,{'x' * 1001},W", "too-long"),
        (f"2024-04-02,1,{'x' * 70_000},W", "too-long"),
        (f"2024-04-02,1,R,{'x' * 1001}", "too-long"),
        ("Total,1.00,,", "bad-date"),
    ],
)
def test_a_bad_row_is_one_fault_and_spoils_no_other(row, code):
    good = "2024-04-02,1,R,W"
    result = read(rows(good, row, good))
    assert [line.position for line in result.lines] == [1, 3]
    (fault,) = result.faults
    assert (fault.position, fault.code) == (2, code)
    assert fault.message.startswith("Row 3: ")
    assert len(fault.raw) <= 4000
    assert "\x00" not in fault.raw


def test_a_quoted_cell_may_hold_rows_quotes_and_delimiters():
    result = read(rows('2024-04-02,1,"a ""b"", c\r\nd",W', "2024-04-02,2,R,W"))
    assert result.lines[0].references == ('a "b", c\r\nd',)
    assert result.lines[1].position == 2


def test_a_quote_that_never_closes_costs_one_row_however_long_the_file():
    good = "2024-04-02,1,R,W"
    result = read(rows('2024-04-02,1,"R,W', *[good] * 300))
    assert len(result.lines) == 300
    assert [fault.code for fault in result.faults] == ["bad-quotes"]
    long = "2024-04-02,1,{},W".format("x" * 900)
    assert len(read(rows('2024-04-02,1,"R,W', *[long] * 200)).lines) == 200


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_any_line_end_and_none_at_the_end(ending):
    text = ending.join(["Date,Amount,Ref,Who", "2024-04-02,1,R,W", "2024-04-02,2,R,W"])
    assert len(read(text).lines) == 2


@pytest.mark.parametrize(
    ("encoding", "prefix", "codec"),
    [
        (TextEncoding.UTF_8, b"", "utf-8"),
        (TextEncoding.UTF_8, b"\xef\xbb\xbf", "utf-8"),
        (TextEncoding.UTF_16, b"\xff\xfe", "utf-16-le"),
        (TextEncoding.UTF_16, b"\xfe\xff", "utf-16-be"),
        (TextEncoding.CP1252, b"", "cp1252"),
        (TextEncoding.LATIN_1, b"", "iso-8859-1"),
    ],
)
def test_reads_the_declared_encoding(encoding, prefix, codec):
    text = rows("2024-04-02,\u00a31.00,Caf\u00e9,W")
    mapping = ColumnMapping(date="Date", amount="Amount", references=("Ref",), encoding=encoding)
    assert read(prefix + text.encode(codec), mapping).lines[0].references == ("Caf\u00e9",)


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        (TextEncoding.UTF_8, rows("2024-04-02,1,Caf\u00e9,W").encode("cp1252")),
        (TextEncoding.UTF_8, rows("2024-04-02,1,R,W").encode("utf-16")),
        (TextEncoding.CP1252, b"\xef\xbb\xbf" + rows("2024-04-02,1,R,W").encode()),
        (TextEncoding.CP1252, rows("2024-04-02,1,@,W").encode().replace(b"@", b"\x81")),
        (TextEncoding.UTF_16, rows("2024-04-02,1,R,W").encode()),
        (TextEncoding.UTF_16, rows("2024-04-02,1,R,W").encode("utf-16-le")),
        (TextEncoding.UTF_16, rows("2024-04-02,1,R,W").encode("utf-16")[:-1]),
    ],
)
def test_another_encoding_than_declared_is_refused(encoding, content):
    mapping = ColumnMapping(date="Date", amount="Amount", references=("Ref",), encoding=encoding)
    with pytest.raises(UnsupportedFile) as caught:
        read(content, mapping)
    assert caught.value.code == "wrong-encoding"
    assert encoding.value in caught.value.message


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("Datum,Amount,Ref,Who\n", "column-missing"),
        ("Date,Amount,Ref,Who,Date\n", "column-twice"),
        ("Date;Amount;Ref;Who\n", "column-missing"),
        ('Date,Amount,Ref,"Who\n', "column-missing"),
        (",".join(["Date,Amount,Ref,Who", *map(str, range(600))]), "column-twice"),
    ],
)
def test_the_header_must_have_each_column_once(content, code):
    with pytest.raises(InputInvalid) as caught:
        read(content)
    assert code in {fault.code for fault in caught.value.faults}


def test_rows_to_skip_may_be_more_than_there_are():
    mapping = ColumnMapping(date="Date", amount="Amount", skip_rows=9)
    with pytest.raises(InputInvalid) as caught:
        read(rows(), mapping)
    assert "9 rows down" in caught.value.faults[0].message


def test_every_row_is_accounted_for():
    many = ["2024-04-02,1,R,W", "", "x,y,z,w", '"', "2024-04-02,1,R"] * 10
    result = read(rows(*many))
    positions = sorted(item.position for item in (*result.lines, *result.faults))
    assert positions == list(range(1, 51))
