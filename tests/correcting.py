"""Corrections in tests: proposed by the payee, approved by the commissioner, on the clock's day."""

from collections.abc import Iterable
from datetime import timedelta

from app.domain.claim import PayerShare
from app.domain.correction import CorrectionKind, CorrectionReason
from app.domain.money import Money
from app.domain.parties import Actor
from app.domain.period import Period
from app.service.claims import get_claim
from app.service.command import Command
from app.service.context import Context
from app.service.corrections import (
    Asked,
    approve_correction,
    propose_correction,
    refuse_correction,
)
from app.service.invoices import issue_invoices
from app.storage.corrections import StoredCorrection
from tests.settling import Settling


class Correcting:
    """Who proposes and who decides corrections of a contract."""

    def __init__(self, context: Context, contract_id: str, payee: str, commissioner: str) -> None:
        self.context, self.contract_id = context, contract_id
        self.proposer = Actor(payee, f"{payee}-manager-9")
        self.decider = Actor(commissioner, f"{commissioner}-officer-9")

    def by(self, actor: Actor, **options) -> Command:
        return Command(self.contract_id, actor, **options)

    def propose(
        self,
        claim_number: int,
        line_number: int = 1,
        amount: str | None = None,
        kind: str = "reversal",
        reason: str = "wrong_amount",
        shares: dict[str, str] | None = None,
        by: Actor | None = None,
        **options,
    ) -> StoredCorrection:
        """A proposal; `amount` and `shares` in pounds."""
        asked = Asked(
            CorrectionKind(kind),
            CorrectionReason(reason),
            claim_number,
            line_number,
            None if amount is None else Money.parse(amount),
            None if shares is None else parts(shares.items()),
        )
        done = propose_correction(self.context, self.by(by or self.proposer), asked, **options)
        assert done.answer is not None
        return done.answer

    def approve(self, correction_id: str, by: Actor | None = None, **options) -> StoredCorrection:
        version = options.pop("version", None)
        done = approve_correction(
            self.context,
            self.by(by or self.decider, expected_version=version),
            correction_id,
            **options,
        )
        assert done.answer is not None
        return done.answer

    def refuse(self, correction_id: str, by: Actor | None = None, **options) -> StoredCorrection:
        done = refuse_correction(
            self.context, self.by(by or self.decider), correction_id, **options
        )
        assert done.answer is not None
        return done.answer

    def make(self, *args, **kwargs) -> StoredCorrection:
        """Proposed and approved on one day."""
        return self.approve(self.propose(*args, **kwargs).correction.correction_id)


def correct_a_little(settling: Settling, claim_number: int) -> StoredCorrection:
    """10.00 of an invoiced claim's first line reversed, credited, and given back to the fund.

    Where the whole line takes two persons, that is proposed before, approved first, and refused.
    """
    context, contract_id = settling.context, settling.contract_id
    desk = Correcting(context, contract_id, settling.payee, settling.commissioner)
    if get_claim(context, contract_id, claim_number).second_approval_needed:
        whole = desk.propose(claim_number, note="Never moved").correction.correction_id
        desk.approve(whole, note="It seems so")
        desk.refuse(whole)
    made = desk.make(claim_number, amount="10", note="Paid at the old price")
    issue_invoices(context, desk.by(desk.proposer), claim_number)
    today = context.clock().date()
    settling.reclaim(Period(today - timedelta(days=30), today))
    return made


def parts(shares: Iterable[tuple[str, str]]) -> tuple[PayerShare, ...]:
    """Amounts by payer, as the service takes them."""
    return tuple(PayerShare(payer, Money.parse(amount)) for payer, amount in shares)
