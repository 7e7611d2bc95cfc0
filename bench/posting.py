"""Payments per second through the service, beside the same rows written by psycopg alone."""

from collections.abc import Callable, Iterator
from itertools import count

from psycopg_pool import ConnectionPool

from app.domain.money import Money
from app.domain.payment import PaymentAllocation
from app.service.command import Idempotency
from app.service.payments import record_payment
from app.storage.idempotency import StoredReply
from bench import plain
from bench.contracts import APPROVED_ON, command, with_approved_claims
from bench.database import Bench
from bench.measure import Pair, heading, interleaved, rate
from bench.seed import settle

_AIM = "aim 0.50x"


def run(bench: Bench, *, quick: bool) -> None:
    """One contract and 32 contracts, 1 and 8 posters."""
    heading("1. Payments recorded (record, entry, 2 postings, payment, allocation, head), fsync on")
    rounds, single, eight = (3, 60, 160) if quick else (7, 160, 480)
    needed = rounds * (single + eight) + 64
    with ConnectionPool(bench.owner_url, min_size=8, max_size=8, open=True) as pool:
        pool.wait()
        for spread in (1, 32):
            ours = _Unpaid(bench, spread, needed)
            theirs = _Unpaid(bench, spread, needed)
            settle(bench.superuser_url)
            rate(8, [ours.ours() for _ in range(32)])
            rate(8, [theirs.plain(pool) for _ in range(32)])
            for posters, acts in ((1, single), (8, eight)):
                place = "one contract" if spread == 1 else f"{spread} contracts"
                interleaved(
                    Pair(f"{posters} poster{'s' * (posters > 1)}, {place}", _AIM),
                    rounds,
                    lambda _, u=ours, p=posters, a=acts: rate(p, [u.ours() for _ in range(a)]),
                    lambda _, u=theirs, p=posters, a=acts: rate(
                        p, [u.plain(pool) for _ in range(a)]
                    ),
                )


class _Unpaid:
    """Approved claims that wait for the commissioner's payment, contract after contract in turn."""

    def __init__(self, bench: Bench, spread: int, needed: int) -> None:
        self._bench = bench
        each = -(-needed // spread)
        contracts = [
            with_approved_claims(bench.context, bench.superuser_url, each) for _ in range(spread)
        ]
        self._claims: Iterator[tuple[str, int]] = (
            (contract_id, number) for number in range(1, each + 1) for contract_id in contracts
        )
        self._keys = count()

    def ours(self) -> Callable[[], object]:
        """The next payment through the service."""
        contract_id, number = next(self._claims)
        key = Idempotency(f"key-{next(self._keys)}", "fingerprint", _reply)
        asked = command(contract_id, "scc", idempotency=key)
        return lambda: record_payment(
            self._bench.context,
            asked,
            payer="scc",
            payee="spv",
            amount=Money(300_000),
            paid_on=APPROVED_ON,
            allocations=[PaymentAllocation(f"invoice:spv/{number}", Money(300_000))],
        )

    def plain(self, pool: ConnectionPool) -> Callable[[], object]:
        """The next payment by psycopg."""
        contract_id, number = next(self._claims)
        key, now = f"key-{next(self._keys)}", self._bench.context.clock()
        return lambda: plain.pay(pool, contract_id, number, APPROVED_ON, now, key)


def _reply(answer: object, version: int) -> StoredReply:
    return StoredReply(201, {"etag": f'"{version}"'}, repr(answer))
