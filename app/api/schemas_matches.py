"""Shapes of matches and decisions on them, and of the reconciliation page."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints

from app.api.fields import (
    Amount,
    AmountIn,
    Answered,
    Currency,
    Instant,
    NextCursor,
    Note,
    Party,
    Received,
    RecordId,
    StepOut,
    Version,
)
from app.api.schemas_imports import ImportOut, LineId, Source
from app.domain.bank import Classification, Direction
from app.domain.journal import instant_text
from app.domain.matching import DAYS_MAX
from app.domain.money import Money
from app.domain.reconciliation import LineKey, LineState, MatchState, PaymentEffect
from app.payments.ties import Figure, Part, Side, Tie
from app.service.match_decisions import Decided
from app.service.matching import Proposed
from app.service.reconciliation import Reconciliation
from app.storage.import_faults import FaultCount
from app.storage.import_lines import LineCount
from app.storage.match_rules import StoredRules
from app.storage.matches import LineAllocation, LinePayment, StoredMatch

ItemId = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    Field(
        description="A document, payment:<id> that the line confirms, return:<id> of a payment "
        "that came back, or on-account:<party> for money that is for no document yet.",
        examples=["invoice:spv/12"],
    ),
]


def line_key(text: str) -> LineKey:
    """The line behind 3/17."""
    number, _, position = text.partition("/")
    return LineKey(int(number), int(position))


class NewProposing(Received):
    """Which of the acting party's lines to match; left out: those of all its sources."""

    source: Source | None = None


class NewMatchRules(Received):
    """How far matching may reach for one account; what is left out is as usual."""

    source: Source
    days_before_issue: int = Field(
        default=7,
        ge=0,
        le=DAYS_MAX,
        description="A line that names nothing fits from so many days before the issue.",
        examples=[7],
    )
    days_after_due: int = Field(
        default=60,
        ge=0,
        le=DAYS_MAX,
        description="And up to so many days after the due day.",
        examples=[60],
    )
    return_days: int = Field(
        default=30,
        ge=0,
        le=DAYS_MAX,
        description="A return that names nothing comes at most so many days after the payment.",
        examples=[30],
    )
    group_candidates: int = Field(
        default=12,
        ge=2,
        le=16,
        description="Combined payments are looked for among at most so many lines or items.",
        examples=[12],
    )
    group_size: int = Field(
        default=4, ge=2, le=5, description="And take at most so many of them.", examples=[4]
    )

    def told(self) -> dict[str, int]:
        """The settings without the account's name."""
        return self.model_dump(exclude={"source"})


class MatchRulesOut(Answered):
    """A version of the rules of one account."""

    party: Party
    source: Source
    rules_version: int = Field(description="Counted from 1.", examples=[1])
    days_before_issue: int = Field(description="Days before the issue.", examples=[7])
    days_after_due: int = Field(description="Days after the due day.", examples=[60])
    return_days: int = Field(description="Days after the payment.", examples=[30])
    group_candidates: int = Field(description="Lines or items looked at.", examples=[12])
    group_size: int = Field(description="Lines or items put together.", examples=[4])

    @classmethod
    def of(cls, stored: StoredRules, _version: int = 0) -> Self:
        """From the stored rules."""
        return cls(
            party=stored.party,
            source=stored.source,
            rules_version=stored.version,
            days_before_issue=stored.rules.days_before_issue,
            days_after_due=stored.rules.days_after_due,
            return_days=stored.rules.return_days,
            group_candidates=stored.rules.group_candidates,
            group_size=stored.rules.group_size,
        )


class MatchRulesList(Answered):
    """The latest rules of every account that has any of its own, by party and source."""

    items: list[MatchRulesOut]


class ProposedOut(Answered):
    """What a run of matching did."""

    proposed: int = Field(description="Matches proposed anew.", examples=[12])
    kept: int = Field(description="Proposals of before that still stand.", examples=[3])
    superseded: int = Field(description="Proposals of before that gave way.", examples=[0])
    open_lines: int = Field(description="Lines that nothing is proposed for.", examples=[2])

    @classmethod
    def of(cls, found: Proposed, _version: int = 0) -> Self:
        """From what the service did."""
        return cls(
            proposed=found.proposed,
            kept=found.kept,
            superseded=found.superseded,
            open_lines=found.open_lines,
        )


class LineAllocationIn(Received):
    """What of a line is set against an item; below zero for a credit note set off."""

    line: LineId
    item: ItemId
    amount: AmountIn

    def told(self) -> LineAllocation:
        """As the service takes it."""
        return LineAllocation(line_key(self.line), self.item, self.amount.money())


class NewMatch(Received):
    """A match that a person puts together."""

    lines: list[LineId] = Field(
        min_length=1, max_length=50, description="Lines of one account and direction."
    )
    allocations: list[LineAllocationIn] = Field(
        max_length=200, description="What they pay; what is left over stays on account."
    )


class LineAllocationOut(Answered):
    """What of a line is set against an item."""

    line: LineId
    item: ItemId
    amount: Amount


class LinePaymentOut(Answered):
    """The payment that a line of an accepted match is."""

    line: LineId
    payment_id: RecordId
    effect: PaymentEffect = Field(
        description="Whether accepting recorded the payment or confirmed it.", examples=["recorded"]
    )
    amount: Amount

    @classmethod
    def of(cls, paid: LinePayment) -> Self:
        """From the service's value."""
        return cls(
            line=str(paid.line),
            payment_id=paid.payment_id,
            effect=paid.effect,
            amount=Amount.of(paid.amount),
        )


class MatchOut(Answered):
    """Lines and what they pay, with a score that adds up in `working`."""

    match_id: RecordId
    party: Party
    source: Source
    rule: str = Field(description="The rule that found it, or by-hand.", examples=["exact"])
    score: int = Field(description="0 to 100.", examples=[100])
    classification: Classification = Field(
        description="matched, part or over.", examples=["matched"]
    )
    left_over: Amount
    alternatives: list[str] = Field(
        description="Items and lines that fit as well: with any, the match is ambiguous.",
        examples=[[]],
    )
    working: list[StepOut]
    lines: list[LineId]
    allocations: list[LineAllocationOut]
    payments: list[LinePaymentOut]
    state: MatchState = Field(description="Where it stands.", examples=["proposed"])
    version: Version

    @classmethod
    def of(cls, stored: StoredMatch, _version: int = 0) -> Self:
        """From the stored match."""
        return cls(
            match_id=stored.match_id,
            party=stored.party,
            source=stored.source,
            rule=stored.rule,
            score=stored.score,
            classification=stored.classification,
            left_over=Amount.of(stored.left_over),
            alternatives=list(stored.alternatives),
            working=[StepOut.of(step) for step in stored.working],
            lines=[str(key) for key in stored.lines],
            allocations=[
                LineAllocationOut(
                    line=str(one.line), item=one.item_id, amount=Amount.of(one.amount)
                )
                for one in stored.allocations
            ],
            payments=[LinePaymentOut.of(one) for one in stored.payments],
            state=stored.state,
            version=stored.version,
        )


class MatchPage(Answered):
    """Matches in the order in which they were made, and where the next page starts."""

    items: list[MatchOut]
    next_cursor: NextCursor


class NewMatchDecision(Received):
    """A person's decision on a match."""

    decision: Annotated[str, StringConstraints(pattern=r"^(accepted|refused|undone)$")] = Field(
        description="accepted, refused, or undone of an accepted one.", examples=["accepted"]
    )
    note: Note | None = None


class MatchDecided(Answered):
    """A match after a decision, and the payments that the decision recorded or confirmed."""

    match_id: RecordId
    state: MatchState = Field(description="Where it stands now.", examples=["accepted"])
    payments: list[LinePaymentOut]
    version: Version

    @classmethod
    def of(cls, decided: Decided, version: int) -> Self:
        """From the service's answer."""
        return cls(
            match_id=decided.match_id,
            state=decided.state,
            payments=[LinePaymentOut.of(one) for one in decided.payments],
            version=version,
        )


class TieRecord(Answered):
    """One record of a part, listed where the sides differ on its key."""

    key: str = Field(description="What the sides are compared by.", examples=["claim:9/scc"])
    ref: str = Field(description="The record.", examples=["invoice:spv/9"])
    amount: Amount

    @classmethod
    def of(cls, figure: Figure) -> Self:
        """From the figure."""
        return cls(key=figure.key, ref=figure.ref, amount=Amount.of(figure.amount))


class TiePart(Answered):
    """A named part of a side: its total, and the records of keys that differ."""

    name: str = Field(description="What it adds up.", examples=["credit notes"])
    subtracted: bool = Field(description="Whether it is taken off.", examples=[True])
    total: Amount
    records: list[TieRecord]

    @classmethod
    def of(cls, part: Part, *, subtracted: bool) -> Self:
        """From the part."""
        return cls(
            name=part.name,
            subtracted=subtracted,
            total=Amount.of(part.total),
            records=[TieRecord.of(one) for one in part.records],
        )


class TieSide(Answered):
    """One side of a tie."""

    name: str = Field(description="What it is.", examples=["invoices less credit notes"])
    amount: Amount
    parts: list[TiePart]

    @classmethod
    def of(cls, side: Side, amount: Money) -> Self:
        """From the side and what it comes to."""
        return cls(
            name=side.name,
            amount=Amount.of(amount),
            parts=[
                *(TiePart.of(part, subtracted=False) for part in side.parts),
                *(TiePart.of(part, subtracted=True) for part in side.less),
            ],
        )


class TieCause(Answered):
    """A key on which two sides differ: both amounts, why, and the records."""

    key: str = Field(description="What they are compared by.", examples=["claim:9/scc"])
    left: Amount
    right: Amount
    difference: Amount
    because: str = Field(
        description="The cause in a sentence.",
        examples=["claim:9/scc is in approved claims and not in invoices less credit notes."],
    )
    refs: list[str] = Field(description="The records behind it.", examples=[["claim:9"]])


class TieOut(Answered):
    """Two sides that must be equal. `unexplained` is what the causes leave of the difference."""

    name: str = Field(
        description="entitlements, invoiced, posted, paid, fund or mirrors.", examples=["invoiced"]
    )
    holds: bool = Field(description="Whether they are equal for every key.", examples=[False])
    left: TieSide
    right: TieSide
    difference: Amount
    unexplained: Amount
    causes: list[TieCause] = Field(description="The first 1,000 of them.")

    @classmethod
    def of(cls, tie: Tie) -> Self:
        """From the tie."""
        return cls(
            name=tie.name,
            holds=tie.holds,
            left=TieSide.of(tie.left, tie.left_amount),
            right=TieSide.of(tie.right, tie.right_amount),
            difference=Amount.of(tie.difference),
            unexplained=Amount.of(tie.unexplained),
            causes=[
                TieCause(
                    key=cause.key,
                    left=Amount.of(cause.left),
                    right=Amount.of(cause.right),
                    difference=Amount.of(cause.difference),
                    because=cause.because,
                    refs=list(cause.refs),
                )
                for cause in tie.causes
            ],
        )


class LineCountOut(Answered):
    """How many lines of an account are alike, and what they move."""

    party: Party
    source: Source
    classification: Classification = Field(description="How they end.", examples=["matched"])
    state: LineState = Field(description="Where they stand.", examples=["accepted"])
    direction: Direction = Field(description="As the account's owner sees it.", examples=["in"])
    count: int = Field(description="Lines.", examples=[9])
    amount: Amount

    @classmethod
    def of(cls, counted: LineCount) -> Self:
        """From the count."""
        return cls(
            party=counted.party,
            source=counted.source,
            classification=counted.classification,
            state=counted.state,
            direction=counted.direction,
            count=counted.count,
            amount=Amount.of(counted.amount),
        )


class FaultCountOut(Answered):
    """How many parts of an account's files could not be read and are alike."""

    party: Party
    source: Source
    classification: Classification = Field(
        description="unknown, or ignored once a person has left them out.", examples=["unknown"]
    )
    state: LineState = Field(description="open or ignored.", examples=["open"])
    count: int = Field(description="Parts of files.", examples=[1])

    @classmethod
    def of(cls, counted: FaultCount) -> Self:
        """From the count."""
        is_ignored = counted.state is LineState.IGNORED
        return cls(
            party=counted.party,
            source=counted.source,
            classification=Classification.IGNORED if is_ignored else Classification.UNKNOWN,
            state=counted.state,
            count=counted.count,
        )


class ReconciliationOut(Answered):
    """Whether all records of a contract tie together, why not, and how every line ended."""

    known_at: Instant
    currency: Currency
    holds: bool = Field(description="Whether every tie holds.", examples=[False])
    ties: list[TieOut]
    lines: list[LineCountOut] = Field(description="Every imported line is counted once.")
    faults: list[FaultCountOut] = Field(
        description="Every part of a file that could not be read is counted once."
    )
    imports: list[ImportOut]

    @classmethod
    def of(cls, found: Reconciliation) -> Self:
        """From the service's page."""
        return cls(
            known_at=instant_text(found.known_at),
            currency=found.currency,
            holds=all(tie.holds for tie in found.ties),
            ties=[TieOut.of(tie) for tie in found.ties],
            lines=[LineCountOut.of(one) for one in found.lines],
            faults=[FaultCountOut.of(one) for one in found.faults],
            imports=[ImportOut.of(one) for one in found.imports],
        )
