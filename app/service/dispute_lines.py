"""Which claim line a dispute is about, what of it is left to dispute, and whom it concerns."""

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.domain.calendar import local_date
from app.domain.claim import ClaimLine, ClaimStatus, LineKind, PayerShare
from app.domain.dispute import DisputeState
from app.domain.errors import NotFound, RuleRefused
from app.domain.money import Money, total
from app.domain.terms.timeline import Timeline
from app.payments.corrected_lines import LineStanding, left_of_line
from app.payments.corrections import proportional
from app.service.correcting import line_standing
from app.storage import claims, corrections, disputes, outcome_parts, periods
from app.storage.claims import StoredClaim
from app.storage.disputes import StoredDispute
from app.storage.engine import Connection

_NUMBER = "[1-9][0-9]{0,8}"
_LINE = re.compile(rf"claim:({_NUMBER})/line:({_NUMBER})", re.ASCII)
_OF_STATEMENT = re.compile(rf"statement:([a-z0-9-]+)/({_NUMBER})/line:({_NUMBER})", re.ASCII)
_CORRECTION = "correction:"


@dataclass(frozen=True, slots=True)
class DisputedLine:
    """A claim line as a dispute finds it.

    `challenged_on` is the day of the decision on it: the claim's submission, once it is approved
    its approval; for a line of a statement, the day on which the statement was frozen. `shares` is
    what each payer still bears of the line, or of a line that takes back gets back; never below
    zero. `payers` bear it, `payee` is paid.
    """

    claim: StoredClaim
    line: ClaimLine
    challenged_on: date
    is_posted: bool
    shares: tuple[PayerShare, ...]
    payers: frozenset[str]
    payee: str
    disputes: tuple[StoredDispute, ...]

    @property
    def left(self) -> Money:
        """What is left of the line to dispute."""
        return total((share.amount for share in self.shares), self.line.payable.currency)

    @property
    def is_disputed(self) -> bool:
        """Whether a dispute of the line is open."""
        return any(one.state is DisputeState.OPEN for one in self.disputes)


def disputed_line(
    connection: Connection, contract_id: str, timeline: Timeline, subject: str
) -> DisputedLine:
    """The line behind a subject, as it stands now: a claim's, or the one a statement shows.

    Raises NotFound `dispute-subject-unknown`, `statement-unknown`, `claim-unknown` and
    `claim-line-unknown`, RuleRefused `dispute-not-of-claim`, `dispute-claim-returned` and
    `already-clawed-back`.
    """
    claim_number, line_number, stated_at = _place(connection, contract_id, subject)
    stored = claims.get(connection, contract_id, claim_number)
    line = claims.line(connection, contract_id, claim_number, line_number)
    if stored.status is ClaimStatus.RETURNED:
        raise RuleRefused(
            "dispute-claim-returned",
            f"Claim {claim_number} was returned, so nothing of it is asked. Dispute the line of "
            "the claim that was made anew.",
            pointer="/subject",
        )
    if outcome_parts.is_taken_back(connection, contract_id, claim_number, line_number):
        raise RuleRefused(
            "already-clawed-back",
            f"Line {line_number} of claim {claim_number} has been clawed back whole; nothing of it "
            "is left to dispute.",
            pointer="/subject",
        )
    earlier = disputes.of_line(connection, contract_id, claim_number, line_number)
    terms = timeline.numbered(stored.terms_version).terms
    if stored.decided_on is None:
        shares = _left_unposted(line, earlier)
    else:
        shares = left_to_dispute(
            line_standing(connection, contract_id, timeline, claim_number, line_number)
        )
    return DisputedLine(
        stored,
        line,
        local_date(stated_at, terms.timezone)
        if stated_at is not None
        else stored.decided_on or stored.submitted_on,
        stored.decided_on is not None,
        shares,
        frozenset({terms.commissioner, *(share.payer for share in line.shares)}),
        terms.payee,
        tuple(earlier),
    )


def left_to_dispute(standing: LineStanding) -> tuple[PayerShare, ...]:
    """What of an approved line can still be found not to be due, by payer; never below zero.

    Of a line of 8,248.00 of which 1,000.00 was reversed, 7,248.00; of a line that takes 8,248.00
    back, 8,248.00 that might have been taken wrongly.
    """
    if standing.line.kind is LineKind.CLAWBACK:
        return tuple(PayerShare(share.payer, -share.amount) for share in standing.shares)
    return left_of_line(standing) if standing.entry is not None else ()


def _left_unposted(line: ClaimLine, earlier: list[StoredDispute]) -> tuple[PayerShare, ...]:
    """The shares of a line that is not decided yet, less what was found not to be due of it."""
    shares = tuple(PayerShare(share.payer, _size(share.amount)) for share in line.shares)
    for one in earlier:
        gone = {share.payer: share.amount for share in not_due_shares(one)}
        shares = tuple(
            PayerShare(share.payer, share.amount - gone.get(share.payer, _nothing(share)))
            for share in shares
        )
    return shares


def not_due_shares(stored: StoredDispute) -> tuple[PayerShare, ...]:
    """What an outcome found not to be due, by payer; all of it while there is no outcome.

    8,248.00 borne 7,006.74 and 1,241.26 and settled at 5,000.00: 3,248.00 as 2,759.20 and 488.80.
    """
    not_due = stored.dispute.amount
    if stored.due is not None:
        not_due = not_due - stored.due
    return tuple(share for share in proportional(stored.shares, not_due) if share.amount)


def due_shares(stored: StoredDispute) -> tuple[PayerShare, ...]:
    """The rest of the disputed amount, by payer: what an outcome found to be due."""
    gone = {share.payer: share.amount for share in not_due_shares(stored)}
    rest = (
        PayerShare(share.payer, share.amount - gone.get(share.payer, _nothing(share)))
        for share in stored.shares
    )
    return tuple(share for share in rest if share.amount)


def _size(amount: Money) -> Money:
    return -amount if amount.minor < 0 else amount


def _nothing(share: PayerShare) -> Money:
    return Money(0, share.amount.currency)


def _place(
    connection: Connection, contract_id: str, subject: str
) -> tuple[int, int, datetime | None]:
    """Claim and line number of a subject, and when the statement that it names was frozen."""
    if match := _LINE.fullmatch(subject):
        return int(match[1]), int(match[2]), None
    match = _OF_STATEMENT.fullmatch(subject)
    if match is None:
        raise _unknown_subject()
    frozen = periods.frozen(connection, contract_id, match[1], int(match[2]))
    source = _source_in(json.loads(frozen.document), int(match[3]))
    if found := _LINE.fullmatch(source):
        return int(found[1]), int(found[2]), frozen.recorded_at
    if source.startswith(_CORRECTION):
        made = corrections.get(connection, contract_id, source.removeprefix(_CORRECTION))
        return made.correction.claim_number, made.correction.line_number, frozen.recorded_at
    raise RuleRefused(
        "dispute-not-of-claim",
        "The line is of a payment or of VAT, not of a claim. Record the return of a payment that "
        "was wrong; VAT follows the lines that are invoiced.",
        pointer="/subject",
    )


def _source_in(document: Any, line_number: int) -> str:
    """The record behind a line of a frozen statement, by its number."""
    lines = [*document["lines"], *document["prior_period_adjustments"]["lines"]]
    for line in lines:
        if line["line_number"] == line_number:
            return str(line["source"])
    raise _unknown_subject()


def _unknown_subject() -> NotFound:
    return NotFound(
        "dispute-subject-unknown",
        "There is no such line; name it claim:<number>/line:<number> or "
        "statement:<party>/<number>/line:<number>.",
        pointer="/subject",
    )
