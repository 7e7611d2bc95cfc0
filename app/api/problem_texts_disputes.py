"""Codes about disputes and the payment clock."""

from app.api.problem_texts import Texts

DISPUTE_NOT_FOUND: Texts = {
    "dispute-subject-unknown": (
        "No such line to dispute",
        "Name it claim:<number>/line:<number> or statement:<party>/<number>/line:<number>.",
    ),
    "dispute-unknown": ("No such dispute", "List the contract's disputes for their ids."),
    "payer-unknown": ("Nobody who is invoiced", "Name a party that invoices are made out to."),
}

DISPUTE_NOT_PERMITTED: Texts = {
    "decider-is-raiser": (
        "The raiser cannot record the outcome",
        "Another party whose book the line touches records it.",
    ),
}

DISPUTES: Texts = {
    "claim-in-dispute": (
        "A line of the claim is in dispute",
        "Record the outcome, or return the claim: the terms pay nothing of it before.",
    ),
    "decided-by-missing": (
        "Nobody is named who decided",
        "Say who decided; the terms name no steps of a dispute.",
    ),
    "dispute-claim-returned": (
        "The claim was returned",
        "Dispute the line of the claim that was made anew.",
    ),
    "dispute-last-step": ("There is no further step", "Record the outcome of the dispute."),
    "dispute-not-of-claim": (
        "Not a line of a claim",
        "Record the return of a payment that was wrong; VAT follows what is invoiced.",
    ),
    "dispute-not-open": ("The dispute is over", "Read it again; nothing is left to decide."),
    "dispute-open": (
        "The line is in dispute",
        "Record the outcome of the open dispute first.",
    ),
    "escalation-before-dispute": (
        "Handed on before it was raised",
        "Give a day from that of the notice on.",
    ),
}
