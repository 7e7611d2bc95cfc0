"""The working of a rule: what every figure carries so that `explain` only has to read."""

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
