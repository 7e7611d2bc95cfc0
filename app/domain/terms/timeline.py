"""Which version of the terms governs a date."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from app.domain.terms.document import Terms


@dataclass(frozen=True, slots=True)
class TermsVersion:
    """One version of the terms: its number, its hash and the document itself."""

    number: int
    hash: str
    terms: Terms

    @property
    def applies_from(self) -> date:
        """First achievement date governed: earlier than `effective_from` if retrospective."""
        return self.terms.governs_from


@dataclass(frozen=True, slots=True)
class Timeline:
    """The versions in force, in order of their numbers. The latest that applies governs a date.

    What was achieved before a variation keeps its version, unless the variation is retrospective.
    """

    versions: tuple[TermsVersion, ...]

    @classmethod
    def of(cls, versions: Iterable[TermsVersion]) -> "Timeline":
        """A timeline from versions in any order."""
        return cls(tuple(sorted(versions, key=lambda version: version.number)))

    def governing(self, day: date) -> TermsVersion | None:
        """The version that governs an achievement on a day; None before the contract starts."""
        for version in reversed(self.versions):
            if version.applies_from <= day:
                return version
        return None

    def in_effect(self, day: date) -> TermsVersion:
        """The version by which the parties act on a day: the first one before it takes effect.

        Terms signed in July and effective in November let a referral be prepared in October.
        """
        return self.governing(day) or self.versions[0]

    def numbered(self, number: int) -> TermsVersion:
        """The version with a number that is known to be in force."""
        return next(version for version in self.versions if version.number == number)

    @property
    def latest(self) -> TermsVersion:
        """The version with the highest number."""
        return self.versions[-1]
