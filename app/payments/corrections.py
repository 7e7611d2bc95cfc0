"""Corrections as entries: linked reversals, whole or in part, and typed adjustments."""

from collections.abc import Iterable, Sequence
from datetime import date

from app.domain.claim import PayerShare
from app.domain.correction import Correction
from app.domain.errors import IntegrityBroken, RuleRefused
from app.domain.ledger import Entry, EntryKind, Posting
from app.domain.money import Money
from app.domain.terms.document import Terms
from app.payments.posting import share_postings

_OWES, _OWED, _RECLAIMED = "payable", "receivable", "grant-receivable"


def shares_of(entry: Entry) -> tuple[PayerShare, ...]:
    """What each payer bears of an entry, by payer, read from its postings; never negative.

    Every posting is about one debtor: fund/payable/council and council/grant-receivable/fund are
    the fund's. What a commissioner reclaims from a fund is the fund's, not its own: of a line of
    6,701.50 of which 1,675.37 is reclaimed, the council bears 5,026.13.

    Raises IntegrityBroken `posting-without-debtor` and `postings-disagree`.
    """
    carried: dict[str, Money] = {}
    for posting in entry.postings:
        debtor = _debtor(posting)
        if carried.setdefault(debtor, posting.amount) != posting.amount:
            raise IntegrityBroken(
                "postings-disagree",
                f"Entry {entry.entry_number} has postings of different amounts for one debtor.",
            )
    own = dict(carried)
    for commissioner, fund in _reclaims(entry):
        if commissioner in own:
            own[commissioner] = own[commissioner] - carried[fund]
    return tuple(PayerShare(payer, amount) for payer, amount in sorted(own.items()))


def left_to_reverse(original: Entry, reversals: Iterable[Entry]) -> tuple[PayerShare, ...]:
    """What each payer's part of an entry still is after the reversals of it so far.

    `reversals` may hold any entries; those that reverse this one count. Of 5,026.13 and 1,675.37,
    after a reversal of 1,000.00 and 333.33: 4,026.13 and 1,342.04.
    """
    left = {share.payer: share.amount for share in shares_of(original)}
    for entry in reversals:
        if entry.reverses == original.entry_number:
            for share in shares_of(entry):
                left[share.payer] = left[share.payer] - share.amount
    return tuple(PayerShare(payer, amount) for payer, amount in left.items())


def proportional(shares: Sequence[PayerShare], amount: Money) -> tuple[PayerShare, ...]:
    """An amount divided over payers as their shares are, to the penny, and at most all of them.

    Of 1,675.37 and 5,026.13, 1,000.00 are 250.00 and 750.00; see `divided`. No part exceeds its
    share.

    Raises RuleRefused `reversal-exceeds-rest` for more than the shares add up to.
    """
    whole = sum(share.amount.minor for share in shares)
    if amount.minor > whole:
        _refuse_excess(Money(whole, amount.currency))
    return divided(shares, amount)


def divided(shares: Sequence[PayerShare], amount: Money) -> tuple[PayerShare, ...]:
    """An amount of any size divided over payers as their shares are, to the penny.

    Each part is rounded down; the pennies left go to the largest remainders, equal remainders by
    the payer's name. 1.00 over shares of 1.00, 1.00 and 1.00 is 0.34, 0.33 and 0.33. The amount
    and the shares are not below zero, and the shares not all nothing.
    """
    whole = sum(share.amount.minor for share in shares)
    if amount.minor < 0:
        raise AssertionError("an amount to divide is not negative; a reversal says which way")
    parts: list[tuple[int, int, PayerShare]] = []
    for share in shares:
        part, remainder = divmod(share.amount.minor * amount.minor, max(whole, 1))
        parts.append((part, remainder, share))
    pennies = amount.minor - sum(part for part, _, _ in parts)
    by_remainder = sorted(parts, key=lambda item: (-item[1], item[2].payer))
    raised = {share.payer for _, _, share in by_remainder[:pennies]}
    return tuple(
        PayerShare(share.payer, Money(part + (share.payer in raised), amount.currency))
        for part, _, share in parts
    )


def reversal(
    original: Entry,
    reversals: Iterable[Entry],
    amounts: Sequence[PayerShare] | None,
    *,
    entry_number: int,
    source: str,
    effective_date: date,
) -> Entry:
    """The entry that takes back an entry, whole or in part, linked to it by `reverses`.

    `amounts` says how much of each payer's part; None is all that has not been reversed yet. Every
    posting is the original's with debit and credit exchanged, and carries the amounts of the payers
    behind it: 1,000.00 of the council and 333.33 of a fund take 1,333.33 from the council's payable
    and the SPV's receivable, and 333.33 from grant receivable and the fund's payable. So every book
    and every pair of mirrors still balance, and the original split and flow are undone whatever a
    variation has changed since.

    Raises RuleRefused `reversal-of-reversal`, `already-reversed`, `reversal-unknown-payer`,
    `reversal-of-nothing` and `reversal-exceeds-rest`, and what `shares_of` raises.
    """
    if original.reverses is not None:
        raise RuleRefused(
            "reversal-of-reversal",
            f"Entry {original.entry_number} is itself a reversal. Post what is right as a new "
            "line or adjustment.",
        )
    left = {share.payer: share.amount for share in left_to_reverse(original, reversals)}
    if not any(left.values()):
        raise RuleRefused(
            "already-reversed",
            f"Entry {original.entry_number} has been reversed in whole; nothing of it is left.",
        )
    taken = dict(left) if amounts is None else _checked(amounts, left)
    carried = dict(taken)
    for commissioner, fund in _reclaims(original):
        if commissioner in carried:
            carried[commissioner] = carried[commissioner] + taken[fund]
    postings = (
        (posting, carried[_debtor(posting)])
        for posting in original.postings
        if carried[_debtor(posting)]
    )
    return Entry(
        entry_number,
        EntryKind.REVERSAL,
        source,
        effective_date,
        tuple(Posting(posting.credit, posting.debit, amount) for posting, amount in postings),
        reverses=original.entry_number,
    )


def adjustment_entry(
    correction: Correction, terms: Terms, *, entry_number: int, effective_date: date
) -> Entry:
    """The entry of a typed adjustment: what payers owe more, or with negative amounts less.

    It posts as a line of those shares would under the terms passed in, or its opposite. A goodwill
    reduction of 100.00 for the council is Dr council/payable/spv, Cr council/outcome-expenditure,
    and the mirror in the SPV's book.

    Raises RuleRefused `adjustment-of-nothing`, `adjustment-repeats-payer` and `adjustment-mixed`.
    """
    amounts = [share for share in correction.shares if share.amount]
    if not amounts:
        raise RuleRefused("adjustment-of-nothing", "Give an amount for at least one payer.")
    if len({share.payer for share in amounts}) < len(amounts):
        raise RuleRefused("adjustment-repeats-payer", "Name each payer once.")
    lowers = amounts[0].amount.minor < 0
    if any((share.amount.minor < 0) != lowers for share in amounts):
        raise RuleRefused(
            "adjustment-mixed",
            "One adjustment raises or lowers; record a change of split as two adjustments.",
        )
    if lowers:
        amounts = [PayerShare(share.payer, -share.amount) for share in amounts]
    postings = share_postings(amounts, terms)
    if lowers:
        postings = tuple(Posting(item.credit, item.debit, item.amount) for item in postings)
    return Entry(entry_number, EntryKind.ADJUSTMENT, correction.source, effective_date, postings)


def _checked(amounts: Sequence[PayerShare], left: dict[str, Money]) -> dict[str, Money]:
    """The amounts by payer, zero where not named; none below zero or above what is left."""
    currency = next(iter(left.values())).currency
    taken = {payer: Money(0, currency) for payer in left}
    for share in amounts:
        if share.payer not in left:
            raise RuleRefused(
                "reversal-unknown-payer",
                f"{share.payer} bears nothing of this entry; name one of {', '.join(left)}.",
            )
        taken[share.payer] = taken[share.payer] + share.amount
    if any(amount.minor < 0 for amount in taken.values()) or not any(taken.values()):
        raise RuleRefused(
            "reversal-of-nothing", "Reverse an amount above zero, and for no payer below zero."
        )
    for payer, amount in taken.items():
        if left[payer] < amount:
            _refuse_excess(left[payer])
    return taken


def _refuse_excess(rest: Money) -> None:
    raise RuleRefused(
        "reversal-exceeds-rest",
        f"No more can be reversed than has not been reversed yet: {rest.readable()}.",
    )


def _debtor(posting: Posting) -> str:
    """The payer whose debt a posting is about, from the one account that names the debt."""
    for name in (posting.debit, posting.credit):
        book, *rest = name.split("/")
        if rest[0] == _OWES:
            return book
        if rest[0] in {_OWED, _RECLAIMED}:
            return rest[1]
    raise IntegrityBroken(
        "posting-without-debtor",
        f"The posting {posting.debit} to {posting.credit} names no debt; it cannot be divided.",
    )


def _reclaims(entry: Entry) -> Iterable[tuple[str, str]]:
    """Each commissioner of an entry and the fund from which it reclaims a part of it."""
    for posting in entry.postings:
        for name in (posting.debit, posting.credit):
            book, *rest = name.split("/")
            if rest[0] == _RECLAIMED:
                yield book, rest[1]
