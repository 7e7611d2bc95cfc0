"""Codes of rules of the contract that refuse a well-formed request, and of their faults."""

from app.api.problem_texts import Texts

RULES: Texts = {
    "contract-exists": ("The id is taken", "Choose another id for the contract."),
    "terms-not-in-force": (
        "No terms are in force",
        "Let every signatory accept a version first.",
    ),
    "terms-unchanged": ("The same document again", "Send a document that differs."),
    "terms-hash-mismatch": (
        "The hash is of another document",
        "Read the version again, check what it says, and accept the hash it shows.",
    ),
    "terms-already-accepted": ("Accepted already", "There is nothing left to do for this party."),
    "terms-superseded": ("A later version is in force", "Draft a new version instead."),
    "date-in-future": ("A date in the future", "Give today's date or an earlier one."),
    "date-before-submission": (
        "Dated before the submission",
        "Give the day of the submission or a later one.",
    ),
    "date-before-approval": (
        "Dated before the approval",
        "Give the day of the approval or a later one.",
    ),
    "participant-exists": ("The pseudonym is taken", "A person keeps one pseudonym; use it."),
    "not-eligible": ("Not in the cohort", "See `faults` for the rules of the terms not met."),
    "not-funded-by-commissioner": (
        "The commissioner does not fund the placement",
        "The cohort is limited to people whose placement the commissioner funds.",
    ),
    "outside-referral-window": (
        "Referred outside the window",
        "The terms say from when to when people may be referred.",
    ),
    "setting-not-eligible": ("Not a setting of the cohort", "See the settings in the terms."),
    "age-missing": ("The age at referral is needed", "Give age_at_referral."),
    "too-young": ("Below the cohort's age", "See age_min in the terms."),
    "too-old": ("Above the cohort's age", "See age_max in the terms."),
    "cohort-full": ("The cohort is full", "The terms bound the number of participants."),
    "events-refused": (
        "The events do not fit the journey",
        "See `faults`. Correct an earlier event by one that supersedes it.",
    ),
    "absence-never-accepted": ("Nobody may accept this absence", "The terms bound it absolutely."),
    "before-referral": ("Before the referral", "Correct the date; nothing precedes the referral."),
    "after-death": ("After the death", "Correct the date, or the event of the death."),
    "in-the-future": ("In the future", "Record an event once it has happened."),
    "duplicate-event": ("The same event on the same day", "It is recorded already."),
    "out-of-order": ("Out of order", "Record what must come before, or correct the dates."),
    "supersedes-unknown": ("No such event to correct", "Name an event of this participant."),
    "already-superseded": ("Corrected before", "Correct the event that replaced it."),
    "supersedes-retraction": ("A retraction cannot be corrected", "Record the event again."),
    "mixed-authority": (
        "Two parties' decisions in one request",
        "Let the commissioner accept absences in a request of its own.",
    ),
    "evidence-file-missing": (
        "The file was not uploaded",
        "Upload it first, or say that the provider holds it.",
    ),
    "milestone-not-achieved": (
        "The milestone is not achieved",
        "The message says where it stands; record missing events first.",
    ),
    "milestone-no-longer-achieved": (
        "The milestone is no longer achieved",
        "Reject the submission, or have the journey corrected.",
    ),
    "already-submitted": ("Submitted already", "Wait for the decision on the open submission."),
    "submitted-late": (
        "Too late under the terms",
        "The terms reject what comes after the last day.",
    ),
    "after-longstop": ("After the long-stop", "It can no longer be submitted or waived."),
    "already-decided": ("Decided already", "A decision is made once; submit again if returned."),
    "late-without-waiver": (
        "Late, and not waived",
        "Waive the lateness first, or reject it with reason late.",
    ),
    "backdated-submission": (
        "Recorded after its last day",
        "Accept the dating by name, or reject it with reason late.",
    ),
    "not-late": ("Not late", "There is nothing to waive."),
    "waiver-not-in-terms": ("The terms know no waiver", "Decide without one."),
    "already-waived": ("Waived already", "There is nothing left to do."),
    "evidence-incomplete": (
        "The evidence does not meet the rule",
        "See `faults`. Return it, or accept equivalent evidence by name with a note.",
    ),
    "evidence-missing": ("A part of the rule is not met", "Record an item of the kind described."),
    "equivalent-evidence-not-in-terms": (
        "The terms allow no equivalent evidence",
        "Return the submission for the evidence that the rule asks for.",
    ),
    "note-required": ("A note is needed", "Say in `note` why."),
    "no-price-in-force": ("No price on that day", "Vary the terms to add an edition."),
    "no-late-price-share": ("No price for late outcomes", "Vary the terms to name it."),
    "already-clawed-back": ("Clawed back already", "There is nothing left to take back."),
    "in-undecided-claim": ("In a claim not decided yet", "Return that claim first."),
    "after-lookback": (
        "Too long after payment",
        "The terms bound how long money can be taken back.",
    ),
    "no-early-return": (
        "No early return to care",
        "A move is taken back only after a return within the terms' days.",
    ),
    "clawback-of-clawback": (
        "Taking back what was taken back",
        "Submit the outcome again instead.",
    ),
    "period-before-contract": ("Before the contract", "Claim a period under terms in force."),
    "invoicing-not-in-terms": (
        "The terms say nothing of invoices",
        "Vary the terms to add `invoicing` with the treatment of VAT and its reason.",
    ),
    "original-document-missing": (
        "The invoice to credit is missing",
        "Issue the invoice of the claim that is taken back first.",
    ),
    "period-not-in-calendar": (
        "Not whole periods of the calendar",
        "Claim whole months, quarters or half-years, as the terms' claims.calendar says.",
    ),
    "period-not-over": ("The period is not over", "Claim or close it after its last day."),
    "nothing-to-claim": ("Nothing to claim", "Nothing verified by then waits to be claimed."),
    "supplementary-not-allowed": (
        "The period has been claimed",
        "The terms allow no supplementary claim; claim it in the next period.",
    ),
    "after-claim-period": ("Later than the claim's period", "Claim it in a later period."),
    "claimed-twice": ("Claimed already", "Each outcome is claimed once."),
    "claim-already-decided": (
        "Decided already",
        "An approved claim never changes; a returned one is made anew.",
    ),
    "claim-outdated": ("The claim's basis has changed", "Return it, and submit it anew."),
    "earlier-claim-undecided": ("An earlier claim is open", "Decide the earlier claim first."),
    "claim-not-approved": ("Not approved", "Invoice a claim after its approval."),
    "clawback-differs-from-original": (
        "A clawback that is not its original",
        "Tell the operator, who runs `outcomes verify`.",
    ),
    "original-entry-missing": (
        "The entry to take back is missing",
        "Tell the operator, who runs `outcomes verify`.",
    ),
}

RECORDED: Texts = {
    "destination-not-qualifying": (
        "A home that does not qualify under the terms",
        "If it is misspelt, correct the event; otherwise the move is recorded and not paid.",
    ),
    "evidence-type-unnamed": (
        "A type of evidence that no rule names",
        "If it is misspelt, record it anew; otherwise it is for the verifier to judge.",
    ),
    "evidence-issuer-unnamed": (
        "An issuer that no rule names for this type",
        "If it is misspelt, record it anew; otherwise it is for the verifier to judge.",
    ),
}
"""Warnings that come with what was recorded."""
