"""Codes about disputes, reversals and adjustments."""

from app.api.problem_texts import Texts

CORRECTION_INPUT: Texts = {
    "amount-and-shares": ("An amount and parts at once", "Give one of the two."),
    "date-before-proposal": ("Decided before it was proposed", "Give the proposal's day or later."),
    "reason-of-disputes": (
        "A reason that only disputes give",
        "Raise a dispute, or name the cause of the mistake.",
    ),
}

CORRECTION_NOT_FOUND: Texts = {
    "correction-unknown": ("No such correction", "Check the id."),
}

CORRECTION_NOT_PERMITTED: Texts = {
    "approver-is-proposer": (
        "Nobody decides on their own proposal",
        "Let another person of the commissioner decide.",
    ),
}

CORRECTIONS: Texts = {
    "adjustment-mixed": ("Both raised and lowered", "Record a change of split as two adjustments."),
    "adjustment-needs-shares": (
        "An amount that cannot be divided",
        "The line is borne by nobody; say who bears what, in `shares`.",
    ),
    "adjustment-of-nothing": ("An adjustment of nothing", "Give an amount other than zero."),
    "adjustment-repeats-payer": ("A payer named twice", "Give each payer one amount."),
    "already-reversed": ("Reversed already", "Nothing of the entry is left to reverse."),
    "dispute-amount": (
        "Not an amount of the line",
        "Dispute more than zero and at most what the line asks for.",
    ),
    "dispute-before-decision": (
        "Nothing is decided yet",
        "Dispute a decision once it has been made.",
    ),
    "dispute-window-closed": (
        "Too late to dispute",
        "Ask the commissioner for a correction; the terms name the window.",
    ),
    "no-escalation-steps": (
        "The terms name nobody who decides",
        "Agree a variation that names the steps of a dispute.",
    ),
    "outcome-before-dispute": (
        "Decided before it was raised",
        "Give a day from that of the notice on.",
    ),
    "correction-already-decided": (
        "Decided already",
        "What is decided stays; propose another correction.",
    ),
    "correction-exceeds-line": (
        "More than the line can come to",
        "Lower a payer's part to nothing at most; take back no more than a clawback took.",
    ),
    "correction-over-cap": (
        "No room under a cap",
        "Give at most what is left under the cap that the message names.",
    ),
    "correction-unknown-payer": (
        "No payer of the line's terms",
        "Name the commissioner or another payer of the terms.",
    ),
    "nothing-to-reverse": (
        "The line posted nothing",
        "Propose an adjustment if something is due for it.",
    ),
    "reversal-exceeds-rest": (
        "More than is left to reverse",
        "Reverse at most what has not been reversed yet, for each payer.",
    ),
    "reversal-of-nothing": ("A reversal of nothing", "Give an amount above zero."),
    "reversal-of-reversal": (
        "The entry is a reversal itself",
        "Post what is right as a new line or an adjustment.",
    ),
    "reversal-unknown-payer": (
        "The payer has no part in the entry",
        "Name a payer who bears a part of it.",
    ),
    "reversed-in-part": (
        "The line was corrected",
        "Propose a reversal of what is left of the line instead of a clawback.",
    ),
    "settlement-amount": (
        "Not an amount between none and all",
        "Settle between zero and the disputed amount; else uphold or reject.",
    ),
    "settlement-missing": ("No amount settled on", "Say how much is due."),
    "settlement-not-applicable": ("An amount without a settlement", "Leave the amount out."),
}

BROKEN_ENTRIES: Texts = {
    "posting-without-debtor": (
        "A posting that names no debt",
        "Tell the operator, who runs `outcomes verify`.",
    ),
    "postings-disagree": (
        "Postings that contradict each other",
        "Tell the operator, who runs `outcomes verify`.",
    ),
}
