"""The document of a frozen statement: one canonical JSON text, whose bytes never change."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import rfc8785

from app.domain.journal import instant_text
from app.domain.money import Money
from app.domain.period import Period
from app.domain.period_close import LatePosting, PeriodKind
from app.domain.statement import Statement, StatementClaim, StatementLine

FORMAT = "outcomes-statement/1"
"""The form of the document. What it says of an old statement never changes; a new form gets a new
number, and this one stays."""


def frozen_document(
    statement: Statement, number: int, kind: PeriodKind, sequence: int, record_hash: str
) -> str:
    """A statement as canonical JSON (RFC 8785), sealed to the journal record it was known through.

    Amounts are decimal strings with their currency, so 8,248.00 pounds are
    {"amount":"8248.00","currency":"GBP"}; days are ISO 8601, instants RFC 3339 in UTC. The same
    ledger gives the same bytes: nothing in it depends on the clock, on names or on what was
    recorded later. `prior_period_adjustments` are the lines that belong in earlier closed periods,
    apart from `lines`; line numbers run over both.
    """
    document: dict[str, Any] = {
        "format": FORMAT,
        "contract_id": statement.contract_id,
        "party": statement.party,
        "statement_number": number,
        "kind": kind.value,
        "period": _period(statement.period),
        "known_at": instant_text(statement.known_at),
        "known_through": {"sequence": sequence, "hash": record_hash},
        "accounts": [
            {
                "account": one.account,
                "opening": _money(one.opening),
                "debits": _money(one.debits),
                "credits": _money(one.credits),
                "closing": _money(one.closing),
            }
            for one in statement.accounts
        ],
        "lines": _lines(statement.own_lines),
        "prior_period_adjustments": {
            "accounts": [
                {
                    "account": one.account,
                    "debits": _money(one.debits),
                    "credits": _money(one.credits),
                }
                for one in statement.prior_period_movements
            ],
            "lines": _lines(statement.prior_period_lines),
        },
        "posted_later": [
            {name: value for name, value in line.items() if name != "line_number"}
            for line in _lines(statement.posted_later)
        ],
        "mirrors": [
            {
                "account": one.account,
                "closing": _money(one.closing),
                "mirror": one.mirror,
                "mirror_closing": _money(one.mirror_closing),
                "agrees": one.agrees,
            }
            for one in statement.mirrors
        ],
        "claims": [_claim(one) for one in statement.claims],
    }
    return rfc8785.dumps(document).decode()


def document_hash(document: str) -> str:
    """SHA-256, in hexadecimal, of a document's bytes in UTF-8."""
    return sha256(document.encode()).hexdigest()


def _lines(lines: Iterable[StatementLine]) -> list[dict[str, Any]]:
    return [
        {
            "line_number": one.line_number,
            "entry_number": one.entry_number,
            "effective_date": one.effective_date.isoformat(),
            "recorded_at": instant_text(one.recorded_at),
            "kind": one.kind,
            "source": one.source,
            "debit": one.debit,
            "credit": one.credit,
            "amount": _money(one.amount),
            "late": _late(one.late),
        }
        for one in lines
    ]


def _claim(one: StatementClaim) -> dict[str, Any]:
    return {
        "claim_number": one.claim_number,
        "period": _period(one.period),
        "approved_on": one.approved_on.isoformat(),
        "gross": _money(one.gross),
        "capped": _money(one.capped),
        "payable": _money(one.payable),
        "by_payer": [{"payer": payer, "amount": _money(amount)} for payer, amount in one.by_payer],
        "by_metric": [
            {"metric": metric, "count": count, "payable": _money(amount)}
            for metric, count, amount in one.by_metric
        ],
    }


def _late(late: LatePosting | None) -> dict[str, str] | None:
    if late is None:
        return None
    return {"level": late.level.value, "belongs_on": late.belongs_on.isoformat()}


def _money(money: Money) -> dict[str, str]:
    return {"amount": str(money), "currency": money.currency}


def _period(period: Period) -> dict[str, str]:
    return {"start": period.start.isoformat(), "end": period.end.isoformat()}
