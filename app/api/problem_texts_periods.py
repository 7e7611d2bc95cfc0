"""Codes about closing periods, posting late and frozen statements."""

from app.api.problem_texts import Texts

PERIODS_NOT_FOUND: Texts = {
    "period-unknown": (
        "No such period of the contract",
        "Name a period's first day; GET .../periods lists them.",
    ),
    "statement-unknown": (
        "No such frozen statement",
        "Check the number; GET .../statements/{party}/frozen lists them.",
    ),
}

PERIODS: Texts = {
    "period-closed-already": ("Closed already", "Read the period; nothing is closed twice."),
    "period-before-open": (
        "An earlier period is open",
        "Close periods in order: the quarters of a year, then the year.",
    ),
    "period-not-closed": ("The period is open", "Only a soft-closed period is reopened."),
    "period-hard-closed": (
        "Hard-closed for good",
        "Post what belongs in it in the open period: it is a prior-period adjustment.",
    ),
    "year-closed": ("The financial year is closed", "Reopen the year first, then the quarter."),
    "period-soft-closed": (
        "The day is in a soft-closed period",
        "Give a reason in Late-Posting-Reason, or a day in an open period.",
    ),
}
