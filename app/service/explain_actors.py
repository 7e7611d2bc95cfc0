"""Who did an act, in the words of explanations; of a delegate also for whom."""

from collections.abc import Sequence

from app.domain.parties import Actor


def told(actor: Actor, acted_for: Sequence[str] = ()) -> str:
    """The party and the person: scc (officer-2 for officer-1), who was away."""
    return f"{actor.party} ({actor.person}{for_whom(acted_for)})"


def for_whom(acted_for: Sequence[str]) -> str:
    """What is added where somebody acted under a delegation: " for officer-1"."""
    return f" for {' and '.join(acted_for)}" if acted_for else ""
