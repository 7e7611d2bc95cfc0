"""Proposing what imported lines pay; a person accepts or refuses every proposal."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.domain.bank import Classification, ProposedMatch
from app.domain.errors import Fault, InputInvalid, NotFound, NotPermitted, RuleRefused
from app.domain.matching import MatchRules, UnplacedLine
from app.domain.money import Money, total
from app.domain.reconciliation import LineKey, LineState, MatchState
from app.domain.working import Step
from app.payments.reconcile import propose
from app.service.command import Change, Command, Done, Same, Work, run
from app.service.context import Context
from app.service.imports import require_book
from app.service.match_acceptance import Acceptance
from app.storage import import_lines, imports, journal, match_rules, matches, open_items
from app.storage.import_lines import StoredLine
from app.storage.matches import BY_HAND, LineAllocation, StoredMatch
from app.storage.open_items import CAME_BACK, ON_ACCOUNT, PAYMENT, Account
from app.storage.prepared import together
from app.storage.working import steps_to_json

BATCH = 500
"""Matches in one journal record; more of them go into records before the last."""

_Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a run of matching did. `kept` were proposed before and still are."""

    proposed: int
    kept: int
    superseded: int
    open_lines: int


def propose_matches(
    context: Context, command: Command, *, source: str | None = None
) -> Done[Proposed]:
    """Propose what the acting party's undecided lines pay, of one source or of all.

    Every run looks at all undecided lines and all that is open, so the order in which files came
    changes nothing; how far it reaches is said by the rules saved for the account. What an earlier
    run proposed and this one does not is superseded. A match that was refused is not proposed
    again. Nothing is accepted: a person decides.
    """

    def decide(work: Work) -> Change[Proposed] | Same[Proposed]:
        party = require_book(work)
        known = imports.sources(work.connection, work.contract_id, party)
        if source is not None and source not in known:
            raise NotFound("source-unknown", "The party has imported no file of that source.")
        runs = [_Run(work, _account(work, name)) for name in known if source in {None, name}]
        found = Proposed(
            sum(len(one.new) for one in runs),
            sum(one.kept for one in runs),
            sum(len(one.superseded) for one in runs),
            sum(one.open_lines for one in runs),
        )
        parts = [part for one in runs for part in one.parts()]
        if not parts:
            return Same(found, work.head.sequence)
        for part in parts[:-1]:
            with together(work.connection):
                work.append("matches_proposed", work.today, part)
        return Change("matches_proposed", work.today, parts[-1], found)

    return run(context, command, decide)


def match_by_hand(
    context: Context,
    command: Command,
    *,
    lines: Sequence[LineKey],
    allocations: Sequence[LineAllocation],
) -> Done[StoredMatch]:
    """Put together a match that no rule found. It is proposed, and accepted like any other.

    An item is a document, `payment:<id>` to confirm, `return:<id>` for money that came back, or
    `on-account:<party>` for money that is for no document yet. What no allocation takes of a line
    stays on account. A proposal for any of the lines gives way. Refused with the reason that
    accepting it would meet: `allocation-refused` where a document is settled already, for one.
    """

    def decide(work: Work) -> Change[StoredMatch]:
        party = require_book(work)
        stored = _lines_to_match(work, party, lines)
        left_over = _left_over(stored, allocations)
        # What could not be accepted now is not proposed: a document settled since, for one.
        Acceptance(work, party, stored[0].source, allocations).take(allocations, stored)
        kept = any(item.item_id.startswith(ON_ACCOUNT) for item in allocations)
        classification = Classification.OVER if left_over or kept else Classification.MATCHED
        step = Step("match.by-hand", "A person put the match together.")
        match = StoredMatch(
            work.new_id(),
            party,
            stored[0].source,
            BY_HAND,
            100,
            classification,
            left_over,
            (),
            (step,),
            tuple(sorted(lines)),
            tuple(allocations),
            (),
            MatchState.PROPOSED,
            work.head.sequence + 1,
        )
        replaced = matches.live_with_line(work.connection, work.contract_id, lines)
        rows = _match_rows(work, [match]) | {
            "match_decisions": [_superseded(work, match_id) for match_id in replaced]
        }
        return Change("match_made_by_hand", work.today, rows, match)

    return run(context, command, decide)


def get_match(context: Context, contract_id: str, match_id: str) -> StoredMatch:
    """One match."""
    with context.reading_books(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        return matches.get(uow.connection, contract_id, match_id)


def list_matches(
    context: Context,
    contract_id: str,
    state: MatchState | None = None,
    after: str = "",
    limit: int = 50,
) -> list[StoredMatch]:
    """Matches by id, which is the order in which they were made."""
    with context.reading_books(contract_id) as uow:
        journal.head(uow.connection, contract_id)
        return matches.page(uow.connection, contract_id, state, after, limit)


def _account(work: Work, source: str) -> Account:
    names = {party.id: party.name for party in work.terms.parties}
    return Account(work.actor.party, source, names, work.terms.commissioner)


class _Run:
    """One account's lines against everything open: what is new, what is kept, what gives way."""

    def __init__(self, work: Work, account: Account) -> None:
        self._work = work
        self._account = account
        connection, contract_id = work.connection, work.contract_id
        party, source = account.party, account.source
        self._lines = import_lines.to_match(connection, contract_id, party, source)
        saved = match_rules.latest(connection, contract_id, party, source)
        rules = saved.rules if saved else MatchRules()
        items = open_items.open_items(connection, contract_id, account, rules)
        found = propose(
            [replace(one.line, position=place) for place, one in enumerate(self._lines, 1)],
            items,
            rules,
        )
        before = {
            one.likeness: one.match_id
            for one in matches.of_account(
                connection, contract_id, party, source, MatchState.PROPOSED
            )
            if one.rule != BY_HAND
        }
        refused = {
            one.likeness[:2]
            for one in matches.of_account(
                connection, contract_id, party, source, MatchState.REFUSED
            )
        }
        self.new: list[StoredMatch] = []
        self.kept = 0
        self._reasons = {self._key(one): one.reasons for one in found.unplaced}
        recorded = matches.recorded_as(connection, contract_id)
        for proposal in found.matches:
            match = self._match(_as_recorded(proposal, recorded))
            if match.likeness[:2] in refused:
                words = "The match found for it was refused before; match it by hand."
                self._reasons |= dict.fromkeys(match.lines, (Step("unknown.refused", words),))
            elif before.pop(match.likeness, None) is not None:
                self.kept += 1
            else:
                self.new.append(match)
        self.superseded = sorted(before.values())
        self.open_lines = len(self._reasons)

    def parts(self) -> list[_Rows]:
        """The rows, in parts that fit a journal record; none if nothing changed."""
        decisions = [_superseded(self._work, match_id) for match_id in self.superseded]
        findings = self._findings()
        parts = [
            {"match_decisions": decisions[start : start + BATCH]}
            for start in range(0, len(decisions), BATCH)
        ]
        parts += [
            {"line_findings": findings[start : start + BATCH]}
            for start in range(0, len(findings), BATCH)
        ]
        parts += [
            _match_rows(self._work, self.new[start : start + BATCH])
            for start in range(0, len(self.new), BATCH)
        ]
        if sum(len(rows) for part in parts for rows in part.values()) > BATCH:
            return parts
        whole: _Rows = {}
        for part in parts:
            whole |= part
        return [whole] if whole else []

    def _key(self, line: UnplacedLine) -> LineKey:
        return self._lines[line.position - 1].key

    def _match(self, proposal: ProposedMatch) -> StoredMatch:
        def key(position: int) -> LineKey:
            return self._lines[position - 1].key

        return StoredMatch(
            self._work.new_id(),
            self._account.party,
            self._account.source,
            proposal.rule,
            proposal.score,
            proposal.classification,
            proposal.left_over,
            proposal.alternatives,
            proposal.working,
            tuple(sorted(map(key, proposal.positions))),
            tuple(
                LineAllocation(key(one.position), one.item_id, one.amount)
                for one in proposal.allocations
            ),
            (),
            MatchState.PROPOSED,
            0,
        )

    def _findings(self) -> list[dict[str, Any]]:
        """Why each line is left open, where that is not what was found before."""
        found = []
        for stored in self._lines:
            reasons = self._reasons.get(stored.key)
            if reasons is not None and reasons != stored.reasons:
                row = {"import_number": stored.key.import_number, "position": stored.key.position}
                found.append(row | {"reasons": steps_to_json(reasons)})
        return found


def _as_recorded(proposal: ProposedMatch, recorded: dict[str, Classification]) -> ProposedMatch:
    """A line that only confirms a payment is what the line was that recorded the payment.

    So it does not matter whether the payer's or the payee's file was matched first: a part payment
    is one in both.
    """
    prefixes = (PAYMENT, CAME_BACK)
    if proposal.classification is not Classification.MATCHED or not all(
        item.startswith(prefixes) for item in proposal.item_ids
    ):
        return proposal
    classes = {recorded.get(item.partition(":")[2]) for item in proposal.item_ids}
    (first, *more) = classes
    if first is None or more:
        return proposal
    words = f"It confirms a payment that another file showed first, there as {first.value}."
    working = (*proposal.working, Step("match.confirms", words, proposal.item_ids))
    return replace(proposal, classification=first, working=working)


def _lines_to_match(work: Work, party: str, keys: Sequence[LineKey]) -> list[StoredLine]:
    if not keys or len(set(keys)) < len(keys):
        message = "Name the lines of the match, each once."
        raise InputInvalid([Fault("missing-field" if not keys else "duplicate", "/lines", message)])
    stored = import_lines.several(work.connection, work.contract_id, keys)
    if {one.party for one in stored} != {party}:
        raise NotPermitted("party-not-permitted", "A party matches the lines of its own files.")
    first = stored[0]
    alike = {(one.source, one.line.direction, one.line.amount.currency) for one in stored}
    if len(alike) > 1:
        raise RuleRefused(
            "lines-differ",
            "The lines of a match are of one account, one direction and one currency.",
            pointer="/lines",
        )
    if first.line.amount.currency != work.terms.currency:
        raise RuleRefused(
            "line-currency",
            f"The line is in {first.line.amount.currency}, the contract in {work.terms.currency}; "
            "ignore it with a reason.",
            pointer="/lines",
        )
    for place, one in enumerate(stored):
        if one.state not in {LineState.OPEN, LineState.PROPOSED}:
            raise RuleRefused(
                "line-decided",
                f"Line {one.key} is {one.state.value}; only a line that is not decided on can be "
                "matched.",
                pointer=f"/lines/{place}",
            )
    return stored


def _left_over(lines: Sequence[StoredLine], allocations: Sequence[LineAllocation]) -> Money:
    """What the allocations leave of the lines; each is of one of the lines, and takes no more."""
    currency = lines[0].line.amount.currency
    taken: dict[LineKey, Money] = {one.key: Money(0, currency) for one in lines}
    seen: set[tuple[LineKey, str]] = set()
    for place, item in enumerate(allocations):
        at = f"/allocations/{place}"
        if item.line not in taken:
            message = "The allocation is of a line that the match does not have."
            raise InputInvalid([Fault("line-not-in-match", f"{at}/line", message)])
        if (item.line, item.item_id) in seen:
            message = "The line is set against the item twice; give one amount for it."
            raise InputInvalid([Fault("duplicate", f"{at}/item", message)])
        if item.amount.currency != currency or not item.amount:
            message = f"Give an amount in {currency} other than zero."
            raise InputInvalid([Fault("amount-of-nothing", f"{at}/amount", message)])
        seen.add((item.line, item.item_id))
        taken[item.line] = taken[item.line] + item.amount
    for one in lines:
        if not 0 < taken[one.key].minor <= one.line.amount.minor:
            raise RuleRefused(
                "line-not-used-up",
                f"The allocations of line {one.key} add up to {taken[one.key].readable()}; that "
                f"must be above zero and at most {one.line.amount.readable()}.",
                pointer="/allocations",
            )
    paid = total((one.line.amount for one in lines), currency)
    return paid - total(taken.values(), currency)


def _superseded(work: Work, match_id: str) -> dict[str, Any]:
    row = {"match_id": match_id, "step": 1, "decision": MatchState.SUPERSEDED.value}
    return row | {"decided_on": work.today} | work.signed()


def _match_rows(work: Work, made: Sequence[StoredMatch]) -> _Rows:
    rows: _Rows = {"matches": [], "match_lines": [], "match_allocations": []}
    for match in made:
        named = {"match_id": match.match_id}
        rows["matches"].append(
            named
            | {
                "source": match.source,
                "rule": match.rule,
                "score": match.score,
                "classification": match.classification.value,
                "left_over_minor": match.left_over.minor,
                "currency": match.left_over.currency,
                "alternatives": list(match.alternatives),
                "working": steps_to_json(match.working),
            }
            | work.signed()
        )
        rows["match_lines"] += [named | _place(key) for key in match.lines]
        rows["match_allocations"] += [
            named
            | _place(one.line)
            | {
                "item_id": one.item_id,
                "amount_minor": one.amount.minor,
                "currency": one.amount.currency,
            }
            for one in match.allocations
        ]
    return rows


def _place(key: LineKey) -> dict[str, Any]:
    return {"import_number": key.import_number, "position": key.position}
