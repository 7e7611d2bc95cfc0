"""Shapes of matches, the rules that find them, and decisions on them."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints

from app.api.fields import (
    Amount,
    AmountIn,
    Answered,
    NextCursor,
    Note,
    Party,
    Received,
    RecordId,
    StepOut,
    Version,
)
from app.api.schemas_imports import LineId, Source
from app.domain.bank import Classification
from app.domain.matching import DAYS_MAX
from app.domain.reconciliation import LineKey, MatchState, PaymentEffect
from app.service.match_bulk import AcceptedOfImport
from app.service.match_decisions import Decided
from app.service.matching import Proposed
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


class NewMatchesAcceptance(Received):
    """Which of an import's proposed matches a person accepts together."""

    score_at_least: int = Field(
        ge=1,
        le=100,
        description="Those that score so much or more. There is no usual value: whoever accepts "
        "says it.",
        examples=[90],
    )
    note: Note | None = None


class MatchesAccepted(Answered):
    """The matches of an import that were accepted together: all of them, or the request refused."""

    import_number: int = Field(description="The import.", examples=[3])
    score_at_least: int = Field(description="The score that was asked for.", examples=[90])
    accepted: int = Field(description="How many matches were accepted.", examples=[480])
    left: int = Field(
        description="Proposed matches of the import with a lower score.", examples=[20]
    )
    recorded: Amount = Field(description="The sum of the payments and returns recorded.")
    confirmed: Amount = Field(description="The sum of the payments that were confirmed.")
    matches: list[MatchDecided]

    @classmethod
    def of(cls, done: AcceptedOfImport, _version: int = 0) -> Self:
        """From the service's answer."""
        return cls(
            import_number=done.import_number,
            score_at_least=done.score_at_least,
            accepted=len(done.matches),
            left=done.left,
            recorded=Amount.of(done.recorded),
            confirmed=Amount.of(done.confirmed),
            matches=[MatchDecided.of(decided, version) for decided, version in done.matches],
        )
