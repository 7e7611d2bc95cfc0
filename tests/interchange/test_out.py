"""Lists written as CSV and XLSX: exact cells, nothing run as a formula, any number of rows."""

from __future__ import annotations

import csv
import io
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from app.domain.bank import Direction, SourceKind
from app.domain.column_mapping import ColumnMapping
from app.domain.errors import TooLarge
from app.domain.money import Money
from app.interchange.columns import Column, ColumnKind
from app.interchange.csv_out import csv_chunks
from app.interchange.read import read_statement
from app.interchange.xlsx_out import ROWS_PER_SHEET, write_xlsx

COLUMNS = (
    Column("Reference"),
    Column("Paid on", ColumnKind.DATE),
    Column("Amount", ColumnKind.MONEY),
    Column("People", ColumnKind.INTEGER),
)
ROWS = (
    ("SPV-000012", date(2024, 2, 29), Money(178218750), 3),
    ('Caf\u00e9, \u00a35 "quoted"', date(1999, 12, 31), Money(-824800), -1),
    ("two\r\nrows", None, Money(0), 0),
    (None, None, None, None),
)
WIDE_FORMULAS = ("\uff1d1", "\uff0b1", "\uff0d1", "\uff201")
FORMULAS = ("=1+1", "+44 114", "-x", "@SUM(A1)", "\tx", "\rx", "\nx", *WIDE_FORMULAS)
FORMULA_STARTS = tuple(text[0] for text in FORMULAS)
LINKS = ("http://example.org", "mailto:x@example.org", "internal:A1")
MADE_AT = datetime(2024, 4, 2, 9, 30, tzinfo=UTC)


def csv_rows(columns=COLUMNS, rows=ROWS) -> list[list[str]]:
    text = b"".join(csv_chunks(columns, rows)).decode()
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def xlsx(columns=COLUMNS, rows=ROWS, **options) -> bytes:
    out = io.BytesIO()
    write_xlsx(out, columns, rows, title="Payments", made_at=MADE_AT, **options)
    return out.getvalue()


def sheets(content: bytes) -> list[list[tuple]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [[tuple(cell.value for cell in row) for row in sheet.rows] for sheet in book]


def test_csv_has_a_header_plain_decimals_and_iso_dates():
    assert csv_rows() == [
        ["Reference", "Paid on", "Amount", "People"],
        ["SPV-000012", "2024-02-29", "1782187.50", "3"],
        ['Caf\u00e9, \u00a35 "quoted"', "1999-12-31", "-8248.00", "-1"],
        ["two\r\nrows", "", "0.00", "0"],
        ["", "", "", ""],
    ]


def test_csv_rows_end_as_rfc_4180_says():
    content = b"".join(csv_chunks(COLUMNS[:1], [("a",)]))
    assert content == b"Reference\r\na\r\n"


@pytest.mark.parametrize("text", FORMULAS)
def test_csv_text_that_would_run_gets_an_apostrophe(text):
    assert csv_rows([Column(text)], [(text,)]) == [[f"'{text}"], [f"'{text}"]]


@pytest.mark.parametrize("text", ["", "1-1", "a=b", "'x", " =1"])
def test_csv_leaves_other_text_alone(text):
    assert csv_rows([Column("Text"), Column("More")], [(text, "x")])[1] == [text, "x"]


def test_csv_comes_in_pieces_while_rows_are_made():
    made = 0

    def rows() -> Iterator[tuple[str]]:
        nonlocal made
        for number in range(20_000):
            made = number
            yield (f"row {number}",)

    chunks = csv_chunks(COLUMNS[:1], rows())
    assert len(next(chunks)) >= 64 * 1024
    assert made < 10_000
    assert len(b"".join(chunks).split(b"\r\n")) > 10_000


def test_csv_of_no_rows_is_its_header():
    assert csv_rows(rows=()) == [["Reference", "Paid on", "Amount", "People"]]


@pytest.mark.parametrize(
    "row",
    [
        ("a",),
        ("a", None, None, None, None),
        (1, None, None, None),
        (None, "2024-02-29", None, None),
        (None, datetime(2024, 2, 29, tzinfo=UTC), None, None),
        (None, None, 12, None),
        (None, None, "1.00", None),
        (None, None, None, True),
        (None, None, None, "1"),
    ],
)
def test_rows_that_do_not_fit_their_columns_are_the_programs_mistake(row):
    with pytest.raises(AssertionError, match=r"columns|not"):
        b"".join(csv_chunks(COLUMNS, [row]))
    with pytest.raises(AssertionError, match=r"columns|not"):
        xlsx(rows=[row])


def test_xlsx_has_real_numbers_and_dates():
    (rows,) = sheets(xlsx())
    assert rows[0] == ("Reference", "Paid on", "Amount", "People")
    assert rows[1] == ("SPV-000012", datetime(2024, 2, 29), 1782187.5, 3)  # noqa: DTZ001
    assert rows[2][2:] == (-8248, -1)
    assert rows[3][0].replace("_x000D_", "\r") == "two\r\nrows"
    cells = openpyxl.load_workbook(io.BytesIO(xlsx())).active[2]
    forms = [cell.number_format for cell in cells]
    assert forms == ["General", "yyyy-mm-dd", "#,##0.00", "General"]


def test_xlsx_writes_pence_exactly_and_by_the_currencys_decimals():
    amounts = [Money(1), Money(99), Money(10**15 - 1), Money(1500, "JPY"), Money(1234, "BHD")]
    content = xlsx([Column("Amount", ColumnKind.MONEY)], [(amount,) for amount in amounts])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    for amount in amounts:
        plain = str(amount)
        assert f"<v>{plain}</v>" in sheet


@pytest.mark.parametrize("text", [*FORMULAS[:4], "{=1}", *LINKS, "12", "TRUE"])
def test_xlsx_text_is_never_a_formula_a_link_or_a_number(text):
    content = xlsx([Column(text)], [(text,)])
    cell = openpyxl.load_workbook(io.BytesIO(content)).active["A2"]
    assert (cell.value, cell.hyperlink) == (text, None)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert sheet.count('t="inlineStr"') == 2


@pytest.mark.parametrize(("count", "lengths"), [(0, [1]), (3, [4]), (4, [4, 2]), (7, [4, 4, 2])])
def test_xlsx_goes_on_in_the_next_sheet(count, lengths):
    content = xlsx(rows=[(f"r{n}", None, None, n) for n in range(count)], rows_per_sheet=3)
    found = sheets(content)
    assert [len(rows) for rows in found] == lengths
    assert {rows[0] for rows in found} == {("Reference", "Paid on", "Amount", "People")}
    assert [row[3] for rows in found for row in rows[1:]] == list(range(count))


def test_a_sheet_is_filled_to_its_last_row():
    sheet = xlsxwriter.Workbook(io.BytesIO()).add_worksheet()
    assert sheet.xls_rowmax == ROWS_PER_SHEET + 1


@pytest.mark.parametrize(
    "row",
    [
        ("x" * 32_768, None, None, None),
        ("\U0001f600" * 16_384, None, None, None),
        (None, None, Money(10**15), None),
        (None, None, None, -(10**15)),
    ],
)
def test_xlsx_refuses_what_a_sheet_would_cut(row):
    with pytest.raises(TooLarge) as caught:
        xlsx(rows=[row])
    assert caught.value.code == "cell-too-long"
    assert "row 2 of sheet 1" in caught.value.message
    assert b"".join(csv_chunks(COLUMNS, [row]))


def test_xlsx_keeps_the_longest_text_a_sheet_holds():
    (rows,) = sheets(xlsx(rows=[("x" * 32_767, None, None, None)]))
    assert len(rows[1][0]) == 32_767


def test_xlsx_of_the_same_rows_is_the_same_bytes():
    assert xlsx() == xlsx()


@pytest.mark.parametrize("write", [csv_rows, xlsx])
def test_memory_does_not_grow_with_the_rows(write):
    def peak(count: int) -> int:
        rows = ((f"row {n}", date(2024, 2, 29), Money(n), n) for n in range(count))
        tracemalloc.start()
        if write is xlsx:
            xlsx(rows=rows)
        else:
            for _ in csv_chunks(COLUMNS, rows):
                pass
        reached = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return reached

    small = peak(1_000)
    # The workbook itself is held by the test, a few bytes a row once it is packed.
    assert peak(4_000) < small + 500_000


AMOUNTS = st.integers(-(10**14), 10**14)
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40)


@given(st.lists(st.tuples(TEXTS, st.dates(), AMOUNTS), max_size=20))
def test_what_is_written_as_csv_reads_back_the_same(rows):
    written = b"".join(csv_chunks(COLUMNS[:3], [(t, d, Money(m)) for t, d, m in rows]))
    mapping = ColumnMapping(date="Paid on", amount="Amount", references=("Reference",))
    result = read_statement(io.BytesIO(written), SourceKind.CSV, mapping)
    assert not result.faults
    for line, (text, day, minor) in zip(result.lines, rows, strict=True):
        assert line.booked_on == day
        assert line.amount.minor == abs(minor)
        assert line.direction is (Direction.OUT if minor < 0 else Direction.IN)
        shown = f"'{text}" if text.startswith(FORMULA_STARTS) else text
        assert line.references == ((shown.strip(),) if shown.strip() else ())
