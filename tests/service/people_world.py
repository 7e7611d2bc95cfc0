"""Acts on people's data, for tests of files, erasure and subject access."""

import hashlib
from datetime import date

from app.domain.privacy import ErasureGround, LawfulBasis, SpecialCondition
from app.service import evidence_files, privacy
from app.service.erasure import erase_participant
from tests.factories import PROVIDER
from tests.service.world import WORKER
from tests.unscanned import UNSCANNED


def pdf(about: str) -> bytes:
    """A small PDF that differs by what it is about."""
    return f"%PDF-1.4\n% about {about}\n%%EOF\n".encode()


def upload(context, contract_id, content, by=WORKER, media_type="application/pdf", **more) -> str:
    """Upload a file as a party would; answers its SHA-256."""
    sha256 = hashlib.sha256(content).hexdigest()
    with context.files.receive(contract_id) as incoming:
        incoming.write(content)
        evidence_files.store_upload(
            context, contract_id, by, incoming, declared=media_type, sha256=sha256, **more
        )
    return sha256


def file_of(world, name: str, on: str, content: bytes | None = None, metric: str = "MOVE") -> str:
    """An item about a person whose file is here; answers the item's id."""
    sha256 = upload(world.context, world.contract_id, content or pdf(name))
    return world.evidence(metric, on, name, sha256=sha256, held_by="service")


def basis(context, command, name: str, given: date):
    """A lawful basis recorded for a person."""
    return privacy.record_privacy(
        context,
        command,
        name,
        lawful_basis=LawfulBasis.PUBLIC_TASK,
        special_condition=SpecialCondition.HEALTH_OR_SOCIAL_CARE,
        notice_version="2019-10",
        notice_given_on=given,
    ).answer


def erase(context, command, name: str, **more):
    """A person's data erased because they asked."""
    return erase_participant(context, command, name, ground=ErasureGround.REQUESTED, **more).answer


__all__ = ["PROVIDER", "UNSCANNED", "basis", "erase", "file_of", "pdf", "upload"]
