"""From a figure back to its reasons, as text or as data. It reads workings, recomputes nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.domain.money import Money
from app.domain.working import Step


@dataclass(frozen=True, slots=True)
class Trace:
    """A figure or decision, the steps that led to it, and what those steps rest on.

    `kind` is a noun such as posting, claim_line, entitlement, verification, evidence or event, and
    `id` names it among its kind. `amount` is None where no money is spoken of.
    """

    kind: str
    id: str
    title: str
    amount: Money | None = None
    steps: tuple[Step, ...] = ()
    children: tuple["Trace", ...] = ()


def render_text(trace: Trace) -> str:
    """The trace as plain text for people: the money first, then why, then what it rests on.

    Each level is indented by two spaces more; each step is a dash, its sentence, and its
    references in brackets. Ends with a new line.
    """
    return "\n".join(_text_lines(trace, 0)) + "\n"


def _text_lines(trace: Trace, depth: int) -> Iterator[str]:
    indent = "  " * depth
    money = f"{trace.amount.readable()}  " if trace.amount is not None else ""
    yield f"{indent}{money}{trace.title}  ({trace.kind} {trace.id})"
    for step in trace.steps:
        refs = f"  [{', '.join(step.refs)}]" if step.refs else ""
        yield f"{indent}  - {step.because}{refs}"
    for child in trace.children:
        yield from _text_lines(child, depth + 1)


def as_plain(trace: Trace) -> dict[str, Any]:
    """The trace as JSON values; money is a decimal string with its currency, such as 6701.50."""
    amount = None
    if trace.amount is not None:
        amount = {"amount": str(trace.amount), "currency": trace.amount.currency}
    return {
        "kind": trace.kind,
        "id": trace.id,
        "title": trace.title,
        "amount": amount,
        "steps": [
            {"rule": step.rule, "because": step.because, "refs": list(step.refs)}
            for step in trace.steps
        ],
        "children": [as_plain(child) for child in trace.children],
    }
