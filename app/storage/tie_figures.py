"""The figures that the ties compare, added up and compared by the database.

Every part of a tie is one statement of (key, ref, amount). Totals are of all rows; the rows
themselves are read only for keys on which the two sides differ, so that the page of a contract with
100,000 lines costs as much memory as that of one with ten.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    Select,
    Subquery,
    Text,
    and_,
    any_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)

from app.domain.money import Money
from app.payments.ties import Figure, Part
from app.storage.correction_tables import correction_documents
from app.storage.corrections import approved_amounts
from app.storage.fund_claims import fund_lines
from app.storage.planning import many_rows
from app.storage.prepared import Prepared, together
from app.storage.settlement_tables import invoice_document, invoices
from app.storage.tables import (
    approved_lines,
    claim_line_shares,
    claim_lines,
    claims,
    postings,
)
from app.storage.tie_cash import cash_figures
from app.storage.tie_entitlements import entitlement_figures

KEYS_MAX = 1_000
"""Differences of a tie that are listed with their records; the totals are always of all."""

Figures = Select[Any]
"""A statement of `key`, `ref` and `minor`."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What the terms say that the figures need.

    `direct_versions` are the terms versions under which a fund pays the payee direct; `payees` and
    `commissioner` who is paid, and who buys.
    """

    currency: str
    commissioner: str
    payees: tuple[str, ...]
    direct_versions: tuple[int, ...]


def parts(connection: Connection, contract_id: str, setting: Setting) -> dict[str, Part]:
    """Every part of the ties by name, with the records of the keys on which sides differ."""
    with many_rows(connection):
        return _parts(connection, contract_id, setting)


def _parts(connection: Connection, contract_id: str, setting: Setting) -> dict[str, Part]:
    statements = _statements(setting)
    of_contract = {"contract": contract_id}
    with together(connection):
        sums = {name: one.run(connection, of_contract) for name, one in statements.totals.items()}
        differing = [
            [one.run(connection, of_contract) for one in group] for group in statements.differing
        ]
    totals = {name: sum(int(row.minor) for row in rows) for name, rows in sums.items()}
    found: dict[str, Part] = {}
    for group, keys_of in zip(_COMPARED, differing, strict=True):
        keys = sorted({row.key for rows in keys_of for row in rows})
        for name in {name for left, right in group for name in (*left, *right)}:
            asked = of_contract | {"keys": keys}
            rows = statements.records[name].run(connection, asked) if keys else ()
            records = tuple(
                Figure(row.key, row.ref, Money(int(row.minor), setting.currency)) for row in rows
            )
            found[name] = Part(
                name.replace("_", " "), Money(totals[name], setting.currency), records
            )
    return found


@dataclass(frozen=True, slots=True)
class _Statements:
    """Of each part its total and its records; of each pair of sides the keys that differ."""

    totals: Mapping[str, Prepared]
    records: Mapping[str, Prepared]
    differing: tuple[tuple[Prepared, ...], ...]


@lru_cache(maxsize=64)  # a contract keeps its setting, and most contracts have the same
def _statements(setting: Setting) -> _Statements:
    figures = _figures(bindparam("contract", type_=Text()), setting)
    return _Statements(
        {name: Prepared(_total(one)) for name, one in figures.items()},
        {name: Prepared(_records(one)) for name, one in figures.items()},
        tuple(
            tuple(Prepared(_differing(figures, left, right)) for left, right in group)
            for group in _COMPARED
        ),
    )


_CREDIT = "credit_notes"
_COMPARED = (
    (
        (
            ("entitlements",),
            ("claimed", "capped", "disputed", "not_yet_claimed"),
        ),
    ),
    (
        (("approved_claims",), ("invoices", _CREDIT)),
        (("approved_claims",), ("payable_postings",)),
    ),
    ((("payments_matched",), ("cash_postings",)),),
    ((("fund_claimed", "fund_not_yet_claimed"), ("fund_splits",)),),
)


def _total(figures: Figures) -> Select[Any]:
    rows = figures.subquery()
    return select(func.coalesce(func.sum(rows.c.minor), 0).label("minor"))


def _differing(
    figures: Mapping[str, Figures], left: Iterable[str], right: Iterable[str]
) -> Select[Any]:
    signed = []
    for side, names in ((1, left), (-1, right)):
        for name in names:
            rows = figures[name].subquery()
            sign = -side if name == _CREDIT else side
            signed.append(select(rows.c.key, (sign * rows.c.minor).label("minor")))
    both = union_all(*signed).subquery()
    return (
        select(both.c.key)
        .group_by(both.c.key)
        .having(func.sum(both.c.minor) != 0)
        .order_by(both.c.key)
        .limit(KEYS_MAX)
    )


def _records(figures: Figures) -> Select[Any]:
    rows = figures.subquery()
    keys = bindparam("keys", type_=ARRAY(Text()))
    return select(rows).where(rows.c.key == any_(keys)).order_by(rows.c.key, rows.c.ref)


def _figures(contract_id: Any, setting: Setting) -> dict[str, Figures]:
    return {
        **entitlement_figures(contract_id),
        **_claim_figures(contract_id, setting),
        **cash_figures(contract_id),
        **_fund_figures(contract_id, setting),
    }


def _approved(contract_id: Any) -> Subquery:
    """Approved lines with the terms version that their money was first claimed under."""
    first, root = approved_lines.alias("first"), claims.alias("root")
    taken_back = and_(
        first.c.contract_id == approved_lines.c.contract_id,
        first.c.source_id == approved_lines.c.source_id,
        first.c.kind != "clawback",
        approved_lines.c.kind == "clawback",
    )
    return (
        select(
            approved_lines.c.claim_number,
            approved_lines.c.line_number,
            approved_lines.c.entry_number,
            claim_lines.c.payable_minor,
            root.c.terms_version,
        )
        .join(
            claim_lines,
            and_(
                claim_lines.c.contract_id == approved_lines.c.contract_id,
                claim_lines.c.claim_number == approved_lines.c.claim_number,
                claim_lines.c.line_number == approved_lines.c.line_number,
            ),
        )
        .outerjoin(first, taken_back)
        .join(
            root,
            and_(
                root.c.contract_id == approved_lines.c.contract_id,
                root.c.claim_number
                == func.coalesce(first.c.claim_number, approved_lines.c.claim_number),
            ),
        )
        .where(approved_lines.c.contract_id == contract_id)
        .subquery()
    )


def _corrected(contract_id: Any, lines: Subquery) -> Subquery:
    """Each payer's part of each approved correction, with the terms version of its line's money."""
    amounts = approved_amounts(contract_id).subquery()
    return (
        select(amounts, lines.c.terms_version)
        .join(
            lines,
            and_(
                lines.c.claim_number == amounts.c.claim_number,
                lines.c.line_number == amounts.c.line_number,
            ),
        )
        .subquery()
    )


def _claim_figures(contract_id: Any, setting: Setting) -> dict[str, Figures]:
    """By claim and customer: what was approved, invoiced, credited, and posted as payable.

    What a claim came to is its lines and their corrections. A correction that no round of
    documents has taken in yet is a record of its own, so that a difference can name it.
    """
    lines = _approved(contract_id)
    is_direct = _is_direct(lines, setting)
    name = func.concat("claim:", lines.c.claim_number)
    whole = select(
        func.concat(name, "/", setting.commissioner).label("key"),
        name.label("ref"),
        lines.c.payable_minor.label("minor"),
    ).where(~is_direct)
    shared = (
        select(
            func.concat(name, "/", claim_line_shares.c.payer).label("key"),
            name.label("ref"),
            claim_line_shares.c.amount_minor.label("minor"),
        )
        .join(claim_line_shares, _same_claim_line(contract_id, lines))
        .where(is_direct)
    )
    changed = _corrected(contract_id, lines)
    customer = case(
        (_is_direct(changed, setting), changed.c.payer),
        else_=setting.commissioner,
    )
    of_claim = func.concat("claim:", changed.c.claim_number)
    is_asked = exists().where(
        correction_documents.c.contract_id == contract_id,
        correction_documents.c.correction_id == changed.c.correction_id,
    )
    corrected = select(
        func.concat(of_claim, "/", customer).label("key"),
        case((is_asked, of_claim), else_=func.concat("correction:", changed.c.correction_id)).label(
            "ref"
        ),
        changed.c.amount_minor.label("minor"),
    )
    all_of_it = union_all(whole, shared, corrected).subquery()
    approved = (
        select(all_of_it.c.key, all_of_it.c.ref, func.sum(all_of_it.c.minor).label("minor"))
        .group_by(all_of_it.c.key, all_of_it.c.ref)
        .having(func.sum(all_of_it.c.minor) != 0)
    )
    document = select(
        func.concat("claim:", invoices.c.claim_number, "/", invoices.c.customer).label("key"),
        invoice_document().label("ref"),
        invoices.c.net_minor.label("minor"),
    ).where(invoices.c.contract_id == contract_id)
    return {
        "approved_claims": approved,
        "invoices": document.where(invoices.c.kind == "invoice"),
        "credit_notes": document.where(invoices.c.kind == "credit_note"),
        "payable_postings": _payable(contract_id, lines, changed, setting),
    }


def _is_direct(lines: Subquery, setting: Setting) -> Any:
    """Whether a fund paid the payee direct under the terms of a line's money."""
    versions = literal(list(setting.direct_versions), ARRAY(BigInteger()))
    return lines.c.terms_version == any_(versions)


def _same_claim_line(contract_id: Any, lines: Any) -> Any:
    return and_(
        claim_line_shares.c.contract_id == contract_id,
        claim_line_shares.c.claim_number == lines.c.claim_number,
        claim_line_shares.c.line_number == lines.c.line_number,
    )


def _payable(contract_id: Any, lines: Subquery, changed: Subquery, setting: Setting) -> Figures:
    """What entries of claim lines and corrections added to each customer's debt to the payee."""
    posted = union_all(
        select(lines.c.claim_number, lines.c.entry_number),
        select(changed.c.claim_number, changed.c.entry_number).distinct(),
    ).subquery()
    sides = []
    for account, sign in ((postings.c.credit, 1), (postings.c.debit, -1)):
        ours = or_(*(account.endswith(f"/payable/{payee}") for payee in setting.payees))
        customer = func.split_part(account, "/", 1)
        sides.append(
            select(
                func.concat("claim:", posted.c.claim_number, "/", customer).label("key"),
                func.concat("entry:", postings.c.entry_number).label("ref"),
                (sign * postings.c.amount_minor).label("minor"),
            )
            .join(posted, posted.c.entry_number == postings.c.entry_number)
            .where(postings.c.contract_id == contract_id, ours)
        )
    return _rows_of(*sides)


def _fund_figures(contract_id: Any, setting: Setting) -> dict[str, Figures]:
    """By approved line and fund: its share with corrections, and what claims to the fund hold."""
    lines = _approved(contract_id)
    place = func.concat("claim:", lines.c.claim_number, "/line:", lines.c.line_number)
    splits = (
        select(
            func.concat(place, "/", claim_line_shares.c.payer).label("key"),
            place.label("ref"),
            claim_line_shares.c.amount_minor.label("minor"),
        )
        .join(claim_line_shares, _same_claim_line(contract_id, lines))
        .where(
            claim_line_shares.c.payer != setting.commissioner,
            ~_is_direct(lines, setting),
        )
    )
    changed = _corrected(contract_id, lines)
    corrected = select(
        _fund_key(changed, changed.c.payer),
        func.concat("correction:", changed.c.correction_id).label("ref"),
        changed.c.amount_minor.label("minor"),
    ).where(
        changed.c.payer != setting.commissioner,
        ~_is_direct(changed, setting),
    )
    asked = fund_lines(contract_id).subquery()
    has_it = exists().where(
        asked.c.claim_number == claim_line_shares.c.claim_number,
        asked.c.line_number == claim_line_shares.c.line_number,
        asked.c.correction_id.is_(None),
        asked.c.fund == claim_line_shares.c.payer,
    )
    has_correction = exists().where(
        asked.c.correction_id == changed.c.correction_id, asked.c.fund == changed.c.payer
    )
    claimed = select(
        _fund_key(asked, asked.c.fund),
        func.concat("fund-claim:", asked.c.fund_claim_number).label("ref"),
        asked.c.amount_minor.label("minor"),
    )
    return {
        "fund_splits": _rows_of(splits, corrected),
        "fund_not_yet_claimed": _rows_of(splits.where(~has_it), corrected.where(~has_correction)),
        "fund_claimed": claimed,
    }


def _fund_key(lines: Any, fund: Any) -> Any:
    place = func.concat("claim:", lines.c.claim_number, "/line:", lines.c.line_number)
    return func.concat(place, "/", fund).label("key")


def _rows_of(*figures: Figures) -> Figures:
    """Several statements of figures as one."""
    rows = union_all(*figures).subquery()
    return select(rows.c.key, rows.c.ref, rows.c.minor)
