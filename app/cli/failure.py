"""Why a command ended without doing what was asked, and the exit code that says so.

    0  done; for `verify`, everything is intact
    1  refused: the service or the terms say no, or `verify` found differences
    2  could not run: wrong usage, settings, an unreadable file, no service, no database,
       nothing to verify

Scripts rely on these numbers; docs/reference/cli.md promises them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.domain.errors import Fault

DONE, REFUSED, CANNOT_RUN = 0, 1, 2


class CommandFailed(Exception):
    """A command that ends early: what to print on standard error, and the exit code."""

    exit_code = CANNOT_RUN

    def __init__(self, *lines: str) -> None:
        """The first line says what was wrong; more lines give places and remedies."""
        super().__init__("\n".join(lines))
        self.lines = lines


class CannotRun(CommandFailed):
    """The command could not be tried at all."""


class Refused(CommandFailed):
    """The service answered with a problem document (RFC 9457)."""

    exit_code = REFUSED

    def __init__(self, problem: Mapping[str, Any]) -> None:
        """`problem` is the document as received."""
        super().__init__(*problem_lines(problem))
        self.problem = dict(problem)
        self.code = str(problem.get("code", ""))
        # The service's own failure is no refusal: asking again may well succeed.
        if int(problem.get("status", 0)) >= 500:
            self.exit_code = CANNOT_RUN


def problem_lines(problem: Mapping[str, Any]) -> list[str]:
    """A problem document as lines for people: what and where, each fault, and where to read on."""
    status, code = problem.get("status", "?"), problem.get("code", "?")
    found = [f"{problem.get('detail') or problem.get('title') or 'Refused.'}"]
    faults: Sequence[Mapping[str, Any]] = problem.get("faults") or ()
    found += [_problem_line(fault, said=found[0]) for fault in faults if _adds(fault, found[0])]
    found.append(f"  status {status}, code {code}; see /problems/{code} of the service")
    return found


def _adds(fault: Mapping[str, Any], said: str) -> bool:
    """Whether a fault says more than the refusal itself: another message, or a place."""
    return bool(fault.get("pointer")) or fault.get("message") != said


def _problem_line(fault: Mapping[str, Any], *, said: str) -> str:
    where, place = str(fault.get("pointer", "")), str(fault.get("in", "body"))
    code, message = str(fault.get("code", "?")), str(fault.get("message", ""))
    if message == said:
        return f"  at {where if place == 'body' else f'{place} {where}'}"
    return fault_line(where, code, message, place) if where else f"  {message} [{code}]"


def fault_lines(faults: Iterable[Fault]) -> list[str]:
    """Faults found on this machine, one a line."""
    return [fault_line(fault.pointer, fault.code, fault.message) for fault in faults]


def fault_line(pointer: str, code: str, message: str, place: str = "body") -> str:
    """One fault: where it is, what is wrong, and its stable code."""
    where = pointer or "(whole document)"
    said = where if place == "body" else f"{place} {where}"
    return f"  {said}: {message} [{code}]"
