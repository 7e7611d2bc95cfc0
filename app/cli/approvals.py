"""What commands say of an approval that takes two persons."""

from collections.abc import Iterator
from typing import Any

from app.cli.documents_paid import readable


def approvals(found: dict[str, Any], *, undecided: bool) -> Iterator[str]:
    """Who approved a claim, a correction or a claim to a fund first, and what it still waits for.

    Where it counts for more than its own amount, what was approved before it is named.
    """
    first = found.get("first_approved_on")
    if first:
        by = f"{found['first_approved_by']}/{found['first_approved_by_person']}"
        yield f"Approved first on {first} by {by}"
    if found["second_approval_needed"] and undecided:
        above = readable(found["second_approval_above"])
        left = "another person's" if first else "two persons'"
        yield f"Above {above}: waits for {left} approval"
        yield f"Counts for {readable(found['approval_counts_for'])}"
