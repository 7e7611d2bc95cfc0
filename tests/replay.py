"""Replays a journeys file (examples/golden/journeys.yaml) in the order in which things were known.

`Backend` is how each act reaches the system: through the service functions here, or over HTTP.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Protocol

import yaml

from app.domain.terms.document import plain, terms_hash

EXAMPLES = Path(__file__).parent.parent / "examples"


class Backend(Protocol):
    """The acts of a contract's life; `who` is {party, person}."""

    def at(self, instant: datetime) -> None: ...
    def create(self, who: dict, document: dict) -> None: ...
    def draft(self, who: dict, document: dict) -> None: ...
    def accept(self, who: dict, version: int, hash_accepted: str) -> None: ...
    def register(self, who: dict, participant: dict) -> None: ...
    def events(self, who: dict, participant_id: str, events: list[dict]) -> None: ...
    def evidence(self, who: dict, items: list[dict]) -> list[str]: ...
    def submit(self, who: dict, participant_id: str, metric: str, ids: list[str]) -> str: ...
    def waive(self, who: dict, submission_id: str) -> None: ...
    def decide(self, who: dict, submission_id: str, decision: dict) -> str | None: ...
    def claim(self, who: dict, start: date, end: date) -> int | None: ...
    def approve(self, who: dict, claim_number: int) -> None: ...
    def claw_back(self, who: dict, entitlement_id: str, ground: str, note: str) -> None: ...


def load(name: str) -> Any:
    """A YAML file of the golden example."""
    return yaml.safe_load((EXAMPLES / "golden" / name).read_text(encoding="utf-8"))


def terms(name: str, changes: dict | None = None) -> dict:
    """A terms document of the golden example as JSON values, with fields changed."""
    document = plain(load(name))
    for part, values in (changes or {}).items():
        document[part] = document.get(part, {}) | values
    return document


def people() -> dict[str, dict[str, str]]:
    """The acting people of the golden example."""
    return load("journeys.yaml")["people"]


class Replay:
    """One run of the golden story, or of a variant of it."""

    def __init__(self, backend: Backend, variant: str | None = None) -> None:
        self.backend = backend
        self.story = load("journeys.yaml")
        self.people = self.story["people"]
        self.changes: dict = {}
        if variant:
            self._vary(self.story["variants"][variant])
        self.entitlements: dict[tuple[str, str], str] = {}
        self.submissions: dict[str, str] = {}
        self.claims: dict[str, int] = {}

    def run(self, until: date | None = None) -> Replay:
        """Everything made known up to a day (default: all of it)."""
        for day, act in self._acts():
            if until is None or day <= until:
                self.backend.at(datetime.combine(day, time(12), UTC))
                act()
        return self

    def _vary(self, variant: dict) -> None:
        self.changes = variant.get("terms", {})
        if "participants" in variant:
            for part in ("participants", "events", "evidence", "submissions", "claims"):
                self.story[part] = variant[part]
            self.story["clawbacks"] = []
            return
        by_id = {submission["id"]: submission for submission in self.story["submissions"]}
        for changed in variant.get("submissions", ()):
            submission = by_id[changed["id"]]
            submission.pop("waived_on", None)
            submission.update(changed)

    def _acts(self) -> list[tuple[date, Callable[[], Any]]]:
        acts = [*self._agreeing(), *self._living(), *self._proving(), *self._paying()]
        return [(day, act) for day, _, act in sorted(acts, key=lambda item: item[:2])]

    def _agreeing(self) -> Iterator[tuple[date, int, Callable[[], Any]]]:
        drafter = {"party": "scc", "person": "contract-officer"}
        first = terms("terms-1.yaml", self.changes)
        second = terms("terms-2.yaml", self.changes)
        acceptances = self.story["acceptances"]
        starts = {1: acceptances[0]["accepted_on"], 2: acceptances[3]["accepted_on"]}
        yield starts[1], 0, lambda: self.backend.create(drafter, first)
        yield starts[2], 0, lambda: self.backend.draft(drafter, second)
        for order, given in enumerate(acceptances, start=1):
            who = {"party": given["party"], "person": f"{given['party']}-signatory"}
            named = terms_hash(first if given["version"] == 1 else second)

            def accept(who=who, version=given["version"], named=named) -> None:
                self.backend.accept(who, version, named)

            yield given["accepted_on"], order, accept

    def _living(self) -> Iterator[tuple[date, int, Callable[[], Any]]]:
        who = self.people["provider"]
        for order, person in enumerate(self.story["participants"], start=100):

            def register(person=person) -> None:
                self.backend.register(who, person)

            yield person["referred_on"], order, register
        for order, event in enumerate(self.story["events"], start=200):

            def record(event=event) -> None:
                told = {key: event[key] for key in ("destination", "reason") if key in event}
                told |= {"kind": event["kind"], "on": event["date"]}
                self.backend.events(who, event["participant"], [told])

            yield event.get("recorded_on", event["date"]), order, record

    def _proving(self) -> Iterator[tuple[date, int, Callable[[], Any]]]:
        for order, submission in enumerate(self.story["submissions"]):

            def submit(submission=submission) -> None:
                self._submit(submission)

            def waive(submission=submission) -> None:
                self.backend.waive(self.people["verifier"], self.submissions[submission["id"]])

            def decide(submission=submission) -> None:
                self._decide(submission)

            yield submission["submitted_on"], 400 + order, submit
            if "waived_on" in submission:
                yield submission["waived_on"], 500 + order, waive
            yield submission["decided_on"], 600 + order, decide

    def _submit(self, submission: dict) -> None:
        items = [item for item in self.story["evidence"] if item["id"] in submission["evidence"]]
        told = [
            {key: item[key] for key in ("type", "issuer", "dated_on", "covers_from", "covers_to")}
            | {
                "participant_id": item["participant"],
                "supports": item["supports"],
                "sha256": hashlib.sha256(item["id"].encode()).hexdigest(),
                "held_by": "provider",
            }
            for item in items
        ]
        who = self.people["provider"]
        ids = self.backend.evidence(who, told)
        self.submissions[submission["id"]] = self.backend.submit(
            who, submission["participant"], submission["metric"], ids
        )

    def _decide(self, submission: dict) -> None:
        decision = {"decision": submission["decision"]}
        if "reason_code" in submission:
            decision |= {"reason_code": submission["reason_code"], "note": submission["reason"]}
        made = self.backend.decide(
            self.people["verifier"], self.submissions[submission["id"]], decision
        )
        if made:
            self.entitlements[submission["participant"], submission["metric"]] = made

    def _paying(self) -> Iterator[tuple[date, int, Callable[[], Any]]]:
        for order, claim in enumerate(self.story["claims"]):

            def submit(claim=claim) -> None:
                number = self.backend.claim(
                    self.people["spv"], claim["period_start"], claim["period_end"]
                )
                if number is not None:
                    self.claims[claim["quarter"]] = number

            def approve(claim=claim) -> None:
                if claim["quarter"] in self.claims:
                    self.backend.approve(self.people["approver"], self.claims[claim["quarter"]])

            yield claim["submitted_on"], 700 + order, submit
            yield claim["approved_on"], 800 + order, approve
        for order, clawback in enumerate(self.story["clawbacks"]):

            def claw_back(clawback=clawback) -> None:
                held = self.entitlements[clawback["participant"], clawback["metric"]]
                self.backend.claw_back(
                    self.people["verifier"], held, clawback["ground"], clawback["reason"]
                )

            yield clawback["decided_on"], 900 + order, claw_back


class ServiceBackend:
    """The service functions, with a clock that the replay moves."""

    def __init__(self, context: Any, clock: Clock, contract_id: str) -> None:
        self.context, self.clock, self.contract_id = context, clock, contract_id

    def command(self, who: dict) -> Any:
        from app.domain.parties import Actor
        from app.service.command import Command

        return Command(self.contract_id, Actor(who["party"], who["person"]))

    def at(self, instant: datetime) -> None:
        self.clock.set(instant)

    def create(self, who: dict, document: dict) -> None:
        from app.service.contracts import create_contract

        create_contract(self.context, self.command(who), document)

    def draft(self, who: dict, document: dict) -> None:
        from app.service.contracts import draft_terms

        draft_terms(self.context, self.command(who), document)

    def accept(self, who: dict, version: int, hash_accepted: str) -> None:
        from app.service.contracts import accept_terms

        accept_terms(self.context, self.command(who), version, hash_accepted)

    def register(self, who: dict, participant: dict) -> None:
        from app.service.participants import register_participant

        told = {key: value for key, value in participant.items() if key not in {"id", "provider"}}
        register_participant(
            self.context, self.command(who), participant_id=participant["id"], **told
        )

    def events(self, who: dict, participant_id: str, events: list[dict]) -> None:
        from app.domain.participant import EventKind
        from app.service.participants import NewEvent, record_events

        new = [NewEvent(**(event | {"kind": EventKind(event["kind"])})) for event in events]
        record_events(self.context, self.command(who), participant_id, new)

    def evidence(self, who: dict, items: list[dict]) -> list[str]:
        from app.service.evidence import NewEvidence, record_evidence

        new = [NewEvidence(**(item | {"supports": tuple(item["supports"])})) for item in items]
        done = record_evidence(self.context, self.command(who), new)
        return [item.evidence_id for item in done.answer.items]

    def submit(self, who: dict, participant_id: str, metric: str, ids: list[str]) -> str:
        from app.service.outcomes import submit_outcome

        done = submit_outcome(
            self.context,
            self.command(who),
            participant_id=participant_id,
            metric=metric,
            evidence_ids=ids,
        )
        return done.answer.submission.submission_id

    def waive(self, who: dict, submission_id: str) -> None:
        from app.service.verification import waive_lateness

        waive_lateness(self.context, self.command(who), submission_id)

    def decide(self, who: dict, submission_id: str, decision: dict) -> str | None:
        from app.domain.verification import Decision, ReasonCode
        from app.service.verification import decide_submission

        reason = decision.get("reason_code")
        done = decide_submission(
            self.context,
            self.command(who),
            submission_id,
            decision=Decision(decision["decision"]),
            reason_code=ReasonCode(reason) if reason else None,
            note=decision.get("note"),
        )
        return done.answer.entitlement.entitlement_id if done.answer.entitlement else None

    def claim(self, who: dict, start: date, end: date) -> int | None:
        from app.domain.errors import RuleRefused
        from app.domain.period import Period
        from app.service.claims import submit_claim

        try:
            done = submit_claim(self.context, self.command(who), period=Period(start, end))
        except RuleRefused as error:
            if error.code == "nothing-to-claim":
                return None
            raise
        return done.answer.claim.claim_number

    def approve(self, who: dict, claim_number: int) -> None:
        from app.service.claims import approve_claim

        approve_claim(self.context, self.command(who), claim_number)

    def claw_back(self, who: dict, entitlement_id: str, ground: str, note: str) -> None:
        from app.domain.verification import ClawbackGround
        from app.service.clawbacks import claw_back

        claw_back(
            self.context,
            self.command(who),
            entitlement_id,
            ground=ClawbackGround(ground),
            note=note,
        )


class Clock:
    """A clock that stands still until it is set, and moves on a little with every look."""

    def __init__(self) -> None:
        self.now = datetime(2019, 1, 1, tzinfo=UTC)

    def set(self, instant: datetime) -> None:
        """Move the clock."""
        self.now = instant

    def __call__(self) -> datetime:
        self.now += timedelta(microseconds=1)
        return self.now
