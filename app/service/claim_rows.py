"""Claims and ledger entries as rows."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from app.domain.claim import Claim, ClaimLine
from app.domain.ledger import Entry
from app.domain.money import Money
from app.storage.working import steps_to_json

Row = dict[str, Any]


def claim_row(claim: Claim, submitted_on: date, second_approval_above: Money | None) -> Row:
    """A claim without its lines. The limit of its terms stands here for the database to hold."""
    above = None if second_approval_above is None else second_approval_above.minor
    return {
        "claim_number": claim.claim_number,
        "period_start": claim.period.start,
        "period_end": claim.period.end,
        "supplementary": claim.supplementary,
        "terms_version": claim.terms_version,
        "submitted_on": submitted_on,
        "second_approval_above_minor": above,
    }


def line_rows(claim: Claim) -> dict[str, list[Row]]:
    """A claim's lines, with what was cut from each and what each payer bears."""
    number = claim.claim_number
    lines: list[Row] = []
    cuts: list[Row] = []
    shares: list[Row] = []
    for line in claim.lines:
        place = {"claim_number": number, "line_number": line.line_number}
        lines.append(place | _line_row(line))
        cuts += [
            place | {"cap": cut.cap, "cut_number": index, "amount_minor": cut.amount.minor}
            for index, cut in enumerate(line.cuts, start=1)
        ]
        shares += [
            place | {"payer": share.payer, "amount_minor": share.amount.minor}
            for share in line.shares
        ]
    return {"claim_lines": lines, "claim_line_cuts": cuts, "claim_line_shares": shares}


def entry_rows(entries: Sequence[Entry]) -> dict[str, list[Row]]:
    """Entries and their postings, numbered from 1 inside each entry."""
    return {
        "entries": [_entry_row(entry) for entry in entries],
        "postings": [row for entry in entries for row in _posting_rows(entry)],
    }


def _line_row(line: ClaimLine) -> Row:
    return {
        "kind": line.kind.value,
        "source_id": line.source_id,
        "participant_id": line.participant_id,
        "metric": line.metric,
        "achieved_on": line.achieved_on,
        "verified_on": line.verified_on,
        "gross_minor": line.gross.minor,
        "payable_minor": line.payable.minor,
        "currency": line.gross.currency,
        "origin": line.origin.value,
        "counted": line.count,
        "carried": [
            {"payer": share.payer, "amount_minor": share.amount.minor} for share in line.carried
        ],
        "working": steps_to_json(line.working),
    }


def _entry_row(entry: Entry) -> Row:
    return {
        "entry_number": entry.entry_number,
        "kind": entry.kind.value,
        "source": entry.source,
        "effective_date": entry.effective_date,
        "reverses": entry.reverses,
    }


def _posting_rows(entry: Entry) -> list[Row]:
    return [
        {
            "entry_number": entry.entry_number,
            "posting_number": index,
            "debit": posting.debit,
            "credit": posting.credit,
            "amount_minor": posting.amount.minor,
            "currency": posting.amount.currency,
            "effective_date": entry.effective_date,
        }
        for index, posting in enumerate(entry.postings, start=1)
    ]
