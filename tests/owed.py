"""Who owes whom for a claim, from its entries alone: a second way to what the service posts."""

from collections.abc import Iterable

from app.domain.ledger import Account, AccountType, Entry
from app.domain.money import Money, total
from app.payments.posting import Due


def amounts_due(entries: Iterable[Entry], accounts: Iterable[Account]) -> tuple[Due, ...]:
    """Who owes whom how much for a claim, from the claim's own entries, by debtor and creditor.

    Reads the liability accounts that have a mirror. The first claim of 6,500.00 with 1,625.00 from
    a fund leaves two: the commissioner owes the SPV 6,500.00, and the fund the commissioner
    1,625.00. A claim that only takes 8,248.00 back leaves the SPV owing the commissioner 8,248.00
    and the commissioner owing the fund 1,241.26. Nothing is due where the sums cancel out.
    """
    owed: dict[str, list[Money]] = {}
    for entry in entries:
        for posting in entry.postings:
            owed.setdefault(posting.credit, []).append(posting.amount)
            owed.setdefault(posting.debit, []).append(-posting.amount)
    dues: list[Due] = []
    for account in sorted(accounts, key=lambda item: item.name):
        amounts = owed.get(account.name)
        if account.type is not AccountType.LIABILITY or account.mirror is None or not amounts:
            continue
        amount = total(amounts, amounts[0].currency)
        debtor, creditor = account.book, account.mirror.split("/", 1)[0]
        pays_back = amount.minor < 0
        if pays_back:
            debtor, creditor, amount = creditor, debtor, -amount
        if amount:
            dues.append(Due(debtor, creditor, amount, account.name, account.mirror, pays_back))
    return tuple(dues)
