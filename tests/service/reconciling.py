"""The golden contract with its bank and accounts-payable files: imported, matched, decided on."""

from datetime import UTC, date, datetime
from pathlib import Path

from app.domain.bank import SourceKind
from app.domain.column_mapping import ColumnMapping, SignConvention
from app.domain.parties import Actor
from app.domain.period import Period
from app.domain.reconciliation import MatchState
from app.service import fund_claims, imports, invoices, match_decisions, matching
from app.service.command import Command
from app.storage.import_lines import Wanted
from tests.replay import EXAMPLES, Replay

BANK = EXAMPLES / "golden" / "bank"
COUNCIL = Actor("scc", "finance-officer-1")
SPV = Actor("spv", "spv-manager-1")

EXTRACT = ColumnMapping(
    date="Payment date",
    amount="Amount",
    references=("Supplier reference",),
    bank_reference="Voucher",
    counterparty="Supplier",
    sign=SignConvention.POSITIVE_IS_OUT,
    date_format="DD/MM/YYYY",
    thousands_mark=",",
    skip_rows=1,
)
FILES = {
    "spv-1": (SPV, "spv-bank-2020-10-to-2021-05.xml", SourceKind.CAMT_053, "main-account"),
    "spv-2": (SPV, "spv-bank-2021-05-to-2024-03.xml", SourceKind.CAMT_053, "main-account"),
    "payable": (COUNCIL, "council-accounts-payable.csv", SourceKind.CSV, "accounts-payable"),
    "grants": (COUNCIL, "council-bank-2023-01-to-2024-03.sta", SourceKind.MT940, "grants-account"),
}


class Reconciling:
    """One contract whose documents are issued and whose files are worked through."""

    def __init__(self, context, clock, contract_id: str) -> None:
        self.context, self.clock, self.contract_id = context, clock, contract_id

    def by(self, actor: Actor, **options) -> Command:
        return Command(self.contract_id, actor, **options)

    def agreed(self, replay: Replay) -> "Reconciling":
        """Only the terms are agreed: what files need that nothing is matched with."""
        replay.run(until=replay.story["acceptances"][2]["accepted_on"])
        self.clock.set(datetime(2024, 4, 2, 12, tzinfo=UTC))
        imports.save_mapping(self.context, self.by(COUNCIL), "supplier-payments", EXTRACT)
        return self

    def golden(self, replay: Replay) -> "Reconciling":
        """Everything approved is invoiced on the day of approval; the fund is asked twice."""
        replay.run()
        self.clock.set(datetime(2024, 4, 2, 12, tzinfo=UTC))
        approved = {one["quarter"]: one["approved_on"] for one in replay.story["claims"]}
        for quarter, number in replay.claims.items():
            invoices.issue_invoices(self.context, self.by(SPV), number, issued_on=approved[quarter])
        for end, on in ((date(2022, 12, 31), date(2023, 1, 9)), (date(2024, 3, 31), None)):
            period = Period(date(2019, 10, 1), end)
            fund_claims.prepare_fund_claim(
                self.context, self.by(COUNCIL), fund="lcf", period=period, prepared_on=on
            )
            number = 1 if on else 2
            fund_claims.submit_fund_claim(self.context, self.by(COUNCIL), number, on=on)
        imports.save_mapping(self.context, self.by(COUNCIL), "supplier-payments", EXTRACT)
        return self

    def take_in(self, name: str, **options):
        """Import one of the golden files."""
        actor, file, kind, source = FILES[name]
        mapping = "supplier-payments" if kind is SourceKind.CSV else None
        return self.import_bytes(
            actor, (BANK / file).read_bytes(), kind, source, mapping, **options
        )

    def import_bytes(self, actor, content: bytes, kind, source, mapping=None, **options):
        with self.context.files.bank.receive(self.contract_id) as incoming:
            incoming.write(content)
            return imports.import_file(
                self.context,
                self.by(actor, **options),
                incoming,
                kind=kind,
                source=source,
                mapping=mapping,
            ).answer

    def propose(self, actor: Actor, source: str | None = None):
        return matching.propose_matches(self.context, self.by(actor), source=source).answer

    def proposed(self):
        return matching.list_matches(
            self.context, self.contract_id, MatchState.PROPOSED, limit=1000
        )

    def accept_all(self, actor: Actor) -> int:
        """Propose and accept until nothing new is proposed for a party; returns go last."""
        accepted = 0
        while self.propose(actor).proposed or self._mine(actor):
            found = sorted(self._mine(actor), key=lambda one: one.rule == "return")
            match_decisions.accept_match(self.context, self.by(actor), found[0].match_id)
            accepted += 1
        return accepted

    def _mine(self, actor: Actor):
        return [one for one in self.proposed() if one.party == actor.party]

    def lines(self, **wanted):
        return imports.list_lines(self.context, self.contract_id, Wanted(**wanted), limit=1000)


def content(name: str) -> bytes:
    return (BANK / Path(FILES[name][1])).read_bytes()
