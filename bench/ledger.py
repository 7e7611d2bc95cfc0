"""Reading a large ledger, preparing a large claim, and verifying a long journal."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from functools import partial

import psycopg

from app.domain.period import Period
from app.service.claims import preview_claim, submit_claim
from app.service.ledger import balances, trial_balance
from bench.contracts import (
    APPROVED_ON,
    agreed,
    approved_claim,
    command,
    participant_row,
    payment,
    seed,
    verified,
)
from bench.database import Bench
from bench.measure import Pair, heading, interleaved, seconds
from bench.seed import settle

_GROUP_BY = """
    SELECT account, sum(debit), sum(credit) FROM (
        SELECT debit AS account, amount_minor AS debit, 0 AS credit
        FROM postings WHERE contract_id = %(contract)s
        UNION ALL
        SELECT credit, 0, amount_minor FROM postings WHERE contract_id = %(contract)s
    ) AS sides GROUP BY account
"""
_ONE_BOOK = """
    SELECT account, sum(debit), sum(credit) FROM (
        SELECT debit AS account, amount_minor AS debit, 0 AS credit
        FROM postings WHERE contract_id = %(contract)s AND split_part(debit, '/', 1) = 'scc'
        UNION ALL
        SELECT credit, 0, amount_minor FROM postings
        WHERE contract_id = %(contract)s AND split_part(credit, '/', 1) = 'scc'
    ) AS sides GROUP BY account
"""


def run(bench: Bench, *, quick: bool) -> None:
    """Balances and trial balance, one claim of many lines, and `verify`."""
    records, lines, rounds = (3_000, 2_000, 5) if quick else (50_000, 20_000, 9)
    ledger = _ledger(bench, records)
    claimed = _entitled(bench, lines)
    settle(bench.superuser_url)
    _read(bench, ledger, records, rounds)
    _claim(bench, claimed, lines)
    _verify(bench, ledger, records)


def _ledger(bench: Bench, records: int) -> str:
    """Records of one approved claim and its payment each: 2 entries and 6 postings."""
    contract_id = agreed(bench.context)
    seeded = seed(bench.context, bench.superuser_url, contract_id)
    day = date(2023, 1, 9)
    seeded.record("participant_registered", day, {"participants": [participant_row("P-1")]})
    for number in range(1, records + 1):
        approved = approved_claim(number, "P-1", 2 * number - 1)
        paid = payment(number, 2 * number)
        both = {name: [*approved.get(name, ()), *paid.get(name, ())] for name in approved | paid}
        seeded.record("claim_approved", APPROVED_ON, both)
    seeded.flush()
    return contract_id


def _entitled(bench: Bench, count: int) -> str:
    """People with one verified outcome each, none claimed yet."""
    contract_id = agreed(bench.context)
    seeded = seed(bench.context, bench.superuser_url, contract_id)
    for number in range(count):
        seeded.record("outcome_verified", date(2024, 3, 1), verified(number))
    seeded.flush()
    return contract_id


def _read(bench: Bench, contract_id: str, records: int, rounds: int) -> None:
    heading(f"4. A ledger of {2 * records:,} entries, beside the bare GROUP BY (reads per second)")
    with psycopg.connect(bench.owner_url, autocommit=True) as plain:

        def bare(query: str, _: int) -> float:
            return 1 / seconds(lambda: plain.execute(query, {"contract": contract_id}).fetchall())

        def ours(read: Callable[[], object], _: int) -> float:
            return 1 / seconds(read)

        every = partial(balances, bench.context, contract_id)
        book = partial(trial_balance, bench.context, contract_id, "scc")
        for name, read, query in (
            ("every balance, trial balances, mirrors", every, _GROUP_BY),
            ("one book's trial balance", book, _ONE_BOOK),
        ):
            interleaved(Pair(name, "aim 0.67x"), rounds, partial(ours, read), partial(bare, query))


def _claim(bench: Bench, contract_id: str, lines: int) -> None:
    heading(f"5. One claim of {lines:,} outcomes")
    period = Period(date(2024, 1, 1), date(2024, 3, 31))
    prepared = seconds(lambda: preview_claim(bench.context, contract_id, period))
    submitting = partial(submit_claim, bench.context, command(contract_id, "spv"), period=period)
    submitted = seconds(submitting)
    for name, took in (("prepared, nothing written", prepared), ("submitted", submitted)):
        print(f"  {name:<44} {took:7.1f} s {1e6 * took / lines:9,.0f} us a line", flush=True)


def _verify(bench: Bench, contract_id: str, records: int) -> None:
    heading(f"6. Verify {records:,} journal records, in a process of its own")
    asking = [sys.executable, "-m", "bench.verifying", bench.app_url, contract_id]
    answer = subprocess.run(asking, check=True, capture_output=True, text=True)
    took = json.loads(answer.stdout)
    print(
        f"  {took['rows']:,} rows compared, intact: {took['intact']}   {took['seconds']:.1f} s, "
        f"{1e6 * took['seconds'] / records:,.0f} us a record   {took['peak_mb']:.0f} MB, "
        f"{took['peak_mb'] - took['start_mb']:.0f} over the start",
        flush=True,
    )
