"""What verifying a contract answers: its checks, what each looked at, and what each found."""

from dataclasses import dataclass, field

DIFFERENCES_MAX = 1000
"""Differences listed for each check; past that only the count goes on."""


@dataclass(slots=True)
class Check:
    """One check: what it looked at, how many, and every difference found."""

    name: str
    looked_at: str
    count: int = 0
    found: int = 0
    differences: list[str] = field(default_factory=list)

    def add(self, difference: str) -> None:
        """Note a difference."""
        self.found += 1
        if len(self.differences) < DIFFERENCES_MAX:
            self.differences.append(difference)


@dataclass(frozen=True, slots=True)
class Verified:
    """What verifying one contract found. `sequence` and `hash` are its journal's head."""

    contract_id: str
    sequence: int
    hash: str
    checks: tuple[Check, ...]
    differences_withheld: bool = False

    @property
    def intact(self) -> bool:
        """Whether no check found a difference."""
        return all(not check.found for check in self.checks)
