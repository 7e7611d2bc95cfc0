"""Small statements as banks write them, for the tests of the readers."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

CAMT_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001."
ACCOUNT = "GB33BUKB20201555555555"


def balance(kind: str, amount: str, day: str, *, currency: str = "GBP", sign: str = "CRDT") -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>'
        f"<Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def entry(
    amount: str = "100.00",
    *,
    currency: str = "GBP",
    way: str = "CRDT",
    status: str = "<Sts>BOOK</Sts>",
    booked: str = "<BookgDt><Dt>2024-04-02</Dt></BookgDt>",
    value: str = "<ValDt><Dt>2024-04-03</Dt></ValDt>",
    reference: str = "<AcctSvcrRef>BANK-1</AcctSvcrRef>",
    more: str = "",
    details: str = "",
) -> str:
    return (
        f'<Ntry><NtryRef>1</NtryRef><Amt Ccy="{currency}">{amount}</Amt>'
        f"<CdtDbtInd>{way}</CdtDbtInd>{more}{status}{booked}{value}{reference}"
        f"{details}</Ntry>"
    )


def detail(
    end_to_end: str = "INV-1", amount: str | None = None, *, more: str = "", name: str = "Council"
) -> str:
    stated = "" if amount is None else f'<Amt Ccy="GBP">{amount}</Amt>'
    return (
        f"<TxDtls><Refs><EndToEndId>{end_to_end}</EndToEndId></Refs>{stated}"
        f"<RltdPties><Dbtr><Nm>{name}</Nm></Dbtr></RltdPties>{more}</TxDtls>"
    )


def group(*details: str, batch: str = "") -> str:
    return f"<NtryDtls>{batch}{''.join(details)}</NtryDtls>"


def statement(*entries: str, account: str = ACCOUNT, balances: str = "") -> str:
    identity = f"<Acct><Id><IBAN>{account}</IBAN></Id></Acct>"
    return f"<Stmt><Id>S</Id>{identity}{balances}{''.join(entries)}</Stmt>"


def camt(*statements: str, version: str = "08", prolog: str = "") -> bytes:
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return (
        f'{head}{prolog}<Document xmlns="{CAMT_NAMESPACE}{version}"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>M</MsgId></GrpHdr>{''.join(statements)}</BkToCstmrStmt></Document>"
    ).encode()


def mt940(*rows: str, opening: str = "C240401GBP1000,00", closing: str | None = "") -> bytes:
    """A statement that closes at what its lines lead to, or as said; None: without its end."""
    if closing == "":
        well = opening if _OPENING.fullmatch(opening) else "C240401GBP0,00"
        closing = f"C240430{well[7:10]}{_led_to(well, rows)}"
    last = [] if closing is None else [f":62F:{closing}"]
    page = [":20:STMT", ":25:20-00-00/12345678", ":28C:1/1", f":60F:{opening}", *rows, *last, "-"]
    return "\r\n".join([*page, ""]).encode()


_LINE = re.compile(r":61:[0-9 ]{6,10}(R?)([CD])[A-Z]?([0-9]{1,12},?[0-9]{0,2})[NF]")
_OPENING = re.compile(r"[CD][0-9]{6}[A-Z]{3}[0-9,]+")


def _led_to(opening: str, rows: Iterable[str]) -> str:
    """The opening amount and the lines that are written well; others make a fault anyway."""
    reached = Decimal(re.sub("[^0-9.]", "", opening[10:].replace(",", ".")) or 0)
    for reverses, way, amount in (found.groups() for row in rows if (found := _LINE.match(row))):
        value = Decimal(amount.replace(",", ".").rstrip("."))
        reached += value if (way == "C") != bool(reverses) else -value
    return f"{reached:.2f}".replace(".", ",")


class Generated(io.RawIOBase):
    """A file that is made while it is read, so that only the reader's own memory counts."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        super().__init__()
        self._pieces: Iterator[bytes] = iter(pieces)
        self._buffer = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while len(self._buffer) < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._buffer += piece
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken
