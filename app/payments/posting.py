"""The entries of claims and payments: the only place that chooses accounts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.domain.claim import Claim, ClaimLine, LineKind, PayerShare
from app.domain.errors import RuleRefused
from app.domain.invoice import DocumentKind, Invoice
from app.domain.ledger import Account, AccountType, Entry, EntryKind, Posting
from app.domain.money import Money, total
from app.domain.terms.document import Terms
from app.domain.terms.parties import Role
from app.domain.terms.payment import Flow, VatTreatment

_OUTCOME_INCOME = "/outcome-income"


@dataclass(frozen=True, slots=True)
class Due:
    """What one party owes another for a claim, always above zero.

    `owed_in` is the liability account that holds it and `owned_in` its mirror. `pays_back`: the
    claim took back more than it asked, so the party that is normally paid pays.
    """

    payer: str
    payee: str
    amount: Money
    owed_in: str
    owned_in: str
    pays_back: bool


def payable_account(debtor: str, creditor: str) -> str:
    """What a party owes another: commissioner/payable/spv."""
    return f"{debtor}/payable/{creditor}"


def receivable_account(creditor: str, debtor: str) -> str:
    """What the payee is owed by a payer: spv/receivable/commissioner."""
    return f"{creditor}/receivable/{debtor}"


def grant_receivable_account(commissioner: str, fund: str) -> str:
    """What a commissioner is to get back from a fund: commissioner/grant-receivable/fund."""
    return f"{commissioner}/grant-receivable/{fund}"


def cash_account(party: str) -> str:
    """A party's cash: spv/cash."""
    return f"{party}/cash"


def vat_input_account(customer: str) -> str:
    """VAT that a customer was charged and may ask back: commissioner/vat-input."""
    return f"{customer}/vat-input"


def vat_output_account(issuer: str) -> str:
    """VAT that an issuer charged and owes to HMRC: spv/vat-output."""
    return f"{issuer}/vat-output"


def chart(terms: Terms) -> tuple[Account, ...]:
    """Every account that entries under these terms can touch, by name.

    Books: the commissioner, the payee (SPV, else investor, else provider) and every other payer.
    Payable and receivable accounts name each other as mirrors, so that what one party owes is
    always what the other is owed. Accounts for VAT exist where the terms treat it as standard. A
    variation that changes payers, the flow or the treatment adds accounts; those of earlier
    versions stay.
    """
    commissioner, payee = terms.commissioner, terms.payee
    accounts = [
        Account(cash_account(commissioner), AccountType.ASSET),
        Account(f"{commissioner}/outcome-expenditure", AccountType.EXPENSE),
        Account(cash_account(payee), AccountType.ASSET),
        Account(payee + _OUTCOME_INCOME, AccountType.INCOME),
        *_pair(payable_account(commissioner, payee), receivable_account(payee, commissioner)),
    ]
    for payer in _other_payers(terms):
        accounts.append(Account(cash_account(payer), AccountType.ASSET))
        if terms.funding.flow is Flow.FUND_PAYS_DIRECT:
            accounts.append(Account(f"{payer}/outcome-expenditure", AccountType.EXPENSE))
            accounts += _pair(payable_account(payer, payee), receivable_account(payee, payer))
            continue
        accounts.append(Account(f"{payer}/grant-expenditure", AccountType.EXPENSE))
        accounts.append(Account(f"{commissioner}/grant-income/{payer}", AccountType.INCOME))
        receivable = grant_receivable_account(commissioner, payer)
        accounts += _pair(payable_account(payer, commissioner), receivable)
    accounts += _vat_accounts(terms)
    return tuple(sorted(accounts, key=lambda account: account.name))


def customers(terms: Terms) -> tuple[str, ...]:
    """Who is invoiced: the commissioner, or every payer when the fund pays direct."""
    if terms.funding.flow is Flow.FUND_PAYS_DIRECT:
        return tuple(sorted({terms.commissioner, *_other_payers(terms)}))
    return (terms.commissioner,)


def payers(terms: Terms) -> tuple[str, ...]:
    """Who may bear a part of what is owed for outcomes: the commissioner and every other payer."""
    return (terms.commissioner, *_other_payers(terms))


def _vat_accounts(terms: Terms) -> tuple[Account, ...]:
    if terms.invoicing is None or terms.invoicing.vat.treatment is not VatTreatment.STANDARD:
        return ()
    return (
        Account(vat_output_account(terms.payee), AccountType.LIABILITY),
        *(Account(vat_input_account(one), AccountType.ASSET) for one in customers(terms)),
    )


def entries_for_claim(
    claim: Claim,
    terms: Terms,
    first_entry_number: int,
    effective_date: date,
    originals: Mapping[int, Entry],
) -> tuple[Entry, ...]:
    """One entry for each line of an approved claim that pays or takes back anything.

    Commissioner pays, then reclaims (terms /funding/flow): for a line of 6,701.50 of which a fund
    bears 1,675.37 the commissioner books expenditure and a payable to the SPV of 6,701.50, and a
    grant receivable and grant income of 1,675.37; the SPV a receivable and income of 6,701.50; the
    fund grant expenditure and a payable to the commissioner of 1,675.37. Fund pays direct: each
    payer books its own part as expenditure and payable to the SPV, and the SPV a receivable from
    each. Zero amounts post nothing, so a line that pays nothing has no entry.

    A clawback line posts its original entry with debit and credit exchanged, so the original flow
    and split are undone whatever a variation has changed since. `originals` holds that entry by
    clawback line number; a line that took back nothing needs none.

    Raises RuleRefused `original-entry-missing` and `clawback-differs-from-original`.
    """
    entries: list[Entry] = []
    for line in claim.lines:
        if not line.payable:
            continue
        number = first_entry_number + len(entries)
        source = f"claim:{claim.claim_number}/line:{line.line_number}"
        if line.kind is LineKind.CLAWBACK:
            original = originals.get(line.line_number)
            entries.append(_reversal(line, original, number, source, effective_date))
            continue
        entries.append(
            Entry(
                number,
                EntryKind.CLAIM_LINE_APPROVED,
                source,
                effective_date,
                share_postings(line.shares, terms),
            )
        )
    return tuple(entries)


def share_postings(shares: Sequence[PayerShare], terms: Terms) -> tuple[Posting, ...]:
    """The postings of what payers come to owe for outcomes, in every book it touches.

    Amounts are above zero. Shares of 1,675.37 and 5,026.13 post 6,701.50 between commissioner and
    SPV, and 1,675.37 between fund and commissioner; where the fund pays direct, each its own part.
    """
    commissioner, payee = terms.commissioner, terms.payee
    postings: list[Posting] = []
    if terms.funding.flow is Flow.FUND_PAYS_DIRECT:
        for share in shares:
            postings += _expenditure(share.payer, payee, share.amount)
        return tuple(postings)
    payable = total((share.amount for share in shares), terms.currency)
    postings += _expenditure(commissioner, payee, payable)
    for share in shares:
        fund = share.payer
        if fund == commissioner:
            continue
        receivable = grant_receivable_account(commissioner, fund)
        postings.append(Posting(receivable, f"{commissioner}/grant-income/{fund}", share.amount))
        postings.append(
            Posting(f"{fund}/grant-expenditure", payable_account(fund, commissioner), share.amount)
        )
    return tuple(postings)


def _expenditure(payer: str, payee: str, amount: Money) -> tuple[Posting, Posting]:
    """The payer's expenditure and debt, and the payee's claim and income."""
    return (
        Posting(f"{payer}/outcome-expenditure", payable_account(payer, payee), amount),
        Posting(receivable_account(payee, payer), payee + _OUTCOME_INCOME, amount),
    )


def _reversal(
    line: ClaimLine,
    original: Entry | None,
    number: int,
    source: str,
    effective_date: date,
) -> Entry:
    """The original entry with debit and credit exchanged."""
    if original is None:
        raise RuleRefused(
            "original-entry-missing",
            f"The clawback in {source} needs the entry of the line that it takes back.",
        )
    income = sum(
        posting.amount.minor
        for posting in original.postings
        if posting.credit.endswith(_OUTCOME_INCOME)
    )
    if income != -line.payable.minor:
        raise RuleRefused(
            "clawback-differs-from-original",
            f"The clawback in {source} takes back {(-line.payable).readable()}, but entry "
            f"{original.entry_number} is of another amount. A clawback takes back a line whole.",
        )
    return Entry(
        number,
        EntryKind.CLAWBACK_APPROVED,
        source,
        effective_date,
        tuple(Posting(item.credit, item.debit, item.amount) for item in original.postings),
        reverses=original.entry_number,
    )


def vat_entry(invoice: Invoice, entry_number: int) -> Entry | None:
    """The entry of the VAT of a document, on the day of its issue; None where it charges none.

    The net is posted when the claim is approved, so only the tax is left: for 1,340.30 on 6,701.50
    the commissioner books VAT input and a payable to the SPV, the SPV a receivable and VAT output.
    A credit note exchanges debit and credit. Source: terms /invoicing/vat.
    """
    if not invoice.vat:
        return None
    customer, issuer = invoice.customer, invoice.issuer
    pairs = [
        (vat_input_account(customer), payable_account(customer, issuer)),
        (receivable_account(issuer, customer), vat_output_account(issuer)),
    ]
    if invoice.kind is DocumentKind.CREDIT_NOTE:
        pairs = [(credit, debit) for debit, credit in pairs]
    return Entry(
        entry_number,
        EntryKind.VAT_INVOICED,
        invoice.document_id,
        invoice.issued_on,
        tuple(Posting(debit, credit, invoice.vat) for debit, credit in pairs),
    )


def due_between(payer: str, payee: str, amount: Money, accounts: Iterable[Account]) -> Due | None:
    """The accounts that a payment of any amount between two parties moves; None if there are none.

    The commissioner pays the SPV: commissioner/payable/spv and its mirror. The SPV pays the
    commissioner: the same two, the other way round (`pays_back`).
    """
    for account in accounts:
        if account.type is not AccountType.LIABILITY or account.mirror is None:
            continue
        debtor, creditor = account.book, account.mirror.split("/", 1)[0]
        if {debtor, creditor} == {payer, payee}:
            return Due(payer, payee, amount, account.name, account.mirror, debtor != payer)
    return None


def entry_for_payment(due: Due, entry_number: int, source: str, effective_date: date) -> Entry:
    """The entry of a payment of one amount due in full: debt and claim go, cash moves.

    The commissioner pays the SPV 6,500.00: Dr commissioner/payable/spv, Cr commissioner/cash; Dr
    spv/cash, Cr spv/receivable/commissioner. A payment back exchanges debit and credit. Between a
    fund and the commissioner it is a grant payment.
    """
    debtor, creditor = due.owed_in.split("/", 1)[0], due.owned_in.split("/", 1)[0]
    pairs = [
        (due.owed_in, cash_account(debtor)),
        (cash_account(creditor), due.owned_in),
    ]
    if due.pays_back:
        pairs = [(credit, debit) for debit, credit in pairs]
    is_grant = due.owned_in.startswith(f"{creditor}/grant-receivable/")
    return Entry(
        entry_number,
        EntryKind.GRANT_PAYMENT if is_grant else EntryKind.PAYMENT,
        source,
        effective_date,
        tuple(Posting(debit, credit, due.amount) for debit, credit in pairs),
    )


def _other_payers(terms: Terms) -> tuple[str, ...]:
    """Every payer but the commissioner, by id: by role, by share, or as remainder payer."""
    named = {
        *terms.parties_with(Role.OUTCOME_PAYER, Role.OUTCOMES_FUND),
        *(share.payer for share in terms.funding.shares),
        terms.funding.remainder_payer,
    }
    return tuple(sorted(named - {terms.commissioner}))


def _pair(owed_in: str, owned_in: str) -> tuple[Account, Account]:
    """A debt and the claim that mirrors it, each naming the other."""
    return (
        Account(owed_in, AccountType.LIABILITY, owned_in),
        Account(owned_in, AccountType.ASSET, owed_in),
    )
