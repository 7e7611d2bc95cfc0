"""How the money of the demo moves, and how the files that show it are reconciled."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from app.cli.demo.acts import CLAIMANT, COUNCIL_FINANCE, Acts
from app.cli.demo.bank import EXTRACT_COLUMNS, Booking, Covered, written
from app.domain.bank import SourceKind
from app.domain.money import Money
from app.domain.parties import Actor

FILES_ON = tuple(date(year, 12, 15) for year in range(2020, 2025))
"""Each finance team imports its files once a year; a file repeats the last days before it."""

PART_PAID, OVER_PAID, PAID_LATE = date(2021, 4, 1), date(2022, 1, 1), date(2022, 7, 1)
"""Quarters whose invoices are paid in two parts, with 250.00 too much, and with the next one."""

DISPUTED = date(2023, 4, 1)
"""The quarter of which one line is disputed before the approval; all of it turns out to be due."""

EXCESS = 250_00
_OVERLAP = timedelta(days=14)
_FIRST = date(2019, 10, 1)
_CHARGE, _OTHER = "ACCOUNT CHARGES", "ROOM HIRE 4471"
_MAPPING = "supplier-payments"
_COUNCIL, _SPV, _FUND = "Sheffield City Council", "Special purpose company", "Life Chances Fund"


@dataclass(slots=True)
class Account:
    """One party's account or extract: its lines so far, and the last day that a file showed."""

    owner: Actor
    source: str
    kind: SourceKind
    bookings: list[Booking] = field(default_factory=list)
    shown_to: date = _FIRST

    def book(self, day: date, pence: int, text: str, who: str) -> None:
        """Add a line."""
        name = f"{self.source[0].upper()}{day:%y%m%d}{len(self.bookings):05d}"
        self.bookings.append(Booking(day, pence, text, who, name))

    def file(self, day: date) -> bytes:
        """The statement up to a day: what is new, and once more the last days of the one before."""
        first = self.shown_to - _OVERLAP
        self.bookings.sort(key=lambda one: one.day)
        opening = sum(one.pence for one in self.bookings if one.day <= first)
        shown = [one for one in self.bookings if first < one.day <= day]
        self.shown_to = day
        return written(self.kind, f"DEMO-{self.source}", shown, Covered(first, day, opening))


class Settling:
    """What the parties pay each other, and the reconciling of what their files show of it."""

    def __init__(self, acts: Acts) -> None:
        self._acts = acts
        self._main = Account(CLAIMANT, "main-account", SourceKind.CAMT_053)
        self._payable = Account(COUNCIL_FINANCE, "accounts-payable", SourceKind.CSV)
        self._grants = Account(COUNCIL_FINANCE, "grants-account", SourceKind.MT940)
        self._late: list[dict[str, Any]] = []

    def council_pays(self, quarter: date, day: date, documents: Sequence[dict[str, Any]]) -> None:
        """The council pays a quarter's documents; a credit note is set off against the invoice."""
        invoices = [one for one in documents if _pence(one) > 0]
        owed = sum(map(_pence, self._set_off(documents)))
        if quarter == PAID_LATE:
            self._late = invoices
            return
        text = "/".join(one["reference"] for one in (*self._late, *invoices))
        owed += sum(map(_pence, self._late))
        self._late = []
        if quarter == PART_PAID:
            part = owed * 6 // 10
            self._from_council(day, part, text)
            self._from_council(day + timedelta(days=14), owed - part, text)
        elif quarter == OVER_PAID:
            self._from_council(day, owed + EXCESS, text)
            self._from_council(day + timedelta(days=12), -EXCESS, text)
        else:
            self._from_council(day, owed, text)

    def fund_pays(self, day: date, document: dict[str, Any]) -> None:
        """The fund pays what the council has claimed from it."""
        name = document["document_id"].upper().replace(":", "-")
        self._grants.book(day, _pence(document), name, _FUND)

    def reconcile(self, day: date) -> None:
        """Each finance team imports its files, accepts what is proposed, leaves out what is not."""
        self._main.book(day, -12_50, _CHARGE, "Demo Bank")
        self._payable.book(day, -450_00, _OTHER, _SPV)
        for account in (self._main, self._payable, self._grants):
            self._take_in(account, day)

    def _set_off(self, documents: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
        if any(_pence(one) < 0 for one in documents):
            self._acts.set_off(documents)
        return documents

    def _from_council(self, day: date, pence: int, text: str) -> None:
        """Bacs takes a day: the council's system lists it before the SPV's bank does."""
        self._payable.book(day, -pence, text, _SPV)
        self._main.book(day + timedelta(days=1), pence, text, _COUNCIL)

    def _take_in(self, account: Account, day: date) -> None:
        acts, owner, source = self._acts, account.owner, account.source
        mapping = None
        if account.kind is SourceKind.CSV:
            mapping = _MAPPING
            acts.save_mapping(_MAPPING, EXTRACT_COLUMNS, owner)
        acts.import_file(account.file(day), account.kind, source, mapping, owner)
        while acts.propose(source, owner):
            for match in acts.proposed(source):
                acts.accept_match(match["match_id"], owner)
        for line in acts.open_lines(source):
            reason = "bank_charge" if _CHARGE in line["references"] else "not_of_contract"
            acts.ignore(line["line"], reason, owner)


def _pence(document: dict[str, Any]) -> int:
    amount = document["open_amount"]
    return Money.parse(amount["amount"], amount["currency"]).minor
