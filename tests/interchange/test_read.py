"""What holds for files of every kind: kinds, limits, positions and the identity of lines."""

from __future__ import annotations

import gzip
import io
from dataclasses import replace

import pytest

from app.domain.bank import FileFault, SourceKind
from app.domain.column_mapping import ColumnMapping
from app.domain.errors import InputInvalid, TooLarge, UnsupportedFile
from app.interchange import read as reading
from app.interchange.read import open_statement
from tests.interchange.reading import read_statement
from tests.interchange.statements import balance, camt, detail, entry, group, mt940, statement

MAPPING = ColumnMapping(date="Date", amount="Amount", references=("Ref",))
CSV = "Date,Amount,Ref\n2024-04-02,1.00,A\nx,1.00,B\n2024-04-02,1.00,A\n"
CAMT = camt(statement(entry("1.00", reference=""), entry("x"), entry("1.00", reference="")))
MT940 = mt940(":61:240402C1,00NTRFA", ":61:x", ":61:240402C1,00NTRFA")
FILES = {SourceKind.CSV: CSV.encode(), SourceKind.CAMT_053: CAMT, SourceKind.MT940: MT940}


def mapping_of(kind: SourceKind) -> ColumnMapping | None:
    return MAPPING if kind is SourceKind.CSV else None


def identities(content: bytes, kind: SourceKind = SourceKind.CAMT_053) -> list[str]:
    result = read_statement(io.BytesIO(content), kind, mapping_of(kind))
    assert not result.faults
    return [line.identity for line in result.lines]


@pytest.mark.parametrize("kind", SourceKind)
def test_lines_and_faults_together_are_numbered_without_gaps(kind):
    file = io.BytesIO(FILES[kind])
    result = read_statement(file, kind, mapping_of(kind))
    assert result.kind is kind
    assert [line.position for line in result.lines] == [1, 3]
    assert [fault.position for fault in result.faults] == [2]
    assert not file.closed


@pytest.mark.parametrize("kind", SourceKind)
def test_streams_the_same_as_it_reads(kind):
    stream = open_statement(io.BytesIO(FILES[kind]), kind, mapping_of(kind))
    items = list(stream)
    whole = read_statement(io.BytesIO(FILES[kind]), kind, mapping_of(kind))
    assert tuple(item for item in items if isinstance(item, FileFault)) == whole.faults
    assert tuple(item for item in items if not isinstance(item, FileFault)) == whole.lines
    assert (stream.kind, stream.account, stream.opening, stream.closing) == (
        kind,
        whole.account,
        whole.opening,
        whole.closing,
    )


@pytest.mark.parametrize("named", SourceKind)
@pytest.mark.parametrize("kind", SourceKind)
def test_a_file_of_another_kind_is_refused(kind, named):
    if kind is named:
        return
    with pytest.raises(UnsupportedFile) as caught:
        open_statement(io.BytesIO(FILES[kind]), named, mapping_of(named))
    assert caught.value.code == "wrong-kind"
    assert "name that kind instead" in caught.value.message


@pytest.mark.parametrize("kind", SourceKind)
@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04zip", b"%PDF-1.7", gzip.compress(b"x", mtime=0), b"\xd0\xcf\x11\xe0\xa1\xb1"],
)
def test_office_documents_and_archives_are_refused(kind, content):
    with pytest.raises(UnsupportedFile) as caught:
        open_statement(io.BytesIO(content), kind, mapping_of(kind))
    assert caught.value.code == "wrong-kind"


@pytest.mark.parametrize("kind", SourceKind)
@pytest.mark.parametrize("content", [b"", b"\r\n \t\n", b"\xef\xbb\xbf", b"\x00\x00"])
def test_empty_files_are_refused(kind, content):
    with pytest.raises(InputInvalid) as caught:
        open_statement(io.BytesIO(content), kind, mapping_of(kind))
    assert caught.value.faults[0].code == "empty-file"


@pytest.mark.parametrize("kind", SourceKind)
def test_a_mapping_belongs_to_csv_and_only_to_csv(kind):
    wrong = None if kind is SourceKind.CSV else MAPPING
    with pytest.raises(InputInvalid) as caught:
        open_statement(io.BytesIO(FILES[kind]), kind, wrong)
    code = "no-mapping" if kind is SourceKind.CSV else "needless-mapping"
    assert caught.value.faults[0].code == code


@pytest.mark.parametrize("kind", SourceKind)
def test_no_more_bytes_are_read_than_allowed(kind):
    content = FILES[kind]
    assert read_statement(io.BytesIO(content), kind, mapping_of(kind), bytes_max=len(content)).lines
    with pytest.raises(TooLarge) as caught:
        read_statement(io.BytesIO(content), kind, mapping_of(kind), bytes_max=len(content) - 1)
    assert caught.value.code == "file-too-large"


def test_a_file_has_a_bound_on_its_lines(monkeypatch):
    monkeypatch.setattr(reading, "LINES_MAX", 3)
    assert len(read_statement(io.BytesIO(MT940), SourceKind.MT940).lines) == 2
    monkeypatch.setattr(reading, "LINES_MAX", 2)
    with pytest.raises(TooLarge) as caught:
        read_statement(io.BytesIO(MT940), SourceKind.MT940)
    assert caught.value.code == "too-many-lines"


def test_the_source_text_is_kept_up_to_a_bound():
    content = camt(statement(entry(more=f"<Prtry>{'x' * 9000}</Prtry>")))
    (line,) = read_statement(io.BytesIO(content), SourceKind.CAMT_053).lines
    assert len(line.raw) == 4000


@pytest.mark.parametrize("kind", SourceKind)
def test_equal_lines_are_told_apart_by_their_number(kind):
    first, second = read_statement(io.BytesIO(FILES[kind]), kind, mapping_of(kind)).lines
    assert first.identity.removesuffix("-1") == second.identity.removesuffix("-2")
    assert replace(first, position=0, identity="") == replace(second, position=0, identity="")


def test_identities_are_the_same_in_overlapping_files_in_any_order():
    days = [
        entry(
            f"{amount}.00",
            reference=reference,
            booked=f"<BookgDt><Dt>2024-04-{day:02}</Dt></BookgDt>",
            details=group(detail(f"INV-{amount}")),
        )
        for day in (1, 2, 3)
        for amount, reference in ((1, ""), (1, ""), (2, "<AcctSvcrRef>B</AcctSvcrRef>"))
    ]
    whole = identities(camt(statement(*days)))
    assert len(set(whole)) == 9
    assert identities(camt(statement(*days[3:]))) == whole[3:]
    assert set(identities(camt(statement(*reversed(days))))) == set(whole)
    late = balance("PRCD", "0.00", "2024-04-01") + balance("CLBD", "8.00", "2024-04-02")
    assert identities(camt(statement(*days[:6], balances=late), statement(*days[6:]))) == whole


def test_the_banks_own_reference_names_a_line_across_formats_and_other_texts():
    first = entry("1.00", value="", details=group(detail("INV-1", name="Sheffield City Council")))
    second = entry("1.00", details=group(detail("INV 1", name="SHEFFIELD CC")))
    (name,) = identities(camt(statement(first)))
    assert identities(camt(statement(second))) == [name]
    assert identities(mt940(":61:240402C1,00NTRFX//bank-1"), SourceKind.MT940) == [name]


@pytest.mark.parametrize(
    "other",
    [
        entry("2.00"),
        entry("1.00", currency="EUR"),
        entry("1.00", way="DBIT"),
        entry("1.00", booked="<BookgDt><Dt>2024-04-03</Dt></BookgDt>"),
        entry("1.00", reference="<AcctSvcrRef>BANK-2</AcctSvcrRef>"),
        entry("1.00", reference=""),
    ],
)
def test_lines_that_differ_have_different_names(other):
    base, name = identities(camt(statement(entry("1.00"), other)))
    assert base[:32] != name[:32]


def test_lines_without_a_bank_reference_are_named_by_all_they_say():
    texts = [detail("A"), detail("B"), detail("A", name="Other"), detail("a  ")]
    made = [entry("1.00", reference="", details=group(text)) for text in texts]
    names = identities(camt(statement(*made)))
    assert len({name[:32] for name in names}) == 3
    assert names[3] == names[0].replace("-1", "-2")


def test_the_lines_of_a_batch_are_named_by_the_payers_references_too():
    first, second, third = (detail(name, "1.00") for name in "ABC")
    whole = entry("3.00", details=group(first, second, third))
    names = identities(camt(statement(whole)))
    assert len({name[:32] for name in names}) == 3
    swapped = entry("3.00", details=group(third, first, second))
    assert identities(camt(statement(swapped))) == [names[2], names[0], names[1]]


def test_details_with_bank_references_of_their_own_are_named_by_them():
    own = [
        f"<TxDtls><Refs><AcctSvcrRef>D{number}</AcctSvcrRef></Refs>"
        '<Amt Ccy="GBP">1.00</Amt></TxDtls>'
        for number in (1, 2)
    ]
    names = identities(camt(statement(entry("2.00", details=group(*own)))))
    alone = entry("1.00", reference="<AcctSvcrRef>D1</AcctSvcrRef>")
    assert identities(camt(statement(alone))) == names[:1]
