"""From approved claims to nothing open: documents issued, the fund asked, everything paid."""

from collections.abc import Iterable

from app.domain.errors import RuleRefused
from app.domain.money import Money
from app.domain.parties import Actor
from app.domain.payment import PaymentAllocation
from app.domain.period import Period
from app.service.command import Command
from app.service.context import Context
from app.service.contracts import get_contract
from app.service.fund_claims import prepare_fund_claim, submit_fund_claim
from app.service.invoices import invoices_of_claim, issue_invoices
from app.service.payments import record_payment


class Settling:
    """Who asks and pays under the terms of a contract, on the day that the clock says."""

    def __init__(self, context: Context, contract_id: str, fund: str) -> None:
        terms = get_contract(context, contract_id).versions[-1].terms
        self.context, self.contract_id = context, contract_id
        self.commissioner, self.payee, self.fund = terms.commissioner, terms.payee, fund

    def issue(self, numbers: Iterable[int]) -> None:
        """The documents of approved claims that have none yet."""
        for number in numbers:
            if not invoices_of_claim(self.context, self.contract_id, number):
                issue_invoices(self.context, self._by(self.payee), number)

    def pay_invoices(self, numbers: Iterable[int]) -> None:
        """All that is open of the documents of claims, each with a payment of its own."""
        for number in numbers:
            for stored in invoices_of_claim(self.context, self.contract_id, number):
                one = stored.invoice
                self.pay(one.document_id, one.customer, one.issuer, stored.open_amount)

    def reclaim(self, period: Period) -> int | None:
        """The fund's share of what was approved by the end of a period: claimed and paid."""
        try:
            made = prepare_fund_claim(
                self.context, self._by(self.commissioner), fund=self.fund, period=period
            ).answer
        except RuleRefused as refusal:
            assert refusal.code == "nothing-to-claim", refusal  # noqa: PT017
            return None
        number = made.claim.fund_claim_number
        if made.approval.takes_two:
            director = Actor(self.commissioner, f"{self.commissioner}-director")
            submit_fund_claim(self.context, Command(self.contract_id, director), number)
        submit_fund_claim(self.context, self._by(self.commissioner), number)
        self.pay(made.claim.document_id, self.fund, self.commissioner, made.open_amount)
        return number

    def pay(self, document: str, debtor: str, creditor: str, open_amount: Money) -> None:
        """All that is open of one document, whichever way the money goes."""
        if not open_amount:
            return
        payer, payee = (debtor, creditor) if open_amount.minor > 0 else (creditor, debtor)
        record_payment(
            self.context,
            self._by(payer),
            payer=payer,
            payee=payee,
            amount=Money(abs(open_amount.minor), open_amount.currency),
            reference=f"BACS {self.context.clock():%Y-%m-%d}",
            allocations=[PaymentAllocation(document, open_amount)],
        )

    def _by(self, party: str) -> Command:
        return Command(self.contract_id, Actor(party, f"{party}-cashier"))
