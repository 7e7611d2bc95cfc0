"""Balances of accounts: a pure fold of entries, trial balances per book, and mirrors."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from app.domain.ledger import Account, Entry
from app.domain.money import Money


@dataclass(frozen=True, slots=True)
class Balance:
    """All debits and all credits of one account."""

    account: str
    debits: Money
    credits: Money

    @property
    def net(self) -> Money:
        """Debits less credits: above zero is a debit balance."""
        return self.debits - self.credits


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """One book's accounts by name; the debit balances and the credit balances must be equal."""

    book: str
    balances: tuple[Balance, ...]
    debit_total: Money
    credit_total: Money


@dataclass(frozen=True, slots=True)
class MirrorDifference:
    """Two accounts that should hold opposite balances and do not; `difference` is their sum."""

    account: str
    mirror: str
    net: Money
    mirror_net: Money
    difference: Money


def balances(
    entries: Iterable[Entry], currency: str, effective_to: date | None = None
) -> dict[str, Balance]:
    """The balance of every account that entries post to, up to an effective date (included).

    A posting of 6,701.50 from commissioner/outcome-expenditure to commissioner/payable/spv adds
    6,701.50 to the debits of the first and to the credits of the second. Which entries were known
    on a day is the caller's choice of entries.
    """
    debits: dict[str, int] = {}
    credited: dict[str, int] = {}
    for entry in entries:
        if effective_to is not None and entry.effective_date > effective_to:
            continue
        for posting in entry.postings:
            if posting.amount.currency != currency:
                raise AssertionError("a contract's ledger holds one currency")
            minor = posting.amount.minor
            debits[posting.debit] = debits.get(posting.debit, 0) + minor
            credited[posting.credit] = credited.get(posting.credit, 0) + minor
    return {
        name: Balance(
            name, Money(debits.get(name, 0), currency), Money(credited.get(name, 0), currency)
        )
        for name in sorted(debits.keys() | credited.keys())
    }


def trial_balances(folded: Mapping[str, Balance], currency: str) -> tuple[TrialBalance, ...]:
    """Each book's trial balance, by name of book.

    The debit total adds the accounts whose debits exceed their credits, the credit total the
    others. Postings stay in one book, so both are equal: after one line of 6,701.50 with 1,675.37
    from a fund the commissioner's are 8,376.87 each.
    """
    books: dict[str, list[Balance]] = {}
    for name in sorted(folded):
        books.setdefault(name.split("/", 1)[0], []).append(folded[name])
    return tuple(
        TrialBalance(
            book,
            tuple(items),
            Money(sum(max(0, item.net.minor) for item in items), currency),
            Money(sum(max(0, -item.net.minor) for item in items), currency),
        )
        for book, items in sorted(books.items())
    )


def mirror_differences(
    folded: Mapping[str, Balance], accounts: Iterable[Account], currency: str
) -> tuple[MirrorDifference, ...]:
    """Pairs of mirror accounts that do not hold opposite balances; none when all is well.

    The commissioner's payable to the SPV and the SPV's receivable from the commissioner add up to
    zero. Each pair is looked at once; an account nobody has posted to holds zero.
    """
    found: list[MirrorDifference] = []
    nothing = Money(0, currency)
    for account in sorted(accounts, key=lambda item: item.name):
        if account.mirror is None or account.mirror < account.name:
            continue
        net = folded[account.name].net if account.name in folded else nothing
        mirrored = folded[account.mirror].net if account.mirror in folded else nothing
        if difference := net + mirrored:
            found.append(MirrorDifference(account.name, account.mirror, net, mirrored, difference))
    return tuple(found)
