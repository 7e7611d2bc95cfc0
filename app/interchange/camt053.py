"""Read ISO 20022 camt.053 statements, of any version since .001.02, from files of any size.

The parser builds the tree of one entry at a time. Document types, and with them entities, are
refused, and no part between two entries may grow beyond a bound, so a hostile file costs no more
memory than an honest one (docs/decisions/0011-bank-files.md).
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from lxml import etree

from app.domain.bank import Direction
from app.domain.errors import TooLarge, UnsupportedFile
from app.domain.money import Money
from app.interchange.camt053_entry import (
    Detail,
    Element,
    Texts,
    day_at,
    detail_of,
    direction_at,
    entry_drafts,
    money_at,
    texts,
)
from app.interchange.drafts import Draft, DraftFault, Header, StatementSum, Unreadable, cut_off
from app.interchange.source import Source

_CHUNK = 64 * 1024
_PART_MAX = 1024 * 1024
_DETAILS_MAX = 10_000
_NAMESPACE = re.compile(r"\{(urn:iso:std:iso:20022:tech:xsd:(\w+\.\d{3})\.\d{3}\.(\d\d))\}Document")
_TAGS = ("Document", "Stmt", "Acct", "Bal", "Btch", "TxDtls", "NtryDtls", "Ntry")
_OPENING = ("OPBD", "PRCD")
_CLOSING = "CLBD"

_Read = Callable[[Element], Iterator[Draft]]


def camt053_drafts(source: Source, header: Header) -> Iterator[Draft]:
    """Yield the entries of every statement of one account, in the order of the file.

    Raises UnsupportedFile `not-camt-053` for another document, `document-type` for one with a DTD,
    `not-well-formed` for broken XML, and TooLarge `part-too-large` for an entry or a part between
    entries of more than 1 MiB, or more than 10,000 details in one entry. Reading may have
    yielded lines before the fault in the file is met: use none of them.
    """
    parser = etree.XMLPullParser(
        events=("start", "end"),
        tag=[f"{{*}}{tag}" for tag in _TAGS],
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        # Gone before texts are read, so that <Amt>1<!-- -->00</Amt> is 100 and not 1.
        remove_comments=True,
        remove_pis=True,
    )
    reader = _Reader(header)
    since_last_part = 0
    first = True
    try:
        while chunk := source.read(_CHUNK):
            if first and b"<!DOCTYPE" in chunk.replace(b"\x00", b""):
                raise _document_type()
            first = False
            parser.feed(chunk)
            since_last_part += len(chunk)
            for event, element in parser.read_events():
                yield from reader.take(event, element)
                if reader.part_done:
                    since_last_part = 0
            if since_last_part > _PART_MAX:
                message = f"One part of the file has more than {_PART_MAX} bytes."
                raise TooLarge("part-too-large", message)
        parser.close()
    except etree.XMLSyntaxError as error:
        # Only the place: the parser's sentence may quote what stands there.
        message = f"The file is not well-formed XML at line {error.lineno}; ask for it again."
        raise UnsupportedFile("not-well-formed", message) from None
    if not reader.namespace:
        raise _not_camt()


class _Reader:
    """What has been understood so far of a document that comes element by element."""

    def __init__(self, header: Header) -> None:
        self.namespace = ""
        self.part_done = False
        self._header = header
        self._details: list[Detail] = []
        self._sum = StatementSum()
        self._bad_balance = False
        self._batch: Texts = {}
        self._groups = 0
        self._readers: dict[tuple[str, str, str], _Read] = {
            ("BkToCstmrStmt", "Stmt", "start"): self._open_statement,
            ("BkToCstmrStmt", "Stmt", "end"): self._close_statement,
            ("Stmt", "Acct", "end"): self._account,
            ("Stmt", "Bal", "end"): self._balance,
            ("NtryDtls", "Btch", "end"): self._batch_head,
            ("NtryDtls", "TxDtls", "end"): self._detail,
            ("Ntry", "NtryDtls", "end"): self._group,
            ("Stmt", "Ntry", "end"): self._entry,
        }

    def take(self, event: str, element: Any) -> Iterator[Draft]:
        """Take in one element's start or end."""
        self.part_done = False
        parent = element.getparent()
        if parent is None:
            if event == "start":
                self._open(element)
            return
        if not self.namespace:
            raise _not_camt()
        name = str(element.tag).removeprefix(self.namespace)
        above = str(parent.tag).removeprefix(self.namespace)
        read = self._readers.get((above, name, event))
        if read is not None:
            yield from read(element)

    def _open(self, root: Element) -> None:
        if root.getroottree().docinfo.internalDTD is not None:
            raise _document_type()
        match = _NAMESPACE.fullmatch(str(root.tag))
        if match is None:
            raise _not_camt()
        if match[2] != "camt.053" or match[3] < "02":
            message = (
                f"The document is {match[2]}.001.{match[3]}; "
                "ask the bank for the statement camt.053 in version .001.02 or later."
            )
            raise UnsupportedFile("not-camt-053", message)
        self.namespace = f"{{{match[1]}}}"

    def _open_statement(self, _element: Element) -> Iterator[Draft]:
        self._sum, self._bad_balance = StatementSum(), False
        yield from ()

    def _close_statement(self, element: Element) -> Iterator[Draft]:
        self._header.balances(self._sum.opening, self._sum.closing)
        self._drop(element)
        fault = self._sum.fault()
        if fault is not None:
            yield fault
        elif self._sum.opening and not self._sum.closing and not self._bad_balance:
            yield cut_off("The statement has an opening balance and no closing balance")

    def _account(self, element: Element) -> Iterator[Draft]:
        found = texts(element, self.namespace)
        names = [*found.get("Id/IBAN", ()), *found.get("Id/Othr/Id", ())]
        if names and names[0]:
            self._header.of_account(names[0])
        yield from ()

    def _balance(self, element: Element) -> Iterator[Draft]:
        found = texts(element, self.namespace)
        kinds = found.get("Tp/CdOrPrtry/Cd", [])
        if len(kinds) != 1 or kinds[0] not in {*_OPENING, _CLOSING}:
            return
        try:
            balance = _balance(found)
        except Unreadable as problem:
            fault = DraftFault(problem.code, f"Balance: {problem.message}", _source(element))
            self._sum.count(fault)
            self._bad_balance = True
            yield fault
            return
        if kinds[0] == _CLOSING:
            self._sum.closing = balance
        elif kinds[0] == _OPENING[0] or self._sum.opening is None:
            self._sum.opening = balance

    def _batch_head(self, element: Element) -> Iterator[Draft]:
        for path, values in texts(element, self.namespace).items():
            self._batch.setdefault(f"Btch/{path}", []).extend(values)
        yield from ()

    def _detail(self, element: Element) -> Iterator[Draft]:
        if len(self._details) == _DETAILS_MAX:
            message = f"One entry has more than {_DETAILS_MAX} details; ask for smaller batches."
            raise TooLarge("part-too-large", message)
        self._details.append(detail_of(texts(element, self.namespace), _source(element)))
        self._drop(element)
        yield from ()

    def _group(self, element: Element) -> Iterator[Draft]:
        """Free a group of details; of those before it only the first stays, behind the head."""
        element.clear(keep_tail=True)  # type: ignore[call-arg] # newer than the stubs
        self._groups += 1
        above, before = element.getparent(), element.getprevious()
        while self._groups > 1 and above is not None and before is not None:
            is_group = before.tag == element.tag
            if not is_group or self._groups > 2:
                above.remove(before)
            if is_group:
                break
            before = element.getprevious()
        yield from ()

    def _entry(self, element: Element) -> Iterator[Draft]:
        found = texts(element, self.namespace) | self._batch
        details, self._details, self._batch, self._groups = self._details, [], {}, 0
        drafts = entry_drafts(found, details, _source(element))
        self._drop(element)
        for draft in drafts:
            self._sum.count(draft)
            yield draft

    def _drop(self, element: Element) -> None:
        """Free a part that has been read, and all that stands before it under the same element.

        The element itself must stay in the tree: the parser may be adding text behind it.
        """
        self.part_done = True
        element.clear(keep_tail=True)  # type: ignore[call-arg] # newer than the stubs
        parent = element.getparent()
        while parent is not None and element.getprevious() is not None:
            del parent[0]


def _balance(found: Texts) -> tuple[Money, date]:
    amount, day = money_at(found, "Amt"), day_at(found, "Dt")
    if day is None:
        raise Unreadable("bad-date", "The balance has no date.")
    return (amount if direction_at(found) is Direction.IN else -amount), day


def _source(element: Element) -> str:
    return etree.tostring(element, encoding="unicode", with_tail=False)


def _not_camt() -> UnsupportedFile:
    message = "The file is not an ISO 20022 document; ask the bank for camt.053."
    return UnsupportedFile("not-camt-053", message)


def _document_type() -> UnsupportedFile:
    message = "The file declares a document type, which camt.053 never does; it is refused unread."
    return UnsupportedFile("document-type", message)
