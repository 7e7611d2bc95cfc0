"""Files made to harm give lines, faults or a clear error, in bounded time and memory."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.bank import FileFault, SourceKind
from app.domain.column_mapping import ColumnMapping, TextEncoding
from app.domain.errors import OutcomesError
from app.interchange.read import open_statement
from tests.interchange.statements import (
    balance,
    camt,
    detail,
    entry,
    group,
    mt940,
    statement,
)
from tests.tries import tries

CSV_MAPPING = ColumnMapping(
    date="Date", amount="Amount", references=("Ref",), date_format="DD/MM/YYYY", thousands_mark=","
)
MAPPINGS = {
    SourceKind.CSV: CSV_MAPPING,
    SourceKind.MT940: None,
    SourceKind.CAMT_053: None,
}
UTF_16_MAPPING = ColumnMapping(date="Date", amount="Amount", encoding=TextEncoding.UTF_16)
CAMT = camt(
    statement(
        entry("3.00", details=group(detail("A", "1.00"), detail("B", "2.00")) + group()),
        entry("5.00", way="DBIT", more="<RvslInd>true</RvslInd>", details=group(detail())),
        balances=balance("OPBD", "9.00", "2024-04-01") + balance("CLBD", "7.00", "2024-04-30"),
    )
)
MT940 = mt940(
    ":61:2404020403D1234,56NTRFINV-1//BANK-1",
    "more",
    ":86:166?00BACS?20EREF+INV-1?21SVWZ+Invoice?32COUNCIL",
    ":61:240403RC5,NRTINONREF",
    ":86:/EREF/X/REMI/text",
    closing="D240430GBP239,56",
)
CSV = b'Date,Amount,Ref\r\n02/04/2024,"1,234.50","a ""b"""\r\n03/04/2024,(2.00),=x\r\n'
SEEDS = (
    (SourceKind.CAMT_053, None, CAMT),
    (SourceKind.CAMT_053, None, CAMT.decode().replace("UTF-8", "UTF-16").encode("utf-16")),
    (SourceKind.MT940, None, MT940),
    (SourceKind.CSV, CSV_MAPPING, CSV),
    (SourceKind.CSV, UTF_16_MAPPING, "Date,Amount\n2024-04-02,1.00\n".encode("utf-16")),
)
TOKENS = (
    b"\x00",
    b"\xff",
    b"\xc3",
    b'"',
    b"'",
    b",",
    b"\r",
    b"\n",
    b":61:",
    b":86:",
    b":20:",
    b"-}",
    b"?20",
    b"EREF+",
    b"<Ntry>",
    b"</Ntry>",
    b"<TxDtls>",
    b"</Stmt>",
    b"<!--",
    b"<![CDATA[",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
    b"&b;",
    b"&#0;",
    b"9" * 400,
    b"x" * 5000,
    b"\xd9\xa1",
    b"-",
    b"NaN",
)


@st.composite
def damaged(draw: st.DrawFn, seed: bytes) -> bytes:
    """The seed after a few cuts, copies, overwritten bytes and inserted pieces."""
    content = seed
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(content)))
        length = draw(st.integers(0, 40))
        piece = draw(
            st.one_of(
                st.sampled_from(TOKENS),
                st.binary(max_size=4),
                st.just(content[place : place + length] * 3),
                st.just(b""),
            )
        )
        content = content[:place] + piece + content[place + length :]
    return content


@pytest.mark.parametrize(
    ("kind", "mapping", "seed"), SEEDS, ids=["camt", "camt-16", "mt940", "csv", "csv-16"]
)
@settings(max_examples=tries(200))
@given(data=st.data())
def test_damaged_files_give_lines_faults_or_a_clear_error(kind, mapping, seed, data):
    content = data.draw(damaged(seed))
    positions, refused = [], []
    try:
        for item in open_statement(io.BytesIO(content), kind, mapping):
            positions.append(item.position)
            assert "\x00" not in item.raw
            assert len(item.raw) <= 4000
            if isinstance(item, FileFault):
                assert item.code
                assert item.message.endswith(".")
            else:
                assert item.amount.minor >= 0
                assert not any("\x00" in text for text in item.references)
    except OutcomesError as error:
        refused = [fault.message for fault in error.faults]
    assert all(message.endswith(".") for message in refused)
    assert positions == list(range(1, len(positions) + 1))


@pytest.mark.parametrize("kind", SourceKind)
@settings(max_examples=tries(100))
@given(content=st.binary(max_size=300))
def test_noise_gives_lines_faults_or_a_clear_error(kind, content):
    mapping = MAPPINGS[kind]
    prefixes = {
        SourceKind.CSV: b"Date,Amount,Ref\n",
        SourceKind.MT940: b":20:A\n:60F:C240401GBP0,\n:61:",
        SourceKind.CAMT_053: b"<",
    }
    with contextlib.suppress(OutcomesError):
        assert all(open_statement(io.BytesIO(prefixes[kind] + content), kind, mapping))


def endless_camt(part: str, count: int) -> Iterator[bytes]:
    head, tail = camt(statement("@")).split(b"@")
    yield head
    for _ in range(count):
        yield part.encode()
    yield tail


def endless_mt940(part: str, count: int) -> Iterator[bytes]:
    head, tail = mt940("@").split(b"@\r\n")
    yield head
    for _ in range(count):
        yield part.encode()
    yield tail


def endless_csv(part: str, count: int) -> Iterator[bytes]:
    yield b"Date,Amount,Ref\r\n"
    for _ in range(count):
        yield part.encode()


LONG = {
    "camt": (SourceKind.CAMT_053, endless_camt, entry(details=group(detail())), 100_000),
    "camt-groups": (SourceKind.CAMT_053, endless_camt, entry(details=group() * 3), 30_000),
    "camt-junk": (SourceKind.CAMT_053, endless_camt, entry() + "<a>junk</a>", 30_000),
    "mt940": (SourceKind.MT940, endless_mt940, ":61:240402C1,00NTRFA//B\r\n:86:text\r\n", 100_000),
    "csv": (SourceKind.CSV, endless_csv, "02/04/2024,1.00,A\r\n", 100_000),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LONG)
def test_a_hundred_thousand_lines_need_no_more_memory_than_two_thousand(name):
    """What the parser's C library holds is not seen from within Python: a process's size tells."""
    program = f"""
        import resource
        from app.interchange.read import open_statement
        from tests.interchange import test_hostile_files as these
        from tests.interchange.statements import Generated

        kind, pieces, part, count = these.LONG[{name!r}]
        file = Generated(pieces(part, count))
        items = iter(open_statement(file, kind, these.MAPPINGS[kind]))
        for _ in range(2_000):
            next(items)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        rest = sum(1 for _ in items)
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(rest + 2_000 - count, after - before)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    missing, grown = map(int, done.stdout.split())
    assert missing == 0
    # Kilobytes on Linux, bytes on macOS.
    assert grown < 16_000 * (1 if sys.platform == "linux" else 1024)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (SourceKind.CSV, b"Date,Amount,Ref\n" + b'"\nx,' * 20_000),
        (SourceKind.CSV, b"Date,Amount,Ref\n" + b'a,b,"c\n' * 20_001),
        (SourceKind.CSV, b'Date,Amount,Ref\n"' + b"x" * 3_000_000),
        (SourceKind.CSV, b"Date,Amount,Ref\n" + b"\n" * 100_000),
        (SourceKind.CSV, b"Date,Amount,Ref\n1," + b"1" * 60_000 + b",x"),
        (SourceKind.CSV, b"," * 3_000_000),
        (SourceKind.MT940, mt940(":61:240402C1,00NTRF" + "/" * 3_900, *["?" * 3_900] * 4)),
        (SourceKind.MT940, mt940(":61:240402C1,00N", ":86:" + "?20+" * 900, *["?20EREF+" * 400])),
        (SourceKind.MT940, mt940(":61:240402C1,00N", ":86:" + "/EREF/" * 600, *["/" * 3_000])),
        (SourceKind.MT940, b":20:\n" * 100_000),
        (SourceKind.MT940, mt940(*[":86:"] * 100_000)),
        (SourceKind.CAMT_053, camt(statement(*[entry("9" * 3000)] * 300))),
        (SourceKind.CAMT_053, camt(*[statement()] * 20_000)),
        (SourceKind.CAMT_053, camt(statement(entry(more='<a b="' + "x" * 900_000 + '"/>')))),
        (SourceKind.CAMT_053, camt(statement(entry(details=group(*[detail("A", "1")] * 9_999))))),
        (SourceKind.CAMT_053, camt(statement(entry(details="<NtryDtls/>" * 50_000)))),
    ],
)  # fmt: skip
def test_files_made_to_be_slow_are_not(kind, content):
    mapping = MAPPINGS[kind]
    started = time.process_time()
    with contextlib.suppress(OutcomesError):
        assert all(open_statement(io.BytesIO(content), kind, mapping))
    assert time.process_time() - started < 20
