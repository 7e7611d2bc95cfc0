"""Accepting many matches at once: those of one import whose score a person holds to be enough."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from app.domain.errors import NotFound, NotPermitted, RuleRefused
from app.domain.money import Money, total
from app.domain.reconciliation import LineKey, MatchState, PaymentEffect
from app.service.command import Change, Command, Done, Same, Work, run
from app.service.context import Context
from app.service.duties import require_apart
from app.service.line_decisions import decision_row
from app.service.match_acceptance import Acceptance, Accepted, gives_back_a_line, keys_of
from app.service.match_decisions import Decided
from app.storage import import_lines, imports, matches
from app.storage.matches import StoredMatch
from app.storage.planning import many_rows
from app.storage.prepared import together

MATCHES_MAX = 10_000
"""Matches accepted at once; of more, ask for those of a higher score first."""

_RECORDS_TOGETHER = 100
"""Journal records sent in one trip."""


@dataclass(frozen=True, slots=True)
class AcceptedOfImport:
    """The matches of an import that were accepted, each as decided and with its version.

    `left` are its proposed matches of a lower score. `recorded` and `confirmed` add up what the
    payments are that acceptance recorded, or confirmed, returns among them.
    """

    import_number: int
    score_at_least: int
    matches: tuple[tuple[Decided, int], ...]
    left: int
    recorded: Money
    confirmed: Money


def accept_matches_of_import(
    context: Context,
    command: Command,
    import_number: int,
    *,
    score_at_least: int,
    note: str | None = None,
) -> Done[AcceptedOfImport]:
    """Accept every proposed match with a line of an import and a score of at least so much.

    A person's act: which score is enough has no usual value. Each match is a decision and a journal
    record of its own, as if it had been accepted alone, by whoever may accept it alone; and all
    stand or fall together. A match that gives back what a line of the import paid comes after the
    match of that line. 480 of 500 matches score 100, so 480 are accepted at 100, and 20 are left.

    Raises NotFound `import-unknown`; RuleRefused `too-many-matches`; and what refuses one of the
    matches, which the message then names.
    """

    def decide(work: Work) -> Change[AcceptedOfImport] | Same[AcceptedOfImport]:
        connection, contract_id = work.connection, work.contract_id
        stored = imports.get(connection, contract_id, import_number)
        proposed = matches.proposed_of_import(connection, contract_id, import_number)
        chosen = [one for one in proposed if one.score >= score_at_least]
        if len(chosen) > MATCHES_MAX:
            raise RuleRefused(
                "too-many-matches",
                f"{len(chosen)} matches have that score; accept at most {MATCHES_MAX} at once.",
                pointer="/score_at_least",
            )
        chosen.sort(key=lambda one: (gives_back_a_line(one), one.match_id))
        accepted = _accepted(work, stored.party, stored.source, chosen, note) if chosen else []
        answer = _answer(work, import_number, score_at_least, accepted, len(proposed) - len(chosen))
        if not accepted:
            return Same(answer, work.head.sequence)
        _require_apart(work, accepted)
        *before, last = accepted
        _record(work, before)
        return Change("match_accepted", last.day, last.rows, answer)

    return run(context, command, decide)


def _accepted(
    work: Work, party: str, source: str, chosen: Sequence[StoredMatch], note: str | None
) -> list[Accepted]:
    with many_rows(work.connection):
        lines = import_lines.several(work.connection, work.contract_id, keys_of(chosen))
    by_key = {one.key: one for one in lines}
    allocations = (item for match in chosen for item in match.allocations)
    acceptance = Acceptance(work, party, source, allocations)
    decision = decision_row(work, "", 1, MatchState.ACCEPTED, note)
    accepted: list[Accepted] = []
    for match in chosen:
        mine = [by_key[key] for key in match.lines]
        try:
            decided = decision | {"match_id": match.match_id}
            accepted.append(acceptance.accept(match, mine, decided))
        except (NotFound, NotPermitted, RuleRefused) as refusal:
            raise _named(refusal, match.match_id, match.lines[0]) from refusal
    return accepted


def _require_apart(work: Work, accepted: Sequence[Accepted]) -> None:
    """Refuse what a person may not settle, naming the first match of that kind.

    All are asked about at once; only where that refuses are their halves asked about, so that one
    among 480 is found with some twenty questions.
    """
    settled = [row for one in accepted for row in one.rows["payment_allocations"]]
    rows = {"payment_allocations": settled}
    try:
        require_apart(work.connection, work.contract_id, work.persons, rows)
    except NotPermitted as refusal:
        if len(accepted) == 1:
            (one,) = accepted
            raise _named(refusal, one.match_id, one.paid[0].line) from refusal
        half = len(accepted) // 2
        _require_apart(work, accepted[:half])
        _require_apart(work, accepted[half:])
        raise


def _named(
    refusal: NotFound | NotPermitted | RuleRefused, match_id: str, line: LineKey
) -> NotFound | NotPermitted | RuleRefused:
    """What refuses one match, saying which; its own sentence is said once."""
    message = f"Match {match_id} of line {line}: {refusal.message}"
    faults = [one for one in refusal.faults if one.message != refusal.message]
    return type(refusal)(refusal.code, message, pointer=refusal.pointer, faults=faults)


def _record(work: Work, accepted: Sequence[Accepted]) -> None:
    for start in range(0, len(accepted), _RECORDS_TOGETHER):
        with together(work.connection):
            for one in accepted[start : start + _RECORDS_TOGETHER]:
                work.append("match_accepted", one.day, one.rows)


def _answer(
    work: Work, import_number: int, score_at_least: int, accepted: Sequence[Accepted], left: int
) -> AcceptedOfImport:
    first = work.head.sequence + 1
    return AcceptedOfImport(
        import_number,
        score_at_least,
        tuple(
            (Decided(one.match_id, MatchState.ACCEPTED, one.paid), first + place)
            for place, one in enumerate(accepted)
        ),
        left,
        total(_amounts(accepted, PaymentEffect.RECORDED), work.terms.currency),
        total(_amounts(accepted, PaymentEffect.CONFIRMED), work.terms.currency),
    )


def _amounts(accepted: Iterable[Accepted], effect: PaymentEffect) -> Iterator[Money]:
    return (item.amount for one in accepted for item in one.paid if item.effect is effect)
