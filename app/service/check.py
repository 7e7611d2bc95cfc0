"""What one check of verifying says: how much it looked at, and what it found."""

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
