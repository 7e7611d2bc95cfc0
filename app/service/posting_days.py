"""The one way from entries to rows: every command that posts passes its entries' days here."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from app.domain.errors import InputInvalid
from app.domain.ledger import Entry
from app.domain.period_close import LatePosting, posting_day
from app.domain.pseudonym import identity_fault
from app.service.claim_rows import Row, entry_rows
from app.service.command import Work
from app.storage import periods


def posted_rows(
    work: Work, entries: Sequence[Entry], belongs_on: date | None = None
) -> dict[str, list[Row]]:
    """The rows of entries, each on the day that the closes of periods leave open for it.

    An entry of a hard-closed day is posted today, and `late_postings` says where it belongs; one of
    a soft-closed day needs the command's `late_reason`. `belongs_on`: the day to which the items
    themselves belong, where that is another than the entries' day (a claim's last day).
    Raises RuleRefused `period-soft-closed`.
    """
    decisions = [one.decision for one in periods.decisions(work.connection, work.contract_id)]
    if not entries or not decisions:
        return entry_rows(entries)
    reason = work.command.late_reason
    if reason and (fault := identity_fault(reason, "/late_reason")):
        raise InputInvalid([fault])
    dated: list[Entry] = []
    late: list[tuple[Entry, LatePosting]] = []
    for entry in entries:
        found = posting_day(
            entry.effective_date,
            decisions,
            work.today,
            has_reason=bool(reason),
            belongs_on=belongs_on,
        )
        dated.append(replace(entry, effective_date=found.effective_date))
        if found.late:
            late.append((entry, found.late))
    if not late:
        return entry_rows(dated)
    digest = work.note(reason)
    return entry_rows(dated) | {
        "late_postings": [
            {
                "entry_number": entry.entry_number,
                "level": posting.level.value,
                "belongs_on": posting.belongs_on,
                "note_digest": digest,
            }
            for entry, posting in late
        ]
    }
