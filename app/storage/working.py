"""Working (rule steps) as JSON, both ways."""

from collections.abc import Iterable
from typing import Any

from app.domain.working import Step


def steps_to_json(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Steps as JSON objects."""
    return [{"rule": step.rule, "because": step.because, "refs": list(step.refs)} for step in steps]


def steps_from_json(stored: Iterable[dict[str, Any]]) -> tuple[Step, ...]:
    """Steps as domain values."""
    return tuple(Step(item["rule"], item["because"], tuple(item["refs"])) for item in stored)
