"""Evidence files: taken in after a scan and within limits, handed out by a signed link only."""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

from app.domain.download_link import DownloadLink, ends_after
from app.domain.errors import IntegrityBroken, NotFound, NotPermitted, RuleRefused
from app.domain.evidence import EvidenceItem, Verdict
from app.domain.parties import Actor
from app.domain.terms.parties import Role
from app.service.command import require_role
from app.service.context import Context
from app.service.evidence import SERVICE
from app.service.participants import local_today
from app.storage import (
    contracts,
    erasures,
    evidence,
    file_scans,
    journal,
    participants,
    uploads,
)
from app.storage.engine import Connection, UnitOfWork, run_transaction
from app.storage.erasures import EVIDENCE, IMPORT
from app.storage.evidence_files import Incoming, StoredFile

READERS = (Role.SERVICE_PROVIDER, Role.INTERMEDIARY, Role.COMMISSIONER)
"""Roles whose holders may open evidence: who gathered it, and who decides on it."""


@dataclass(frozen=True, slots=True)
class SignedLink:
    """A link and its signature, in URL-safe base64 without padding; and whom the file is about."""

    link: DownloadLink
    signature: str
    participant_id: str


def store_upload(
    context: Context,
    contract_id: str,
    actor: Actor,
    incoming: Incoming,
    *,
    declared: str,
    sha256: str,
    dry_run: bool = False,
) -> StoredFile:
    """Keep a received file, if its content, the scanner and the party's limits allow it.

    A file that is here already counts once, for the party that sent it first. Raises what
    `Incoming.check` and `MalwareGate.pass_through` raise, and RuleRefused `erased-before` and
    `evidence-limit-reached`.
    """
    stored = incoming.check(declared, sha256)
    with context.reading(contract_id) as uow:
        _check_may_keep(context, uow.connection, contract_id, actor, stored)
    with incoming.content() as content:
        verdict = context.uploads.gate.pass_through(content)

    def note(uow: UnitOfWork) -> None:
        context.serve(uow, contract_id)
        contracts.lock(uow.connection, contract_id)  # two uploads at once count one another
        _check_may_keep(context, uow.connection, contract_id, actor, stored)
        now = context.clock()
        uploads.record(uow.connection, contract_id, stored, actor, now)
        file_scans.note(uow.connection, contract_id, EVIDENCE, sha256, verdict, now)
        incoming.keep(stored)  # under the lock, so that no expiry comes between note and file

    if not dry_run:
        run_transaction(context.engine, note)
    return stored


def make_link(context: Context, contract_id: str, evidence_id: str, reader: Actor) -> SignedLink:
    """A link to the file of an evidence item, for the reader only, that ends in some minutes."""
    with context.reading(contract_id) as uow:
        item = _readable(context, uow.connection, contract_id, evidence_id, reader)
        _check_handed_out(context, uow.connection, contract_id, item)
    expires_at = ends_after(context.clock(), context.uploads.link_seconds)
    link = DownloadLink(contract_id, evidence_id, item.sha256, reader, expires_at)
    signature = context.files.vault.masters.signature(link.message())
    signed = base64.urlsafe_b64encode(signature).decode().rstrip("=")
    return SignedLink(link, signed, item.participant_id)


def open_by_link(
    context: Context,
    contract_id: str,
    evidence_id: str,
    reader: Actor,
    *,
    expires: int,
    signature: str,
) -> tuple[EvidenceItem, BinaryIO]:
    """The item and its file, opened for reading, if the link was made for this reader.

    Raises NotPermitted `download-link-invalid` for a link that was changed, or made for another
    party, person or file; `download-link-expired` for one that has ended; and NotFound or
    RuleRefused where the file is not here, was erased, or waits for a malware scan.
    """
    with context.reading(contract_id) as uow:
        item = _readable(context, uow.connection, contract_id, evidence_id, reader)
        expires_at = datetime.fromtimestamp(expires, UTC)
        link = DownloadLink(contract_id, evidence_id, item.sha256, reader, expires_at)
        if not context.files.vault.masters.is_signed(link.message(), _bytes_of(signature)):
            raise NotPermitted(
                "download-link-invalid",
                "The link was changed, or made for another party, person or file. Ask for one of "
                "your own.",
            )
        if not link.is_open(context.clock()):
            raise NotPermitted("download-link-expired", "The link has ended. Ask for a new one.")
        _check_handed_out(context, uow.connection, contract_id, item)
    return item, context.files.open(contract_id, item.sha256)


def scan_again(context: Context, contract_id: str) -> Iterator[tuple[str, Verdict | None]]:
    """Scan every file of a contract that no scan has found clean or infected, bank files too.

    A clean one is handed out from then on. One on which no scanner gives a verdict waits on, with
    the verdict that it had. An infected one stays, sealed: it is what an item of the record names,
    and `outcomes verify` goes on finding it unchanged.
    """
    with context.reading(contract_id) as uow:
        held = erasures.of_contract(uow.connection, contract_id)
        known = {
            kind: file_scans.last_verdicts(uow.connection, contract_id, kind)
            for kind in (EVIDENCE, IMPORT)
        }
    settled = {Verdict.CLEAN, Verdict.INFECTED}
    for kind, names in ((EVIDENCE, held.evidence), (IMPORT, held.imported)):
        for sha256 in names:
            if (last := known[kind].get(sha256)) not in settled:
                yield sha256, _scanned(context, contract_id, kind, sha256) or last


def _scanned(context: Context, contract_id: str, kind: str, sha256: str) -> Verdict | None:
    """What a scan says now, noted; None where none can be made, as of a file that is missing."""
    open_file = context.files.open if kind == EVIDENCE else context.files.bank.open
    try:
        with open_file(contract_id, sha256) as content:
            clean = context.uploads.gate.scan(content)
    except (IntegrityBroken, NotFound):  # for `outcomes verify` to report
        return None
    if clean is None:
        return None
    verdict = Verdict.CLEAN if clean else Verdict.INFECTED

    def note(uow: UnitOfWork) -> None:
        context.serve(uow, contract_id)
        contracts.lock(uow.connection, contract_id)
        file_scans.note(uow.connection, contract_id, kind, sha256, verdict, context.clock())

    run_transaction(context.engine, note)
    return verdict


def _check_may_keep(
    context: Context, connection: Connection, contract_id: str, actor: Actor, stored: StoredFile
) -> None:
    if erasures.is_erased(connection, contract_id, stored.sha256):
        raise RuleRefused(
            "erased-before",
            "This file was erased because of a person's rights; it is not kept again.",
            pointer="/sha256",
        )
    if uploads.is_known(connection, contract_id, stored.sha256):
        return
    used = uploads.usage(connection, contract_id, actor.party)
    rules = context.uploads
    if used.count >= rules.files_max or used.size_bytes + stored.size_bytes > rules.bytes_max:
        raise RuleRefused(
            "evidence-limit-reached",
            f"A party may keep {rules.files_max} files of {rules.bytes_max} bytes together here. "
            "Keep the file yourselves and record only its SHA-256, or ask the operator.",
        )


def _readable(
    context: Context, connection: Connection, contract_id: str, evidence_id: str, reader: Actor
) -> EvidenceItem:
    """The item, if the reader's party may open its file under the terms of today."""
    journal.head(connection, contract_id)
    timeline = contracts.timeline(connection, contract_id)
    today = local_today(context, timeline)
    if not timeline.versions:
        raise RuleRefused(
            "terms-not-in-force", "No version of the terms is in force yet, so nobody reads here."
        )
    terms = timeline.in_effect(today).terms
    require_role(terms, reader, READERS, "open evidence files", today)
    found = evidence.items(connection, contract_id, [evidence_id])
    if evidence_id not in found:
        raise NotFound("evidence-unknown", "The contract has no evidence item with that id.")
    item = found[evidence_id]
    person = participants.get(connection, contract_id, item.participant_id)
    is_provider = reader.party in terms.parties_with(Role.SERVICE_PROVIDER, on=today)
    sees_all = reader.party in terms.parties_with(Role.COMMISSIONER, Role.INTERMEDIARY, on=today)
    if is_provider and not sees_all and reader.party != person.provider:
        raise NotPermitted(
            "party-not-permitted",
            "A provider opens the evidence of its own participants only.",
        )
    return item


def _check_handed_out(
    context: Context, connection: Connection, contract_id: str, item: EvidenceItem
) -> None:
    if item.held_by != SERVICE:
        raise NotFound(
            "evidence-file-elsewhere",
            "The file stays with the provider; this service holds only its SHA-256.",
        )
    if erasures.is_erased(connection, contract_id, item.sha256):
        raise NotFound("evidence-file-erased", "The file was erased because of a person's rights.")
    verdict = file_scans.last_verdict(connection, contract_id, EVIDENCE, item.sha256)
    if not context.uploads.gate.hands_out(verdict):
        raise RuleRefused(
            "evidence-file-quarantined",
            "The file waits for a malware scan, or failed one; it is not handed out.",
        )


def _bytes_of(signature: str) -> bytes:
    """The bytes of a signature; none where it is no base64."""
    try:
        padded = signature + "=" * (-len(signature) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
