"""POSTs per second over HTTP, beside the smallest FastAPI endpoint that writes the same rows."""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from itertools import count
from queue import SimpleQueue

from bench.client import Caller, posted, serving
from bench.contracts import PEOPLE, agreed, seed, submitted
from bench.database import Bench
from bench.measure import Pair, heading, interleaved, rate
from bench.seed import settle

_AIM = "aim 0.50x"
_CONTRACTS = 16
_CLIENTS = (1, 16)
_KEYS = count()


def run(bench: Bench, *, quick: bool) -> None:
    """Evidence and verifications, 1 and 16 keep-alive clients, one uvicorn worker each."""
    heading("2. HTTP POST, one uvicorn worker, 16 contracts, fsync on")
    rounds, acts = (3, 64) if quick else (7, 320)
    needed = (rounds * len(_CLIENTS) + 1) * acts
    both = [_Submissions(bench, needed) for _ in range(2)]
    settle(bench.superuser_url)
    with tempfile.TemporaryDirectory() as files:
        settings = {
            "DATABASE_URL": bench.app_url,
            "OUTCOMES_EVIDENCE_DIR": files,
            "OUTCOMES_LOG_LEVEL": "warning",
        }
        unlimited = settings | {"DATABASE_URL": bench.owner_url}
        with serving("service", settings) as ours, serving("smallest", unlimited) as plain:
            for what in ("evidence", "verification"):
                makers = [
                    _Act(port, submissions, what)
                    for port, submissions in zip((ours, plain), both, strict=True)
                ]
                for make in makers:
                    make.rate(16, acts)
                for clients in _CLIENTS:
                    interleaved(
                        Pair(f"POST {what}, {clients} client{'s' * (clients > 1)}", _AIM),
                        rounds,
                        lambda _, m=makers[0], c=clients: m.rate(c, acts),
                        lambda _, m=makers[1], c=clients: m.rate(c, acts),
                    )


class _Submissions:
    """Submissions that wait for a decision, one participant each, contract after contract."""

    def __init__(self, bench: Bench, needed: int) -> None:
        each = -(-needed // _CONTRACTS)
        self.contracts = [agreed(bench.context) for _ in range(_CONTRACTS)]
        waiting = []
        for contract_id in self.contracts:
            records = seed(bench.context, bench.superuser_url, contract_id)
            made = []
            for number in range(each):
                day, rows = date(2024, 6, 3), submitted(number)
                version = records.record("outcome_submitted", day, rows)
                made.append((contract_id, f"P-{number}", version))
            records.flush()
            waiting.append(made)
        self._waiting = [one for same in zip(*waiting, strict=True) for one in same]

    def undecided(self) -> Iterator[tuple[str, str, int]]:
        """Contract, participant and version of each submission, never the same again."""
        while self._waiting:
            yield self._waiting.pop()


class _Act:
    """Requests of one kind to one server."""

    def __init__(self, port: int, submissions: _Submissions, what: str) -> None:
        self._port = port
        self._contracts = submissions.contracts
        self._undecided = submissions.undecided()
        self._make: Callable[[], bytes] = self._evidence if what == "evidence" else self._decision

    def rate(self, clients: int, acts: int) -> float:
        """Answers per second."""
        requests = [self._make() for _ in range(acts)]
        with _callers(self._port, clients) as callers:

            def act(request: bytes) -> None:
                caller = callers.get()
                caller.send(request)
                callers.put(caller)

            return rate(clients, [partial(act, request) for request in requests])

    def _evidence(self) -> bytes:
        number = next(_KEYS)
        item = {
            "participant_id": "P-0",
            "type": "landlord_confirmation",
            "issuer": "landlord",
            "dated_on": "2024-05-20",
            "covers_from": "2024-05-02",
            "covers_to": "2024-05-20",
            "supports": ["S06", "S12"],
            "sha256": f"{number:064x}",
            "held_by": "provider",
        }
        path = f"/v1/contracts/{self._contracts[number % _CONTRACTS]}/evidence"
        return self._posted(path, "syha", {"items": [item]}, {})

    def _decision(self) -> bytes:
        contract_id, participant_id, version = next(self._undecided)
        path = f"/v1/contracts/{contract_id}/submissions/{participant_id}-move/decision"
        return self._posted(path, "scc", {"decision": "verified"}, {"If-Match": f'"{version}"'})

    def _posted(self, path: str, party: str, body: object, more: dict[str, str]) -> bytes:
        headers = {
            "Acting-Party": party,
            "Acting-Person": PEOPLE[party],
            "Idempotency-Key": f"http-{next(_KEYS)}",
        }
        return posted(self._port, path, headers | more, json.dumps(body).encode())


@contextmanager
def _callers(port: int, clients: int) -> Iterator[SimpleQueue[Caller]]:
    made = [Caller(port) for _ in range(clients)]
    waiting: SimpleQueue[Caller] = SimpleQueue()
    for caller in made:
        waiting.put(caller)
    try:
        yield waiting
    finally:
        for caller in made:
            caller.close()
