"""camt.053: versions, batches, directions, returns, references, balances, and what is refused."""

from __future__ import annotations

import io
from datetime import date

import pytest

from app.domain.bank import Direction, FileFault, FileLine, SourceKind
from app.domain.errors import InputInvalid, OutcomesError, TooLarge, UnsupportedFile
from app.domain.money import Money
from tests.interchange.reading import StatementFile, read_statement
from tests.interchange.statements import (
    ACCOUNT,
    CAMT_NAMESPACE,
    balance,
    camt,
    detail,
    entry,
    group,
    statement,
)


def read(content: bytes) -> StatementFile:
    return read_statement(io.BytesIO(content), SourceKind.CAMT_053)


def only_line(*parts: str) -> FileLine:
    result = read(camt(statement(*parts)))
    assert not result.faults
    (line,) = result.lines
    return line


def only_fault(*parts: str) -> FileFault:
    result = read(camt(statement(*parts)))
    assert not result.lines
    (fault,) = result.faults
    return fault


@pytest.mark.parametrize("version", ["02", "03", "04", "06", "08", "10", "13"])
def test_reads_every_version_by_its_namespace(version):
    result = read(camt(statement(entry(details=group(detail()))), version=version))
    (line,) = result.lines
    assert result.account == ACCOUNT
    assert line.position == 1
    assert line.booked_on == date(2024, 4, 2)
    assert line.value_on == date(2024, 4, 3)
    assert line.amount == Money(10000)
    assert line.direction is Direction.IN
    assert line.counterparty == "Council"
    assert line.references == ("INV-1", "BANK-1")
    assert not line.is_return
    assert line.raw.startswith("<Ntry ")
    assert "INV-1" in line.raw


def test_reads_a_document_with_prefixes_and_another_namespace_inside():
    prefixed = camt(statement(entry())).decode().replace("<", "<c:").replace("<c:/", "</c:")
    prefixed = prefixed.replace("<c:?xml", "<?xml").replace("xmlns=", "xmlns:c=")
    foreign = '<x:Amt xmlns:x="urn:other" Ccy="GBP">9.99</x:Amt></c:Ntry>'
    (line,) = read(prefixed.replace("</c:Ntry>", foreign).encode()).lines
    assert line.amount == Money(10000)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "iso-8859-1", "windows-1252", "UTF-8"])
def test_reads_the_encoding_that_the_document_declares(encoding):
    text = camt(statement(entry(details=group(detail(name="Caf\u00e9 \u00a3"))))).decode()
    declared = text.replace('encoding="UTF-8"', f'encoding="{encoding}"')
    mark = b"\xff\xfe" if encoding == "utf-16-le" else b""
    (line,) = read(mark + declared.encode(encoding)).lines
    assert line.counterparty == "Caf\u00e9 \u00a3"


@pytest.mark.parametrize(
    ("written", "minor"),
    [
        ("100", 10000),
        ("100.5", 10050),
        ("100.50000", 10050),
        (".5", 50),
        ("5.", 500),
        ("000100.00", 10000),
        ("0", 0),
        ("1<!-- a comment -->00", 10000),
        ("1<?an instruction?>00", 10000),
        ("<![CDATA[1]]>00", 10000),
        ("&#49;00", 10000),
        ("\n 100.00 \n", 10000),
        ("999999999999999.99", 99999999999999999),
    ],
)
def test_amounts_are_exact(written, minor):
    assert only_line(entry(written)).amount == Money(minor)


def test_a_line_in_another_currency_is_still_a_line():
    assert only_line(entry("100.00", currency="EUR")).amount == Money(10000, "EUR")


@pytest.mark.parametrize(
    ("part", "code"),
    [
        (entry("100.001"), "fraction"),
        (entry("10.5", currency="JPY"), "fraction"),
        (entry("-1.00"), "bad-amount"),
        (entry("1e3"), "bad-amount"),
        (entry("1,00"), "bad-amount"),
        (entry("NaN"), "bad-amount"),
        (entry("\u0661.00"), "bad-amount"),
        (entry(""), "bad-amount"),
        (entry("."), "bad-amount"),
        (entry("1<b/>00"), "bad-amount"),
        (entry("1" * 16), "bad-amount"),
        (entry("1" * 61), "bad-amount"),
        (entry(currency="gbp"), "bad-currency"),
        (entry(currency="QQQ"), "bad-currency"),
        (entry().replace(' Ccy="GBP"', ""), "bad-currency"),
        (entry(more='<Amt Ccy="GBP">1</Amt>'), "bad-amount"),
        (entry(way="BOTH"), "bad-direction"),
        (entry(more="<CdtDbtInd>DBIT</CdtDbtInd>"), "bad-direction"),
        (entry(booked=""), "bad-date"),
        (entry(booked="<BookgDt><Dt>2023-02-29</Dt></BookgDt>"), "bad-date"),
        (entry(booked="<BookgDt><Dt>02/04/2024</Dt></BookgDt>"), "bad-date"),
        (entry(booked="<BookgDt><Dt>2024-04-02</Dt><Dt>2024-04-03</Dt></BookgDt>"), "bad-date"),
        (entry(value="<ValDt><Dt>2024-13-01</Dt></ValDt>"), "bad-date"),
        (entry(status=""), "bad-status"),
        (entry(status="<Sts>DONE</Sts>"), "bad-status"),
        (entry(status="<Sts>BOOK</Sts><Sts>PDNG</Sts>"), "bad-status"),
        (entry(status="<Sts>PDNG</Sts>"), "not-booked"),
        (entry(status="<Sts><Cd>PDNG</Cd></Sts>"), "not-booked"),
        (entry(status="<Sts>INFO</Sts>"), "not-booked"),
        (entry(status="<Sts><Cd>FUTR</Cd></Sts>"), "not-booked"),
        (entry(more=f"<AddtlNtryInf>{'x' * 1001}</AddtlNtryInf>"), "too-long"),
        (entry(details=group(detail("x" * 1001))), "too-long"),
        (entry(details=group(detail(name="x" * 1001))), "too-long"),
    ],
)
def test_an_entry_that_cannot_be_read_is_one_fault(part, code):
    fault = only_fault(part)
    assert (fault.position, fault.code) == (1, code)
    assert fault.message.endswith(".")
    assert "Ntry" in fault.raw


@pytest.mark.parametrize(
    ("booked", "day"),
    [
        ("<BookgDt><Dt>2024-02-29</Dt></BookgDt>", date(2024, 2, 29)),
        ("<BookgDt><Dt>2024-04-02Z</Dt></BookgDt>", date(2024, 4, 2)),
        ("<BookgDt><Dt>2024-04-02+01:00</Dt></BookgDt>", date(2024, 4, 2)),
        ("<BookgDt><DtTm>2024-04-02T23:59:59-05:00</DtTm></BookgDt>", date(2024, 4, 2)),
    ],
)
def test_the_day_is_the_one_the_bank_wrote(booked, day):
    assert only_line(entry(booked=booked, value="")).booked_on == day


def test_a_batch_becomes_one_line_per_detail():
    batch = "<Btch><MsgId>RUN-7</MsgId><NbOfTxs>3</NbOfTxs></Btch>"
    first = group(detail("INV-1", "30.00"), detail("INV-2", "20.00"), batch=batch)
    second = group(detail("INV-3", "50.00"))
    result = read(camt(statement(entry("100.00", details=first + second), entry("1.00"))))
    assert not result.faults
    assert [str(line.amount) for line in result.lines] == ["30.00", "20.00", "50.00", "1.00"]
    assert [line.position for line in result.lines] == [1, 2, 3, 4]
    assert result.lines[1].references == ("INV-2", "BANK-1", "RUN-7")
    assert "RUN-7" not in result.lines[3].references
    assert result.lines[1].raw.startswith("<TxDtls ")


def test_a_batch_may_hold_both_directions():
    out = "<CdtDbtInd>DBIT</CdtDbtInd>"
    details = group(detail("A", "120.00"), detail("B", "20.00", more=out))
    lines = read(camt(statement(entry("100.00", details=details)))).lines
    assert [(line.direction, str(line.amount)) for line in lines] == [
        (Direction.IN, "120.00"),
        (Direction.OUT, "20.00"),
    ]


def test_a_batch_takes_amounts_from_where_older_versions_have_them():
    old = '<AmtDtls><TxAmt><Amt Ccy="GBP">40</Amt></TxAmt></AmtDtls>'
    instructed = '<AmtDtls><InstdAmt><Amt Ccy="GBP">60</Amt></InstdAmt></AmtDtls>'
    details = group(detail("A", more=old), detail("B", more=instructed))
    lines = read(
        camt(
            statement(
                entry("100.00", details=details),
            ),
            version="02",
        )
    ).lines
    assert [str(line.amount) for line in lines] == ["40.00", "60.00"]


@pytest.mark.parametrize(
    ("details", "code"),
    [
        (group(detail("A", "60.00"), detail("B", "39.99")), "details-do-not-add-up"),
        (group(detail("A", "60.00"), detail("B")), "detail-without-amount"),
        (group(detail("A", "60.00"), detail("B", "0.001")), "fraction"),
        (group(detail("A", "99.99")), "details-do-not-add-up"),
        (group(detail("A", more="<CdtDbtInd>DBIT</CdtDbtInd>")), "details-do-not-add-up"),
        (group(detail("A", more="<CdtDbtInd>UP</CdtDbtInd>")), "bad-direction"),
        (group(detail("A", "100.00", more='<Amt Ccy="GBP">100.00</Amt>')), "bad-amount"),
    ],
)
def test_details_that_contradict_their_entry_are_one_fault_with_its_source(details, code):
    fault = only_fault(entry("100.00", details=details))
    assert fault.code == code
    assert "INV" in fault.raw or "<EndToEndId>A" in fault.raw


def test_a_batch_without_details_is_one_line():
    batch = group(batch="<Btch><MsgId>RUN-7</MsgId></Btch>")
    assert only_line(entry("100.00", details=batch)).references == ("BANK-1", "RUN-7")


def test_a_single_detail_in_the_payers_currency_takes_the_entrys_amount():
    foreign = '<AmtDtls><TxAmt><Amt Ccy="EUR">117.00</Amt></TxAmt></AmtDtls>'
    assert (
        only_line(entry("100.00", details=group(detail("A", more=foreign)))).amount.minor == 10000
    )


@pytest.mark.parametrize(
    ("part", "is_return"),
    [
        (entry(), False),
        (entry(more="<RvslInd>false</RvslInd>"), False),
        (entry(more="<RvslInd>true</RvslInd>"), True),
        (entry(more="<RvslInd>1</RvslInd>"), True),
        (entry(details=group(detail(more="<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"))), True),
        (
            entry(
                more="<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd>"
                "<SubFmlyCd>RRTN</SubFmlyCd></Fmly></Domn></BkTxCd>"
            ),
            True,
        ),
    ],
)
def test_returned_payments_are_marked(part, is_return):
    assert only_line(part).is_return is is_return


def test_the_counterparty_is_who_paid_or_was_paid():
    names = (
        "<RltdPties><Dbtr><Pty><Nm>Payer</Nm></Pty></Dbtr>"
        "<Cdtr><Pty><Nm>Payee</Nm></Pty></Cdtr></RltdPties>"
    )
    details = group(f"<TxDtls>{names}</TxDtls>")
    assert only_line(entry(details=details)).counterparty == "Payer"
    assert only_line(entry(way="DBIT", details=details)).counterparty == "Payee"
    assert only_line(entry(way="DBIT", details=details)).direction is Direction.OUT


def test_all_references_are_kept_once_and_placeholders_are_not():
    references = (
        "<TxDtls><Refs><AcctSvcrRef>BANK-1</AcctSvcrRef><InstrId>INS-1</InstrId>"
        "<EndToEndId>NOTPROVIDED</EndToEndId><TxId>TX-1</TxId><ChqNb>000123</ChqNb></Refs>"
        "<RmtInf><Ustrd>Invoice SPV-000012</Ustrd><Ustrd>and SPV-000013</Ustrd>"
        "<Strd><CdtrRefInf><Ref>RF18</Ref></CdtrRefInf><RfrdDocInf><Nb>SPV-000012</Nb></RfrdDocInf>"
        "</Strd></RmtInf><AddtlTxInf>Faster payment</AddtlTxInf></TxDtls>"
    )
    assert only_line(entry(details=group(references))).references == (
        "INS-1",
        "TX-1",
        "000123",
        "BANK-1",
        "RF18",
        "SPV-000012",
        "Invoice SPV-000012",
        "and SPV-000013",
        "Faster payment",
    )


def test_text_that_looks_like_a_formula_is_text():
    assert only_line(entry(details=group(detail("=1+1")))).references[0] == "=1+1"


@pytest.mark.parametrize(
    ("balances", "opening", "closing"),
    [
        ("", None, None),
        (
            balance("OPBD", "50.00", "2024-04-01") + balance("CLBD", "150.00", "2024-04-02"),
            Money(5000),
            Money(15000),
        ),
        (
            balance("PRCD", "50.00", "2024-04-01", sign="DBIT")
            + balance("CLBD", "50.00", "2024-04-02")
            + balance("CLAV", "1.00", "2024-04-02"),
            Money(-5000),
            Money(5000),
        ),
        (
            balance("PRCD", "7.00", "2024-04-01")
            + balance("OPBD", "50.00", "2024-04-01")
            + balance("PRCD", "7.00", "2024-04-01"),
            Money(5000),
            None,
        ),
    ],
)
def test_states_the_balances(balances, opening, closing):
    result = read(camt(statement(entry(), balances=balances)))
    cut_off = opening is not None and closing is None
    assert [one.code for one in result.faults] == ["statement-cut-off"] * cut_off
    assert (result.opening, result.closing) == (opening, closing)


def test_a_closing_balance_that_cannot_be_read_is_told_once():
    balances = balance("OPBD", "0.00", "2024-04-01") + balance("CLBD", "x", "2024-04-30")
    (fault,) = read(camt(statement(entry(), balances=balances))).faults
    assert fault.message.startswith("Balance: ")


def test_statements_of_one_account_are_read_together_in_any_order():
    april = balance("OPBD", "0.00", "2024-04-01") + balance("CLBD", "100.00", "2024-04-30")
    may = balance("OPBD", "100.00", "2024-05-01") + balance("CLBD", "200.00", "2024-05-31")
    result = read(camt(statement(entry(), balances=may), statement(entry(), balances=april)))
    assert (result.opening, result.closing) == (Money(0), Money(20000))
    assert len(result.lines) == 2
    assert not result.faults


def test_lines_that_do_not_lead_to_the_closing_balance_are_a_fault():
    balances = balance("OPBD", "0.00", "2024-04-01") + balance("CLBD", "250.00", "2024-04-30")
    result = read(camt(statement(entry(), entry("100.00"), balances=balances)))
    (fault,) = result.faults
    assert (fault.position, fault.code) == (3, "balances-differ")
    assert "GBP 200.00" in fault.message


@pytest.mark.parametrize(
    "other",
    [entry("9.99", currency="EUR"), entry("x"), entry(status="<Sts>PDNG</Sts>") + entry("150.00")],
)
def test_the_check_of_balances_knows_when_it_cannot_be_made(other):
    balances = balance("OPBD", "0.00", "2024-04-01") + balance("CLBD", "250.00", "2024-04-30")
    result = read(camt(statement(entry(), other, balances=balances)))
    assert "balances-differ" not in {fault.code for fault in result.faults}


def test_balances_in_two_currencies_are_not_compared():
    balances = balance("OPBD", "0.00", "2024-04-01") + balance(
        "CLBD", "9.00", "2024-04-30", currency="EUR"
    )
    assert not read(camt(statement(entry(), balances=balances))).faults


@pytest.mark.parametrize(
    "bad",
    [balance("CLBD", "x", "2024-04-30"), balance("CLBD", "1.00", "").replace("<Dt></Dt>", "")],
)
def test_a_balance_that_cannot_be_read_is_a_fault(bad):
    result = read(camt(statement(entry(), balances=bad)))
    assert len(result.faults) == 1
    assert result.closing is None


def test_a_file_of_two_accounts_is_refused():
    with pytest.raises(InputInvalid) as caught:
        read(camt(statement(entry()), statement(entry(), account="GB00OTHER")))
    assert caught.value.faults[0].code == "several-accounts"


def test_an_account_may_have_no_iban_or_no_name_at_all():
    other = camt(statement()).decode().replace("IBAN>", "X>")
    domestic = f"<Othr><Id>20000012345678</Id></Othr><X>{ACCOUNT}"
    assert read(other.replace(f"<X>{ACCOUNT}", domestic).encode()).account == "20000012345678"
    assert read(other.encode()).account is None


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<html><body>Log in</body></html>", "not-camt-053"),
        (b"<Envelope>" + camt(statement(entry()))[38:] + b"</Envelope>", "not-camt-053"),
        (camt().replace(b"camt.053", b"camt.052"), "not-camt-053"),
        (camt().replace(b"camt.053", b"camt.054"), "not-camt-053"),
        (camt(version="01"), "not-camt-053"),
        (b"<Document/>", "not-camt-053"),
        (b"<a/>", "not-camt-053"),
        (camt(statement(entry()))[:-20], "not-well-formed"),
        (camt(statement(entry())) + b"<more/>", "not-well-formed"),
        (camt(statement(entry("&undefined;"))), "not-well-formed"),
        (camt(statement(entry(details=group(detail(name="@"))))).replace(b"@", b"\xff"),
         "not-well-formed"),
        (b"<" * 100, "not-well-formed"),
    ],
)  # fmt: skip
def test_other_documents_and_broken_ones_are_refused_whole(content, code):
    with pytest.raises(UnsupportedFile) as caught:
        read(content)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE Document [<!ENTITY e "100.00">]>',
        '<!DOCTYPE Document [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/evil.dtd">',
        '<!DOCTYPE Document [<!ENTITY % e SYSTEM "http://127.0.0.1:9/evil.dtd"> %e;]>',
        '<!DOCTYPE Document [<!ENTITY a "aaaaaaaaaa">'
        + "".join(
            f'<!ENTITY {name} "{f"&{before};" * 10}">'
            for before, name in zip("abcdefghi", "bcdefghij", strict=True)
        )
        + '<!ENTITY e "&j;">]>',
    ],
)
@pytest.mark.parametrize("padding", [0, 100_000])
def test_document_types_and_so_entities_are_refused_unread(prolog, padding):
    comment = f"<!--{' ' * padding}-->"
    content = camt(statement(entry("&e;")), prolog=comment + prolog)
    for made in (content, content.decode().replace('encoding="UTF-8"', "").encode("utf-16")):
        with pytest.raises(UnsupportedFile) as caught:
            read(made)
        assert caught.value.code in {"document-type", "not-well-formed"}
        assert "passwd" not in caught.value.message


@pytest.mark.parametrize("depth", [300, 100_000])
def test_deep_nesting_is_refused(depth):
    deep = "<a>" * depth + "</a>" * depth
    with pytest.raises(OutcomesError) as caught:
        read(camt(statement(entry(more=deep))))
    assert caught.value.code in {"not-well-formed", "part-too-large"}


def test_nesting_below_the_parsers_limit_is_read():
    assert only_line(entry(more="<a>" * 200 + "</a>" * 200)).amount == Money(10000)


@pytest.mark.parametrize(
    "junk",
    [
        entry(more="<a/>" * 400_000),
        entry(more=f"<a>{'x' * 1_500_000}</a>"),
        "<a/>" * 400_000,
        entry(details=group("<a/>" * 400_000)),
        entry(details=group(*["<TxDtls/>"] * 10_001)),
    ],
)
def test_parts_that_would_fill_the_memory_are_refused(junk):
    with pytest.raises(TooLarge) as caught:
        read(camt(statement(junk)))
    assert caught.value.code == "part-too-large"


def test_elements_in_the_wrong_place_do_no_harm():
    inner = entry("55.00")
    nested = entry(more=inner, details=group(detail(more=inner)) + "<a/>" + group() + group(inner))
    assert only_line(nested).amount == Money(10000)
    outside = f'<Ntry xmlns="{CAMT_NAMESPACE}08"/><Bal/><Acct/>'
    content = camt(statement(entry())).decode().replace("<GrpHdr>", f"{outside}<GrpHdr>")
    assert len(read(content.encode()).lines) == 1
