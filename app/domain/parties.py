"""Who acts: a party of the contract and one of its people, named explicitly on every command."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """The acting party (its id in the terms) and person (a work identifier, never a client)."""

    party: str
    person: str
