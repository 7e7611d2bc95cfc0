"""Explaining a figure: from the money back to claim, decision, evidence, events and terms.

Everything is read from what was recorded with the figure; nothing is computed again.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from app.domain.claim import ClaimLine, LineKind
from app.domain.errors import NotFound
from app.domain.evidence import EvidenceItem
from app.domain.money import Money
from app.domain.outcome import Entitlement
from app.domain.participant import JourneyEvent
from app.domain.payment import PaymentKind
from app.domain.period_close import LatePosting, PeriodKind, PeriodState, period_of
from app.domain.working import Step, references
from app.payments.explain import Trace
from app.service import explain_claims, explain_corrections
from app.service.context import Context
from app.service.explain_actors import for_whom, told
from app.service.terms_places import quote
from app.storage import (
    claims,
    contracts,
    corrections,
    evidence,
    fund_claims,
    invoices,
    journal,
    ledger,
    notes,
    outcomes,
    participants,
    payments,
    periods,
    tables,
)
from app.storage.acted_for import acted_for, record_acted_for
from app.storage.engine import Connection
from app.storage.outcomes import StoredSubmission
from app.storage.vault import Vault


def explain_entitlement(context: Context, contract_id: str, entitlement_id: str) -> Trace:
    """Why an entitlement exists and is worth what it is."""
    with context.reading(contract_id) as uow:
        found = outcomes.entitlement(uow.connection, contract_id, entitlement_id)
        return _Explainer(uow.connection, context.files.vault, contract_id).entitlement(found)


def explain_claim_line(
    context: Context, contract_id: str, claim_number: int, line_number: int
) -> Trace:
    """Why a claim line pays what it pays, and to whose cost."""
    with context.reading(contract_id) as uow:
        return _Explainer(uow.connection, context.files.vault, contract_id).line(
            claim_number, line_number
        )


def explain_entry(
    context: Context, contract_id: str, entry_number: int, posting_number: int | None = None
) -> Trace:
    """Why a ledger entry, or one of its postings, was made."""
    with context.reading(contract_id) as uow:
        return _Explainer(uow.connection, context.files.vault, contract_id).entry(
            entry_number, posting_number
        )


class _Explainer:
    """Builds traces inside one snapshot of one contract."""

    def __init__(self, connection: Connection, vault: Vault, contract_id: str) -> None:
        journal.head(connection, contract_id)
        self._connection = connection
        self._vault = vault
        self._contract_id = contract_id
        self._versions = {
            version.number: version for version in contracts.versions(connection, contract_id)
        }

    def entry(self, entry_number: int, posting_number: int | None) -> Trace:
        stored = ledger.entry(self._connection, self._contract_id, entry_number)
        entry = stored.entry
        wanted = [
            (number, posting)
            for number, posting in enumerate(entry.postings, start=1)
            if posting_number in {None, number}
        ]
        if not wanted:
            raise NotFound(
                "posting-unknown",
                f"Entry {entry_number} has no posting {posting_number}; it has "
                f"{len(entry.postings)}.",
            )
        recorded = self._recorded(stored.sequence, stored.recorded_at)
        postings = tuple(
            Trace(
                "posting",
                f"{entry_number}.{number}",
                f"Dr {posting.debit}  Cr {posting.credit}",
                posting.amount,
            )
            for number, posting in wanted
        )
        steps = [recorded]
        if entry.reverses is not None:
            because = f"It reverses entry {entry.reverses}, posting by posting."
            steps.append(Step("reversal", because, (f"entry:{entry.reverses}",)))
        for one in ledger.reversals_of(self._connection, self._contract_id, entry_number):
            because = f"Entry {one.entry_number} takes it back, whole or in part."
            steps.append(Step("reversed", because, (f"entry:{one.entry_number}", one.source)))
        if stored.late is not None:
            steps.append(self._late(entry_number, stored.late))
        title = f"{_words(entry.kind.value)} effective {entry.effective_date.isoformat()}"
        source = self._source(entry.source)
        return Trace("entry", str(entry_number), title, None, tuple(steps), (*postings, *source))

    def line(self, claim_number: int, line_number: int) -> Trace:
        line = claims.line(self._connection, self._contract_id, claim_number, line_number)
        stored = claims.get(self._connection, self._contract_id, claim_number)
        title = (
            f"{_words(line.kind.value)} {line.metric} of {line.participant_id}, achieved "
            f"{line.achieved_on.isoformat()}, in claim {claim_number} for {stored.period}"
        )
        terms = self._terms_step(stored.terms_version)
        decided = explain_claims.decision_steps(self._connection, self._contract_id, stored)
        corrected = explain_corrections.line_steps(
            self._connection, self._contract_id, claim_number, line_number
        )
        return Trace(
            "claim_line",
            f"claim:{claim_number}/line:{line_number}",
            title,
            line.payable,
            (*_sums(line), *line.working, terms, *decided, *corrected),
            (*self._quotes(line.working), *self._line_source(line)),
        )

    def entitlement(self, found: Entitlement) -> Trace:
        title = (
            f"{found.metric} of {found.participant_id}, achieved {found.achieved_on.isoformat()}, "
            f"verified {found.verified_on.isoformat()}"
        )
        stored = outcomes.get(self._connection, self._contract_id, found.submission_id or "")
        rounds = outcomes.rounds(
            self._connection, self._contract_id, found.participant_id, found.metric
        )
        earlier = tuple(
            self._submission(other, whole=False)
            for other in rounds
            if other.submission.scope == found.scope and other.sequence < stored.sequence
        )
        steps = (
            *found.working,
            self._terms_step(found.terms_version),
        )
        children = (self._submission(stored, whole=True), *earlier, *self._quotes(found.working))
        return Trace("entitlement", found.entitlement_id, title, found.amount, steps, children)

    def _submission(self, stored: StoredSubmission, *, whole: bool) -> Trace:
        submission = stored.submission
        others = acted_for(
            self._connection,
            self._contract_id,
            (tables.submissions, tables.waivers, tables.verifications),
            submission_id=submission.submission_id,
        )
        steps = [
            Step(
                "submission",
                f"Round {submission.round}, submitted on {submission.submitted_on.isoformat()} by "
                f"{told(stored.by, others.get(tables.submissions.name, ()))}.",
            ),
            self._recorded(stored.sequence, stored.recorded_at),
        ]
        if stored.waiver:
            waiver = stored.waiver
            because = (
                f"Lateness waived on {waiver.granted_on.isoformat()} by "
                f"{told(waiver.by, others.get(tables.waivers.name, ()))}."
            )
            steps.append(Step("waiver", because))
        if decided := stored.verification:
            reason = f", reason {decided.reason_code.value}" if decided.reason_code else ""
            note = notes.read(self._connection, self._vault, self._contract_id, stored.note_digest)
            because = (
                f"{_words(decided.decision.value)} on {decided.decided_on.isoformat()} by "
                f"{told(decided.by, others.get(tables.verifications.name, ()))}{reason}."
                f"{f' Note: {note}' if note else ''}"
            )
            steps.append(
                Step("verification", because, (f"verification:{decided.verification_id}",))
            )
        children: tuple[Trace, ...] = self._evidence(submission.evidence_ids)
        if whole:
            steps += submission.working
            children += self._events(submission.participant_id, submission.working)
            children += self._quotes(submission.working)
        title = f"Submission of {submission.metric}, {stored.state}"
        return Trace("submission", submission.submission_id, title, None, tuple(steps), children)

    def _line_source(self, line: ClaimLine) -> tuple[Trace, ...]:
        if line.kind is LineKind.OUTCOME:
            found = outcomes.entitlement(self._connection, self._contract_id, line.source_id)
            return (self.entitlement(found),)
        if line.kind is LineKind.CARRIED_FORWARD:
            return self._source(line.source_id.rsplit("/", 1)[0])
        if line.kind is LineKind.CLAWBACK:
            original = claims.line_taken_back(self._connection, self._contract_id, line.source_id)
            taken_back = (self.line(*original),) if original else ()
            return (*self._clawback(line), *taken_back)
        return self._events(line.participant_id, line.working)

    def _clawback(self, line: ClaimLine) -> tuple[Trace, ...]:
        found = outcomes.clawback_of(self._connection, self._contract_id, line.source_id)
        if found is None:
            return ()
        title = f"Clawback decided on {found.decided_on.isoformat()}, {_words(found.ground)}"
        return (Trace("clawback", found.clawback_id, title),)

    def _source(self, source: str) -> tuple[Trace, ...]:
        """The trace behind a reference such as claim:5/line:2 or payment:<id>."""
        kind, _, rest = source.partition(":")
        if kind == "claim":
            claim_number, _, line_number = rest.partition("/line:")
            return (self.line(int(claim_number), int(line_number)),)
        if kind == "invoice":
            issuer, _, number = rest.partition("/")
            return (self._invoice(issuer, int(number)),)
        if kind == "correction":
            return (self._correction(rest),)
        return (self._payment(rest),)

    def _correction(self, correction_id: str) -> Trace:
        stored = corrections.get(self._connection, self._contract_id, correction_id)
        one = stored.correction
        return Trace(
            "correction",
            correction_id,
            explain_corrections.title(stored),
            stored.amount,
            explain_corrections.own_steps(self._connection, self._vault, self._contract_id, stored),
            (self.line(one.claim_number, one.line_number),),
        )

    def _payment(self, payment_id: str) -> Trace:
        stored = payments.one(self._connection, self._contract_id, payment_id)
        payment = stored.payment
        verb = "set off documents with" if payment.kind is PaymentKind.SET_OFF else "paid"
        title = (
            f"{payment.payer} {verb} {payment.payee} on {payment.paid_on.isoformat()}"
            f"{f', reference {payment.reference}' if payment.reference else ''}"
            f"{f', returning payment {payment.returns}' if payment.returns else ''}"
        )
        settled: dict[str, Money] = {}
        for item in payment.allocations:
            before = settled.get(item.document, Money(0, item.amount.currency))
            settled[item.document] = before + item.amount
        documents = tuple(
            trace
            for name, amount in settled.items()
            if amount
            for trace in self._document(name, amount)
        )
        returned = (self._payment(payment.returns),) if payment.returns else ()
        return Trace(
            "payment",
            payment.payment_id,
            title,
            payment.amount,
            (self._recorded(stored.sequence, stored.recorded_at),),
            (*documents, *returned),
        )

    def _document(self, name: str, allocated: Money) -> tuple[Trace, ...]:
        """What a payment was set against, with every claim line in it."""
        if name.startswith("invoice:"):
            behind = self._source(name)
        else:
            claim = fund_claims.get(
                self._connection, self._contract_id, int(name.partition(":")[2])
            ).claim
            behind = tuple(self.line(line.claim_number, line.line_number) for line in claim.lines)
        return (Trace("allocation", name, f"Set against {name}", allocated, (), behind),)

    def _invoice(self, issuer: str, number: int) -> Trace:
        stored = invoices.get(self._connection, self._contract_id, issuer, number)
        invoice = stored.invoice
        lines = claims.lines(self._connection, self._contract_id, [invoice.claim_number])
        title = (
            f"{_words(invoice.kind.value)} {invoice.reference} to {invoice.customer}, issued "
            f"{invoice.issued_on.isoformat()}, for claim {invoice.claim_number}"
        )
        return Trace(
            "invoice",
            invoice.document_id,
            title,
            invoice.total,
            (self._recorded(stored.sequence, stored.recorded_at),),
            tuple(
                self.line(invoice.claim_number, line.line_number)
                for line in lines[invoice.claim_number]
            ),
        )

    def _evidence(self, evidence_ids: Sequence[str]) -> tuple[Trace, ...]:
        items = evidence.items(self._connection, self._contract_id, evidence_ids)
        return tuple(_item(items[one]) for one in evidence_ids if one in items)

    def _events(self, participant_id: str, working: Iterable[Step]) -> tuple[Trace, ...]:
        recorded = participants.events(self._connection, self._contract_id, [participant_id])
        by_id = {event.event_id: event for event in recorded[participant_id]}
        return tuple(_event(by_id[one]) for one in references(working, "event:") if one in by_id)

    def _quotes(self, working: Iterable[Step]) -> tuple[Trace, ...]:
        """The places of the terms that the working names, with what they say."""
        found = []
        for reference in references(working, "terms:"):
            number, _, pointer = reference.partition("#")
            version = self._versions[int(number)]
            said = quote(version.terms, pointer)
            found.append(Trace("terms", reference, f"Version {number} {pointer}: {said}"))
        return tuple(found)

    def _terms_step(self, number: int) -> Step:
        version = self._versions[number]
        because = (
            f"Under terms version {number}, effective {version.effective_from.isoformat()}, "
            f"SHA-256 {version.hash}."
        )
        return Step("terms", because, (f"terms:{number}#",))

    def _late(self, entry_number: int, late: LatePosting) -> Step:
        """Where a late entry belongs, and why it was posted late."""
        digest = periods.late_note(self._connection, self._contract_id, entry_number)
        reason = notes.read(self._connection, self._vault, self._contract_id, digest)
        quarter = period_of(PeriodKind.QUARTER, late.belongs_on)
        if late.level is PeriodState.SOFT:
            because = f"Posted late, into the period {quarter}, which was soft-closed."
        else:
            because = (
                f"A prior-period adjustment: it belongs on {late.belongs_on.isoformat()}, in the "
                f"period {quarter}, which was hard-closed when it was recorded."
            )
        return Step("late_posting", f"{because}{f' Reason: {reason}' if reason else ''}")

    def _recorded(self, sequence: int, recorded_at: datetime) -> Step:
        others = record_acted_for(self._connection, self._contract_id, sequence)
        delegated = f", under a delegation,{for_whom(others)}" if others else ""
        because = (
            f"Recorded {recorded_at:%Y-%m-%d %H:%M} UTC as journal record {sequence}{delegated}."
        )
        return Step("journal", because, (f"journal:{sequence}",))


def _sums(line: ClaimLine) -> tuple[Step, ...]:
    cuts = "".join(f", less {cut.amount.readable()} by cap {cut.cap}" for cut in line.cuts)
    borne = "; ".join(f"{share.payer} {share.amount.readable()}" for share in line.shares)
    return (
        Step("line", f"Gross {line.gross.readable()}{cuts}: payable {line.payable.readable()}."),
        Step("shares", f"Borne by {borne or 'nobody: nothing is payable'}."),
    )


def _item(item: EvidenceItem) -> Trace:
    title = (
        f"{_words(item.type)} issued by {_words(item.issuer).lower()}, dated "
        f"{item.dated_on.isoformat()}, covering {item.covers_from.isoformat()} to "
        f"{item.covers_to.isoformat()}, file held by {item.held_by}, SHA-256 {item.sha256}"
    )
    return Trace("evidence", item.evidence_id, title)


def _event(event: JourneyEvent) -> Trace:
    more = "".join(
        f", {name} {value}"
        for name, value in (("to", event.destination), ("reason", event.reason))
        if value
    )
    return Trace(
        "event", event.event_id, f"{_words(event.kind.value)} {event.on.isoformat()}{more}"
    )


def _words(code: str) -> str:
    return code.replace("_", " ").capitalize()
