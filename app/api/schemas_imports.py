"""Shapes of column mappings, imported files, and their lines."""

from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints

from app.api.errors import nested
from app.api.fields import (
    Amount,
    Answered,
    DayOut,
    Instant,
    NextCursor,
    Note,
    Party,
    Received,
    Sha256,
    StepOut,
    Version,
)
from app.domain.bank import Classification, Direction, SourceKind
from app.domain.column_mapping import ColumnMapping, SignConvention, TextEncoding
from app.domain.errors import InputInvalid
from app.domain.identity_check import IdentityChecked
from app.domain.journal import instant_text
from app.domain.reconciliation import IgnoreReason, LineState
from app.storage.import_faults import StoredFault
from app.storage.import_lines import StoredLine
from app.storage.imports import StoredImport, StoredMapping, mapping_json

SOURCE_PATTERN = r"^[a-z][a-z0-9_-]{0,47}$"
ACCOUNT_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9 /-]{3,48}[A-Za-z0-9]$"
LINE_PATTERN = r"^[1-9][0-9]{0,8}/[1-9][0-9]{0,8}$"

Source = Annotated[
    str,
    StringConstraints(pattern=SOURCE_PATTERN),
    IdentityChecked,
    Field(description="The party's name for the account or extract.", examples=["main-account"]),
]
MappingName = Annotated[
    str,
    StringConstraints(pattern=SOURCE_PATTERN),
    IdentityChecked,
    Field(description="The name of a column mapping.", examples=["supplier-payments"]),
]
LineId = Annotated[
    str,
    StringConstraints(pattern=LINE_PATTERN),
    Field(description="A line, <import>/<position>.", examples=["3/17"]),
]
_Column = Annotated[str, StringConstraints(min_length=1, max_length=200), IdentityChecked]
_Mark = Annotated[str, StringConstraints(max_length=1)]


def _column(text: str, example: str | None = None) -> Any:
    return Field(default=None, description=text, examples=[example])


class MappingShape(Received):
    """Which column of a CSV file means what, by the names in its header row."""

    date: _Column = Field(description="The booking day's column.", examples=["Payment date"])
    amount: _Column | None = _column("The amount's column.", "Amount")
    debit: _Column | None = _column("Money out, instead of amount.")
    credit: _Column | None = _column("Money in, instead of amount.")
    direction: _Column | None = _column("Which way, if amounts have no sign.")
    in_words: list[_Column] = Field(
        default=[], max_length=20, description="Words for money in.", examples=[[]]
    )
    out_words: list[_Column] = Field(
        default=[], max_length=20, description="Words for money out.", examples=[[]]
    )
    references: list[_Column] = Field(
        default=[],
        max_length=20,
        description="Columns that may quote a document.",
        examples=[["Supplier reference"]],
    )
    bank_reference: _Column | None = _column("The source's own name for the row.", "Voucher")
    counterparty: _Column | None = _column("Who paid or was paid.", "Supplier")
    value_date: _Column | None = _column("The value day's column.")
    currency_column: _Column | None = _column("The currency's column.")
    returned: _Column | None = _column("The column that marks returned payments.")
    returned_words: list[_Column] = Field(
        default=[], max_length=20, description="What it holds then.", examples=[[]]
    )
    currency: str = Field(
        default="GBP", pattern=r"^[A-Z]{3}$", description="Of every row.", examples=["GBP"]
    )
    sign: SignConvention = Field(
        default=SignConvention.POSITIVE_IS_IN,
        strict=False,
        description="What an amount without a minus sign means to the account's owner.",
        examples=["positive-is-out"],
    )
    date_format: Annotated[str, StringConstraints(max_length=40), IdentityChecked] = Field(
        default="YYYY-MM-DD",
        description="Made of YYYY or YY, MM, M or MMM, DD or D, and what stands between.",
        examples=["DD/MM/YYYY"],
    )
    decimal_mark: _Mark = Field(default=".", description="A point or comma.", examples=["."])
    thousands_mark: _Mark = Field(default="", description="None if blank.", examples=[","])
    delimiter: _Mark = Field(default=",", description="Between columns.", examples=[","])
    encoding: TextEncoding = Field(
        default=TextEncoding.UTF_8,
        strict=False,
        description="The file's encoding; nothing is guessed.",
        examples=["utf-8"],
    )
    skip_rows: int = Field(
        default=0, ge=0, le=1000, description="Rows above the header row.", examples=[1]
    )


class NewMapping(Received):
    """How one of the acting party's sources is read, under a name."""

    name: MappingName
    mapping: MappingShape

    def told(self) -> ColumnMapping:
        """The mapping; InputInvalid with everything that is wrong with it."""
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in self.mapping.model_dump().items()
        }
        try:
            return ColumnMapping(**values)
        except InputInvalid as refusal:
            raise nested(refusal.faults, "/mapping") from None


class MappingOut(Answered):
    """A version of a party's column mapping."""

    party: Party
    name: MappingName
    mapping_version: int = Field(description="Counted from 1.", examples=[1])
    mapping: MappingShape

    @classmethod
    def of(cls, stored: StoredMapping, _version: int = 0) -> Self:
        """From the stored mapping."""
        return cls(
            party=stored.party,
            name=stored.name,
            mapping_version=stored.version,
            mapping=MappingShape(**mapping_json(stored.mapping)),
        )


class MappingList(Answered):
    """The latest version of every mapping, by party and name."""

    items: list[MappingOut]


class FaultOut(Answered):
    """A part of a file that could not be read: where, what is wrong, and whether it is left out."""

    line: LineId
    party: Party
    source: Source
    position: int = Field(description="The place in the file, from 1.", examples=[18])
    code: str = Field(description="A stable code.", examples=["bad-date"])
    message: str = Field(
        description="What is wrong.", examples=["Row 19: The date is not in the form DD/MM/YYYY."]
    )
    classification: Classification = Field(
        description="unknown, or ignored once a person has left it out.", examples=["unknown"]
    )
    state: LineState = Field(description="open or ignored.", examples=["open"])
    ignored_because: IgnoreReason | None = Field(
        description="If it is left out, why.", examples=["not_a_payment"]
    )
    version: Version

    @classmethod
    def of(cls, stored: StoredFault, _version: int = 0) -> Self:
        """From the stored fault."""
        is_ignored = stored.state is LineState.IGNORED
        return cls(
            line=str(stored.key),
            party=stored.party,
            source=stored.source,
            position=stored.position,
            code=stored.code,
            message=stored.message,
            classification=Classification.IGNORED if is_ignored else Classification.UNKNOWN,
            state=stored.state,
            ignored_because=stored.ignored_because,
            version=stored.sequence,
        )


class FaultPage(Answered):
    """What could not be read, in the order of the files, and where the next page starts."""

    items: list[FaultOut]
    next_cursor: NextCursor


class ImportOut(Answered):
    """An imported file. Its lines and faults together are all of it."""

    import_number: int = Field(description="Counted from 1 in the contract.", examples=[3])
    party: Party
    source: Source
    kind: SourceKind = Field(description="The form of the file.", examples=["camt.053"])
    sha256: Sha256
    size_bytes: int = Field(description="Its size.", examples=[18204])
    mapping_name: str | None = Field(
        description="The column mapping it was read with.", examples=["supplier-payments"]
    )
    mapping_version: int | None = Field(description="And its version.", examples=[1])
    account: str | None = Field(
        description="The account: as the file says, else as was said with it, else that of the "
        "source's earlier files. Without spaces, in capitals.",
        examples=["GB33BUKB20201555555555"],
    )
    opening: Amount | None = Field(description="The balance stated before the first line.")
    closing: Amount | None = Field(description="The balance stated after the last line.")
    line_count: int = Field(description="Lines read.", examples=[120])
    duplicate_count: int = Field(
        description="Those of them that an earlier file of the source has, or one of the same "
        "account under another source of the party.",
        examples=[4],
    )
    fault_count: int = Field(description="Parts that could not be read.", examples=[0])
    also_of: list[Source] = Field(
        description="Other sources under which the party imported the same file before.",
        examples=[[]],
    )
    recorded_at: Instant
    version: Version

    @classmethod
    def of(cls, stored: StoredImport) -> Self:
        """From the stored import."""
        opening, closing = stored.opening, stored.closing
        return cls(
            import_number=stored.import_number,
            party=stored.party,
            source=stored.source,
            kind=stored.kind,
            sha256=stored.sha256,
            size_bytes=stored.size_bytes,
            mapping_name=stored.mapping_name,
            mapping_version=stored.mapping_version,
            account=stored.account,
            opening=None if opening is None else Amount.of(opening),
            closing=None if closing is None else Amount.of(closing),
            line_count=stored.line_count,
            duplicate_count=stored.duplicate_count,
            fault_count=stored.fault_count,
            also_of=list(stored.also_of),
            recorded_at=instant_text(stored.recorded_at),
            version=stored.sequence,
        )


class ImportPage(Answered):
    """Imports in order of their numbers, and where the next page starts."""

    items: list[ImportOut]
    next_cursor: NextCursor


class ImportWhole(Answered):
    """An import, and what of its file could not be read."""

    imported: ImportOut
    faults: list[FaultOut] = Field(
        description="The first 1,000 places; `fault_count` says how many there are, and "
        "listImportFaults pages through all."
    )

    @classmethod
    def of(cls, stored: StoredImport, faults: list[StoredFault]) -> Self:
        """From the stored import and its faults."""
        return cls(
            imported=ImportOut.of(stored),
            faults=[FaultOut.of(one) for one in faults],
        )


class LineOut(Answered):
    """A line of a file: what it says, how it is classified, and why."""

    line: LineId
    party: Party
    source: Source
    booked_on: DayOut
    value_on: DayOut | None = Field(description="The value day, if stated.")
    amount: Amount
    direction: Direction = Field(description="As the account's owner sees it.", examples=["in"])
    counterparty: str | None = Field(
        description="Who paid or was paid, as written.", examples=["Council of contract EX"]
    )
    references: list[str] = Field(
        description="Every reference, as written.", examples=[["SPV-000012"]]
    )
    is_return: bool = Field(description="Whether the bank marks it as a return.", examples=[False])
    classification: Classification = Field(description="How it ends.", examples=["matched"])
    state: LineState = Field(description="Where it stands.", examples=["accepted"])
    match_id: str | None = Field(
        description="The match proposed or accepted.",
        examples=["0192f0c1-7e3a-7c55-9d0a-3b1f5a2c4d6e"],
    )
    first: str | None = Field(
        description="Of a duplicate, the line that was imported first.", examples=["2/9"]
    )
    ignored_because: IgnoreReason | None = Field(
        description="Of an ignored line, why.", examples=["bank_charge"]
    )
    reasons: list[StepOut] = Field(description="Why no match takes an open line.")
    version: Version

    @classmethod
    def of(cls, stored: StoredLine, _version: int = 0) -> Self:
        """From the stored line."""
        line = stored.line
        return cls(
            line=str(stored.key),
            party=stored.party,
            source=stored.source,
            booked_on=line.booked_on,
            value_on=line.value_on,
            amount=Amount.of(line.amount),
            direction=line.direction,
            counterparty=line.counterparty,
            references=list(line.references),
            is_return=line.is_return,
            classification=stored.classification,
            state=stored.state,
            match_id=stored.match_id,
            first=None if stored.first is None else str(stored.first),
            ignored_because=stored.ignored_because,
            reasons=[StepOut.of(step) for step in stored.reasons],
            version=stored.sequence,
        )


class LinePage(Answered):
    """Lines in the order of their files, and where the next page starts."""

    items: list[LineOut]
    next_cursor: NextCursor


class NewLineDecision(Received):
    """That a line is left out, or taken back in. `other` needs a note."""

    decision: Annotated[str, StringConstraints(pattern=r"^(ignored|taken_back)$")] = Field(
        description="ignored or taken_back.", examples=["ignored"]
    )
    reason: IgnoreReason | None = Field(
        default=None, strict=False, description="Why it is ignored.", examples=["bank_charge"]
    )
    note: Note | None = None
