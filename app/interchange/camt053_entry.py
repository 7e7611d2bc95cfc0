"""One camt.053 entry and its transaction details, turned into lines.

Source: ISO 20022 message definition camt.053.001. Element names are those of the standard.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from lxml import etree

from app.domain.bank import Direction
from app.domain.money import Money
from app.interchange.amounts import exact_money
from app.interchange.drafts import (
    NOT_BOOKED,
    RAW_MAX,
    Draft,
    DraftFault,
    DraftLine,
    Unreadable,
    bounded,
)

# The one name lxml has for the type of an element.
Element: TypeAlias = etree._Element  # noqa: SLF001

# The texts of an element's leaves by their path below it: {"BookgDt/Dt": ["2024-04-02"], ...}.
Texts = dict[str, list[str]]

_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:[TZ+-].{0,40})?", re.ASCII)
_DIRECTIONS = {"CRDT": Direction.IN, "DBIT": Direction.OUT}
# Bank transaction sub-families of the external code list that say a payment came back.
_RETURN_FAMILIES = frozenset({"RRTN", "RPCR", "PRDD", "UPDD", "RCDD", "UPCQ", "UPCT"})
_NOT_PROVIDED = frozenset({"", "NOTPROVIDED", "NONREF"})
_OWN_REFERENCES = ("Refs/EndToEndId", "Refs/InstrId", "Refs/TxId", "Refs/UETR")
_REFERENCES = (
    *_OWN_REFERENCES,
    "Refs/PmtInfId",
    "Refs/MsgId",
    "Refs/MndtId",
    "Refs/ChqNb",
    "Refs/ClrSysRef",
    "Refs/AcctSvcrRef",
    "Refs/Prtry/Ref",
    "RmtInf/Strd/CdtrRefInf/Ref",
    "RmtInf/Strd/CdtrRefInf/CdtrRef",
    "RmtInf/Strd/RfrdDocInf/Nb",
    "RmtInf/Strd/RfrdDocInf/RfrdDocNb",
    "RmtInf/Strd/AddtlRmtInf",
    "RmtInf/Ustrd",
    "AddtlTxInf",
)
# NtryRef is left out: banks number the entries of one file with it, so it names nothing elsewhere.
_ENTRY_REFERENCES = ("AcctSvcrRef", "AddtlNtryInf", "Btch/MsgId", "Btch/PmtInfId")
_STATED = ("Amt", "AmtDtls/TxAmt/Amt")
_INSTRUCTED = "AmtDtls/InstdAmt/Amt"
_DEBTOR = ("RltdPties/Dbtr/Nm", "RltdPties/Dbtr/Pty/Nm")
_CREDITOR = ("RltdPties/Cdtr/Nm", "RltdPties/Cdtr/Pty/Nm")


@dataclass(frozen=True, slots=True)
class Detail:
    """What is kept of one TxDtls element until its entry is complete."""

    stated: tuple[tuple[str, str], ...]
    instructed: tuple[tuple[str, str], ...]
    direction: tuple[str, ...]
    debtor: str | None
    creditor: str | None
    references: tuple[str, ...]
    own_references: tuple[str, ...]
    bank_reference: str | None
    is_return: bool
    problem: Unreadable | None
    raw: str


def texts(element: Element, namespace: str) -> Texts:
    """The texts of all leaves below an element; what is in other namespaces is left out.

    An element with children is no leaf, so an amount with something inside has no text at all.
    """
    found: Texts = {}
    _collect(element, "", namespace, found)
    return found


def _collect(element: Element, prefix: str, namespace: str, found: Texts) -> None:
    for child in element:
        tag = str(child.tag)
        if not tag.startswith(namespace):
            continue
        path = prefix + tag[len(namespace) :]
        if len(child):
            _collect(child, path + "/", namespace, found)
            continue
        found.setdefault(path, []).append((child.text or "").strip())
        currency = child.get("Ccy")
        if currency is not None:
            found.setdefault(path + "@Ccy", []).append(currency)


def detail_of(found: Texts, raw: str) -> Detail:
    """Keep what a line needs of one TxDtls element; its amounts are judged with its entry's."""
    names: tuple[str | None, str | None] = (_first(found, _DEBTOR), _first(found, _CREDITOR))
    references: tuple[str, ...] = ()
    problem = None
    try:
        references = bounded(_named(found, _REFERENCES))
        bounded(names)
        _refuse_twice(found)
    except Unreadable as unreadable:
        found, names, references, problem = {}, (None, None), (), unreadable
    return Detail(
        stated=tuple(pair for path in _STATED for pair in _amounts(found, path)),
        instructed=_amounts(found, _INSTRUCTED),
        direction=tuple(found.get("CdtDbtInd", ())),
        debtor=names[0],
        creditor=names[1],
        references=references,
        own_references=_named(found, _OWN_REFERENCES),
        bank_reference=_first(found, ("Refs/AcctSvcrRef",)),
        is_return=any(path.startswith("RtrInf/") for path in found) or _returned_family(found),
        problem=problem,
        raw=raw[:RAW_MAX],
    )


def entry_drafts(found: Texts, details: Sequence[Detail], raw: str) -> list[Draft]:
    """The lines of one entry: one per transaction detail, or one if it has none.

    Source: ISO 20022 camt.053, ReportEntry and EntryTransaction. A batch of 30.00 and 12.00 in an
    entry of 42.00 gives two lines; if the details do not add up to the entry's amount, the whole
    entry is one fault, because nobody can say which figure is right. An entry whose status is not
    BOOK is the fault `not-booked`: it may never happen, and is in no balance.
    """
    # An entry without details is one line, as if it had one detail that says nothing.
    details = details or [detail_of({}, "")]
    raw += "".join(detail.raw for detail in details[:10])
    try:
        lines = _lines(found, details, raw)
    except Unreadable as problem:
        return [DraftFault(problem.code, problem.message, raw)]
    return [*lines]


def money_at(found: Texts, path: str) -> Money:
    """The one amount at a path, with its currency. Raises Unreadable."""
    return exact_money(
        _only(found, path, "bad-amount"), _only(found, path + "@Ccy", "bad-currency")
    )


def day_at(found: Texts, path: str) -> date | None:
    """The day at a path's Dt or DtTm as the bank wrote it, or None if it has neither.

    A time's zone is not converted: the bank books by its own day.
    """
    written = [*found.get(f"{path}/Dt", ()), *found.get(f"{path}/DtTm", ())]
    if not written:
        return None
    match = _DATE.fullmatch(written[0]) if len(written) == 1 else None
    try:
        # What is not written like a date is not in the calendar either.
        return date.fromisoformat(match[1] if match else "")
    except ValueError:
        raise Unreadable("bad-date", f"{path} is not one date of the calendar.") from None


def direction_at(found: Texts) -> Direction:
    """Credit is money in, debit is money out, as the account's owner sees it."""
    word = _only(found, "CdtDbtInd", "bad-direction")
    if word not in _DIRECTIONS:
        raise Unreadable("bad-direction", "CdtDbtInd is neither CRDT nor DBIT.")
    return _DIRECTIONS[word]


def _lines(found: Texts, details: Sequence[Detail], raw: str) -> list[DraftLine]:
    status = found.get("Sts", []) + found.get("Sts/Cd", [])
    if status != ["BOOK"]:
        if status in (["PDNG"], ["INFO"], ["FUTR"]):
            message = f"The entry is not booked (status {status[0]}); wait for its final statement."
            raise Unreadable(NOT_BOOKED, message)
        raise Unreadable("bad-status", "The entry has no single status that the standard knows.")
    amount, direction = money_at(found, "Amt"), direction_at(found)
    booked_on, value_on = day_at(found, "BookgDt"), day_at(found, "ValDt")
    if booked_on is None:
        raise Unreadable("bad-date", "The entry has no booking date.")
    reversal = found.get("RvslInd", ["false"])[0] in {"true", "1"} or _returned_family(found)
    bank_reference = _first(found, ("AcctSvcrRef",))
    common = _named(found, _ENTRY_REFERENCES)
    for detail in details:
        if detail.problem is not None:
            raise detail.problem
    amounts = _amounts_of(details, amount, direction)
    alone = len(details) == 1
    return [
        DraftLine(
            booked_on=booked_on,
            value_on=value_on,
            amount=part,
            direction=way,
            counterparty=_counterparty(detail, way),
            references=bounded((*detail.references, *common)),
            bank_reference=_bank_reference(detail, bank_reference, alone=alone),
            is_return=reversal or detail.is_return,
            raw=raw if alone else detail.raw,
        )
        for detail, (part, way) in zip(details, amounts, strict=True)
    ]


def _amounts_of(
    details: Sequence[Detail], amount: Money, direction: Direction
) -> list[tuple[Money, Direction]]:
    """Each line's amount and direction; together they must come to the entry's."""
    if len(details) == 1:
        stated = _stated(details[0].stated, amount.currency)
        way = _detail_direction(details[0], direction)
        if (stated is not None and stated != amount) or way is not direction:
            message = "The detail's amount or direction differs from its entry's."
            raise Unreadable("details-do-not-add-up", message)
        return [(amount, direction)]
    parts = []
    reached = 0
    for detail in details:
        part = _stated((*detail.stated, *detail.instructed), amount.currency)
        if part is None:
            message = f"A detail has no amount in {amount.currency}, the entry's currency."
            raise Unreadable("detail-without-amount", message)
        way = _detail_direction(detail, direction)
        parts.append((part, way))
        reached += part.minor if way is direction else -part.minor
    if reached != amount.minor:
        total = Money(reached, amount.currency).readable()
        message = f"The details come to {total}, but their entry to {amount.readable()}."
        raise Unreadable("details-do-not-add-up", message)
    return parts


def _stated(amounts: Sequence[tuple[str, str]], currency: str) -> Money | None:
    for text, written_currency in amounts:
        if written_currency == currency:
            return exact_money(text, currency)
    return None


def _detail_direction(detail: Detail, direction: Direction) -> Direction:
    if not detail.direction:
        return direction
    return direction_at({"CdtDbtInd": list(detail.direction)})


def _bank_reference(detail: Detail, entry: str | None, *, alone: bool) -> str | None:
    """The bank's own name for the line: the detail's, else the entry's.

    The entry's reference names a whole batch, so each of its lines adds the payer's references.
    """
    own = detail.bank_reference or entry
    if alone or own != entry or entry is None:
        return own
    return " ".join((entry, *detail.own_references))


def _refuse_twice(found: Texts) -> None:
    for path in (*_STATED, _INSTRUCTED, "CdtDbtInd"):
        if len(found.get(path, ())) > 1:
            raise Unreadable("bad-amount", f"A detail has more than one {path}.")


def _counterparty(detail: Detail, direction: Direction) -> str | None:
    if direction is Direction.IN:
        return detail.debtor or detail.creditor
    return detail.creditor or detail.debtor


def _returned_family(found: Texts) -> bool:
    families = found.get("BkTxCd/Domn/Fmly/SubFmlyCd", ())
    return any(family in _RETURN_FAMILIES for family in families)


def _amounts(found: Texts, path: str) -> tuple[tuple[str, str], ...]:
    return tuple(zip(found.get(path, ()), found.get(path + "@Ccy", ()), strict=False))


def _named(found: Texts, paths: Sequence[str]) -> tuple[str, ...]:
    named = (text for path in paths for text in found.get(path, ()) if text not in _NOT_PROVIDED)
    return tuple(dict.fromkeys(named))


def _first(found: Texts, paths: Sequence[str]) -> str | None:
    return next(iter(_named(found, paths)), None)


def _only(found: Texts, path: str, code: str) -> str:
    values = found.get(path, ())
    if len(values) != 1:
        name = path.replace("@", "'s ")
        raise Unreadable(code, f"The entry must have exactly one {name}; it has {len(values)}.")
    return values[0]
