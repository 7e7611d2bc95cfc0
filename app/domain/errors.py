"""The one tree of errors. Each error has a stable code, says what was wrong, where, and what to do.

OutcomesError
 |- InputInvalid      malformed input: one or more faults, each with a JSON pointer
 |- NotFound          nothing under that identifier in this contract
 |- NotSignedIn       nobody can say who is asking: no credential, or one that does not count
 |- TooManyAttempts   wait before trying again, to sign in or at all
 |- TooSlow           the request did not arrive in time
 |- NotPermitted      the acting party may not do this under the terms
 |- RuleRefused       well-formed, but the terms or the present state refuse it
 |- StaleVersion      the record has changed since the caller read it
 |- PreconditionMissing  the caller must say which version it read, or send a key
 |- TooLarge / UnsupportedFile   evidence files
 |- IntegrityBroken   stored records contradict each other
 |- Unavailable       the database cannot be reached or did not answer in time; try again
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input: stable code, JSON pointer (RFC 6901) and a sentence."""

    code: str
    pointer: str
    message: str


class OutcomesError(Exception):
    """Base of every error a user can meet. `code` is stable; `pointer` names the field at fault."""

    def __init__(
        self, code: str, message: str, *, pointer: str = "", faults: Sequence[Fault] = ()
    ) -> None:
        """`code` is lower-case kebab; `message` is one or two full sentences without personal data.

        `faults` lists every cause where several were found at once.
        """
        super().__init__(message)
        self.code = code
        self.message = message
        self.pointer = pointer
        self.faults = tuple(faults) or (Fault(code, pointer, message),)


class InputInvalid(OutcomesError):
    """Malformed input. Carries every fault found, not only the first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        """`faults` must not be empty; the error's code is `invalid-input`."""
        count = len(faults)
        summary = f"The input has {count} fault{'s' if count > 1 else ''}; see `faults`."
        super().__init__("invalid-input", summary, pointer=faults[0].pointer, faults=faults)


class NotFound(OutcomesError):
    """Nothing is stored under that identifier in this contract."""


class NotSignedIn(OutcomesError):
    """No credential was sent, or one that does not count (any more)."""


class TooManyAttempts(OutcomesError):
    """Too many failures to sign in, or requests; `retry_after_seconds` says how long to wait."""

    def __init__(self, code: str, message: str, retry_after_seconds: int) -> None:
        """`retry_after_seconds` is 1 or more."""
        super().__init__(code, message)
        self.retry_after_seconds = retry_after_seconds


class TooSlow(OutcomesError):
    """The request did not arrive in the time that the service waits. Nothing was recorded."""


class NotPermitted(OutcomesError):
    """The acting party or person may not do this under the terms of the contract."""


class RuleRefused(OutcomesError):
    """The input is well-formed, but a rule of the terms or the present state refuses it."""


class StaleVersion(OutcomesError):
    """The record has changed since the caller read it."""


class PreconditionMissing(OutcomesError):
    """The caller must send an Idempotency-Key or name the version it read."""


class TooLarge(OutcomesError):
    """More bytes than the limit allows."""


class UnsupportedFile(OutcomesError):
    """The file's content is of a type that is not accepted, or not what it claims to be."""


class IntegrityBroken(OutcomesError):
    """Stored records contradict each other; the operator must run `outcomes verify`."""


class Unavailable(OutcomesError):
    """The database cannot be reached, or did not answer in time. Nothing was recorded."""


def contract_unknown(contract_id: str) -> NotFound:
    """The one answer where there is no such contract, and where the asker may not see it.

    Whoever may not see contract ex learns no more than if there were none: code `contract-unknown`.
    """
    return NotFound(
        "contract-unknown",
        f"There is no contract {contract_id}. Check the id, or create the contract first.",
    )
