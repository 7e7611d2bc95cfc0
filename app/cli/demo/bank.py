"""Invented bank statements and accounts-payable extracts of the demo, in the forms of real ones."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.bank import SourceKind

_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
EXTRACT_COLUMNS = {
    "date": "Payment date",
    "amount": "Amount",
    "references": ["Supplier reference"],
    "bank_reference": "Voucher",
    "counterparty": "Supplier",
    "sign": "positive-is-out",
    "date_format": "DD/MM/YYYY",
}
"""How the columns of the accounts-payable extract are read."""


@dataclass(frozen=True, slots=True)
class Booking:
    """One line as the account's owner sees it: pence, below zero for money out."""

    day: date
    pence: int
    text: str
    who: str
    bank_reference: str


@dataclass(frozen=True, slots=True)
class Covered:
    """The days that a statement covers, and what was in the account before them, in pence."""

    first: date
    last: date
    opening: int


def written(kind: SourceKind, account: str, bookings: Sequence[Booking], covered: Covered) -> bytes:
    """A file of one account with its bookings."""
    writer = {SourceKind.CAMT_053: _camt, SourceKind.MT940: _mt940, SourceKind.CSV: _extract}
    return writer[kind](account, bookings, covered).encode()


def _camt(account: str, bookings: Sequence[Booking], covered: Covered) -> str:
    closing = covered.opening + sum(one.pence for one in bookings)
    return f"""\
<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="{_NAMESPACE}"><BkToCstmrStmt>
<GrpHdr><MsgId>{account}-{covered.last}</MsgId><CreDtTm>{covered.last}T18:00:00Z</CreDtTm></GrpHdr>
<Stmt><Id>{account}-{covered.last}</Id>
<Acct><Id><Othr><Id>{account}</Id></Othr></Id><Ccy>GBP</Ccy></Acct>
{_balance("OPBD", covered.opening, covered.first)}
{_balance("CLBD", closing, covered.last)}
{"".join(map(_entry, bookings))}</Stmt>
</BkToCstmrStmt></Document>
"""


def _balance(code: str, pence: int, day: date) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{_amount(pence)}"
        f"<Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def _entry(one: Booking) -> str:
    role = "Dbtr" if one.pence > 0 else "Cdtr"
    return f"""\
<Ntry>{_amount(one.pence)}<Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>{one.day}</Dt></BookgDt><AcctSvcrRef>{one.bank_reference}</AcctSvcrRef>
<NtryDtls><TxDtls><RltdPties><{role}><Pty><Nm>{one.who}</Nm></Pty></{role}></RltdPties>
<RmtInf><Ustrd>{one.text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
"""


def _amount(pence: int) -> str:
    way = "CRDT" if pence >= 0 else "DBIT"
    return f'<Amt Ccy="GBP">{pounds(pence)}</Amt><CdtDbtInd>{way}</CdtDbtInd>'


def _mt940(account: str, bookings: Sequence[Booking], covered: Covered) -> str:
    closing = covered.opening + sum(one.pence for one in bookings)
    rows = [
        f":20:{covered.last:%y%m%d}",
        f":25:{account}",
        ":28C:1/1",
        f":60F:{_mark(covered.opening)}{covered.first:%y%m%d}GBP{_comma(covered.opening)}",
    ]
    for one in bookings:
        moved = f"{one.day:%y%m%d}{one.day:%m%d}{_mark(one.pence)}{_comma(one.pence)}"
        rows.append(f":61:{moved}NTRF{one.text}//{one.bank_reference}")
        rows.append(f":86:166?00BACS?20SVWZ+{one.text}?32{one.who}")
    rows += [f":62F:{_mark(closing)}{covered.last:%y%m%d}GBP{_comma(closing)}", "-"]
    return "\r\n".join(rows) + "\r\n"


def _mark(pence: int) -> str:
    return "C" if pence >= 0 else "D"


def _comma(pence: int) -> str:
    return pounds(pence).replace(".", ",")


def _extract(_account: str, bookings: Sequence[Booking], _covered: Covered) -> str:
    """Money out is positive in what an accounts-payable system lists."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["Payment date", "Voucher", "Supplier", "Supplier reference", "Amount"])
    for one in bookings:
        sign = "-" if one.pence > 0 else ""
        day = f"{one.day:%d/%m/%Y}"
        amount = f"{sign}{pounds(one.pence)}"
        writer.writerow([day, one.bank_reference, one.who, one.text, amount])
    return text.getvalue()


def pounds(pence: int) -> str:
    """Pence as pounds without a sign: 3675000 is 36750.00."""
    return f"{abs(pence) // 100}.{abs(pence) % 100:02d}"
