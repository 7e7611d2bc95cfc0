"""The working of a rule: what every figure carries so that `explain` only has to read."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a calculation or decision.

    `rule` is a stable code (`anchor`, `price`, `cap.person`), `because` one sentence in contract
    language, `refs` what it rests on: `event:<id>`, `evidence:<id>`, `terms:<version>#<pointer>`,
    `entitlement:<id>`.
    """

    rule: str
    because: str
    refs: tuple[str, ...] = ()


def terms_ref(version: int, pointer: str) -> str:
    """A reference to a place in a terms version: terms:2#/caps/person."""
    return f"terms:{version}#{pointer}"


def references(working: Iterable[Step], prefix: str) -> list[str]:
    """References of one kind in the working, each once, without the prefix."""
    found = dict.fromkeys(
        reference.removeprefix(prefix)
        for step in working
        for reference in step.refs
        if reference.startswith(prefix)
    )
    return list(found)
