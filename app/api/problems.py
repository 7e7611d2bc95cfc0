"""Every code that an answer can carry: what it means and what to do. Served at /problems/{code}."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.api.problem_texts import INPUT, OTHERS
from app.api.problem_texts_access import (
    ACCESS_INPUT,
    ACCESS_NOT_FOUND,
    ACCESS_RULES,
    BROKEN_SEALS,
    NOT_GRANTED,
    NOT_SIGNED_IN,
    TOO_MANY,
    UNAVAILABLE,
)
from app.api.problem_texts_bank import (
    BANK,
    BANK_FILES,
    BANK_INPUT,
    BANK_NOT_FOUND,
    BANK_TOO_LARGE,
)
from app.api.problem_texts_corrections import (
    BROKEN_ENTRIES,
    CORRECTION_INPUT,
    CORRECTION_NOT_FOUND,
    CORRECTION_NOT_PERMITTED,
    CORRECTIONS,
)
from app.api.problem_texts_disputes import (
    DISPUTE_NOT_FOUND,
    DISPUTE_NOT_PERMITTED,
    DISPUTES,
)
from app.api.problem_texts_heads import (
    HEAD_BROKEN,
    HEAD_NOT_FOUND,
    HEAD_RULES,
    HEAD_UNAVAILABLE,
)
from app.api.problem_texts_payments import PAYMENT_INPUT, PAYMENT_NOT_FOUND, PAYMENTS
from app.api.problem_texts_periods import PERIODS, PERIODS_NOT_FOUND
from app.api.problem_texts_privacy import (
    FILES_BROKEN,
    FILES_FORBIDDEN,
    FILES_NOT_FOUND,
    FILES_RULES,
    FILES_UNAVAILABLE,
    FILES_UNSUPPORTED,
)
from app.api.problem_texts_rules import RECORDED, RULES
from app.api.problem_texts_terms import TERMS, WARNINGS


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One code: the status it usually comes with, its meaning in a few words, and the remedy.

    A code that only ever stands in `faults` has the status of the answer it stands in. `status` is
    200 for warnings: of a check of terms, and of what was recorded.
    """

    code: str
    status: int
    title: str
    remedy: str


def _kinds() -> dict[str, ProblemKind]:
    found: dict[str, ProblemKind] = {}
    for status, texts in (
        (422, INPUT),
        (422, TERMS),
        (200, WARNINGS),
        (200, RECORDED),
        (409, RULES),
        (422, CORRECTION_INPUT),
        (404, CORRECTION_NOT_FOUND),
        (403, CORRECTION_NOT_PERMITTED),
        (409, CORRECTIONS),
        (403, DISPUTE_NOT_PERMITTED),
        (404, DISPUTE_NOT_FOUND),
        (409, DISPUTES),
        (404, PERIODS_NOT_FOUND),
        (409, PERIODS),
        (422, PAYMENT_INPUT),
        (404, PAYMENT_NOT_FOUND),
        (409, PAYMENTS),
        (422, BANK_INPUT),
        (404, BANK_NOT_FOUND),
        (415, BANK_FILES),
        (413, BANK_TOO_LARGE),
        (409, BANK),
        (500, BROKEN_ENTRIES),
        (401, NOT_SIGNED_IN),
        (403, NOT_GRANTED),
        (429, TOO_MANY),
        (422, ACCESS_INPUT),
        (404, ACCESS_NOT_FOUND),
        (409, ACCESS_RULES),
        (503, UNAVAILABLE),
        (500, BROKEN_SEALS),
        (404, HEAD_NOT_FOUND),
        (409, HEAD_RULES),
        (500, HEAD_BROKEN),
        (503, HEAD_UNAVAILABLE),
        (403, FILES_FORBIDDEN),
        (404, FILES_NOT_FOUND),
        (409, FILES_RULES),
        (415, FILES_UNSUPPORTED),
        (500, FILES_BROKEN),
        (503, FILES_UNAVAILABLE),
    ):
        for code, (title, remedy) in texts.items():
            found[code] = ProblemKind(code, status, title, remedy)
    for status, texts in OTHERS.items():
        for code, (title, remedy) in texts.items():
            found[code] = ProblemKind(code, status, title, remedy)
    return dict(sorted(found.items()))


PROBLEMS: Mapping[str, ProblemKind] = _kinds()
"""Every code, in alphabetical order."""
