"""The one way from entries to rows: every command that posts passes its entries' days here."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from app.domain.errors import InputInvalid
from app.domain.ledger import Entry
from app.domain.period_close import LatePosting, PeriodDecision, posting_day
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
    return PostingDays(work).rows(entries, belongs_on)


class PostingDays:
    """`posted_rows` for several records of one command: closes are read once, the reason kept once.

    Nothing is read before the first entry comes.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._decisions: list[PeriodDecision] | None = None
        self._digest: str | None = None

    def rows(self, entries: Sequence[Entry], belongs_on: date | None) -> dict[str, list[Row]]:
        """The rows of the entries of one record."""
        if not entries or not (decisions := self._closes()):
            return entry_rows(entries)
        work = self._work
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
        self._digest = self._digest or work.note(reason)
        return entry_rows(dated) | {
            "late_postings": [
                {
                    "entry_number": entry.entry_number,
                    "level": posting.level.value,
                    "belongs_on": posting.belongs_on,
                    "note_digest": self._digest,
                }
                for entry, posting in late
            ]
        }

    def _closes(self) -> list[PeriodDecision]:
        if self._decisions is None:
            work = self._work
            stored = periods.decisions(work.connection, work.contract_id)
            self._decisions = [one.decision for one in stored]
        return self._decisions
