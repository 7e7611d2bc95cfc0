"""What a further version of the terms may change, and what it must leave alone."""

from collections.abc import Iterator
from datetime import timedelta

from app.domain.errors import Fault
from app.domain.terms.document import Terms
from app.domain.terms.faults import pointer
from app.domain.terms.payment import Edition


def variation_faults(previous: Terms, new: Terms) -> tuple[Fault, ...]:
    """What keeps a document from being the version after another. Pointers are into `new`.

    A variation has a reason and takes effect later than the version before it. It keeps the
    currency, every party's id (a party that leaves gets a `to_date`), the commissioner, the payee
    and every metric's code (a metric that ends gets an `available_to`). Prices of what may have
    been achieved already stay: every edition that began before the first day governed stands in
    the new document with the same code, first day and prices; only its last day may change, to
    the day before the first day governed or later. Variation of 1 Apr 2022: edition "v1" may end
    on 31 Mar 2022, and its prices stay 6,500.00 and so on.
    """
    return tuple(_variation_faults(previous, new))


def _variation_faults(previous: Terms, new: Terms) -> Iterator[Fault]:
    if new.variation is None:
        message = "Give the reason: a further version of the terms is a variation."
        yield Fault("variation-missing", "/variation", message)
    if new.effective_from <= previous.effective_from:
        message = f"Take effect after {previous.effective_from}, when the version before this did."
        yield Fault("not-later", "/effective_from", message)
    if new.currency != previous.currency:
        message = f"The contract is in {previous.currency} for its whole life."
        yield Fault("currency-changed", "/currency", message)
    yield from _party_changes(previous, new)
    kept = new.metric_order()
    for code in previous.metric_order():
        if code not in kept:
            message = f"Keep {code} and give it an available_to: outcomes refer to it."
            yield Fault("metric-removed", "/metrics", message)
    yield from _edition_changes(previous, new)


def _party_changes(previous: Terms, new: Terms) -> Iterator[Fault]:
    kept = {party.id for party in new.parties}
    for party in previous.parties:
        if party.id not in kept:
            message = f'Keep "{party.id}" and give it a to_date: the ledger has its book.'
            yield Fault("party-removed", "/parties", message)
    if new.commissioner != previous.commissioner:
        message = f'The commissioner stays "{previous.commissioner}".'
        yield Fault("commissioner-changed", "/parties", message)
    if new.payee != previous.payee:
        message = f'Outcome payments stay payable to "{previous.payee}".'
        yield Fault("payee-changed", "/parties", message)


def _edition_changes(previous: Terms, new: Terms) -> Iterator[Fault]:
    first_day = new.governs_from
    places = {edition.code: index for index, edition in enumerate(new.rate_card)}
    history = [edition for edition in previous.rate_card if edition.from_date < first_day]
    for edition in history:
        if edition.code not in places:
            message = f"Keep edition {edition.code}; it was in force before {first_day}."
            yield Fault("edition-removed", "/rate_card", message)
            continue
        index = places[edition.code]
        if not _same_history(edition, new.rate_card[index], new):
            message = (
                f"Edition {edition.code} was in force before {first_day}: its first day and prices "
                f"stay, and it may end on {first_day - timedelta(days=1)} at the earliest."
            )
            yield Fault("edition-changed", pointer("rate_card", index), message)
    old = {edition.code for edition in history}
    for index, edition in enumerate(new.rate_card):
        if edition.code not in old and edition.from_date < first_day:
            message = f"A new edition starts on {first_day} at the earliest."
            yield Fault("edition-backdated", pointer("rate_card", index, "from_date"), message)


def _same_history(before: Edition, after: Edition, new: Terms) -> bool:
    same = before.from_date == after.from_date and before.prices == after.prices
    last_day = new.governs_from - timedelta(days=1)
    if before.to_date is not None and before.to_date <= last_day:
        return same and after.to_date == before.to_date
    return same and (after.to_date is None or after.to_date >= last_day)
