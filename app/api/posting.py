"""Writes that post to the ledger: they may say why something is posted late."""

from typing import Annotated

from fastapi import Depends, Header

from app.api.deps import VersionedWriteDep, Write, WriteDep
from app.domain.identity_check import IdentityChecked

POSTS = ("period-soft-closed",)
"""What every write that posts can meet."""

LatePostingReason = Annotated[
    Annotated[str, IdentityChecked] | None,
    Header(
        description="Why this is posted although its period is soft-closed: 1 to 500 ASCII "
        "characters, without anything that identifies a participant. Kept as a note wherever an "
        "entry is posted late, else not needed.",
        pattern=r"^[ -~]{1,500}$",
        examples=["The bank file came late"],
    ),
]


async def posting_write(write: WriteDep, late_posting_reason: LatePostingReason = None) -> Write:
    """A writing request that posts, with the reason for posting late where it gives one."""
    return _with_reason(write, late_posting_reason)


async def versioned_posting_write(
    write: VersionedWriteDep, late_posting_reason: LatePostingReason = None
) -> Write:
    """A writing request that posts and must say which version of the record it read."""
    return _with_reason(write, late_posting_reason)


def _with_reason(write: Write, reason: str | None) -> Write:
    write.late_reason = reason
    return write


PostingWriteDep = Annotated[Write, Depends(posting_write)]
VersionedPostingWriteDep = Annotated[Write, Depends(versioned_posting_write)]
