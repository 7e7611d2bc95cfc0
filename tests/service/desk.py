"""A small contract with two invoices, and files whose lines pay them."""

import io

from app.domain.bank import SourceKind
from app.domain.column_mapping import ColumnMapping, SignConvention
from app.domain.parties import Actor
from app.domain.reconciliation import LineKey, MatchState
from app.service import imports, match_decisions, matching
from app.service.invoices import get_invoice_data, issue_invoices
from app.service.ledger import balances
from app.service.payments import list_payments
from app.service.reconciliation import reconciliation
from app.storage.import_lines import Wanted
from tests.factories import COUNCIL, SPV
from tests.golden_contract import INVOICING
from tests.service.world import MANAGER

PAYER = Actor(COUNCIL, "council-finance-1")
BANK = ColumnMapping(date="Day", amount="Amount", references=("Text",), counterparty="Who")
EXTRACT = ColumnMapping(
    date="Day", amount="Amount", references=("Text",), sign=SignConvention.POSITIVE_IS_OUT
)


class Desk:
    """A small contract with two invoices: 16,500.00 of May and 8,000.00 of November 2020."""

    def __init__(self, world) -> None:
        self.world = world
        world.agree(invoicing=INVOICING)
        world.moved("P1", "2020-01-15")
        world.earn("MOVE", "2020-02-03")
        world.event("moved_on 2020-01-16 tenancy", world.person("P2", "2019-12-02"))
        world.earn("MOVE", "2020-02-03", "P2")
        self.invoice("2020 Q1", "2020-04-06")
        world.earn("S06", "2020-07-20")
        self.invoice("2020 Q3", "2020-10-06")
        world.on("2021-03-01")
        for actor, mapping in ((MANAGER, BANK), (PAYER, EXTRACT)):
            imports.save_mapping(world.context, world.by(actor), "rows", mapping)

    def invoice(self, quarter: str, on: str) -> None:
        view = self.world.claim(quarter, on)
        number = view.claim.claim_number
        self.world.approve(number, on)
        issue_invoices(self.world.context, self.world.by(MANAGER), number)

    def rows(
        self,
        *rows: str,
        by: Actor = MANAGER,
        source: str = "bank",
        account: str | None = None,
        **options,
    ):
        """Import lines written `day, amount, text, who`."""
        content = "\n".join(["Day,Amount,Text,Who", *rows]).encode()
        world = self.world
        with world.context.files.bank.receive(world.contract_id) as incoming:
            for part in iter(io.BytesIO(content).readline, b""):
                incoming.write(part)
            done = imports.import_file(
                world.context,
                world.by(by, **options),
                incoming,
                kind=SourceKind.CSV,
                source=source,
                mapping="rows",
                account=account,
            )
        matching.propose_matches(world.context, world.by(by))
        return done.answer

    def matches(self, state=MatchState.PROPOSED):
        return matching.list_matches(self.world.context, self.world.contract_id, state)

    def only(self):
        (one,) = self.matches()
        return one

    def act(self, decide, match_id: str, by: Actor = MANAGER, **options):
        return decide(self.world.context, self.world.by(by), match_id, **options).answer

    def accept(self, by: Actor = MANAGER):
        return self.act(match_decisions.accept_match, self.only().match_id, by)

    def line(self, text: str = "1/1"):
        number, _, position = text.partition("/")
        key = LineKey(int(number), int(position))
        found = imports.list_lines(self.world.context, self.world.contract_id, Wanted())
        return next(one for one in found if one.key == key)

    def open_of(self, number: int) -> str:
        stored, _ = get_invoice_data(self.world.context, self.world.contract_id, SPV, number)
        return str(stored.open_amount)

    def cash(self) -> str:
        held = dict(balances(self.world.context, self.world.contract_id).accounts)
        return next(str(one.net) for account, one in held.items() if account.name == f"{SPV}/cash")

    def paid(self):
        return list_payments(self.world.context, self.world.contract_id)

    def holds(self) -> bool:
        page = reconciliation(self.world.context, self.world.contract_id)
        return all(tie.holds for tie in page.ties)
